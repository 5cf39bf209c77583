"""The whole book as one PDF: tagged, with bookmarks, the same for the same commit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pikepdf
from lxml import html
from playwright.sync_api import sync_playwright

from bookmaker.browsers import ARGUMENTS, HINT, program
from bookmaker.joined import joined
from bookmaker.site import SITE
from bookmaker.sources import Problem
from bookmaker.whole_files import date, name, settings

FOLDER = Path("_build") / "pdf"
LARGEST = 15_000_000


def write(root: Path) -> list[Problem]:
    """Print the built site into `_build/html` and return what is wrong with the result."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "book.html"
    title, author = settings(root)["title"], settings(root)["author"]
    page.write_text(joined(root, root / SITE, folder, title=title, author=author), "utf-8")
    where = SITE / f"{name(root)}.pdf"
    problems = [Problem(where, 1, message) for message in dangling(page)]
    if program() is None:
        return [*problems, Problem(where, 1, HINT)]
    raw = folder / "raw.pdf"
    _print(page, raw)
    _settle(raw, root / where, headings(page), title=title, author=author, when=date(root))
    size = (root / where).stat().st_size
    if size > LARGEST:
        problems.append(Problem(where, 1, f"has {size:,} bytes; {LARGEST:,} are the most"))
    return problems


def dangling(page: Path) -> list[str]:
    """Links within the whole book that lead to no place in it."""
    document = html.document_fromstring(page.read_text(encoding="utf-8"))
    places = set(document.xpath("//@id"))
    wanted = document.xpath("//a[starts-with(@href, '#')]/@href")
    return [
        f"a link leads to {link}, which is nowhere in the book"
        for link in sorted(set(wanted))
        if link[1:] not in places
    ]


def _print(page: Path, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=ARGUMENTS)
        context = browser.new_context(java_script_enabled=False, color_scheme="light")
        shown = context.new_page()
        shown.set_default_timeout(300_000)
        shown.goto(page.as_uri())
        shown.pdf(path=target, tagged=True, outline=True, prefer_css_page_size=True)
        browser.close()


def headings(page: Path) -> list[str]:
    """The headings of the whole book, formulas as their MathML says them."""
    document = html.document_fromstring(page.read_text(encoding="utf-8"))
    for element in document.xpath("//*[@class='katex-html'] | //a[contains(@class, 'headerlink')]"):
        element.drop_tree()
    found = document.xpath("//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5]")
    return [" ".join(heading.text_content().split()) for heading in found]


def _name_bookmarks(pdf: pikepdf.Pdf, titles: list[str]) -> None:
    """Name bookmarks after the headings: Chromium drops the space where a line ends."""
    with pdf.open_outline() as outline:
        marks = list(_all(outline.root))
        known = {_letters(title): title for title in titles}
        for mark in marks:
            mark.title = known.get(_letters(mark.title), mark.title)


def _all(marks: list[pikepdf.OutlineItem]) -> Iterator[pikepdf.OutlineItem]:
    for mark in marks:
        yield mark
        yield from _all(mark.children)


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def _settle(
    raw: Path, target: Path, titles: list[str], *, title: str, author: str, when: datetime
) -> None:
    """Say whose book it is, and leave out when and where it was printed."""
    with pikepdf.open(raw) as pdf:
        _name_bookmarks(pdf, titles)
        del pdf.trailer["/Info"]
        stamp = when.strftime("D:%Y%m%d%H%M%SZ")
        pdf.docinfo["/Title"], pdf.docinfo["/Author"] = title, author
        pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = stamp
        pdf.Root.Lang = pikepdf.String("en")
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.save(
            target,
            deterministic_id=True,
            compress_streams=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
