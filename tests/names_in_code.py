"""What code takes from libraries, under the full names of what it takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bookmaker.sources import Page

LIBRARIES = {"torch", "numpy", "matplotlib"}


def visible_cells(page: Page) -> list[str]:
    """The code that a page shows."""
    hidden = {"remove-cell", "remove-input"}
    return [
        cell.source
        for cell in page.notebook().cells
        if cell.cell_type == "code" and not hidden & set(cell.metadata.get("tags", []))
    ]


def names_used(cells: list[str]) -> Iterator[str]:
    """The full names of what code takes from the libraries."""
    meaning: dict[str, str] = {}
    for tree in map(ast.parse, cells):
        for node in ast.walk(tree):
            meaning |= dict(imported(node))
        inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node) not in inner:
                yield from of_library(dotted(node, meaning))
    for name in meaning.values():
        yield from of_library(name)


def of_library(name: str | None) -> Iterator[str]:
    # A package alone is not worth a link: `import numpy as np`.
    if name and name.split(".")[0] in LIBRARIES and "." in name:
        yield name


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for each in node.names:
            yield each.asname or each.name.split(".")[0], each.name
    elif isinstance(node, ast.ImportFrom):
        for each in node.names:
            yield each.asname or each.name, f"{node.module}.{each.name}"


def dotted(node: ast.AST, meaning: dict[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in meaning:
        return None
    return ".".join([meaning[node.id], *parts])
