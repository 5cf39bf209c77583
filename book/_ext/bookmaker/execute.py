"""Run the pages that need it, all cores at once, as pytest-nbmake tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract

from bookmaker.fingerprint import CACHE, drop_stale_outputs, fingerprint
from bookmaker.sources import Page, Problem, contents

# pytest-nbmake passes over every path with a part called _build.
WORK = Path(".pages")
PROFILE = Path("book") / "_ext" / "ipython_kernel_config.py"
TIMES = Path("book") / "times.json"
TIMEOUT = 300
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
_COLORS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Run:
    """What came of running pages: seconds by page, what failed, and what was kept."""

    seconds: dict[str, float]
    problems: list[Problem]
    kept: dict[str, float]
    """The seconds that unchanged pages took when they ran."""


def environment(root: Path) -> dict[str, str]:
    """The environment in which pages run: quiet, reproducible, one thread each.

    IPython writes into the folder of its profile, so that folder is made anew.
    """
    home = root / WORK / "ipython"
    profile = home / "profile_default" / PROFILE.name
    profile.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(root / PROFILE, profile)
    # The drawings of the kernel are made by a module that lies beside its settings.
    path = [
        str((root / PROFILE).parent.resolve()),
        *os.environ.get("PYTHONPATH", "").split(os.pathsep),
    ]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, path))),
        "IPYTHONDIR": str(home),
        # Two pages on two cores, each with two threads, take longer than with one.
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        # A bar shows how long this machine took, and pages print nothing to stderr.
        "TQDM_DISABLE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def execute(root: Path, *, workers: int | None = None, force: bool = False) -> Run:
    """Run every page whose code, or whose surroundings, changed; keep the outputs.

    Parameters
    ----------
    root
        The folder of `_config.yml`.
    workers
        How many pages run at a time; all cores by default.
    force
        Run all pages, whether or not they changed.
    """
    if drop_stale_outputs(root):
        print("The package, its data or the requirements changed: all pages run again.")
    before = fingerprint(root)
    cache = get_cache(root / CACHE)
    pages = [page for page in contents(root) if page.path.exists() and page.runs]
    known = {page: _cached(cache, page) for page in pages}
    kept = {page.name: seconds for page, seconds in known.items() if seconds and not force}
    due = [page for page in pages if page.name not in kept]
    if not due:
        return Run({}, [], kept)
    notebooks = {page: _write(root, page) for page in _longest_first(root, due)}
    status = _nbmake(root, list(notebooks.values()), workers or os.cpu_count() or 1)
    if fingerprint(root) != before:
        # Nobody can tell which of the outputs come from which version.
        changed = "the package, its data or the requirements changed while pages ran: run again"
        return Run({}, [Problem(Path("src"), 1, changed)], kept)
    seconds, problems = {}, []
    for page, path in notebooks.items():
        notebook = nbformat.read(path, as_version=4)
        problem = _failure(page, notebook)
        if problem:
            problems.append(problem)
        else:
            seconds[page.name] = _keep(cache, page, notebook)
    if status and not problems:
        problems.append(Problem(Path("_toc.yml"), 1, f"pytest-nbmake ended with status {status}"))
    return Run(seconds, problems, kept)


def _cached(cache: JupyterCacheAbstract, page: Page) -> float | None:
    """The seconds a page took, if its outputs are there."""
    try:
        record = cache.match_cache_notebook(page.notebook())
    except KeyError:
        return None
    return float((record.data or {}).get("execution_seconds", 0.0)) or 0.001


def _longest_first(root: Path, pages: Sequence[Page]) -> list[Page]:
    """So that the cores finish together, as far as the last measured times tell."""
    known = root / TIMES
    times = json.loads(known.read_text()) if known.exists() else {}
    return sorted(pages, key=lambda p: -times.get(p.name, {}).get("running", 0.0))


def _write(root: Path, page: Page) -> Path:
    path = root / WORK / f"{page.name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(page.notebook(), path)
    return path


def _nbmake(root: Path, notebooks: Sequence[Path], workers: int) -> int:
    folder = root / WORK
    options = ["--nbmake", "--overwrite", f"--nbmake-timeout={TIMEOUT}"]
    options += ["-v", "--no-header", "--tb=short", "-p", "no:cacheprovider"]
    options += ["--rootdir", str(folder), "-c", os.devnull]
    options += ["-p", "nbmake", "-p", "bookmaker.kernels"]
    workers = min(workers, len(notebooks))
    if workers > 1:
        options += ["-p", "xdist", "-n", str(workers), "--maxschedchunk=1"]
    command = [sys.executable, "-m", "pytest", *options, *[path.name for path in notebooks]]
    # Other plugins that happen to be installed take seconds to load, in every worker.
    env = environment(root) | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, check=False).returncode


def _failure(page: Page, notebook: nbformat.NotebookNode) -> Problem | None:
    """The first cell that raised, or that a dead kernel or the clock left unfinished."""
    codes = [(k, cell) for k, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    for number, (index, cell) in enumerate(codes, 1):
        line = page.first_code_line(notebook, index)
        for output in cell.outputs:
            if output.output_type == "error":
                trace = _COLORS.sub("", "\n".join(output.traceback))
                lines = [int(found) for found in _LINE.findall(trace)]
                line += lines[0] - 1 if lines else 0
                message = f"code cell {number}: {output.ename}: {output.evalue}"
                return Problem(page.relative, line, message)
        ended = "shell.execute_reply" in cell.metadata.get("execution", {})
        if cell.source.strip() and not ended:
            limit = f"it took over {TIMEOUT} s, or its kernel died"
            return Problem(page.relative, line, f"code cell {number} did not finish: {limit}")
    return None


def _keep(cache: JupyterCacheAbstract, page: Page, notebook: nbformat.NotebookNode) -> float:
    """Put the outputs where the build finds them, and return the seconds they took."""
    seconds = 0.0
    for cell in notebook.cells:
        # The times are no part of the source, by which the cache knows a page.
        times = cell.metadata.pop("execution", None)
        if times:
            ends = [
                datetime.fromisoformat(times[key].replace("Z", "+00:00"))
                for key in ("iopub.execute_input", "shell.execute_reply")
            ]
            seconds += (ends[1] - ends[0]).total_seconds()
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    bundle = CacheBundleIn(notebook, str(page.path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    return seconds


def joined(outputs: Sequence[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join what was printed in a row: how a kernel cuts it depends on the clock.

    MyST-NB joins pieces, too, but as if each of them ended a line.
    """
    pieces: list[nbformat.NotebookNode] = []
    for output in outputs:
        before = pieces[-1] if pieces else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before["text"] += output.text
        else:
            pieces.append(output)
    return pieces
