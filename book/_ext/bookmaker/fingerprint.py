"""What pages depend on besides their own text, as one string.

Jupyter's cache knows a page by its code alone. Whatever else decides what the code
prints stands here, so that no figure outlives a change of the package.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Iterable
from pathlib import Path
from sysconfig import get_path

CACHE = Path("_build") / ".jupyter_cache"
_NAME = "fingerprint"
_PATTERNS = (
    "src/dlglimpse/**/*.py",
    "requirements.txt",
    "src/dlglimpse/_data/*",
    "book/_ext/ipython_kernel_config.py",
    "book/_ext/bookmaker/drawing.py",
    "book/_ext/bookmaker/narrow.py",
    "book/_ext/bookmaker/narrow_words.py",
    "book/_ext/bookmaker/svg_text.py",
)
_READERS = (
    "_config.yml",
    "book/_ext/bookmaker/*.py",
    "book/_ext/bookmaker/*.yml",
    "book/_ext/bookmaker/assets/*.css",
)


def fingerprint(root: Path) -> str:
    """A hash of the package, the requirements, the data, and of what is installed."""
    return _hash(root, _PATTERNS)


def reading(root: Path) -> str:
    """A hash of what decides how a page is read, outputs included."""
    return _hash(root, (*_PATTERNS, *_READERS))


def installed() -> list[str]:
    """Names and versions of what is installed beside this Python.

    The requirements say what should be there, and may have been edited since.
    """
    return sorted(path.name for path in Path(get_path("purelib")).glob("*.dist-info"))


def _hash(root: Path, patterns: Iterable[str]) -> str:
    found = hashlib.sha256(" ".join([platform.python_version(), *installed()]).encode())
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            found.update(path.relative_to(root).as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def drop_stale_outputs(root: Path) -> bool:
    """Empty the cache of outputs if they were made with anything else; say if so."""
    cache, now = root / CACHE, fingerprint(root)
    mark = cache / _NAME
    before = mark.read_text(encoding="utf-8") if mark.exists() else None
    if before == now:
        return False
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    mark.write_text(now, encoding="utf-8")
    return before is not None
