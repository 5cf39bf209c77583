"""Nobody else learns what is read here: no built file asks another host for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from bookmaker.sources import Problem

# What `rel` may say of a link that a browser does not follow by itself.
_QUIET = {"alternate", "author", "canonical", "help", "index", "license", "me"}
_QUIET |= {"next", "prev", "search", "up"}
_LOADING = ("src", "srcset", "poster", "data", "background", "action", "formaction", "ping")
_DRAWN = ("image", "use", "feimage", "script", "pattern", "textpath", "lineargradient")
# Names of languages, which look like addresses and are never asked for.
_NAMESPACES = re.compile(r"^(https?:)?//(www\.)?w3\.org/")
_AWAY = re.compile(r"^\s*((https?|wss?|ftp):)?//", re.IGNORECASE)
_STYLE_URL = re.compile(r"""(?:url\(|@import)\s*["']?\s*((?:https?:)?//[^"')\s;]+)""", re.I)
# A constant that begins with an address; one inside a sentence is there to be read.
_CONSTANT = re.compile(r"""["'`]((?:(?:https?|wss?):)?//[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}[^"'`\s]*)""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COOKIE = re.compile(r"document\s*(\.|\[[\"'])\s*cookie\b|\bcookieStore\b")

Finding = tuple[int, str, str]  # line, what to look for in the source, message


def check_strangers(root: Path, site: Path) -> list[Problem]:
    """Every request to another host, and every cookie, in every file of the site."""
    kinds = {".html": in_page, ".svg": in_page, ".css": in_styles, ".js": in_script}
    problems = []
    for path in sorted(path for path in site.rglob("*") if path.suffix in kinds):
        text = path.read_text(encoding="utf-8")
        for line, sought, message in kinds[path.suffix](text):
            problems.append(placed(root, path.relative_to(site), line, sought, message))
    return problems


def placed(root: Path, built: Path, line: int, sought: str, message: str) -> Problem:
    """A problem at the line of the source that holds a text, or else of the built file."""
    source = root / built.with_suffix(".md")
    if built.suffix == ".html" and sought and source.is_file():
        for number, text in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
            if sought in text:
                return Problem(source.relative_to(root), number, message)
    return Problem(built, line, message)


def in_styles(text: str, first: int = 1) -> Iterator[Finding]:
    """What a style sheet loads from elsewhere.

    >>> list(in_styles("a {}\\nb { background: url(//x.org/y.png) }"))[0][:2]
    (2, '//x.org/y.png')
    """
    text = _blank(_COMMENT, text)
    for found in _STYLE_URL.finditer(text):
        if not _NAMESPACES.match(found[1]):
            yield _line(text, found, first), found[1], _loads(found[1])


def in_script(text: str, first: int = 1) -> Iterator[Finding]:
    """Addresses of other hosts that are constants of a script, and cookies.

    >>> list(in_script('fetch("https://x.org/y.json")'))[0][:2]
    (1, 'https://x.org/y.json')
    >>> list(in_script('console.info("see https://x.org"); ns = "http://www.w3.org/2000/svg"'))
    []
    """
    text = _blank(_COMMENT, text)
    for found in _CONSTANT.finditer(text):
        if not _NAMESPACES.match(found[1]):
            yield _line(text, found, first), found[1], _loads(found[1])
    for found in _COOKIE.finditer(text):
        yield _line(text, found, first), found[0], "a script uses cookies: this book sets none"


def in_page(text: str) -> Iterator[Finding]:
    """What a page or a drawing loads from elsewhere, in whatever way.

    >>> list(in_page('<p>\\n<img src="https://x.org/y.png">'))[0][:2]
    (2, 'https://x.org/y.png')
    >>> list(in_page('<a href="https://x.org">x</a> <link rel="canonical" href="https://y.org">'))
    []
    """
    page = _Page()
    page.feed(text)
    page.close()
    return iter(page.findings)


class _Page(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        line = self.getpos()[0]
        for address in _addresses(tag, found):
            if _AWAY.match(address):
                self.findings.append((line, address.strip(), _loads(address.strip())))
        self.findings += in_styles(found.get("style", ""), line)
        for key, value in found.items():
            if key.startswith("on"):
                self.findings += in_script(value, line)
        executed = found.get("type", "") in ("", "module", "text/javascript")
        self._inside = tag if tag == "style" or (tag == "script" and executed) else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._inside = ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            check = in_styles if self._inside == "style" else in_script
            self.findings += check(data, self.getpos()[0])


def _addresses(tag: str, found: dict[str, str]) -> Iterator[str]:
    """What a browser asks for by itself, or sends to, because of an element."""
    for key in _LOADING:
        if key == "srcset" or (key == "ping" and key in found):
            yield from (part.split()[0] for part in found.get(key, "").split(",") if part.strip())
        elif key in found:
            yield found[key]
    if tag == "link" and not set(found.get("rel", "").lower().split()) <= _QUIET:
        yield found.get("href", "")
    if tag == "base" or tag in _DRAWN:
        yield found.get("href", "")
        yield found.get("xlink:href", "")
    if tag == "meta" and found.get("http-equiv", "").lower() == "refresh":
        yield found.get("content", "").partition("=")[2].strip(" '\"")


def _loads(address: str) -> str:
    return f"loads {address} from somebody else: keep a copy with the book"


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text without what matches, with as many lines as before."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n"), text)


def _line(text: str, found: re.Match[str], first: int) -> int:
    return first + text[: found.start()].count("\n")
