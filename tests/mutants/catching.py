"""Run unit tests and pages on a planted package, and see what notices."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookmaker.sources import Page
from mutants.page import Cell
from mutants.planting import ROOT, Mutant
from mutants.resting import resting_on

PATIENCE = 600
"""Seconds after which a page or a run of tests is given up."""

# On any other package than the planted one every mutant would seem to survive.
_TESTS = """
import sys
import dlglimpse, pytest
assert dlglimpse.__file__.startswith(sys.argv[1]), dlglimpse.__file__
sys.exit(pytest.main(sys.argv[2:]))
"""
_SCRIPT = Path(__file__).with_name("page.py")
_QUIET = {
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "agg",
    # Other plugins that happen to be installed take seconds to load.
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Caught:
    """Who noticed a mutant: a unit test, or claims and asserts of a page.

    Attributes
    ----------
    by
        The test, or the claims and asserts; empty if nothing did.
    crashed
        The error that ended a page without any claim; "" if none did.
    """

    by: tuple[str, ...] = ()
    crashed: str = ""


def unit_tests(mutant: Mutant, root: Path = ROOT) -> list[Path]:
    """The test files to run on a mutant, the nearest first; none for a page's formula."""
    if mutant.in_page:
        return []
    return resting_on(mutant.file, root / "src" / "dlglimpse", root / "tests")


def by_unit_tests(mutant: Mutant, folder: Path, tests: Sequence[Path], root: Path = ROOT) -> Caught:
    """Run unit tests, then the doctests of the changed file, until one fails.

    Raises
    ------
    RuntimeError
        If pytest could not run, as when the planted package cannot be imported.
    """
    options = ["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider"]
    options += [f"--rootdir={root}", "-c", str(root / "pyproject.toml")]
    arguments = [str(folder), *options, *map(str, tests), str(folder / mutant.path)]
    done = _run([sys.executable, "-c", _TESTS, *arguments], folder)
    if done is None:
        return Caught((f"more than {PATIENCE} s of tests",))
    if done.returncode == 0:
        return Caught()
    failed = _FAILED.search(done.stdout)
    if failed is None:
        told = (done.stdout + done.stderr)[-1500:]
        raise RuntimeError(f"the unit tests of {mutant.name!r} do not run:\n{told}")
    return Caught((_short(failed[1]),))


def by_page(folder: Path, page: str, *, go_on: bool = False) -> Caught:
    """Run a page until a claim or an assert fails, or with `go_on` to its end."""
    found = _page(folder, page, *(["--all"] if go_on else []))
    if found is None:
        return Caught(crashed=f"took more than {PATIENCE} s")
    return Caught(tuple(found["caught"]), found["crashed"] or "")


def called_by(folder: Path, page: str) -> list[str]:
    """The functions of the package that a page calls, such as "schemes.py:fans"."""
    found = _page(folder, page, "--calls")
    if found is None:
        raise RuntimeError(f"{page} took more than {PATIENCE} s")
    calls: list[str] = found["calls"]
    return calls


def cells_of(folder: Path, name: str) -> list[Cell]:
    """The cells of a page, each with the line on which its code begins."""
    page = Page(folder, f"book/{name}")
    notebook = page.notebook()
    return [
        (page.first_code_line(notebook, k), cell.source)
        for k, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
    ]


def _page(folder: Path, name: str, *options: str) -> dict[str, Any] | None:
    command = [sys.executable, str(_SCRIPT), str(folder), name, *options]
    done = _run(command, folder, given=json.dumps(cells_of(folder, name)))
    if done is None:
        return None
    if done.returncode:
        raise RuntimeError(f"page {name} could not be run:\n{done.stderr[-1500:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _run(
    command: Sequence[str], folder: Path, given: str = ""
) -> subprocess.CompletedProcess[str] | None:
    """Run on the planted package, with one thread; None if it takes too long."""
    path = os.pathsep.join([str(folder / "src"), str(ROOT / "book" / "_ext")])
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | _QUIET | {"PYTHONPATH": path},
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


def _short(test: str) -> str:
    """A test's name without the folders before its file; a doctest has no file.

    >>> _short("tests/test_data.py::test_digits[0]"), _short("::dlglimpse.data.waves")
    ('test_data.py::test_digits[0]', 'dlglimpse.data.waves')
    """
    file, _, name = test.partition("::")
    return f"{Path(file).name}::{name}" if file else name
