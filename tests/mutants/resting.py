"""Which unit tests rest on a module of the package, read from the imports."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = "dlglimpse"
# These look at pages, sources and this catalogue, not at what formulas compute.
NO_UNIT_TESTS = ("book", "claims", "mutants", "benchmarks", "launch", "site")


def module_files(package: Path) -> dict[str, Path]:
    """The files of the package by dotted name; a folder's `__init__` has the folder's.

    >>> from mutants.planting import ROOT
    >>> module_files(ROOT / "src" / "dlglimpse")["dlglimpse.figures"].name
    '__init__.py'
    """
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, modules: dict[str, Path]) -> set[str]:
    """The modules of the package whose names a file imports, wherever it finds them.

    `from dlglimpse import mlp` imports from dlglimpse.networks, which defines `mlp`.
    """
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & set(modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            names = {alias.name for alias in node.names}
            found |= {_origin(node.module, name, modules) for name in names}
    return found


def _origin(module: str, name: str, modules: dict[str, Path]) -> str:
    """The module that defines a name which a package's `__init__` hands on."""
    if f"{module}.{name}" in modules:
        return f"{module}.{name}"
    if modules[module].name == "__init__.py":
        for node in ast.parse(modules[module].read_text(encoding="utf-8")).body:
            handed = isinstance(node, ast.ImportFrom) and node.module in modules
            if handed and name in {alias.asname or alias.name for alias in node.names}:
                return _origin(node.module, name, modules)
    return module


@cache
def distances(package: Path, tests: Path) -> dict[Path, dict[str, int]]:
    """For each test file, how many imports lead from it to each module it rests on."""
    modules = module_files(package)
    direct = {name: imported(path, modules) - {PACKAGE} for name, path in modules.items()}
    found = {}
    for path in sorted(tests.rglob("test_*.py")):
        if path.relative_to(tests).parts[0] in NO_UNIT_TESTS:
            continue
        reached: dict[str, int] = {}
        front, step = imported(path, modules), 0
        while front:
            reached |= dict.fromkeys(front, step)
            step += 1
            front = {n for name in front for n in direct[name]} - set(reached)
        found[path] = reached
    return found


def resting_on(file: str, package: Path, tests: Path, *, within: int = 1) -> list[Path]:
    """The test files that rest on a file of the package, the nearest first.

    At most `within` modules stand between a test and the file: what is further away
    tests something else, and takes long.
    """
    module = next(n for n, path in module_files(package).items() if path == package / file)
    near = {
        path: reached[module]
        for path, reached in distances(package, tests).items()
        if reached.get(module, within + 1) <= within
    }
    own = f"test_{Path(file).stem}"
    return sorted(near, key=lambda path: (near[path], path.stem != own, path.stat().st_size))
