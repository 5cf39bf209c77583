"""Words explained in place, links to copy, links from code, what search knows, times."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bookmaker import codelinks, explained, finding, permalinks, progress
from bookmaker.sources import Page, contents
from names_in_code import names_used, visible_cells

from .conftest import NOTEBOOK, ROOT, Book, write_book

WORDS = """---
description: What the words of a tiny book mean, two of them with one meaning.
---

# Words

```{glossary}
weight
  What a {term}`unit` multiplies by, such as $w_{oi}$.

unit
neuron
  One output.
```
"""
LOOK_UP = "description: A third page, with a question, an equation, and words to look up."
CHAPTER = (
    f"---\n{LOOK_UP}\n{NOTEBOOK}---\n"
    + """

(ch-three)=
# Three

(sec-three-rows)=
## Rows of zyzzyva

A {term}`neuron` has many {term}`weights <weight>`, and a {term}`weight` is $\\tfrac14$.

```{code-cell} ipython3
import numpy as np

row = np.linspace(0, 1)
again = np.linspace(0, 2) + np.zeros(50)
```

```{math}
:label: eq-three
z = Wx
```

```{predict} three-rows
How many?

- [x] three

  It is.
- [ ] four of them

  It is not.
```
"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a tiny book with a glossary."""
    return made(write_words(tmp_path_factory.mktemp("words")))


def write_words(root: Path) -> Book:
    book = write_book(root)
    book.page("three").write_text(CHAPTER)
    book.page("glossary").write_text(WORDS)
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n- caption: Chapters\n  chapters:\n"
        "  - file: book/one\n  - file: book/two\n  - file: book/three\n"
        "- caption: Back matter\n  chapters:\n  - file: book/glossary\n"
    )
    return book


def made(book: Book) -> Path:
    done = book.make()
    assert done.returncode == 0, done.stdout + done.stderr
    return book.site


def page(site: Path, name: str) -> str:
    return (site / "book" / f"{name}.html").read_text()


# ---- words ---------------------------------------------------------------


def test_a_page_holds_each_definition_it_uses_once(site: Path) -> None:
    text = page(site, "three")
    assert text.count('aria-describedby="about-term-weight"') == 2
    for term in ("weight", "neuron"):
        (tip,) = re.findall(rf'<div class="term-tip" id="about-term-{term}".*?</div>', text, re.S)
        assert "hidden" in tip and 'role="tooltip"' in tip and "<a " not in tip
    assert "<strong>neuron</strong> One output." in text
    assert "about-term-unit" not in text
    assert 'href="glossary.html#term-weight"' in text  # leads there without a script
    assert "terms.js" in text and "terms.js" not in page(site, "two")


def test_a_word_without_a_definition_is_reported() -> None:
    link = '<a class="reference internal" href="words.html#term-unit"><span class="xref std-term">'
    text, missing = explained.explain(f"<p>\n{link}unit</span></a></p>", {})
    assert missing == [(2, "term-unit")]
    assert "aria-describedby" not in text


def test_formulas_in_a_definition_are_there_once() -> None:
    math = '<math><mi>w</mi><annotation encoding="application/x-tex">w</annotation></math>'
    mathml = f'<span class="katex-mathml">{math}</span>'
    html = f'<span class="katex">{mathml}<span class="katex-html">w</span></span>'
    words = f'<dl class="simple glossary"><dt id="term-a">a<a class="headerlink">#</a></dt><dt id="term-b">b</dt><dd><p>As {html}.</p></dd></dl>'  # noqa: E501
    known = explained.definitions(words)
    assert known == {
        f"term-{name}": f"<p><strong>{name}</strong> As <math><mi>w</mi></math>.</p>"
        for name in "ab"
    }


# ---- links to copy -------------------------------------------------------


def test_every_place_has_one_link_with_a_name(site: Path) -> None:
    text = page(site, "three") + page(site, "one")
    wanted = {
        "ch-three": "heading",
        "sec-three-rows": "heading",
        "equation-eq-three": "equation",
        "q-three-rows": "question",
        "ex-1-1": "exercise",
    }
    for place, what in wanted.items():
        assert text.count(permalinks.permalink(place, what)) == 1, place
    assert set(re.findall(r'<a class="headerlink"[^>]*>([^<]*)', text)) == {"#"}
    assert not re.findall(r'class="headerlink"[^>]* title=', text)


def test_the_name_of_a_question_is_without_its_link(site: Path) -> None:
    assert '<span id="q-three-rows-title">Predict</span><a' in page(site, "three")


@pytest.mark.parametrize("kind", ["claim", "fig", "tab", "ex", "q", "equation"])
def test_a_place_without_a_link_is_reported(kind: str, tmp_path: Path) -> None:
    (tmp_path / "one.html").write_text(f'<p>\n<div id="{kind}-lost">\n</div>')
    (problem,) = permalinks.link_places(tmp_path, tmp_path)
    assert str(problem) == f"one.html:2: {kind}-lost has no link that one can copy"


def test_a_claim_gets_its_link_in_its_sentence() -> None:
    claim = '<div class="dlglimpse-claim" id="claim-a" style=""><p><b>Claim.</b> So.</p><p>1</p>'
    link = permalinks.permalink("claim-a", "claim")
    assert permalinks.linked(claim) == claim.replace("So.</p>", f"So.{link}</p>")


# ---- links from code -----------------------------------------------------


def test_names_in_code_lead_to_their_documentation(site: Path) -> None:
    text = page(site, "three")
    address = codelinks.documented()["numpy.linspace"][1]
    # The cell has it twice, and more links would be in the way of the Tab key.
    (link,) = re.findall(rf'<a [^>]*href="{re.escape(address)}"[^>]*>', text)
    assert 'rel="external"' in link
    assert 'title="numpy.linspace in the documentation of NumPy"' in link
    assert codelinks.documented()["numpy.zeros"][1] in text


def test_a_page_that_is_not_read_again_keeps_its_links(tmp_path: Path) -> None:
    book = write_words(tmp_path)
    before = page(made(book), "three")
    book.page("two").write_text(book.page("two").read_text() + "\nMore.\n")
    assert page(made(book), "three") == before


def test_notebooks_are_without_links(site: Path) -> None:
    (notebook,) = site.glob("notebooks/student/three.ipynb")
    code = ["".join(c["source"]) for c in json.loads(notebook.read_text())["cells"]]
    assert any("row = np.linspace(0, 1)" in cell for cell in code)
    assert "numpy.org" not in notebook.read_text()


@pytest.mark.parametrize("name", codelinks.documented())
def test_what_is_documented_exists(name: str) -> None:
    assert codelinks.named(name) is not None


def test_what_does_not_exist_is_noticed() -> None:
    assert codelinks.named("torch.nn.Liniar") is None
    assert codelinks.named("no_such_module.name") is None


@pytest.mark.parametrize("chapter", [p for p in contents(ROOT) if p.runs], ids=lambda p: p.name)
def test_every_name_of_a_library_is_documented_or_known_not_to_be(chapter: Page) -> None:
    cells = visible_cells(chapter)
    known = codelinks.documented().keys() | codelinks.undocumented()
    assert set(names_used(cells)) - known == set(), "add them to documented.yml"


def test_names_are_found_under_other_names() -> None:
    cells = ["import torch.nn.functional as F\nfrom torch import func", "F.relu(func.x.y); x.y"]
    assert set(names_used(cells)) == {"torch.nn.functional", "torch.func", "torch.func.x.y"} | {
        "torch.nn.functional.relu"
    }


# ---- search, times -------------------------------------------------------


def test_search_knows_what_each_section_says(site: Path) -> None:
    script = (site / "_static" / "sections.js").read_text()
    pages: list[Any] = json.loads(script.removeprefix("var BOOK_SECTIONS = ").rstrip(";\n"))
    by_name = {name: (title, chapter, sections) for name, title, chapter, sections in pages}
    assert [by_name[f"book/{name}"][1] for name in ("three", "glossary")] == [1, 0]
    (rows,) = [s for s in by_name["book/three"][2] if s[0] == "rows-of-zyzzyva"]
    assert rows[2].startswith("A neuron has many weights, and a weight is 1/4.")
    assert "linspace" in rows[3].split()
    assert f'id="{rows[0]}"' in page(site, "three")
    scripts = re.findall(r'<script[^>]* src="[^"]*?(\w+)\.js', (site / "search.html").read_text())
    order = ["searchtools", "sections", "search", "searchindex"]
    assert [name for name in scripts if name in order] == order
    assert "sections.js" not in page(site, "three")


def test_a_search_page_that_loads_no_index_is_reported(tmp_path: Path) -> None:
    (tmp_path / "search.html").write_text("<p>")
    (problem,) = finding.load_search(tmp_path, tmp_path)
    assert str(problem).startswith("search.html:1: does not load searchindex.js")


def test_times_stand_beside_the_names_of_pages(site: Path) -> None:
    text = page(site, "glossary")
    assert re.search(
        r'href="three.html" data-chapter>Three <span class="page-minutes">5 min<', text
    )
    assert re.search(r'href="#" aria-current="page">Words <span class="page-minutes">5 min<', text)
    said = "Reading takes about 5 minutes, not counting what is there to be looked up."
    assert text.count(said) == 1


def test_the_chapters_are_the_first_part() -> None:
    assert progress.chapters(ROOT)[0] == "book/tensors"
    assert "book/api" not in progress.chapters(ROOT)
