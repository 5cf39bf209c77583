"""The pages as JupyterLab shows them on Binder, where Sphinx is not at hand.

JupyterLab renders MyST, but knows nothing of other pages, of the bibliography, and of
what a cell has glued, and it folds no solution. `binder/postBuild` rewrites the pages of
its own clone with `python -m bookmaker.lab book`: references become links, captions
stand below their figures, solutions are folded, and each measured number is asked of the
kernel that measured it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bookmaker import asked
from bookmaker.fences import blocks
from bookmaker.questions import KINDS, parse
from bookmaker.references import CELL, Book

_HEAD = re.compile(
    r"\A(?P<fence>[^\n]*\n)(?:---\n(?P<block>.*?)^---\n|(?P<lines>(?::[^\n]*\n)*))",
    re.MULTILINE | re.DOTALL,
)
_ROLE = re.compile(r"\{([a-z:-]+)\}`(?:([^`<]*?)\s*<([^`>]+)>|([^`]+))`")
_SOLUTION = re.compile(
    r"^```\{solution-(start|end)\}[^\n]*\n(?::[^\n]*\n)*```(?:\n|\Z)", re.MULTILINE
)
_BOX = "````{{admonition}} {}\n:class: dropdown\n\n{}\n````\n"
_NO_WORDS = "The next cell is folded: click on its bar to open it."


def rewrite(text: str, page: str, book: Book) -> str:
    """Rewrite a page, given what it knows of the others.

    >>> book = Book(titles={"tensors": "Compute with tensors"})
    >>> rewrite("See {doc}`tensors`, where {glue:text}`sum` is.", "autograd", book)
    'See [Compute with tensors](tensors.md), where {eval}`glued["sum"]` is.'
    """
    prose_and_cells = CELL.split(text)
    captions = dict(filter(None, map(_caption, prose_and_cells[1::2])))
    # Sphinx counts the figures of a page in this order, too.
    figures = {name: f"Fig. {number}" for number, name in enumerate(captions, start=1)}
    words = _Words(page, book, figures)
    pieces, solving, below = [], False, ""
    for number, part in enumerate(prose_and_cells):
        if number % 2:
            pieces.append(_fold_cell(part, solving))
            drawn = _caption(part)
            below = f"\n*{figures[drawn[0]]}.* {drawn[1]}\n" if drawn else ""
        else:
            spelled = words.spell(below + _fold_questions(part))
            boxed, solving = _fold_prose(spelled, solving)
            pieces.append(boxed)
    return "".join(pieces)


def _options(cell: str) -> tuple[str, dict[str, Any], str]:
    """A cell in three parts: its fence, its options, and its code with the end fence."""
    head = _HEAD.match(cell)
    assert head
    written = head["block"] or re.sub(r"^:", "", head["lines"] or "", flags=re.MULTILINE)
    return head["fence"], yaml.safe_load(written) or {}, cell[head.end() :]


def _caption(cell: str) -> tuple[str, str] | None:
    """The name of the figure that a cell draws, and its caption."""
    figure = _options(cell)[1].get("mystnb", {}).get("figure")
    return (figure["name"], figure["caption"]) if figure else None


def _fold_cell(cell: str, solving: bool) -> str:
    """Fold a cell of a solution with what it prints, or one that only glues."""
    fence, options, code = _options(cell)
    if solving:
        options["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    elif "remove-cell" in options.get("tags", []):
        options["jupyter"] = {"source_hidden": True}
    else:
        return cell
    return f"{fence}---\n{yaml.safe_dump(options, allow_unicode=True)}---\n{code}"


def _fold_questions(text: str) -> str:
    """Questions as lists, with a box to unfold for each explanation."""
    pieces = []
    for block in blocks(text.split("\n")):
        if block.name in KINDS:
            question = parse(block)
            band = {question.measured: f"{{glue:text}}`{question.measured}`"}
            pieces.append(asked.in_notebook(question, lambda text, _: text, band, _small_box))
        else:
            pieces.append(block.text)
    return "\n".join(pieces)


def _small_box(title: str, inside: str) -> str:
    # Its fence must be longer than that of a formula inside, and may stand in a solution.
    fence = "```" if "```" not in inside else ":::"
    return f"{fence}{{admonition}} {title}\n:class: dropdown\n\n{inside}\n{fence}"


def _fold_prose(text: str, solving: bool) -> tuple[str, bool]:
    """Put the prose of solutions into boxes; say whether the end lies in a solution."""
    pieces, opened = [], False
    for number, part in enumerate(_SOLUTION.split(text)):
        if number % 2:
            solving = opened = part == "start"
        elif solving and (part.strip() or opened):
            title = "Solution" if opened else "Solution, continued"
            pieces.append("\n" + _BOX.format(title, part.strip() or _NO_WORDS) + "\n")
        else:
            pieces.append(part)
    return "".join(pieces), solving


@dataclass(frozen=True)
class _Words:
    """Roles in words, on one page."""

    page: str
    book: Book
    figures: dict[str, str]

    def spell(self, text: str) -> str:
        """Text with its roles in words; without what only the site knows, the times."""
        lines = [line for line in text.split("\n") if "{page-time}" not in line]
        return _ROLE.sub(self._role, "\n".join(lines))

    def _role(self, found: re.Match[str]) -> str:
        words, target = found[2], found[3] or found[4]
        match found[1]:
            case "doc" if target in self.book.titles:
                return f"[{words or self.book.titles[target]}]({target}.md)"
            case "ref" if self.book.homes.get(target, self.page) != self.page:
                home = self.book.homes[target]
                return f"[{words or self.book.titles[home]}]({home}.md)"
            case "term":
                return f"[{words or target}](glossary.md)"
            case "numref" if target in self.figures:
                return self.figures[target]
            case "glue:text":
                return f'{{eval}}`glued["{target}"]`'
        return self.book.cited(found[1], target) or found[0]


def main(folder: Path) -> None:
    """Rewrite all pages of a folder in place."""
    book = Book.read(folder)
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        path.write_text(rewrite(text, path.stem, book), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
