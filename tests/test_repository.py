"""What holds the repository together: environments, workflows, README, pinned actions."""

import ast
import functools
import itertools
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bookmaker.sources import contents

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
# Names under which an index, or a mirror of one, is known.
INDEX = re.compile(
    r"https?://[^\s\"'<>)]*(?:pypi|simple/|piwheels|pythonhosted|/whl/|artifactory|devpi|nexus)\S*"
)
BINARY = {".png", ".ico", ".woff2", ".pdf", ".npz"}


def text_of(*names: str) -> str:
    """Return the text of a file of the repository."""
    return ROOT.joinpath(*names).read_text(encoding="utf-8")


def pins(text: str) -> dict[str, str]:
    """Return name and version of each line of a requirements file, all of them pinned."""
    found = {}
    for line in text.splitlines():
        if not line or line.startswith(("#", "--")):
            continue
        name, _, version = line.partition("==")
        assert version, f"{line!r} is not pinned"
        found[canonicalize_name(name.strip())] = version.split(";")[0].strip()
    return found


def ranges() -> dict[str, Requirement]:
    """Return what pyproject.toml asks for, with and without extras."""
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    extras = itertools.chain(*project["optional-dependencies"].values())
    requirements = map(Requirement, [*project["dependencies"], *extras])
    return {canonicalize_name(r.name): r for r in requirements if r.name != "dlglimpse"}


def tracked() -> list[Path]:
    """Return the text files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    paths = [ROOT / name for name in listed if name]
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def imported(code: str) -> set[str]:
    """Return the first parts of the names that a piece of Python imports.

    >>> sorted(imported("import os.path as p, sys; from torch.nn import Linear"))
    ['os', 'sys', 'torch']
    """
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).split(".")[0])
    return found


brought_by = functools.cache(packages_distributions)


def undeclared(code: str, declared: set[str]) -> set[str]:
    """Return the modules that code imports although no declared package brings them."""
    ours = {"dlglimpse", "bookmaker"}
    brought = brought_by()
    return {
        module
        for module in imported(code) - set(sys.stdlib_module_names) - ours
        if not {canonicalize_name(name) for name in brought.get(module, [])} & declared
    }


def cells() -> Iterator[tuple[str, str]]:
    """Yield the place and the code of every cell of the book."""
    for page in contents(ROOT):
        if page.runs:
            for number, cell in enumerate(page.notebook().cells):
                if cell.cell_type == "code":
                    yield f"{page.relative}, cell {number}", cell.source


def test_binder_installs_the_versions_of_the_book():
    book, binder = pins(text_of("requirements.txt")), pins(text_of("binder", "requirements.txt"))
    differing = {name: v for name, v in binder.items() if name in book and book[name] != v}
    assert differing == {}
    assert set(binder) - set(book) == {"jupyterlab-myst"}
    assert f"--extra-index-url {CPU_WHEELS}\n" in text_of("binder", "requirements.txt")


def test_binder_uses_a_python_that_the_package_supports():
    version = text_of("binder", "runtime.txt").strip().removeprefix("python-")
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    assert Version(version) in Requirement(f"x{project['requires-python']}").specifier
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)


def test_the_pins_lie_in_the_ranges():
    book = pins(text_of("requirements.txt"))
    for name, requirement in ranges().items():
        assert name in book, f"requirements.txt does not pin {name}"
        assert requirement.specifier.contains(book[name]), f"{requirement} excludes {book[name]}"


def test_binder_has_what_the_cells_import():
    declared = set(pins(text_of("binder", "requirements.txt")))
    seen = dict(cells())
    assert seen
    missing = {place: undeclared(code, declared) for place, code in seen.items()}
    assert {place: modules for place, modules in missing.items() if modules} == {}


@pytest.mark.parametrize(
    ("folder", "extras"), [("src", set()), ("book/_ext/bookmaker", {"book", "dev"})]
)
def test_every_import_is_declared(folder, extras):
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    optional = [project["optional-dependencies"][extra] for extra in sorted(extras)]
    declared = {
        canonicalize_name(Requirement(text).name)
        for text in itertools.chain(project["dependencies"], *optional)
    }
    for path in sorted((ROOT / folder).rglob("*.py")):
        missing = undeclared(path.read_text(encoding="utf-8"), declared)
        if "book" in extras:  # Jupyter Book brings these, and pins them
            missing -= {"sphinx", "docutils", "nbformat", "jupyter_cache", "yaml", "nbclient"}
            missing -= {"markdown_it", "mdit_py_plugins"}
        if path.name == "notebook.py":  # asks a notebook for it, and does without
            missing -= {"IPython"}
        assert missing == set(), path


def test_an_undeclared_import_is_found():
    assert undeclared("import numpy, pytest", {"numpy"}) == {"pytest"}
    assert undeclared("import nowhere", {"numpy"}) == {"nowhere"}


def test_the_example_of_the_readme_runs(tmp_path):
    [example] = re.findall(r"```python\n(.*?)```", text_of("README.md"), re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "first layer beside last: " in run.stdout
    assert (tmp_path / "gradients.png").stat().st_size > 1000


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_the_documents_name_is_there(name):
    text = text_of(name)
    verbs = set(re.findall(r"^([a-z]+):.*## ", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)`?$|`make ([a-z]+)`", text, re.MULTILINE))
    for found in re.findall(r"(?:`|^)make ([a-z]+)(?:`|$)", text, re.MULTILINE):
        assert found in verbs, f"make {found}"
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    paths = re.findall(r"`((?:book|src|tests|binder)/[\w./-]*)`", text)
    for path in [*links, *paths]:
        assert (ROOT / path).exists(), path


def test_one_address_everywhere():
    address = yaml.safe_load(text_of("_config.yml"))["repository"]["url"]
    citation = yaml.safe_load(text_of("CITATION.cff"))
    assert citation["repository-code"] == address
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert citation["version"] == version
    for name in ("README.md", "CONTRIBUTING.md"):
        others = set(re.findall(r"https://github\.com/[\w-]+/[\w-]+", text_of(name))) - {address}
        assert others == set(), name


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(workflow):
    uses = re.findall(r"^\s*-?\s*uses:\s*(.*)$", workflow.read_text(encoding="utf-8"), re.M)
    assert uses
    for use in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), use


def test_the_workflows_do_what_contributing_promises():
    tests, publish = (yaml.safe_load(text_of(".github", "workflows", name)) for name in
                      ("test.yml", "publish.yml"))  # fmt: skip
    assert tests["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    # YAML reads the key `on` as true.
    assert set(tests[True]) == {"pull_request"}
    assert publish[True] == {"push": {"branches": ["main"]}}
    assert publish["jobs"]["publish"]["needs"] == "test"
    steps = [step.get("run") or step["uses"] for step in publish["jobs"]["test"]["steps"]]
    tested = steps.index(".ci/run")
    [upload] = [k for k, step in enumerate(steps) if "upload-pages-artifact" in step]
    assert steps[tested + 1 : upload] == ["make pdf offline"]
    assert "make test" in text_of(".ci", "run")
    assert any(step.get("run") == ".ci/run" for step in tests["jobs"]["test"]["steps"])


def test_zizmor_finds_nothing():
    program = Path(sys.executable).with_name("zizmor")
    run = subprocess.run(
        [program, "--offline", "--persona=pedantic", "--no-progress", ".github"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "No findings to report" in run.stdout + run.stderr


def test_no_other_index_is_named():
    found = {
        (path.relative_to(ROOT).as_posix(), address)
        for path in tracked()
        if path.resolve() != Path(__file__).resolve()
        for address in INDEX.findall(path.read_text(encoding="utf-8"))
        if not address.startswith((CPU_WHEELS, "https://conda.anaconda.org/conda-forge"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    ["https://pypi.example.org/simple", "-i http://10.0.0.1:3141/simple/", "https://a.b/whl/x"],
)
def test_a_planted_index_is_found(line):
    assert INDEX.search(line)
