"""Pages as notebooks: the student's, without solutions, and the teacher's, with all.

Both are written from the parts of a page, so that what belongs to a solution cannot get
into a student's notebook: its cells are new, with no metadata and no outputs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookmaker import addresses
from bookmaker.asked import folded
from bookmaker.numbering import figure
from bookmaker.parts import Part, parts
from bookmaker.plain import Plain

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_UNSEEN = "application/papermill.record/"
_TITLE = re.compile(r"\A\s*# [^\n]*\n?")
_INSTALL = """\
# Where `dlglimpse` is missing, as on Colab, delete the first two characters of the
# next line, run this cell, and restart the kernel if the notebook asks you to.
# %pip install --quiet "{package}"\
"""
_STUDENT = """\
# {title}

*This notebook is the page [{title}]({page}) of the book {book}, without solutions.*

Run the cells from top to bottom.
Where a cell ends in `check(...)`, put your answer in place of the dots, run the cell again,
and read what it says.
For a hint, add a cell with `from dlglimpse import hint` and `hint("1.1", 1)`, with the name
that stands in `check(...)`; `2` in place of `1` says more.

You need Python 3.11 or newer and `dlglimpse`, which brings PyTorch, NumPy and Matplotlib.\
"""
_TEACHER = """\
# {title}

*This is the page [{title}]({page}) of the book {book} for teachers: with solutions and
outputs. Students get another notebook, without them.*

A solution begins with a heading that says so, and its cells have the tag `solution`.
Cells with the tag `remove-cell` do not show in the book: they hand over the numbers that
the text quotes, and assert what it claims.\
"""


@dataclass
class Cells:
    """Cells in the making: prose is held back until a cell of code, or a border, comes."""

    found: list[nbformat.NotebookNode] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    ended: bool = False
    """Whether an exercise has just ended, so that what follows is set off from it."""

    def prose(self, text: str) -> None:
        """Add to the cell of prose that is being written."""
        if text.strip():
            off = self.ended and not text.lstrip().startswith("#")
            self.held += ["---"] * off + [text.strip("\n")]
            self.ended = False

    def close(self) -> None:
        """End the cell of prose, if there is one."""
        if self.held:
            text = "\n\n".join(self.held)
            self.held = []
            self.found.append(new_markdown_cell(text, id=self._id("markdown", text)))

    def code(self, source: str, **rest: object) -> None:
        """Add a cell of code."""
        self.close()
        self.found.append(new_code_cell(source, id=self._id("code", source), **rest))

    def _id(self, kind: str, text: str) -> str:
        """An id that follows from the cell alone, so that edits elsewhere do not change it."""
        again = 0
        while True:
            told = f"{kind}\n{again}\n{text}".encode()
            found = hashlib.sha256(told).hexdigest()[:12]
            if found not in self.ids:
                self.ids.add(found)
                return found
            again += 1

    def notebook(self) -> nbformat.NotebookNode:
        """The cells as a notebook that is valid."""
        self.close()
        notebook: nbformat.NotebookNode = new_notebook(cells=self.found, metadata=_METADATA)
        nbformat.validate(notebook)
        return notebook


def student(plain: Plain) -> nbformat.NotebookNode:
    """A page without solutions, without outputs, and without cells that no reader sees."""
    cells = _begun(plain, _STUDENT)
    _fill(cells, plain, [p for p in parts(plain.page) if not (p.solving or p.unseen)])
    return cells.notebook()


def teacher(plain: Plain, executed: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """All of a page: solutions marked as such, outputs, and what the book hides."""
    cells = _begun(plain, _TEACHER)
    _fill(cells, plain, list(parts(plain.page, executed)), outputs=True)
    return cells.notebook()


def _begun(plain: Plain, words: str) -> Cells:
    cells = Cells()
    root, page = plain.page.root, plain.page.name
    book = f"[Deep Learning Glimpse]({plain.address('index')})"
    title = plain.book.titles.get(page, page)
    cells.prose(words.format(title=title, page=plain.address(page), book=book))
    cells.code(_INSTALL.format(package=addresses.package(root)))
    return cells


def _fill(cells: Cells, plain: Plain, kept: list[Part], *, outputs: bool = False) -> None:
    for number, part in enumerate(kept):
        match part.kind:
            case "prose":
                text = plain.markdown(part.text, part.line)
                cells.prose(text if number else _TITLE.sub("", text))
            case "cell":
                cells.code(part.text, **(_with_outputs(part) if outputs else {}))
                cells.prose(caption(plain, part))
            case "exercise":
                cells.close()
                cells.prose(f"#### Exercise: {plain.inline(part.text, part.line)}")
            case "solution":
                cells.close()
                title = plain.book.names.get(part.label, part.label)
                cells.prose(f"#### Solution: {plain.inline(title, part.line)}")
            case "end":
                cells.close()
                cells.ended = True


def caption(plain: Plain, part: Part) -> str:
    """Number and caption of the figure that a cell draws, and the figure in words."""
    drawn = figure(part)
    if not drawn or part.cell is None:
        return ""
    words = plain.inline(drawn["caption"], part.line)
    below = f"*{plain.numbers.named(drawn['name'])}.* {words}"
    alt = part.cell.metadata["mystnb"].get("image", {}).get("alt", "")
    alt = re.sub(r"\{\{([\w-]+)\}\}", lambda found: plain.glued.get(found[1], found[0]), alt)
    return f"{below}\n\n{folded('The figure in words', alt)}" if alt else below


def _with_outputs(part: Part) -> dict[str, object]:
    assert part.cell is not None
    cell = part.cell
    tags = ["solution"] * part.solving + ["remove-cell"] * part.unseen
    metadata: dict[str, object] = {"tags": tags} if tags else {}
    if part.unseen:
        metadata["jupyter"] = {"source_hidden": True}
    shown = [
        output
        for output in cell.outputs
        if not any(kind.startswith(_UNSEEN) for kind in output.get("data", {}))
    ]
    return {"metadata": metadata, "outputs": shown, "execution_count": cell.execution_count}


def glued(executed: nbformat.NotebookNode) -> dict[str, str]:
    """The texts that the cells of a page have glued, by name."""
    return dict(_glued(executed))


def _glued(executed: nbformat.NotebookNode) -> Iterator[tuple[str, str]]:
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            data = output.get("data", {})
            text = data.get("text/plain", data.get(f"{_UNSEEN}text/plain"))
            if name and text:
                yield name, text.strip("'\"")
