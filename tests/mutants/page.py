"""Run one page on a planted package, and print what its claims and asserts make of it.

    python tests/mutants/page.py FOLDER PAGE [--all | --calls]

FOLDER holds the copies that `planting.plant` makes; the cells come in through stdin, as JSON,
because to read them from the page takes longer than to run many a page. Printed is one JSON
object: `caught` lists the claims and asserts that failed (the first one, or with --all every
one), `crashed` the error that ended the page otherwise, or null. With --calls the page runs
as it is, and `calls` lists the functions of the package that its cells called.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
import threading
import traceback
import types
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

Cell = tuple[int, str]
"""The line of the page on which the code of a cell begins, and the code."""


def statements(cell: Cell, page: Path) -> Iterator[tuple[types.CodeType, str]]:
    """Each statement, compiled so that errors name lines of the page, and its first line."""
    first, source = cell
    lines = source.splitlines()
    for node in ast.parse(source).body:
        line = lines[node.lineno - 1]
        ast.increment_lineno(node, first - 1)
        yield compile(ast.Module([node], []), str(page), "exec"), line


def complaint(error: AssertionError, page: Path, package: Path) -> str | None:
    """Which claim or assert of the page an error comes from; None if from neither.

    An assert inside the package is no claim of the page's.
    """
    from dlglimpse import ClaimError

    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, ClaimError):
        slug = str(error).split("'")[1]
        return f"claim-{slug}"
    if Path(frames[-1].filename).is_relative_to(package):
        return None
    own = [frame for frame in frames if frame.filename == str(page)]
    return f"line {own[-1].lineno}: {own[-1].line}"


def run(
    cells: Sequence[Cell], page: Path, package: Path, *, go_on: bool = False
) -> tuple[list[str], str | None]:
    """What a page's claims and asserts complained of, and how it crashed if it did.

    With `go_on` the page runs to its end, past what fails.
    """
    import matplotlib.pyplot as plt

    caught: list[str] = []
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        for code, line in statements(cell, page):
            try:
                exec(code, names)
            except AssertionError as error:
                found = complaint(error, page, package)
                if found is None:
                    return caught, f"{line.strip()}: {error!r}"
                caught.append(found)
                if not go_on:
                    return caught, None
            except Exception as error:
                return caught, f"{line.strip()}: {type(error).__name__}: {error}"[:300]
        plt.close("all")
    return caught, None


def calls(cells: Sequence[Cell], page: Path, package: Path) -> list[str]:
    """The functions of the package that a page calls, as "file:qualified name"."""
    seen: set[types.CodeType] = set()

    def note(frame: types.FrameType, event: str, argument: object) -> None:
        seen.add(frame.f_code)

    threading.settrace(note)
    sys.settrace(note)
    try:
        caught, crashed = run(cells, page, package)
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    if caught or crashed:
        raise RuntimeError(f"{page.stem} does not run as it is: {caught or crashed}")
    return sorted(
        f"{Path(code.co_filename).relative_to(package)}:{code.co_qualname}"
        for code in seen
        if Path(code.co_filename).is_relative_to(package)
    )


def main() -> None:
    """Run one page, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("page")
    parser.add_argument("--all", action="store_true", help="go on after what fails")
    parser.add_argument("--calls", action="store_true", help="list the functions called")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    page, package = folder / "book" / f"{asked.page}.md", folder / "src" / "dlglimpse"
    cells: list[Cell] = json.load(sys.stdin)

    import matplotlib

    matplotlib.use("agg")
    import dlglimpse

    # On any other package every mutant would seem to survive.
    assert Path(dlglimpse.__file__).is_relative_to(package), dlglimpse.__file__
    os.chdir(page.parent)
    with redirect_stdout(sys.stderr):
        if asked.calls:
            found: dict[str, Any] = {"calls": calls(cells, page, package)}
        else:
            caught, crashed = run(cells, page, package, go_on=asked.all)
            found = {"caught": caught, "crashed": crashed}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
