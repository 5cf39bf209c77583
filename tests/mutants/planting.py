"""Plant one wrong formula in a copy of the package and the pages."""

from __future__ import annotations

import ast
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("src/dlglimpse", "book")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "_ext", "_static", ".ipynb_checkpoints")


class CannotPlantError(ValueError):
    """What a mutant replaces is not there, or is there more than once."""


@dataclass(frozen=True)
class Mutant:
    """One wrong formula: what a student would call it, and the replacement that makes it.

    Attributes
    ----------
    name
        The mistake in a student's words, unique in the catalogue.
    file
        A file of the package, such as "schemes.py", or of the book ("book/autograd.md").
    scope
        The class or function in which `old` stands, such as "HeNormal.std"; "" for the
        whole file. It keeps replacements short, and says what a page must call to be
        affected.
    old, new
        The text that is replaced, which occurs exactly once in the scope, and what stands
        there instead.
    unclaimed
        Why no claim need notice, although a page runs the formula; "" if one must.
    """

    name: str
    file: str
    scope: str
    old: str
    new: str
    unclaimed: str = ""

    @property
    def path(self) -> Path:
        """The file from the root of the repository."""
        return Path(self.file) if self.in_page else Path("src", "dlglimpse", self.file)

    @property
    def in_page(self) -> bool:
        """Whether the formula is one that a page writes out itself."""
        return self.file.startswith("book/")

    def affects(self, called: str) -> bool:
        """Whether a called function, such as "schemes.py:HeNormal.std", is changed.

        What stands outside of functions counts for all functions in it.

        >>> he = Mutant("no factor 2 in He", "schemes.py", "HeNormal", "2", "1")
        >>> he.affects("schemes.py:HeNormal.std"), he.affects("schemes.py:HeNormalish")
        (True, False)
        """
        file, _, function = called.partition(":")
        return file == self.file and (
            not self.scope or function == self.scope or function.startswith(f"{self.scope}.")
        )


def mutated(text: str, mutant: Mutant) -> str:
    """The text of the file with the formula replaced.

    Raises
    ------
    CannotPlantError
        If the scope is missing, or the text does not occur exactly once.
    """
    start, end = _span(text, mutant)
    part = text[start:end]
    count = part.count(mutant.old)
    if count != 1:
        where = f"{mutant.scope} of {mutant.path}" if mutant.scope else f"{mutant.path}"
        raise CannotPlantError(
            f"{mutant.name!r} replaces a text that must occur once in {where}, "
            f"and occurs {count} times: {mutant.old!r}"
        )
    return text[:start] + part.replace(mutant.old, mutant.new) + text[end:]


def _span(text: str, mutant: Mutant) -> tuple[int, int]:
    """Where the scope begins and ends in the text of its file."""
    if not mutant.scope:
        return 0, len(text)
    node: ast.AST = ast.parse(text)
    for name in mutant.scope.split("."):
        inner = [n for n in ast.iter_child_nodes(node) if getattr(n, "name", None) == name]
        if not inner:
            raise CannotPlantError(
                f"{mutant.name!r} looks for {mutant.scope} in {mutant.path}, "
                f"and there is no {name!r}"
            )
        # Overloads stand before the function itself.
        node = inner[-1]
    lines = text.splitlines(keepends=True)
    first, last = node.lineno - 1, node.end_lineno  # type: ignore[attr-defined]
    return len("".join(lines[:first])), len("".join(lines[:last]))


def plant(mutant: Mutant | None, folder: Path, root: Path = ROOT) -> Path:
    """Copy package and pages to a folder, with the mutant in the copy if there is one."""
    for part in COPIED:
        shutil.copytree(root / part, folder / part, ignore=_LEFT_OUT)
    if mutant is not None:
        planted = folder / mutant.path
        if not planted.exists():
            raise CannotPlantError(f"{mutant.name!r} is for {mutant.path}, which is not there")
        text = planted.read_text(encoding="utf-8")
        planted.write_text(mutated(text, mutant), encoding="utf-8")
    return folder
