"""Shapes of sums, predicted: which shapes go together with which belief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from dlglimpse.exercises.calling import NotAttemptedError
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described

Guess = tuple[int, ...] | str
PAIRS = (
    ((3, 1), (1, 4)),
    ((3, 4), (3,)),
    ((5, 3, 4), (3, 1)),
    ((2, 3), (3, 2)),
    ((1,), (7, 1, 2)),
)
SHAPES: tuple[Guess, ...] = ((3, 4), "error", (5, 3, 4), "error", (7, 1, 2))
SAME_COUNT: tuple[Guess, ...] = ((2, 3), (3, 2), (6,), (3, 3), (4, 6), (6, 6), (1, 6))


def verdict(*, my_shapes: Sequence[Any]) -> Verdict:
    """Look for a belief behind all guesses, then talk about the first wrong one."""
    if len(my_shapes) != len(PAIRS):
        return unexpected(f"`my_shapes` should hold {len(PAIRS)} guesses, one for each pair.")
    for place, value in enumerate(my_shapes):
        if value is None or value is ...:
            raise NotAttemptedError(f"my_shapes[{place}]")
    guesses = [_guess(value) for value in my_shapes]
    for place, guess in enumerate(guesses):
        if guess is None:
            return _unreadable(place, my_shapes[place])
    wrong = [place for place, shape in enumerate(SHAPES) if guesses[place] != shape]
    if not wrong:
        return None
    return _belief(guesses) or _single(wrong[0], guesses[wrong[0]])


def _guess(value: Any) -> Guess | None:
    """A shape as a tuple of integers, or the word error; None if it is neither."""
    if isinstance(value, str):
        return "error" if value.strip().lower() == "error" else None
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if not isinstance(value, list | tuple):
        return None
    sizes = tuple(value)
    return sizes if all(isinstance(size, int) for size in sizes) else None


def _unreadable(place: int, value: Any) -> Verdict:
    if isinstance(value, Tensor):
        return mistaken("tensor-for-shape", place=place)
    return unexpected(
        f'`my_shapes[{place}]` should be a tuple such as (2, 2), or "error", and is '
        f"{described(value)}."
    )


def _belief(guesses: Sequence[Guess | None]) -> Verdict:
    """What one belief makes of several pairs at once."""
    if all(guess == "error" for guess in guesses):
        return mistaken("equal-shapes-only")
    if all(guess != "error" for guess in guesses):
        return mistaken("never-an-error")
    if guesses[0] != "error" and all(guesses[place] == "error" for place in (2, 4)):
        return mistaken("same-number-of-axes")
    if guesses[1] == (3, 4) and guesses[2] == "error":
        return mistaken("aligned-at-the-first-axis")
    return None


def _single(place: int, guess: Guess | None) -> Verdict:
    """What a wrong guess about one pair gives away."""
    first, second = PAIRS[place]
    values = {"place": place, "first": first, "second": second}
    if guess == first + second:
        return mistaken("shapes-joined", **values)
    if place == 1:
        return mistaken("aligned-at-the-first-axis")
    if place == 3:
        if guess == (2, 2):
            return mistaken("matrix-product")
        return mistaken("counts-entries") if guess in SAME_COUNT else _other(guess, values)
    if guess == "error":
        return mistaken("ones-cannot-stretch", **values)
    if guess in (first, second):
        return mistaken("one-side-stays", **values)
    return _other(guess, values)


def _other(guess: Guess | None, values: dict[str, Any]) -> Verdict:
    told = 'the word "error"' if guess == "error" else f"{guess}"
    return mistaken("lengths-mixed-up", **values, guess=told)


EXERCISE = Exercise(
    key="broadcast-shape",
    page="tensors",
    tests="Predicts the shape of a sum, or that there is none, from the rule of broadcasting.",
    minutes=6,
    answers={"my_shapes": "list"},
    hints=(
        "Write the two shapes below each other, flush right, so that their last axes stand one "
        "under the other.",
        "Where one of them has no axis left, put a 1. Then compare column by column: equal is "
        "fine, and a 1 takes the other's length.",
        "A column with two different lengths, neither of them 1, has no sum; how many numbers "
        "there are in all does not count.",
    ),
    mistakes={
        "equal-shapes-only": 'You say "error" five times, as if only equal shapes could be added. '
        "An axis of length 1 is repeated as often as the other tensor needs it.",
        "never-an-error": "You find a shape for all five pairs. Two different lengths on one axis "
        "can only be matched if one of them is 1. Is it, in every pair?",
        "same-number-of-axes": "You expect an error wherever the numbers of axes differ. The "
        "shorter shape gets axes of length 1 in front, and then the rule is the usual one.",
        "aligned-at-the-first-axis": "Your shape for (3, 4) and (3,), or that for (5, 3, 4) and "
        "(3, 1), lines the shapes up at their first axis. At which end does broadcasting begin?",
        "matrix-product": "(2, 2) is the shape of the matrix product of (2, 3) and (3, 2). The "
        "pairs are added, entry by entry.",
        "counts-entries": "You let (2, 3) and (3, 2) be added since both hold six numbers. "
        "Broadcasting compares axis by axis; are 2 and 3 the same, or is one of them 1?",
        "shapes-joined": "For {first} and {second} you wrote the shapes one behind the other. "
        "Axes are laid on top of each other, from the last one on.",
        "ones-cannot-stretch": "You expect an error for {first} and {second}. Go from the last "
        "axis to the first: is there a column with two lengths, neither of which is 1?",
        "one-side-stays": "For {first} and {second} you kept one of the two shapes. Both may "
        "stretch: each axis gets the longer of the two lengths, also where that is the other's.",
        "lengths-mixed-up": "For {first} and {second} you wrote {guess}. Line the two up at their "
        "last axis, and take the longer length in each column.",
        "tensor-for-shape": "`my_shapes[{place}]` is a tensor. Its shape is asked for, as a tuple.",
    },
    right="Shapes meet at their last axis, and only ones stretch.",
    verdict=verdict,
)
