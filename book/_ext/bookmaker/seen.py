"""What occurs in pages, so that only the rules and the letters they need are shipped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from lxml import html

# Words in quotes in a script may be classes or attributes that it sets.
_QUOTED = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]|\\.){1,400})\1""")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
_SET_VARIABLE = re.compile(r"(--[a-z][\w-]+)")


@dataclass
class Seen:
    """The names that selectors can match, the variables read, and the letters shown."""

    tags: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    # Words of scripts: each may be any of the first four at run time.
    words: set[str] = field(default_factory=set)

    def __or__(self, other: Seen) -> Seen:
        return Seen(*(getattr(self, name) | getattr(other, name) for name in vars(self)))

    def tag(self, name: str) -> bool:
        return name.lower() in self.tags or name in self.words

    def has_class(self, name: str) -> bool:
        return name in self.classes or name in self.words

    def has_id(self, name: str) -> bool:
        return name in self.ids or name in self.words

    def attribute(self, name: str) -> bool:
        return name.lower() in self.attributes or name in self.words


def of_page(text: str) -> Seen:
    """What occurs in a page, as it is before any script runs.

    >>> page = of_page('<p class="a b" id="c" style="color: var(--d)">e</p>')
    >>> sorted(page.classes), sorted(page.ids), sorted(page.variables)
    (['a', 'b'], ['c'], ['--d'])
    """
    seen = Seen(variables=set(_VARIABLE.findall(text)))
    for element in html.document_fromstring(text.encode("utf-8"), parser=_parser()).iter():
        if not isinstance(element.tag, str):
            continue
        seen.tags.add(element.tag.lower())
        seen.attributes.update(str(name).lower() for name in element.attrib)
        seen.classes.update(element.get("class", "").split())
        seen.ids.update(element.get("id", "").split())
        if element.tag in ("script", "style"):
            continue
        seen.letters.update(element.text or "", element.tail or "")
    return seen


def _parser() -> html.HTMLParser:
    # Long pages with drawings nest deeper than the parser of lxml allows by itself.
    return html.HTMLParser(encoding="utf-8", huge_tree=True)


def of_script(text: str) -> Seen:
    """The words in a script that may be names of classes and the like.

    >>> sorted(of_script('x.classList.add("wide open"); y = z').words)
    ['open', 'wide']
    """
    quoted = " ".join(found[1] for found in _QUOTED.findall(text))
    words = set(_WORD.findall(quoted))
    # `dataset.forTheme` is the attribute `data-for-theme`.
    for name in re.findall(r"dataset\.(\w+)", text):
        words.add("data-" + re.sub("([A-Z])", r"-\1", name).lower())
    return Seen(words=words, variables=set(_SET_VARIABLE.findall(quoted)))


def read(path: Path) -> Seen:
    """What occurs in a file of the site."""
    text = path.read_text(encoding="utf-8")
    return of_script(text) if path.suffix == ".js" else of_page(text)
