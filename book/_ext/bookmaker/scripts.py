"""Which scripts a page runs: those it has a use for, joined, and after it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# Scripts that do nothing on a page without one of these classes or ids (or, for the
# first two, on any page: icons come from fonts, and nothing here talks to a kernel).
NEEDS: dict[str, tuple[str, ...]] = {
    "fontawesome.js": (),
    "sphinx-thebe.js": (),
    "clipboard.min.js": (".highlight",),
    "copybutton.js": (".highlight",),
    "design-tabs.js": (".sd-tab-set",),
    "togglebutton.js": (".toggle", ".dropdown.admonition"),
    # With `search_as_you_type` off, only the page of results looks anything up.
    "searchtools.js": ("#search-results",),
    "language_data.js": ("#search-results",),
    "searchindex.js": ("#search-results",),
}
# What other scripts wait for; it is so short that a request costs more.
OPTIONS = "documentation_options.js"
# What scripts of the theme do that they should not, and what they do in its place. One
# measures every box of code, which lays out all of a long page at once; `accessible.js` does
# it for those that come into view. One measures a header that is empty, before others have
# changed the page. One marks in the contents the last heading that came by, which is the
# wrong one for who scrolls up, or jumps; `progress.js` marks the one above the reader. One
# asks where the page's entry in the sidebar is before anything is laid out; right after, when
# observers of sizes are called, the answer costs nothing. It also scrolls the sidebar, and the
# search field out of it, where the entry is in sight as it is.
CHANGED: dict[str, list[tuple[re.Pattern[str], str]]] = {
    "pydata-sphinx-theme.js": [
        (
            re.compile(
                r'"complete"===document\.readyState\?(\w)\(\)'
                r':window\.addEventListener\("load",\1\)'
            ),
            "0",
        ),
        (
            re.compile(
                r'const (\w)=document\.querySelector\("#pst-page-toc-nav"\);if\(!\1\)return;'
            ),
            "return;",
        ),
        (
            re.compile(
                r'\b\w\(function\(\)\{(?=if\(!document\.querySelector\("\.bd-docs-nav"\)\)return;)'
            ),
            "(f=>new ResizeObserver((_,o)=>{o.disconnect();f()}).observe(document.body))"
            "(function(){",
        ),
        (re.compile(r"(?<=\.getBoundingClientRect\(\)\.y>)\.5(?=\*window\.innerHeight)"), ".9"),
    ],
    "bootstrap.js": [
        (
            re.compile(
                r'document\.getElementsByClassName\("bd-header"\)\[0\]\.getBoundingClientRect\(\)'
            ),
            "{bottom:0}",
        )
    ],
}
# Inline scripts for those that are dropped.
_IDLE = re.compile(r"text/x-thebe-config|kernelName =|window\.MathJax =")
SCRIPT = re.compile(r"[ \t]*<script\b([^>]*)>(.*?)</script>\n?", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([\w-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_PLAIN = {"src", "defer", "type", "async"}
_MAP = re.compile(r"^//[#@] sourceMappingURL=.*$", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """A script element of a page: as it stands, its attributes, and what is inside."""

    element: str
    attributes: dict[str, str]
    code: str

    @property
    def address(self) -> str:
        """Where its file is, from the page, without what follows the question mark."""
        return self.attributes.get("src", "").partition("?")[0]

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]

    @property
    def ours(self) -> bool:
        """Whether it is a file of this site."""
        return bool(self.address) and not re.match(r"^([a-z]+:)?//", self.address)

    @property
    def joinable(self) -> bool:
        """Whether it works in one file with others."""
        kinds = ("", "text/javascript")
        return (
            self.ours
            and set(self.attributes) <= _PLAIN
            and self.attributes.get("type", "") in kinds
        )


def attributes(text: str) -> dict[str, str]:
    """The attributes in the opening tag of an element.

    >>> attributes(' defer src="a.js?v=1" data-x=\\'y\\'')
    {'defer': '', 'src': 'a.js?v=1', 'data-x': 'y'}
    """
    return {found[1]: found[2] or found[3] or found[4] or "" for found in _ATTRIBUTE.finditer(text)}


def scripts(page: str) -> list[Script]:
    """The script elements of a page in their order."""
    return [
        Script(found[0], attributes(found[1]), found[2].strip()) for found in SCRIPT.finditer(page)
    ]


def idle(script: Script, names: set[str]) -> bool:
    """Whether a page with these classes (`.a`) and ids (`#a`) has no use for a script."""
    if not script.ours:
        return not script.address and bool(_IDLE.search(script.element))
    return script.name in NEEDS and not any(
        set(re.findall(r"[.#][\w-]+", need)) <= names for need in NEEDS[script.name]
    )


def joined(files: list[Path]) -> str:
    """Several scripts as one.

    It begins with an empty statement: else "use strict" at the top of the first would
    hold for all.
    """
    return ";\n" + "\n;\n".join(clean(path) for path in files) + "\n"


def clean(path: Path) -> str:
    """A script, `CHANGED`, without the address of a map, which is not shipped."""
    text = path.read_text(encoding="utf-8")
    for pattern, instead in CHANGED.get(path.name, []):
        text = pattern.sub(instead, text)
    return _MAP.sub("", text).strip()


def outgrown(path: Path) -> bool:
    """Whether a script no longer holds what is to be `CHANGED` in it."""
    text = path.read_text(encoding="utf-8")
    return not all(pattern.search(text) for pattern, _ in CHANGED.get(path.name, []))
