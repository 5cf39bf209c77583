"""What would burden a reader: heavy pictures and pages, headings that skip a level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from bookmaker.sources import Problem
from bookmaker.strangers import placed

HEAVY_IMAGE = 1_000_000  # bytes
HEAVY_PAGE = 2_000_000
_DATA = re.compile(r"^data:image/[\w+.-]+(;base64)?,")


class _Contents(HTMLParser):
    """The headings in the text of a page, and its pictures, with their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[tuple[int, int, str]] = []
        self.images: list[tuple[int, str]] = []
        self._inside = False
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        line = self.getpos()[0]
        if tag == "article":
            # What stands around it is the theme's; worksheets follow their notebooks.
            self._inside = True
        if tag == "img" and found.get("src"):
            self.images.append((line, str(found["src"])))
        if re.fullmatch("h[1-6]", tag) and self._inside:
            self.headings.append((line, int(tag[1]), ""))
            self._open = True
        elif tag == "a" and "headerlink" in (found.get("class") or ""):
            self._open = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._inside = False
        if re.fullmatch("h[1-6]", tag):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            line, level, text = self.headings[-1]
            self.headings[-1] = (line, level, text + data)


def check_burdens(root: Path, site: Path) -> list[Problem]:
    """Heavy pages and pictures, and headings out of order, on every page."""
    problems = []
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        page = _Contents()
        page.feed(text)
        built = path.relative_to(site)
        size = len(text.encode("utf-8"))
        if size > HEAVY_PAGE:
            message = f"the page has {_mb(size)}, more than {_mb(HEAVY_PAGE)}: divide it"
            problems.append(placed(root, built, 1, "# ", message))
        for line, sought, message in [*_skipped(page.headings), *_heavy(path, page.images)]:
            problems.append(placed(root, built, line, sought, message))
    return problems


def _skipped(headings: list[tuple[int, int, str]]) -> Iterator[tuple[int, str, str]]:
    """Each heading that is more than one level below the one before it."""
    before = 0
    for line, level, text in headings:
        title = " ".join(text.split())
        if level > before + 1:
            above = f"h{before}" if before else "no heading"
            message = f"the heading {title!r} (h{level}) follows {above}: use h{before + 1}"
            yield line, title, message
        before = level


def _heavy(path: Path, images: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    for line, source in images:
        size, name = len(source), "a picture in the page itself"
        if not _DATA.match(source):
            file = path.parent / unquote(source.partition("?")[0])
            if not file.is_file():
                continue
            size, name = file.stat().st_size, file.name
        if size > HEAVY_IMAGE:
            limit = f"more than {_mb(HEAVY_IMAGE)}: draw it as SVG, or scale it down"
            yield line, name, f"the picture {name} has {_mb(size)}, {limit}"


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
