"""A live preview that never shows the outputs of yesterday's code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from jupyter_book.config import get_final_config

from bookmaker.execute import environment

PREVIEW = Path("_build") / "preview"


def write_configuration(root: Path) -> Path:
    """Write a `conf.py` that says what `_config.yml` says, for plain Sphinx."""
    folder = root / "_build" / "conf"
    folder.mkdir(parents=True, exist_ok=True)
    final, _ = get_final_config(
        user_yaml=root / "_config.yml",
        sourcedir=root,
        cli_config={"external_toc_path": str(root / "_toc.yml")},
    )
    # jupyter-book puts local extensions on the path itself; Sphinx does not.
    extensions = str(root / "book" / "_ext")
    final["nb_execution_cache_path"] = str(root / "_build" / ".jupyter_cache")
    final["html_static_path"] = [str(root / p) for p in final.get("html_static_path", [])]
    text = [f"import sys\nsys.path.insert(0, {extensions!r})"]
    text += [f"{key} = {value!r}" for key, value in final.items()]
    (folder / "conf.py").write_text("\n".join(text) + "\n", encoding="utf-8")
    return folder


def serve(root: Path, *, port: int = 8000) -> int:
    """Serve the site on this machine; an edit runs the pages that it concerns.

    An edit of prose runs no cell, an edit of code runs its page, an edit of the
    package or of the requirements runs all pages. A page that fails is named, and
    the site stays as it was until the next edit.
    """
    configuration = write_configuration(root)
    run = f"{sys.executable} -m bookmaker run --root {root}"
    watched = [root / "src", root / "requirements.txt", root / "_toc.yml"]
    ignored = ["_build", ".pages", ".git", ".venv"]
    command = [sys.executable, "-m", "sphinx_autobuild"]
    command += ["-c", str(configuration), "--port", str(port), "--pre-build", run]
    for path in watched:
        command += ["--watch", str(path)]
    for name in ignored:
        command += ["--ignore", f"*/{name}/*"]
    command += [str(root), str(root / PREVIEW)]
    # Also found by `python -m bookmaker`, which runs in the same environment.
    path = os.pathsep.join([str(root / "book" / "_ext"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        command, env={**environment(root), "PYTHONPATH": path}, check=False
    ).returncode
