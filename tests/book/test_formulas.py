"""Formulas of a page: what a reader gets of right ones, and what an author is told of others."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from book.conftest import HEAD, write_book
from bookmaker import tex
from bookmaker.editions import in_plain
from bookmaker.sources import Page
from bookmaker.worksheets import printable, worksheet

RIGHT = r"""# Top

See {doc}`one` and {doc}`two`.

A slope of $\tfrac14$ at most, in equation {eq}`eq-top-slope`.

```{math}
:label: eq-top-slope

\begin{aligned}
\sigma'(z) &= \sigma(z)\,(1 - \sigma(z)) \\
           &\le \tfrac14
\end{aligned}
```

$$
a &= b \\
  &= c
$$

$$
\zeta = \xi
$$ (eq-top-dollars)

\begin{align*}
\psi &= 1 \\
\chi &= 2
\end{align*}

## Why $\sigma'(z)$ is small

Then {eq}`eq-top-dollars` holds.
"""
# Each formula is wrong in one way; the line is counted from the first of these.
WRONG = r"""Two sentences stand before.
A third has $\frac{1}{2$ in it.

$$
a = 1
  + \undefined
$$

```{math}
:label: eq-two-wrong

\begin{aligned}
a &= b \\
  &= \left( c
\end{aligned}
```

:::{note}
In a note, $x^2^3$ is wrong.
:::

A macro, $\newcommand{\half}{\tfrac12}\half$, is known in its own formula, so $\half$ is not.

\begin{align}
a &= b
\end{align}

What LaTeX would not take, $\text{50 %}$, is refused, too.
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The first page of a book with right formulas, built."""
    book = write_book(tmp_path_factory.mktemp("right"))
    book.page("index").write_text(HEAD + RIGHT)
    made = book.make()
    assert made.returncode == 0, made.stdout + made.stderr
    other = (book.site / "book" / "two.html").read_text()
    assert "katex" not in other and "Why σ′(z) is small" not in other
    index = (book.site / "searchindex.js").read_text()
    found = json.loads(re.sub(r"^Search.setIndex\((.*)\)$", r"\1", index))
    assert "Why σ′(z) is small" in found["alltitles"]
    assert "slope" in found["terms"] and "tfrac14" not in found["terms"]
    assert ".katex" in book.loaded("index", "css")
    assert ".katex" not in book.loaded("two", "css")
    assert list((book.site / "_static").glob("KaTeX_Main-Regular.*.woff2"))
    return (book.site / "book" / "index.html").read_text()


def test_formulas_are_there_without_any_script(page: str) -> None:
    assert page.count("<math ") == 6
    assert page.count('<div class="formula">') == 4
    assert "MathJax" not in page and "mathjax" not in page
    assert not re.search(r"\\[(\[]|\\(tfrac|sigma|begin)", page)


def test_labeled_equations_are_numbered_and_referred_to(page: str) -> None:
    assert '<a class="reference internal" href="#equation-eq-top-slope">(1)</a>' in page
    assert re.search(r'id="equation-eq-top-slope">.*?<span class="eqno">\(1\)', page, re.S)
    assert '<a class="reference internal" href="#equation-eq-top-dollars">(2)</a>' in page


def test_a_heading_is_named_in_plain_words(page: str) -> None:
    contents = re.search(r'<nav id="pst-page-toc-nav.*?</nav>', page, re.S)
    assert contents and contents[0].count("Why σ′(z) is small") == 1


def test_wrong_formulas_fail_with_page_and_line(tmp_path: Path) -> None:
    book = write_book(tmp_path)
    line = book.edit("two", "# Two\n", f"# Two\n\n{WRONG}\n") + 2
    made = book.make()
    assert made.returncode == 1
    told = dict(re.findall(r"^  book/two\.md:(\d+): (?:WARNING: )?(.*)$", made.stdout, re.M))
    assert list(told) == [str(line + offset) for offset in (1, 5, 14, 18, 21, 23, 27)]
    wanted = [
        r"the formula $\frac{1}{2$ does not parse: Unexpected end of input",
        r"does not parse: Undefined control sequence: \undefined",
        r"does not parse: Expected '\right', got '\end'",
        r"does not parse: Double superscript",
        r"the formula $\half$ does not parse: Undefined control sequence: \half",
        r"write `align*`, or `{math}` with a `:label:`",
        r"does not parse: % comment has no terminating newline",
    ]
    for message, part in zip(told.values(), wanted, strict=True):
        assert part in message


def test_a_formula_knows_where_it_is_wrong() -> None:
    with pytest.raises(tex.FormulaError, match="got '}'") as caught:
        tex.html("a + b}")
    assert caught.value.position == 5


def test_a_macro_ends_with_its_formula() -> None:
    assert "½" not in tex.html(r"\gdef\two{2}\two")
    with pytest.raises(tex.FormulaError, match="Undefined control sequence"):
        tex.html(r"\two")


def test_worksheets_have_formulas_and_notebooks_keep_tex(tmp_path: Path) -> None:
    book = write_book(tmp_path)
    book.edit("one", "Add one and one.", r"Add one and one, $1 + \tfrac22$.")
    plain = in_plain(book.root, Page(book.root, "book/one"), glued={})
    sheet = worksheet(plain)
    assert any(r"$1 + \tfrac22$" in cell.source for cell in sheet.cells)
    paper = printable(sheet, plain)
    assert "<mfrac>" in paper and "tfrac22" not in paper
    assert 'href="../../_static/katex/katex.css"' in paper
