"""Answers to the exercise on broadcast shapes."""

from __future__ import annotations

from typing import Any

import torch

from exercises.answers import Answer, Answers

ANSWERS = Answers("broadcast-shape")
RIGHT: tuple[Any, ...] = ((3, 4), "error", (5, 3, 4), "error", (7, 1, 2))
PAIRS = (((3, 1), (1, 4)), ((3, 4), (3,)), ((5, 3, 4), (3, 1)), ((2, 3), (3, 2)), ((1,), (7, 1, 2)))


def guessed(**changes: Any) -> dict[str, Any]:
    """The right guesses, some of them replaced; `third=...` stands for the third."""
    names = ("first", "second", "third", "fourth", "fifth")
    return {"my_shapes": [changes.get(name, RIGHT[n]) for n, name in enumerate(names)]}


@ANSWERS.passes("tuples")
def _() -> dict[str, Any]:
    return guessed()


@ANSWERS.passes("a tuple of lists, and a capital letter")
def _() -> dict[str, Any]:
    return {"my_shapes": ([3, 4], "Error", [5, 3, 4], "ERROR", [7, 1, 2])}


@ANSWERS.passes("asked of torch")
def _() -> dict[str, Any]:
    def shape(first: tuple[int, ...], second: tuple[int, ...]) -> Any:
        try:
            return torch.broadcast_shapes(first, second)
        except RuntimeError:
            return "error"

    return {"my_shapes": [shape(*pair) for pair in PAIRS]}


WRONG: dict[tuple[str, str], dict[str, Any]] = {
    ("equal-shapes-only", ""): {"first": "error", "third": "error", "fifth": "error"},
    ("never-an-error", ""): {"second": (3, 4), "fourth": (2, 3)},
    ("same-number-of-axes", ""): {"third": "error", "fifth": "error"},
    ("aligned-at-the-first-axis", "one pair"): {"second": (3, 4)},
    ("aligned-at-the-first-axis", "both pairs"): {"second": (3, 4), "third": "error"},
    ("matrix-product", ""): {"fourth": (2, 2)},
    ("counts-entries", ""): {"fourth": (2, 3)},
    ("counts-entries", "flat"): {"fourth": (6,)},
    ("shapes-joined", ""): {"first": (3, 1, 1, 4)},
    ("shapes-joined", "the last"): {"fifth": (1, 7, 1, 2)},
    ("ones-cannot-stretch", "the first"): {"first": "error"},
    ("ones-cannot-stretch", "the last"): {"fifth": "error"},
    ("one-side-stays", ""): {"first": (3, 1)},
    ("one-side-stays", "the small one"): {"third": (3, 1)},
    ("lengths-mixed-up", ""): {"third": (5, 3, 1)},
    ("lengths-mixed-up", "the last"): {"fifth": (7, 2, 2)},
    ("tensor-for-shape", ""): {"first": torch.zeros(3, 4)},
}
for (mistake, name), changes in WRONG.items():
    answer: Answer = lambda changes=changes: guessed(**changes)  # noqa: E731
    ANSWERS.shows(mistake, name)(answer)
