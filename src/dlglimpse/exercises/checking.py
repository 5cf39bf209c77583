"""An answer in, a typed result with a hint out; nothing a student passes in raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import torch

from dlglimpse.errors import GlimpseError
from dlglimpse.exercises.calling import NotAttemptedError, StudentError
from dlglimpse.exercises.exercise import Exercise, Verdict, label
from dlglimpse.exercises.given import complaint, described, missing, private
from dlglimpse.exercises.results import Hint, Result
from dlglimpse.randomness import undisturbed_randomness


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises by their labels: one for each module whose name begins with `ex_`."""
    package = __name__.rpartition(".")[0]
    path = import_module(package).__path__
    names = sorted(module.name for module in iter_modules(path) if module.name.startswith("ex_"))
    found = [import_module(f"{package}.{name}").EXERCISE for name in names]
    return {exercise.label: exercise for exercise in found}


def check(exercise: str, /, **answers: Any) -> Result:
    """Say whether an answer is right, and if not, which mistake it shows.

    Parameters
    ----------
    exercise
        The number or the slug of the exercise: "1.1", "ex-1-1", "share-memory".
    **answers
        What the exercise asks for, by name: tensors, functions, networks. A function is
        handed over, not called; the check calls it. What is None or `...` counts as not
        attempted.

    Returns
    -------
    Result
        With `status`, `passed`, `mistake` and `hint`. Nothing that is passed in makes
        `check` raise; an exception of the student's code is a result, too.

    Notes
    -----
    Answers are copied first, and random states are left as they were. Functions are called
    with inputs of the check's own. A right answer that draws random numbers is refused once
    in a thousand million times.

    Examples
    --------
    >>> check("1.1", x=..., y=...).status
    'not attempted'
    """
    name = exercise if isinstance(exercise, str) else repr(exercise)
    known = exercises().get(label(name))
    if known is None:
        keys = ", ".join(each.key for each in exercises().values())
        return Result(name, "error", None, f"There is no exercise `{name}`. There are: {keys}.")
    asked = _not_attempted(known, answers)
    if asked:
        return Result(known.key, "not attempted", None, asked)
    given = {key: value for key, value in answers.items() if not missing(value)}
    for key, value in given.items():
        complains = complaint(key, value, known.answers[key])
        if complains:
            return Result(known.key, "wrong", None, complains)
    return _result(known, given)


def hint(exercise: str, n: int = 1) -> Hint:
    """The n-th hint of an exercise; each says more than the one before.

    Raises
    ------
    GlimpseError
        If there is no such exercise, or no such hint; the message says which there are.

    Examples
    --------
    >>> len(hint("1.1", 1)) > 0
    True
    """
    known = exercises().get(label(exercise)) if isinstance(exercise, str) else None
    if known is None:
        keys = ", ".join(each.key for each in exercises().values())
        raise GlimpseError("unknown exercise", given=repr(exercise), hint=f"choose one of {keys}")
    if not isinstance(n, int) or not 1 <= n <= len(known.hints):
        raise GlimpseError(
            f"exercise {known.key} has {len(known.hints)} hints",
            given=f"n={n!r}",
            hint=f"ask for one from 1 to {len(known.hints)}",
        )
    return Hint(known.hints[n - 1])


def _not_attempted(known: Exercise, answers: Mapping[str, Any]) -> str:
    """What is still to be filled in, or an empty text."""
    blank = [
        f"`{name}`"
        for name in known.answers
        if name not in known.optional and missing(answers.get(name))
    ]
    strange = [f"`{name}`" for name in answers if name not in known.answers]
    if not blank and not strange:
        return ""
    asks = ", ".join(f"`{name}`" for name in known.answers)
    told = f"Still to do: {', '.join(blank)}." if blank else ""
    for name, note in known.nothing.items():
        if name in answers and answers[name] is None:
            told += f" {note}"
    if strange:
        told += f" This exercise asks for {asks}, not for {', '.join(strange)}."
    return told.strip()


def _result(known: Exercise, given: Mapping[str, Any]) -> Result:
    try:
        with undisturbed_randomness(), torch.enable_grad():
            copies = {key: private(value) for key, value in given.items()}
            verdict: Verdict = known.verdict(**copies)
    except NotAttemptedError as untouched:
        return Result(known.key, "not attempted", None, f"Still to do: `{untouched}`.")
    except StudentError as raised:
        return _error(known, raised)
    except Exception as error:
        # Whatever a student invents, the page goes on.
        told = ", ".join(f"`{key}` is {described(value)}" for key, value in given.items())
        odd = f"The check cannot read this answer ({type(error).__name__}: {error}); {told}."
        return Result(known.key, "wrong", None, odd)
    if verdict is None:
        return Result(known.key, "right", None, known.right)
    return Result(known.key, "wrong", verdict.mistake, known.words(verdict))


def _error(known: Exercise, raised: StudentError) -> Result:
    """An exception of the student's code, with the mistake that it gives away."""
    for pattern, mistake in known.errors.items():
        if re.search(pattern, f"{raised.line}\n{raised.error}"):
            return Result(known.key, "error", mistake, f"{known.mistakes[mistake]}\n{raised}")
    return Result(known.key, "error", None, str(raised))
