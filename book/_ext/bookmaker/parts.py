"""A page in parts: its prose and its cells, and the exercise that each belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import nbformat

from bookmaker.fences import Block, blocks
from bookmaker.sources import Page

Kind = Literal["prose", "cell", "exercise", "solution", "end"]
_BORDERS = {
    f"{kind}{gate}": kind for kind in ("exercise", "solution") for gate in ("", "-start", "-end")
}


@dataclass(frozen=True)
class Part:
    """Some prose, a cell, or a border: where an exercise or a solution begins or ends."""

    kind: Kind
    line: int
    text: str = ""
    """Prose, code, or the title of the exercise that begins."""
    cell: nbformat.NotebookNode | None = None
    label: str = ""
    """Of the exercise in which, or in whose solution, this part stands."""
    solving: bool = False
    """Whether it belongs to a solution."""

    @property
    def unseen(self) -> bool:
        """Whether a reader of the page sees nothing of this cell."""
        return self.cell is not None and "remove-cell" in self.cell.metadata.get("tags", [])


def parts(page: Page, notebook: nbformat.NotebookNode | None = None) -> Iterator[Part]:
    """The parts of a page in order; with an executed notebook, its cells have outputs."""
    notebook = notebook or page.notebook()
    lines = page.lines
    label, solving = "", False
    for index, (cell, start) in enumerate(
        zip(notebook.cells, notebook.metadata["source_map"], strict=True)
    ):
        if cell.cell_type != "markdown":
            line = page.first_code_line(notebook, index)
            yield Part("cell", line, cell.source, cell, label, solving)
            continue
        while start < len(lines) and not lines[start]:
            start += 1
        for part in _prose(cell.source, start + 1):
            if part.kind in ("exercise", "solution"):
                label, solving = part.label, part.kind == "solution"
            yield replace(part, label=label, solving=solving)
            if part.kind == "end":
                label, solving = "", False


def _prose(text: str, line: int) -> Iterator[Part]:
    """Prose between borders, and the borders."""
    held: list[Block] = []
    for block in blocks(text.split("\n"), line):
        kind = _BORDERS.get(block.name)
        if kind is None:
            held.append(block)
            continue
        yield from _held(held)
        held = []
        if block.name.endswith("-end"):
            yield Part("end", block.line)
            continue
        yield _opening(kind, block)
        if not block.name.endswith("-start"):
            yield from _held([Block(block.body_line, block.body)])
            yield Part("end", block.line + len(block.lines) - 1)
    yield from _held(held)


def _opening(kind: str, block: Block) -> Part:
    if kind == "solution":
        return Part("solution", block.line, label=block.argument)
    label = str(block.options.get("label", ""))
    return Part("exercise", block.line, block.argument, label=label)


def _held(held: list[Block]) -> Iterator[Part]:
    text = "\n".join(block.text for block in held)
    if text.strip():
        yield Part("prose", held[0].line, text)
