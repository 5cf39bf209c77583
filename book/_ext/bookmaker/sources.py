"""The pages as they stand in the source: which there are, and their cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook


@dataclass(frozen=True)
class Problem:
    """Something wrong at a line of a page, in the words of who must mend it."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Page:
    """One page of the book: its file, its text, and what is run of it."""

    root: Path
    slug: str

    @property
    def path(self) -> Path:
        return self.root / f"{self.slug}.md"

    @property
    def relative(self) -> Path:
        return self.path.relative_to(self.root)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines()

    @property
    def runs(self) -> bool:
        """Whether the page has a header that makes it a notebook."""
        return bool(is_myst_markdown_notebook(self.path.read_text(encoding="utf-8")))

    def notebook(self) -> nbformat.NotebookNode:
        """The page as a notebook, exactly as the build reads it, so that they match."""
        text = self.path.read_text(encoding="utf-8")
        notebook: nbformat.NotebookNode = read_myst_markdown_notebook(
            text, add_source_map=True, path=str(self.path)
        )
        return notebook

    def first_code_line(self, notebook: nbformat.NotebookNode, cell: int) -> int:
        """The line of the file on which the code of a cell begins."""
        fence = int(notebook.metadata["source_map"][cell])
        code = notebook.cells[cell].source.splitlines()
        for number, line in enumerate(self.lines[fence:], start=fence + 1):
            if code and line == code[0]:
                return number
        return fence


def contents(root: Path) -> list[Page]:
    """The pages in reading order, from `_toc.yml`."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [Page(root, slug) for slug in _slugs(toc)]


def _slugs(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _slugs(item)
    elif isinstance(node, dict):
        for key in ("root", "file"):
            if key in node:
                yield node[key]
        for key in ("parts", "chapters", "sections"):
            yield from _slugs(node.get(key, []))
