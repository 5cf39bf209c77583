"""The whole book as one PDF: tagged, with bookmarks, the same for the same commit."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import yaml
from lxml import html
from playwright.sync_api import sync_playwright

from bookmaker.browsers import ARGUMENTS, HINT, program
from bookmaker.commit import commit
from bookmaker.joined import joined
from bookmaker.site import SITE
from bookmaker.sources import Problem

FOLDER = Path("_build") / "pdf"
LARGEST = 15_000_000
# Before this, zip files know no time; a book without git gets it.
_LONG_AGO = "1980-01-01"


def name(root: Path) -> str:
    """How files with the whole book are called, without their ending."""
    return re.sub(r"[^a-z0-9]+", "-", _settings(root)["title"].lower()).strip("-")


def date(root: Path) -> datetime:
    """The day of the commit, at its beginning."""
    found = commit(root)
    return datetime.fromisoformat(found.date if found else _LONG_AGO).replace(tzinfo=UTC)


def write(root: Path) -> list[Problem]:
    """Print the built site into `_build/html` and return what is wrong with the result."""
    settings = _settings(root)
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "book.html"
    title, author = settings["title"], settings["author"]
    page.write_text(joined(root, root / SITE, folder, title=title, author=author), "utf-8")
    where = SITE / f"{name(root)}.pdf"
    problems = [Problem(where, 1, message) for message in dangling(page)]
    if program() is None:
        return [*problems, Problem(where, 1, HINT)]
    raw = folder / "raw.pdf"
    _print(page, raw)
    _settle(raw, root / where, title=title, author=author, when=date(root))
    size = (root / where).stat().st_size
    if size > LARGEST:
        problems.append(Problem(where, 1, f"has {size:,} bytes; {LARGEST:,} are the most"))
    return problems


def _settings(root: Path) -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return loaded


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


def _settle(raw: Path, target: Path, *, title: str, author: str, when: datetime) -> None:
    """Say whose book it is, and leave out when and where it was printed."""
    with pikepdf.open(raw) as pdf:
        for key in list(pdf.docinfo):
            del pdf.docinfo[key]
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
