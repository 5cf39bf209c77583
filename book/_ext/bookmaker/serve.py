"""A live preview that never shows the outputs of yesterday's code."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from bookmaker.execute import environment
from bookmaker.site import write_configuration

PREVIEW = Path("_build") / "preview"


# Only what pages are made of: a log or a note beside the book starts no build.
WATCHED = r"(book|src)/|(_config\.yml|_toc\.yml|requirements\.txt)$"
LEFTOVERS = r"/(__pycache__|\.ipynb_checkpoints)/|(\.pyc|\.swp|\.tmp|~)$"


def ignored(root: Path) -> list[str]:
    """Regular expressions of paths whose change starts no build.

    >>> import re
    >>> [outside, leftovers] = ignored(Path("/b"))
    >>> [bool(re.search(outside, f"/b/{p}")) for p in ("book/x.md", "_toc.yml", "_build/x", "n.md")]
    [False, False, True, True]
    """
    return [rf"^(?!{re.escape(root.as_posix())}/({WATCHED}))", LEFTOVERS]


def serve(root: Path, *, port: int = 8000, before: str = "") -> int:
    """Serve the site on this machine; an edit runs the pages that it concerns.

    An edit of prose runs no cell, an edit of code runs its page, an edit of the
    package or of the requirements runs all pages. A page that fails is named, and
    the site stays as it was until the next edit. `before` is a command that brings the
    environment up to date.
    """
    run = [sys.executable, "-m", "bookmaker", "run", "--root", str(root)]
    command = [sys.executable, "-m", "sphinx_autobuild", "--port", str(port)]
    # All pages are written each time: titles and styles of one show on the others.
    command += ["-a", "-q", "-c", str(write_configuration(root))]
    for first in filter(None, [before, shlex.join(run)]):
        command += ["--pre-build", first]
    for pattern in ignored(root):
        command += ["--re-ignore", pattern]
    command += [str(root), str(root / PREVIEW)]
    # Also found by `python -m bookmaker`, which runs in the same environment.
    path = os.pathsep.join([str(root / "book" / "_ext"), os.environ.get("PYTHONPATH", "")])
    env = environment(root) | {"PYTHONPATH": path}
    return subprocess.run(command, env=env, check=False).returncode
