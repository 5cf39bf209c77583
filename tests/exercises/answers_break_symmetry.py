"""Answers to the exercise on breaking the symmetry."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from dlglimpse import mlp
from exercises.answers import Answers

ANSWERS = Answers("break-symmetry")

RIGHT: dict[str, Any] = {
    "a position": 2,
    "counted from the end": -3,
    "a number of NumPy": np.int64(2),
    "a tensor with one number": torch.tensor(2),
}
WRONG: list[tuple[str, str, Any]] = [
    ("first-matrix", "", 0),
    ("first-matrix", "from the end", -5),
    ("last-matrix", "", 4),
    ("last-matrix", "from the end", -1),
    ("an-activation", "layers counted from one", 1),
    ("an-activation", "the third layer", 3),
    ("out-of-the-network", "", 5),
    ("out-of-the-network", "far", -7),
    ("more-than-one", "", (0, 4)),
    ("more-than-one", "a list", [2]),
    ("in-words", "", "the middle one"),
    ("in-words", "a digit", "2"),
]

for name, choice in RIGHT.items():
    ANSWERS.passes(name)(lambda choice=choice: {"choice": choice})
for mistake, name, choice in WRONG:
    ANSWERS.shows(mistake, name)(lambda choice=choice: {"choice": choice})


@ANSWERS.shows("layer-not-position")
def _() -> dict[str, Any]:
    return {"choice": mlp((2, 4, 4, 2), "tanh")[2]}


@ANSWERS.shows("layer-not-position", "its weight")
def _() -> dict[str, Any]:
    return {"choice": mlp((2, 4, 4, 2), "tanh")[2].weight}
