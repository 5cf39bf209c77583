"""Pages as JupyterLab shows them: every role in words, every cell as it was."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bookmaker import lab
from bookmaker.references import CELL, Book, Source, sources
from bookmaker.sources import contents

ROOT = Path(__file__).parents[2]
BOOK = Book.read(ROOT / "book")
PAGES = [page for page in contents(ROOT) if page.runs]
# JupyterLab finds these on the page itself, and {eval} asks the kernel.
KNOWN = {"eval", "eq", "ref", "math"}


@pytest.fixture
def small() -> Book:
    return Book(
        titles={"one": "First", "two": "Second"},
        homes={"ex-1": "one", "sec-2": "two"},
        sources={
            "ho2020": Source("Ho and Li", "2020", "https://example.org/ho"),
            "hi2021": Source("Hi et al.", "2021", ""),
        },
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{doc}`two`", "[Second](two.md)"),
        ("{doc}`there <two>`", "[there](two.md)"),
        ("{doc}`nowhere`", "{doc}`nowhere`"),
        ("{ref}`exercise 1 <ex-1>`", "{ref}`exercise 1 <ex-1>`"),
        ("{ref}`later <sec-2>`", "[later](two.md)"),
        ("{ref}`sec-2`", "[Second](two.md)"),
        ("{term}`loss`", "[loss](glossary.md)"),
        ("{term}`losses <loss>`", "[losses](glossary.md)"),
        ("{glue:text}`a-b`", '{eval}`glued["a-b"]`'),
        ("{cite:p}`ho2020`", "([Ho and Li, 2020](https://example.org/ho))"),
        ("{cite:p}`ho2020,hi2021`", "([Ho and Li, 2020](https://example.org/ho); Hi et al., 2021)"),
        ("{cite:t}`ho2020`", "[Ho and Li (2020)](https://example.org/ho)"),
        ("{eq}`eq-x` and $\\tfrac14$", "{eq}`eq-x` and $\\tfrac14$"),
        ("It is short.\nReading takes {page-time}`reading`.\n", "It is short.\n"),
    ],
)
def test_roles_in_words(source: str, expected: str, small: Book) -> None:
    assert lab.rewrite(source, "one", small) == expected


FIGURE = """Before.

```{code-cell} ipython3
---
mystnb:
  image:
    alt: "A line."
  figure:
    name: fig-line
    caption: "Look at {glue:text}`slope`."
---
ax.plot(x)  # {doc}`two` is code here
```

See {numref}`fig-line`, not {numref}`fig-elsewhere`.
"""


def test_captions_stand_below_their_figures(small: Book) -> None:
    done = lab.rewrite(FIGURE, "one", small)
    assert '```\n\n*Fig. 1.* Look at {eval}`glued["slope"]`.\n\nSee Fig. 1, not ' in done
    assert "{numref}`fig-elsewhere`" in done
    assert CELL.findall(done) == CELL.findall(FIGURE)


def test_cells_that_only_glue_are_folded(small: Book) -> None:
    cell = '```{code-cell} ipython3\n:tags: [remove-cell]\nglue("x", 1)\n```\n'
    done = lab.rewrite(cell, "one", small)
    assert "source_hidden: true" in done
    assert "outputs_hidden" not in done
    assert done.endswith('---\nglue("x", 1)\n```\n')


SOLUTION = """Question.

```{solution-start} ex-1
:class: dropdown
```

```{code-cell} ipython3
1 + 1
```

It is two, says {term}`Peano`.

```{solution-end}
```

## Next

```{code-cell} ipython3
3
```
"""


def test_solutions_are_folded_with_their_cells(small: Book) -> None:
    done = lab.rewrite(SOLUTION, "one", small)
    first, second, third, fourth, fifth = CELL.split(done)
    assert first.startswith("Question.\n\n\n````{admonition} Solution\n:class: dropdown\n")
    assert "outputs_hidden: true" in second
    assert second.endswith("---\n1 + 1\n```\n")
    assert "Solution, continued\n:class: dropdown\n\nIt is two, says [Peano](" in third
    assert third.endswith("\n````\n\n\n## Next\n\n")
    assert fourth == "```{code-cell} ipython3\n3\n```\n"
    assert fifth == ""
    assert "{solution" not in done


QUESTION = """Before.

````{predict} sum
What is {term}`one` and one?

- [ ] one

  No.

  ```{math}
  1 + 1 = 2
  ```
- [x] two

  See {doc}`two`.
````

```{guess} share
How much?

- [measured] a-b
- [below] Too little.
- [within] So it is.
- [above] Too much.
```
"""


def test_questions_are_lists_with_boxes_to_unfold(small: Book) -> None:
    done = lab.rewrite(QUESTION, "one", small)
    assert "**Predict**\n\nWhat is [one](glossary.md) and one?\n\n- **a)** one\n" in done
    assert ":::{admonition} If you say a\n:class: dropdown\n\n**Not so.** No.\n\n```{math}" in done
    assert "```{admonition} If you say b\n:class: dropdown\n\n**Right.** See [Second]" in done
    assert '```{admonition} What was measured\n:class: dropdown\n\n{eval}`glued["a-b"]`' in done
    assert "{predict}" not in done and "{guess}" not in done


@pytest.mark.parametrize(
    ("written", "letters"),
    [(r"M{\"u}ller", "Müller"), (r"{\'E}l", "Él"), (r"{\c{s}}i", "şi"), (r"{\'{\i}}z", "íz")],
)
def test_accents_of_names(written: str, letters: str) -> None:
    entry = f"@misc{{k,\n  author = {{{written}, A.}},\n  year = {{2020}}\n}}"
    assert sources(entry)["k"].authors == letters


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_role_of_the_book_is_left(page) -> None:
    text = page.path.read_text(encoding="utf-8")
    done = lab.rewrite(text, page.name, BOOK)
    left = re.findall(r"\{([a-z:-]+)\}`([^`]*)`", CELL.sub("", done))
    assert {name for name, _ in left} <= KNOWN
    here = {label for label, home in BOOK.homes.items() if home == page.name}
    asked = {re.sub(r".*<|>$", "", target) for name, target in left if name == "ref"}
    assert asked <= here


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_cell_of_the_book_changes_its_code(page, tmp_path: Path) -> None:
    shutil.copytree(page.path.parent, tmp_path / "book", ignore=shutil.ignore_patterns("_*"))
    lab.main(tmp_path / "book")
    copied = type(page)(tmp_path, page.slug)
    assert _code(copied) == _code(page)


def _code(page) -> list[str]:
    return [cell.source for cell in page.notebook().cells if cell.cell_type == "code"]
