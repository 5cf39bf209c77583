"""All editions of the pages that run, written as files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
from jupyter_cache import get_cache

from bookmaker import addresses, notebooks, worksheets
from bookmaker.fingerprint import CACHE
from bookmaker.numbering import numbers
from bookmaker.plain import Plain
from bookmaker.references import Book
from bookmaker.sources import Page, Problem, contents

FOLDER = Path("_build") / "notebooks"


def write(root: Path, *, solutions: bool = True) -> list[Problem]:
    """Write student's and teacher's notebooks and worksheets into `_build/notebooks`.

    Parameters
    ----------
    root
        The folder of `_config.yml`.
    solutions
        Whether the site shows solutions; without them there is no teacher's notebook.
    """
    shutil.rmtree(root / FOLDER, ignore_errors=True)
    problems: list[Problem] = []
    for page, outputs in executed(root):
        plain = in_plain(root, page, glued=notebooks.glued(outputs), solutions=solutions)
        made = {"student": notebooks.student(plain)}
        if solutions:
            made["teacher"] = notebooks.teacher(plain, outputs)
        paper = replace(plain, answers=False, problems=[])
        if worksheets.asks(page):
            made["worksheet"] = worksheets.worksheet(paper)
        for edition, notebook in made.items():
            _write(notebook, root / FOLDER / edition / f"{page.name}.ipynb")
        if "worksheet" in made:
            path = root / FOLDER / "worksheet" / f"{page.name}.html"
            path.write_text(worksheets.printable(made["worksheet"], paper), encoding="utf-8")
        problems += dict.fromkeys(plain.problems)
    return problems


def in_plain(root: Path, page: Page, *, glued: dict[str, str], solutions: bool = True) -> Plain:
    """What turns a page into plain Markdown, with all that it must know."""
    return Plain(
        page=page,
        book=Book.read(page.path.parent),
        numbers=numbers([p for p in contents(root) if p.path.exists()], solutions=solutions),
        site=addresses.site(root),
        glued=glued,
    )


def executed(root: Path) -> Iterator[tuple[Page, nbformat.NotebookNode]]:
    """Each page that runs, with its outputs."""
    cache = get_cache(root / CACHE)
    for page in contents(root):
        if page.path.exists() and page.runs:
            yield page, cache.merge_match_into_notebook(page.notebook())[1]


def _write(notebook: nbformat.NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
