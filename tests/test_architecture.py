"""A module imports only from those above it; the rule is read from the imports."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "dlglimpse"

# from the top: what is imported, down to what imports
ORDER = [
    "errors",
    "wording",
    "files",
    "notebook",
    "glue",
    "progress",
    "randomness",
    "records",
    "findings",
    "kernels",
    "densities",
    "data",
    "shapeset",
    "schemes",
    "initializers",
    "networks",
    "curves",
    "batches",
    "layers",
    "updates",
    "stand_ins",
    "watching",
    "gradients",
    "measuring",
    "diagnosis",
    "per_example",
    "per_example_statistics",
    "blocks",
    "ensembles",
    "fingerprints",
    "sweeps",
    "reproduce",
    "trainings",
    "summaries",
    "claims",
    "figures",
    "exercises",
    "__init__",
]
NEVER = {"bookmaker", "myst_nb", "sphinx", "IPython", "jupyter_book", "nbformat"}
# A notebook brings IPython; this asks for it when it is called, and does without.
WHEN_CALLED = {"IPython": {"notebook"}}
WITHOUT_TORCH = {"errors", "files", "notebook", "glue", "progress", "records", "findings"}
WITHOUT_TORCH |= {"kernels", "densities", "summaries", "claims", "wording"}
ONLY = {"matplotlib": {"figures"}, "torch": set(ORDER) - WITHOUT_TORCH}


def module_name(path: Path, root: Path) -> str:
    """Return the module of the package that a file belongs to, by its first part."""
    return path.relative_to(root).with_suffix("").parts[0]


def for_types_only(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes under ``if TYPE_CHECKING:``, which never run."""
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    return {inner for b in blocks for part in b.body for inner in ast.walk(part)}


def when_called(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes inside functions, which run only when somebody calls them."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {inner for function in functions for inner in ast.walk(function)}


def absolute(node: ast.ImportFrom, path: Path, root: Path) -> str:
    """Return the absolute name of the module that ``from ... import`` reads."""
    if not node.level:
        return node.module or ""
    package = ["dlglimpse", *path.relative_to(root).parts[:-1]]
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def imports(path: Path, root: Path) -> Iterator[tuple[int, str, bool, bool]]:
    """Yield line, absolute name, and whether the import is for types only, or late."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing, late = for_types_only(tree), when_called(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, path, root)
            names = [base]
            if base == "dlglimpse":  # from . import figures
                names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield node.lineno, name, node in typing, node in late


def violations(root: Path) -> list[str]:
    """Return every import that the architecture forbids, with file and line."""
    found = []
    for path in sorted(root.rglob("*.py")):
        module = module_name(path, root)
        where = path.relative_to(root)
        if module not in ORDER:
            found.append(f"{where}: has no place in the order")
            continue
        for line, name, typing, late in imports(path, root):
            first, *rest = name.split(".")
            if first == "dlglimpse":
                target = rest[0] if rest else "__init__"
                target = target if target in ORDER else "__init__"
                if target != module and ORDER.index(target) > ORDER.index(module):
                    found.append(f"{where}:{line}: imports {name} from below")
            elif late and module in WHEN_CALLED.get(first, ()):
                continue
            elif first in NEVER or (module not in ONLY.get(first, ORDER) and not typing):
                found.append(f"{where}:{line}: imports {name}")
    return found


def test_modules_import_only_from_above():
    assert violations(SOURCE) == []


def test_the_order_names_only_modules_that_exist():
    modules = {module_name(path, SOURCE) for path in SOURCE.rglob("*.py")}
    assert set(ORDER) == modules


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("errors.py", "from dlglimpse.records import Glimpse"),
        ("errors.py", "from .records import Glimpse"),
        ("data.py", "from . import networks"),
        ("data.py", "from dlglimpse import networks"),
        ("data.py", "from dlglimpse import mlp"),
        ("data.py", "import dlglimpse.figures"),
        ("data.py", "import dlglimpse"),
        ("networks.py", "def f():\n    from dlglimpse.gradients import glimpse"),
        ("gradients.py", "from dlglimpse import per_example"),
        ("networks.py", "from .batches import check_batch"),
        ("summaries.py", "import torch"),
        ("densities.py", "import torch"),
        ("records.py", "import torch.nn as nn"),
        ("records.py", "try:\n    from torch import Tensor\nexcept ImportError: ..."),
        ("gradients.py", "import matplotlib.pyplot as plt"),
        ("figures/__init__.py", "from myst_nb import glue"),
        ("figures/__init__.py", "from .. import nothing"),
        ("ensembles.py", "from dlglimpse.summaries import typical"),
        ("glue.py", "import IPython"),
        ("data.py", "def f():\n    import IPython"),
        ("helpers.py", "x = 1"),
    ],
)
def test_a_planted_import_is_found(tmp_path, file, line):
    root = tmp_path / "dlglimpse"
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns("__pycache__"))
    planted = root / file
    before = planted.read_text(encoding="utf-8") if planted.exists() else ""
    planted.write_text(f"{before}\n{line}\n", encoding="utf-8")
    found = violations(root)
    assert any(text.startswith(f"{file}:") for text in found), found


def test_an_import_for_types_only_is_free(tmp_path):
    root = tmp_path / "dlglimpse"
    root.mkdir()
    (root / "records.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Tensor\n",
        encoding="utf-8",
    )
    assert violations(root) == []
