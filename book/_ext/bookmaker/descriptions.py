"""One sentence or two on what each page answers, for search results and social cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from bookmaker.sources import Page, Problem

SHORTEST, LONGEST = 50, 160
"""Search engines cut what is longer, and replace what is shorter."""
# Pages that Sphinx writes without a source.
OTHERS = {
    "404": "This page is not in Deep Learning Glimpse: search the book, or choose a chapter.",
    "genindex": "The functions and classes of the package dlglimpse, from A to Z.",
    "search": "Search Deep Learning Glimpse; the search runs in your browser and sends nothing.",
}


def description(path: Path) -> tuple[str, int]:
    """The description in the header of a page and its line; an empty one if it has none."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        return "", 1
    header = yaml.compose(text.split("\n---", 1)[0][4:])
    if isinstance(header, yaml.MappingNode):
        for key, value in header.value:
            if key.value == "description":
                # The line of the file: one for the fence, one because YAML counts from 0.
                return " ".join(str(value.value).split()), key.start_mark.line + 2
    return "", 1


def check_descriptions(pages: list[Page]) -> Iterator[Problem]:
    """Pages without a description, or with one that is too short, too long, or another's."""
    seen: dict[str, Page] = {}
    for page in pages:
        text, line = description(page.path)
        problem = _wrong(text, seen.get(text))
        if problem:
            yield Problem(page.relative, line, problem)
        seen.setdefault(text, page)


def _wrong(text: str, other: Page | None) -> str | None:
    if not text:
        return (
            "has no `description:` in its header, for search results and social cards: "
            "say in a sentence or two what the page answers"
        )
    if other is not None:
        return f"has the same `description:` as {other.relative}: say what only this page answers"
    if not SHORTEST <= len(text) <= LONGEST:
        return (
            f"has a `description:` of {len(text)} characters: "
            f"search results show from {SHORTEST} to {LONGEST}"
        )
    return None
