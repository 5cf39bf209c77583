"""What pages refer to, found without Sphinx: titles, labels and the bibliography."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

CELL = re.compile(r"(^```\{code-cell\}[^\n]*\n.*?^```\n)", re.MULTILINE | re.DOTALL)
"""A code cell of a page; `split` gives prose and cells in turn."""
_HEADING = re.compile(r"^\(([\w-]+)\)=\n+#+ (.*)$", re.MULTILINE)
_EXERCISE = re.compile(r"\{exercise(?:-start)?\} *(.*)\n:label: ([\w-]+)$", re.MULTILINE)
_TARGET = re.compile(r"(?s)(.*?)\s*<([^<>]+)>")
_LABEL = re.compile(r"^(?:\(([\w-]+)\)=|:label: ([\w-]+))$", re.MULTILINE)
_ENTRY = re.compile(r"^@\w+\{([\w-]+),\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s*(\w+) = \{(.*)\},?$", re.MULTILINE)
_ACCENT = re.compile(r"\{\\([`'^\"~c])\s*\{?\\?(\w)\}?\}")
_COMBINING = dict(zip("`'^\"~c", "\u0300\u0301\u0302\u0308\u0303\u0327", strict=True))


@dataclass(frozen=True)
class Source:
    """Somebody's work, as a sentence names it and as a link finds it."""

    authors: str
    year: str
    address: str

    def cited(self, form: str) -> str:
        """The source with its link, as `form` puts authors and year together."""
        words = form.format(self.authors, self.year)
        return f"[{words}]({self.address})" if self.address else words


@dataclass
class Book:
    """What pages know of one another: titles, homes and names of labels, sources."""

    titles: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """The words of the heading, or of the exercise, that a label stands at."""
    sources: dict[str, Source] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Book:
        """Collect titles, labels and sources of the pages in a folder."""
        book = cls()
        for path in sorted(folder.glob("*.md")):
            prose = CELL.sub("", path.read_text(encoding="utf-8"))
            title = re.search(r"^# (.*)$", prose, re.MULTILINE)
            book.titles[path.stem] = title[1] if title else path.stem
            for found in _LABEL.finditer(prose):
                book.homes[found[1] or found[2]] = path.stem
            book.names |= dict(_HEADING.findall(prose))
            book.names |= {label: words for words, label in _EXERCISE.findall(prose)}
        bibliography = folder / "references.bib"
        if bibliography.exists():
            book.sources = sources(bibliography.read_text(encoding="utf-8"))
        return book

    def cited(self, role: str, target: str) -> str | None:
        """A citation in words, with links; None if a source, or the role, is unknown."""
        keys = [key.strip() for key in target.split(",")]
        if any(key not in self.sources for key in keys):
            return None
        match role:
            case "cite:p":
                return f"({'; '.join(self.sources[key].cited('{}, {}') for key in keys)})"
            case "cite:t":
                return ", ".join(self.sources[key].cited("{} ({})") for key in keys)
        return None


def words_and_target(text: str) -> tuple[str, str]:
    """What a role says, and what it means: `words <target>`, or the target alone.

    >>> words_and_target("the losses <loss>"), words_and_target("loss")
    (('the losses', 'loss'), ('', 'loss'))
    """
    found = _TARGET.fullmatch(text)
    return (found[1], found[2].strip()) if found else ("", text.strip())


def sources(bibliography: str) -> dict[str, Source]:
    r"""Read the entries of a BibTeX file, one field per line.

    >>> sources('@misc{ho2020,\n  author = {H{\\"o}, A. and B, C.},\n  year = {2020},\n}')
    {'ho2020': Source(authors='Hö and B', year='2020', address='')}
    """
    found = {}
    for key, body in _ENTRY.findall(bibliography):
        fields = {name: _letters(value) for name, value in _FIELD.findall(body)}
        address = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields.get("url", "")
        names = [name.partition(",")[0] for name in fields.get("author", key).split(" and ")]
        authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        found[key] = Source(authors, fields.get("year", "no year"), address)
    return found


def _letters(text: str) -> str:
    """Turn LaTeX's accents into letters, and drop its braces."""
    text = _ACCENT.sub(lambda found: found[2] + _COMBINING[found[1]], text)
    return unicodedata.normalize("NFC", re.sub(r"[{}]", "", text))
