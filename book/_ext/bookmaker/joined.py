"""All pages of the built site as one, for print: links between pages lead within it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin

from lxml import html

from bookmaker import addresses
from bookmaker.commit import commit
from bookmaker.sources import contents

# Attributes that name other elements of the page.
_NAMING = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls")
_DROPPED = ".//script | .//button | .//dialog | .//template | .//form | .//noscript"
_INSIDE = re.compile(r"url\((['\"]?)#([^)'\"]+)\1\)")
_PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">
<title>{title}</title></head>
<body><div class="bd-main"><div class="bd-content"><div class="bd-article-container">
<article class="bd-article" id="book"></article></div></div></div></body></html>
"""
_STYLE = """
.cover { text-align: center; padding-top: 30%; }
.cover h1 { font-size: 3rem; }
.chapter, .contents { break-before: page; }
.contents li { list-style: none; margin: 0.2rem 0; }
"""


def joined(root: Path, site: Path, folder: Path, *, title: str, author: str) -> str:
    """The whole book as one page, which is to lie in `folder`.

    Its pictures and styles stay where they are in the site; what leads out of the book
    leads to the published site.
    """
    book = _Book(root, site, folder)
    page = html.document_fromstring(_PAGE.format(title=title))
    article = page.get_element_by_id("book")
    article.append(_cover(root, title, author))
    chapters = [
        (name, chapter) for name in book.names if (chapter := book.chapter(name)) is not None
    ]
    article.append(_contents(book, chapters))
    for _, chapter in chapters:
        article.append(chapter)
    for sheet in book.sheets:
        page.head.append(sheet)
    style = html.Element("style")
    style.text = _STYLE
    page.head.append(style)
    return str(html.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>"))


def _cover(root: Path, title: str, author: str) -> html.HtmlElement:
    made = commit(root)
    when = f"<p>Version of {made.date}, commit {made.name[:7]}</p>" if made else ""
    address = addresses.site(root)
    return html.fragment_fromstring(
        f'<div class="cover"><p class="cover-title"><strong>{title}</strong></p>'
        f"<p>{author}</p>{when}<p><a href='{address}'>{address}</a></p>"
        "<p>The text is under CC BY 4.0, the code under the BSD 3-Clause license.</p></div>"
    )


def _contents(book: _Book, chapters: list[tuple[str, html.HtmlElement]]) -> html.HtmlElement:
    listed = html.fragment_fromstring('<nav class="contents"><h1>Contents</h1><ul></ul></nav>')
    for name, chapter in chapters:
        link = html.Element("a", href=f"#{book.prefix(name)}")
        heading = chapter.find(".//h1")
        link.text = "".join(heading.itertext()).strip("# \n") if heading is not None else name
        item = html.Element("li")
        item.append(link)
        listed[-1].append(item)
    return listed


class _Book:
    """The pages of a site while they are joined."""

    def __init__(self, root: Path, site: Path, folder: Path) -> None:
        self.site = site.resolve()
        self.folder = folder.resolve()
        self.published = addresses.site(root)
        self.names = [page.slug for page in contents(root)]
        self.sheets: list[html.HtmlElement] = []

    @staticmethod
    def prefix(name: str) -> str:
        """How the ids of a page begin, and the id of its beginning."""
        return name.split("/")[-1]

    def chapter(self, name: str) -> html.HtmlElement | None:
        """What a page says, its ids and links fit for the whole."""
        path = self.site / f"{name}.html"
        document = html.document_fromstring(path.read_bytes().decode("utf-8"))
        self._keep_styles(document, path)
        found = document.xpath("//article[contains(@class, 'bd-article')]")
        if not found:
            return None
        chapter = deepcopy(found[0])
        chapter.tag, chapter.tail = "div", None
        chapter.set("class", "chapter")
        for element in chapter.xpath(_DROPPED):
            element.drop_tree()
        for element in chapter.xpath(".//details"):
            element.set("open", "")
        for element in chapter.iter(html.etree.Element):
            self._fit(element, name, path)
        chapter.set("id", self.prefix(name))
        return chapter

    def _keep_styles(self, document: html.HtmlElement, path: Path) -> None:
        known = {html.tostring(sheet) for sheet in self.sheets}
        for sheet in document.xpath("//head/link[@rel='stylesheet'] | //head/style"):
            sheet.tail = None
            if sheet.get("href"):
                sheet.set("href", self._file(urljoin(path.as_uri(), sheet.get("href"))))
            if html.tostring(sheet) not in known:
                self.sheets.append(sheet)

    def _fit(self, element: html.HtmlElement, name: str, path: Path) -> None:
        start = self.prefix(name)
        if element.get("id"):
            element.set("id", f"{start}--{element.get('id')}")
        for key in _NAMING:
            if element.get(key):
                named = (f"{start}--{each}" for each in element.get(key).split())
                element.set(key, " ".join(named))
        for key in ("href", "{http://www.w3.org/1999/xlink}href", "xlink:href"):
            if element.get(key):
                element.set(key, self._address(element.get(key), name, path))
        if element.get("src"):
            element.set("src", self._file(urljoin(path.as_uri(), element.get("src"))))
        element.attrib.pop("loading", None)
        for key, value in element.attrib.items():
            if "url(" in value:
                element.set(key, _INSIDE.sub(rf"url(#{start}--\2)", value))

    def _address(self, address: str, name: str, path: Path) -> str:
        """Where a link leads: within the book, or to the published site, or away."""
        if re.match(r"[a-z]+:|//", address):
            return address
        if address.startswith("#"):
            place = address[1:]
            return f"#{self.prefix(name)}--{place}" if place else f"#{self.prefix(name)}"
        target, place = urldefrag(address)
        file = (path.parent / unquote(target)).resolve()
        within = os.path.relpath(file, self.site)
        other = within.removesuffix(".html")
        if other in self.names:
            return f"#{self.prefix(other)}--{place}" if place else f"#{self.prefix(other)}"
        return self.published + quote(within) + (f"#{place}" if place else "")

    def _file(self, address: str) -> str:
        """A file of the site, seen from the folder of the whole."""
        if not address.startswith("file:"):
            return address
        file, _, query = unquote(address.removeprefix("file://")).partition("?")
        return quote(os.path.relpath(file, self.folder)) + (f"?{query}" if query else "")


def links(page: str) -> Iterator[str]:
    """Where the links of a joined page lead."""
    for link in html.document_fromstring(page).xpath("//a[@href]"):
        yield link.get("href")
