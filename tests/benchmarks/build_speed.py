"""How long the book takes to build: in parallel, serially, and after small edits."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import table, times

from bookmaker.execute import environment
from bookmaker.sources import contents

ROOT = Path(__file__).parents[2]
PARTS = ("book", "src", "_config.yml", "_toc.yml", "requirements.txt")


def _copy(folder: Path) -> Path:
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / part)
    return folder


def _seconds(root: Path, *command: str) -> float:
    env = environment(root)
    env["PYTHONPATH"] = f"{root / 'src'}:{root / 'book' / '_ext'}"
    start = time.perf_counter()
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def run() -> str:
    """Build copies of the book in four ways and return the table as Markdown."""
    make = (sys.executable, "-m", "bookmaker", "book")
    plain = (str(Path(sys.executable).with_name("jupyter-book")), "build", ".")
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        root, serial_root = _copy(Path(first)), _copy(Path(second))
        config = serial_root / "_config.yml"
        config.write_text(
            config.read_text().replace("execute_notebooks: cache", "execute_notebooks: force")
        )
        serial = _seconds(serial_root, *plain)
        cold = _seconds(root, *make)
        nothing = _seconds(root, *make)
        page = root / "book" / "tensors.md"
        page.write_text(page.read_text().replace("## Summary", "Edited.\n\n## Summary"))
        prose = _seconds(root, *make)
        pages = sum(page.runs for page in contents(root))
    rows = [
        ["parallel cold build / serial build with `execute: force`", times(cold / serial)],
        ["build after an edit of prose / cold build", times(prose / cold)],
        ["build when nothing changed / cold build", times(nothing / cold)],
    ]
    return f"{pages} pages that run:\n\n" + table(["ratio", "on two cores"], rows)
