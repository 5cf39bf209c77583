"""The numbers that Sphinx gives to figures, tables and equations, found without Sphinx."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bookmaker.fences import blocks
from bookmaker.parts import Part, parts
from bookmaker.sources import Page

DOLLARS = re.compile(r"\$\$(?P<math>.+?)\$\$[ \t]*(?:\((?P<label>[\w-]+)\))?", re.DOTALL)


@dataclass
class Numbers:
    """Numbers by label; each kind is counted through the whole book."""

    figures: dict[str, int] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    equations: dict[str, int] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    """The page on which a label stands."""

    def named(self, label: str) -> str:
        """Kind and number of a figure or a table; nothing if there is none.

        >>> Numbers(figures={"fig-line": 3}).named("fig-line")
        'Fig. 3'
        """
        if label in self.figures:
            return f"Fig. {self.figures[label]}"
        return f"Table {self.tables[label]}" if label in self.tables else ""


def numbers(pages: Iterable[Page], *, solutions: bool = True) -> Numbers:
    """Count through the pages; a site without solutions does not count what is in them."""
    found = Numbers()
    for page in pages:
        for part in parts(page):
            if solutions or not part.solving:
                _count(part, found, page.name)
    return found


def figure(part: Part) -> dict[str, str] | None:
    """The name and the caption of the figure that a cell draws for all to see."""
    if part.cell is None or part.unseen:
        return None
    drawn: dict[str, str] | None = part.cell.metadata.get("mystnb", {}).get("figure")
    return drawn


def _count(part: Part, found: Numbers, home: str) -> None:
    drawn = figure(part)
    if drawn:
        found.figures[drawn["name"]] = len(found.figures) + 1
        found.homes[drawn["name"]] = home
    elif part.kind == "prose":
        for kind, label in _labels(part.text.split("\n")):
            counted = found.tables if kind == "table" else found.equations
            counted[label] = len(counted) + 1
            found.homes[label] = home


def _labels(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Kind and label of all that is numbered in some prose."""
    for block in blocks(lines):
        if block.shows_code:
            continue
        if block.name == "math" and "label" in block.options:
            yield "math", block.options["label"]
        elif block.name == "table" and block.argument:
            # One without a name counts, too.
            yield "table", str(block.options.get("name", f"line {block.line}"))
        elif block.name:
            yield from _labels(block.body)
        else:
            for equation in DOLLARS.finditer(block.text):
                if equation["label"]:
                    yield "math", equation["label"]
