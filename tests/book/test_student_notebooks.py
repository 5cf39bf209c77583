"""The notebooks of the book as students run them: untouched, and with the right answers.

Each page runs once. At every exercise the solution is pasted in the place of the starter
cell and checked; then all names are put back as they were, and the starter cell runs
untouched. So the cells that follow find what a student has who has done nothing.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from book import plain_kernel
from bookmaker import editions, notebooks, worksheets
from bookmaker.parts import Part, parts
from bookmaker.plain import Plain
from bookmaker.sources import Page, contents

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page for page in contents(ROOT) if page.runs}
KEEP = "_kept = {k: v for k, v in globals().items() if not k.startswith('_')}"
PUT_BACK = """\
for _name in [k for k in globals() if not k.startswith("_")]:
    if _name not in _kept:
        del globals()[_name]
globals().update(_kept)
"""
PLAIN = """\
for name in ("myst_nb", "sphinx", "sklearn", "scipy", "bookmaker", "nbformat"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise AssertionError(f"{name} is there")
"""


@dataclass
class Task:
    """An exercise with code: where it is, its cells, and the cells that solve it."""

    line: int
    cells: list[Part] = field(default_factory=list)
    solution: list[Part] = field(default_factory=list)

    @property
    def starter(self) -> Part | None:
        """The cell that asks for the check."""
        asking = [cell for cell in self.cells if check_of(cell.text)]
        return asking[-1] if asking else None


def tasks(page: Page) -> dict[str, Task]:
    """The exercises of a page that have cells, by label."""
    found: dict[str, Task] = {}
    for part in parts(page):
        if part.kind == "exercise":
            found[part.label] = Task(part.line)
        elif part.kind == "cell" and part.label and not part.unseen:
            task = found[part.label]
            (task.solution if part.solving else task.cells).append(part)
    return {label: task for label, task in found.items() if task.cells}


def check_of(code: str) -> str:
    """The call of `check` with which a cell ends, or nothing.

    >>> check_of("x = ...\\ncheck('1.1', x=x)")
    "check('1.1', x=x)"
    """
    body = ast.parse(code).body
    last = body[-1] if body else None
    call = last.value if isinstance(last, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "check":
        return ast.unparse(call)
    return ""


@cache
def in_plain(name: str) -> Plain:
    return editions.in_plain(ROOT, PAGES[name], glued={})


@cache
def student(name: str) -> nbformat.NotebookNode:
    return notebooks.student(in_plain(name))


def probed(name: str) -> Iterator[nbformat.NotebookNode]:
    """The student's cells, each starter cell preceded by its solution and the check."""
    pasted = {
        task.starter.text: (label, task.starter, task.solution)
        for label, task in tasks(PAGES[name]).items()
        if task.starter
    }
    yield new_code_cell(PLAIN)
    for cell in student(name).cells:
        if cell.cell_type != "code":
            continue
        metadata = {}
        if cell.source in pasted:
            label, starter, solution = pasted.pop(cell.source)
            metadata = {"exercise": label, "line": starter.line}
            right = {**metadata, "wanted": "✓ Right."}
            yield new_code_cell(KEEP)
            for part in solution:
                yield new_code_cell(part.text, metadata={"line": part.line})
            yield new_code_cell(check_of(starter.text), metadata=right)
            yield new_code_cell(PUT_BACK)
            metadata["wanted"] = "○ Not attempted yet."
        yield new_code_cell(cell.source, metadata=metadata)
    assert not pasted


@pytest.mark.parametrize("name", PAGES)
def test_untouched_nothing_fails_and_with_the_solutions_all_is_right(name, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=list(probed(name)))
    wrong = []
    for cell in plain_kernel.run(notebook, tmp_path).cells:
        line = cell.metadata.get("line", "")
        wrong += [
            f"{name}.md:{line}: {text}, in\n{cell.source}" for text in plain_kernel.errors(cell)
        ]
        wanted = cell.metadata.get("wanted", "")
        if wanted not in plain_kernel.result(cell):
            exercise = cell.metadata["exercise"]
            found = plain_kernel.result(cell)
            wrong.append(f"{name}.md:{line}: {exercise} should be {wanted!r}, not {found!r}")
    assert wrong == [], "\n\n".join(wrong)


@pytest.mark.parametrize("name", PAGES)
def test_every_exercise_with_code_answers_back(name):
    silent = {label: task.line for label, task in tasks(PAGES[name]).items() if not task.starter}
    assert silent == {}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_form_in_plain_jupyter(name):
    nbformat.validate(student(name))
    assert in_plain(name).problems == []
    for cell in student(name).cells:
        assert cell.metadata == {}
        if cell.cell_type == "markdown":
            assert "```{" not in cell.source and "{glue" not in cell.source


@pytest.mark.parametrize("name", PAGES)
def test_no_line_of_a_solution_is_in_what_students_get(name):
    outside, inside = [], set()
    for part in parts(PAGES[name]):
        lines = [line.strip() for line in part.text.split("\n")]
        if part.solving:
            inside |= {line for line in lines if len(line) > 25}
        else:
            outside += lines
    sheet = worksheets.worksheet(in_plain(name))
    for text in (json.dumps(student(name)), json.dumps(sheet)):
        given = json.dumps("\n".join(outside))
        leaked = [
            line for line in inside
            if json.dumps(line)[1:-1] in text and json.dumps(line)[1:-1] not in given
        ]  # fmt: skip
        assert leaked == []


def test_a_kernel_without_much_refuses_the_rest():
    assert {"myst_nb", "sphinx", "sklearn", "scipy", "nbformat", "jupyter_book"} <= (
        plain_kernel.missing()
    )
    assert not {"torch", "numpy", "matplotlib", "IPython", "dlglimpse"} & plain_kernel.missing()
