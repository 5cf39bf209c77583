"""A bar that tells how far long work has come, to somebody who is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tqdm import tqdm

from dlglimpse.notebook import running_shell

_DELAY = 2.0
"""Seconds that work takes before it gets a bar."""

_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """No bars within: those of parts would write over the bar of the whole."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def progress(total: int, unit: str, *, done: int = 0) -> tqdm[Any]:
    """A bar to `update`, in a terminal or a notebook, once the work takes seconds.

    The environment variable `TQDM_DISABLE=1` hides it everywhere.

    Parameters
    ----------
    total
        How many parts the work has.
    unit
        What one part is called.
    done
        How many of them were finished before.

    Examples
    --------
    >>> with quiet(), progress(3, "draw") as bar:
    ...     print(bar.disable)
    True
    """
    watched = running_shell() is not None or sys.stderr.isatty()
    # Only what is given outranks the variables TQDM_*, so a bar is never switched on here.
    hidden = {} if watched and not _QUIET.get() else {"disable": True}
    return tqdm(
        total=total, unit=unit, initial=done, delay=_DELAY, leave=False, file=sys.stderr, **hidden
    )
