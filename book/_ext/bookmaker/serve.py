"""A live preview that never shows the outputs of yesterday's code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bookmaker.execute import environment
from bookmaker.site import write_configuration

PREVIEW = Path("_build") / "preview"


def serve(root: Path, *, port: int = 8000) -> int:
    """Serve the site on this machine; an edit runs the pages that it concerns.

    An edit of prose runs no cell, an edit of code runs its page, an edit of the
    package or of the requirements runs all pages. A page that fails is named, and
    the site stays as it was until the next edit.
    """
    configuration = write_configuration(root)
    run = f"{sys.executable} -m bookmaker run --root {root}"
    watched = [root / "src", root / "requirements.txt", root / "_toc.yml"]
    command = [sys.executable, "-m", "sphinx_autobuild"]
    command += ["-c", str(configuration), "--port", str(port), "--pre-build", run]
    for watch in watched:
        command += ["--watch", str(watch)]
    # What the build itself writes must not start another one.
    command += ["--re-ignore", r"/(_build|\.pages|\.git|\.venv|__pycache__)/"]
    command += [str(root), str(root / PREVIEW)]
    # Also found by `python -m bookmaker`, which runs in the same environment.
    path = os.pathsep.join([str(root / "book" / "_ext"), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        command, env={**environment(root), "PYTHONPATH": path}, check=False
    ).returncode
