"""Which commit a build is of, and when its pages last changed.

Nothing in the site says when it was built: two builds of one commit are the same.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


@dataclass(frozen=True)
class Commit:
    """The commit that is checked out."""

    name: str
    """All forty digits."""
    date: str
    """Such as 2026-11-25, in UTC."""
    changed: bool
    """Whether a file that git knows differs from it."""


def commit(root: Path) -> Commit | None:
    """The commit of a book, or nothing where it came without git."""
    head = _git(root, "log", "-1", "--format=%H %ct") if _is_repository(root) else None
    if not head:
        return None
    name, seconds = head.split()
    changed = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    return Commit(name, _day(seconds), changed)


def changes(root: Path) -> dict[str, int]:
    """When each file of the book was last changed by a commit, in seconds since 1970.

    A shallow clone, as continuous integration makes one, does not know: then nothing.
    """
    if not _is_repository(root) or _git(root, "rev-parse", "--is-shallow-repository") != "false":
        return {}
    found: dict[str, int] = {}
    seconds = 0
    log = _git(root, "log", "-z", "--format=%n%ct", "--name-only", "--no-renames", "--", "book")
    for entry in (log or "").split("\0"):
        for line in entry.strip().splitlines():
            if line.isdecimal():
                seconds = int(line)
            else:
                found.setdefault(line, seconds)
    return found


def _day(seconds: str) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()


def _is_repository(root: Path) -> bool:
    """Whether the book is a repository of its own, and not a folder in another one."""
    top = _git(root, "rev-parse", "--show-toplevel")
    return bool(top) and Path(str(top)).resolve() == root.resolve()


def _git(root: Path, *command: str) -> str | None:
    """What git says; nothing where it fails or is not installed."""
    # A hook sets these, and they would lead to another repository.
    env = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
    asked = ["git", "--no-optional-locks", *command]
    try:
        said = subprocess.run(asked, cwd=root, env=env, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.stdout.strip()
