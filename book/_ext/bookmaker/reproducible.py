"""Two clean builds of one commit, compared byte by byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bookmaker.site import SITE

VERBS = ("book", "pdf", "offline")
# Characters shown on each side of the first byte that differs.
_AROUND = 60


def prove(root: Path) -> int:
    """Build the last commit twice from nothing, and return 1 if the sites differ."""
    with tempfile.TemporaryDirectory(prefix="reproducible-") as folder:
        sites = []
        for count in ("first", "second"):
            print(f"The {count} build of the last commit, from nothing.", flush=True)
            # One place for both: a path may end up in a file without anybody's harm.
            if not _built(root, Path(folder) / "book"):
                return 1
            sites.append((Path(folder) / "book" / SITE).rename(Path(folder) / count))
            shutil.rmtree(Path(folder) / "book")
        found = differences(*sites)
        for line in found:
            print(f"  {line}")
        total = sum(path.is_file() for path in sites[0].rglob("*"))
    print(f"{len(found)} of {total} files differ." if found else f"All {total} files are the same.")
    return 1 if found else 0


def differences(first: Path, second: Path) -> list[str]:
    """What differs between two folders, a line for each file."""
    ones, others = _files(first), _files(second)
    found = [f"{name}: only in the first build" for name in ones.keys() - others.keys()]
    found += [f"{name}: only in the second build" for name in others.keys() - ones.keys()]
    for name in ones.keys() & others.keys():
        one, other = ones[name].read_bytes(), others[name].read_bytes()
        if one != other:
            found.append(f"{name}: {_where(one, other)}")
    return sorted(found)


def _built(root: Path, copy: Path) -> bool:
    cloned = ["git", "clone", "--quiet", "--no-hardlinks", str(root), str(copy)]
    subprocess.run(cloned, check=True)
    path = os.pathsep.join([str(copy / "src"), str(copy / "book" / "_ext")])
    env = os.environ | {"PYTHONPATH": path}
    for verb in VERBS:
        made = subprocess.run([sys.executable, "-m", "bookmaker", verb], cwd=copy, env=env)
        if made.returncode:
            print(f"`{verb}` failed.")
            return False
    return True


def _files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


def _where(one: bytes, other: bytes) -> str:
    """The first byte that differs, and what stands around it."""
    shorter = min(len(one), len(other))
    at = next((k for k in range(shorter) if one[k] != other[k]), shorter)
    near = slice(max(0, at - _AROUND), at + _AROUND)
    return f"differs from byte {at}: {one[near]!r} and {other[near]!r}"
