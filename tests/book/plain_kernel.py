"""A kernel that can import only what a student has who followed the README."""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import nbformat
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bookmaker.kernels import client

# The kernel itself, and what the README installs.
HAS = ("dlglimpse", "torch", "numpy", "matplotlib", "ipykernel")
_REFUSE = """\
import sys
from importlib.machinery import PathFinder

MISSING = {missing!r}


class Refuses(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] not in MISSING:
            return super().find_spec(name, path, target)


# Libraries ask whether others are there: nothing must be found, rather than refused.
sys.meta_path = [Refuses if finder is PathFinder else finder for finder in sys.meta_path]
"""


def brought() -> set[str]:
    """The distributions that come with those that a student installs."""
    found: set[str] = set()
    due = list(HAS)
    while due:
        name = canonicalize_name(due.pop())
        if name in found:
            continue
        found.add(name)
        try:
            needed = requires(name) or []
        except PackageNotFoundError:
            continue
        for line in needed:
            requirement = Requirement(line)
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                due.append(requirement.name)
    return found


def missing() -> set[str]:
    """The modules that are installed here, and that a student does not have."""
    has = brought()
    return {
        module
        for module, names in packages_distributions().items()
        if not {canonicalize_name(name) for name in names} & has
    }


def run(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Run all cells, whatever they raise, in an empty folder."""
    (folder / "start").mkdir()
    (folder / "here").mkdir()
    startup = _REFUSE.format(missing=missing())
    (folder / "start" / "sitecustomize.py").write_text(startup, encoding="utf-8")
    env = {
        **os.environ,
        "PYTHONPATH": str(folder / "start"),
        "IPYTHONDIR": str(folder / "ipython"),
        "OMP_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    where = {"metadata": {"path": str(folder / "here")}}
    waiting = client(
        notebook, timeout=600, kernel_name="python3", allow_errors=True, resources=where
    )
    done: nbformat.NotebookNode = waiting.execute(env=env)
    return done


def errors(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell raised, as one reads it."""
    return [
        f"{output.ename}: {output.evalue}"
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def result(cell: nbformat.NotebookNode) -> str:
    """What a cell ended with, as text."""
    texts = [
        output.data.get("text/plain", "")
        for output in cell.get("outputs", [])
        if output.output_type == "execute_result"
    ]
    return re.sub(r"\s+", " ", " ".join(texts))
