"""The book to take along: a PDF, and a zip that opens from disk."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import sync_playwright

from book.conftest import HEAD, Book, write_book
from bookmaker import joined, offline, pdf
from browser import launched, window

FORMULA = r"""# Top

See {doc}`one`, {ref}`the same <ch-one>` and equation {eq}`eq-top-half`.
The source is at <https://example.org/source>, or [elsewhere](https://example.org/more).

```{math}
:label: eq-top-half

x = \frac{1}{2}
```

## A part of the top with so many words in its heading that it takes more than one line

A quokka lives here.

```{predict} one-and-one
What is one and one?

- [ ] eleven, written side by side

  Strings are put side by side; numbers are added.
- [x] two

  It is.
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A tiny book with a formula, built."""
    made = write_book(tmp_path_factory.mktemp("whole"))
    made.page("index").write_text(HEAD + FORMULA)
    finished = made.make()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return made


@pytest.fixture(scope="module")
def printed(book: Book) -> Path:
    with sync_playwright() as playwright:
        launched(playwright).close()
    assert pdf.write(book.root) == []
    return book.site / "deep-learning-glimpse.pdf"


def test_the_whole_is_one_page_without_script_or_dead_link(book: Book) -> None:
    page = joined.joined(book.root, book.site, book.root / "_build" / "pdf", title="T", author="A")
    assert "<script" not in page and "<button" not in page
    assert page.count("<details") == len(re.findall(r"<details[^>]* open", page)) == 2
    within = [link for link in joined.links(page) if link.startswith("#")]
    assert {"#one", "#index--equation-eq-top-half", "#one--ch-one"} <= set(within)
    assert all(f'id="{link[1:]}"' in page for link in within)
    away = [link for link in joined.links(page) if not link.startswith("#")]
    assert away and all(link.startswith("https://") for link in away)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_link_to_nowhere_in_the_whole_is_named(book: Book, tmp_path: Path) -> None:
    page = tmp_path / "book.html"
    page.write_text('<p id="here"><a href="#here">here</a> <a href="#there">there</a></p>')
    assert pdf.dangling(page) == ["a link leads to #there, which is nowhere in the book"]


def test_the_pdf_is_tagged_and_says_what_it_is(printed: Path) -> None:
    with pikepdf.open(printed) as made:
        assert made.Root.MarkInfo.Marked
        assert str(made.Root.Lang) == "en"
        assert str(made.docinfo["/Title"]) == "Deep Learning Glimpse"
        assert "contributors" in str(made.docinfo["/Author"])
        with made.open_outline() as outline:
            titles = [item.title for item in outline.root]
            below = [item.title for item in outline.root[titles.index("Top")].children]
    assert titles == ["Contents", "Top", "One", "Two"]
    long = "with so many words in its heading that it takes more than one line"
    assert below == [f"A part of the top {long}"]


def test_the_pdf_has_links_and_solutions_and_formulas(printed: Path) -> None:
    with pikepdf.open(printed) as made:
        notes = [note for page in made.pages for note in page.get("/Annots", [])]
        away = [str(note.A.URI) for note in notes if "/A" in note and "/URI" in note.A]
        within = [note for note in notes if "/Dest" in note or ("/A" in note and "/D" in note.A)]
        fonts = {str(font) for page in made.pages for font in _fonts(page)}
    assert "https://example.org/more" in away
    assert not any("file:" in address for address in away)
    assert len(within) >= 5
    assert any("KaTeX_Main" in font for font in fonts)


def _fonts(page: pikepdf.Page) -> list[str]:
    return [font.BaseFont for font in page.resources.get("/Font", {}).values()]


@pytest.mark.thorough
def test_the_pdf_is_the_same_when_printed_again(book: Book, printed: Path) -> None:
    before = printed.read_bytes()
    assert pdf.write(book.root) == []
    assert printed.read_bytes() == before


def test_the_zip_opens_from_disk_and_is_searched_there(book: Book, tmp_path: Path) -> None:
    (book.site / "sitemap.xml").write_text("<urlset/>")
    assert offline.write(book.root) == []
    packed = book.site / "deep-learning-glimpse.zip"
    before = packed.read_bytes()
    assert offline.write(book.root) == [] and packed.read_bytes() == before
    with zipfile.ZipFile(packed) as made:
        names = made.namelist()
        assert names == sorted(names)
        assert {entry.date_time[0] for entry in made.infolist()} == {1980}
        made.extractall(tmp_path)
    assert not any(name.endswith((".pdf", ".zip", "sitemap.xml")) for name in names)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        with window(browser) as context:
            page = context.new_page()
            page.goto((tmp_path / "deep-learning-glimpse" / "search.html").as_uri() + "?q=quokka")
            page.wait_for_selector("#search-results li a, ul.search li a")
            assert "Top" in page.locator("#search-results").inner_text()
            page.goto((tmp_path / "deep-learning-glimpse" / "index.html").as_uri())
            page.wait_for_selector("article h1:has-text('Top')")
        browser.close()
