"""Write files that are never there by halves."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO
from uuid import uuid4


def replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file such that at any moment there is the old one or the new one, whole.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "kept"
    >>> replace(path, lambda file: file.write(b"all of it"))
    >>> path.read_bytes()
    b'all of it'
    """
    # In the same folder: a name can be moved in one step within a file system only. A name
    # of its own, for workers on several machines may write the same result at once.
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
