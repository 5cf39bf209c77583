"""Call what a student wrote, and keep what it raises as something to talk about."""

from __future__ import annotations

import io
import sysconfig
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import torch

from dlglimpse.exercises.given import described, private

_NOT_THEIRS = tuple(
    str(Path(folder))
    for folder in (
        Path(__file__).parents[1],
        sysconfig.get_paths()["stdlib"],
        sysconfig.get_paths()["purelib"],
        sysconfig.get_paths()["platlib"],
        Path(torch.__file__).parent,
    )
)


class NotAttemptedError(Exception):
    """The student's function raised the NotImplementedError of the starter cell."""


class StudentError(Exception):
    """The student's code raised: with what it was called, what came, and where."""

    def __init__(self, called: str, error: BaseException) -> None:
        self.called = called
        self.error = f"{type(error).__name__}: {_first_line(error)}"
        self.line = _last_line_of_theirs(error)
        super().__init__(self.error)

    def __str__(self) -> str:
        told = f"`{self.called}` raised {self.error}"
        return f"{told}\n{self.line}" if self.line else told


def call(function: Callable[..., Any], *arguments: Any, name: str, **named: Any) -> Any:
    """Call a student's function with copies, quietly.

    Raises
    ------
    StudentError
        Whatever the function raised, with the arguments that caused it.
    NotAttemptedError
        If that was the NotImplementedError of a starter cell.
    """
    told = [described(value) for value in arguments]
    told += [f"{key}={described(value)}" for key, value in named.items()]
    copies = [_argument(value) for value in arguments]
    named = {key: _argument(value) for key, value in named.items()}
    quiet = io.StringIO()
    try:
        with redirect_stdout(quiet), redirect_stderr(quiet), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with torch.enable_grad():
                return function(*copies, **named)
    except NotImplementedError as error:
        if str(error):
            raise StudentError(f"{name}({', '.join(told)})", error) from error
        raise NotAttemptedError(name) from error
    except (Exception, SystemExit) as error:
        raise StudentError(f"{name}({', '.join(told)})", error) from error


def _argument(value: Any) -> Any:
    """A copy, but of a graph the tensor itself: its gradient is what is asked for."""
    if isinstance(value, torch.Tensor) and value.requires_grad:
        return value
    return private(value)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "(no message)"


def _last_line_of_theirs(error: BaseException) -> str:
    """The last line of the traceback that is in the student's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(("<frozen", *_NOT_THEIRS))]
    if not theirs:
        return ""
    last = theirs[-1]
    return f"Line {last.lineno} of your code: `{last.line}`" if last.line else ""
