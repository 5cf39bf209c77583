"""Answers to the exercise on shared memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from exercises.answers import Answer, Answers

ANSWERS = Answers("share-memory")
NAMES = ("slice", "mask", "transpose", "sum", "reshape of the transpose")


def guessed(letters: str, kind: Any = bool) -> dict[str, Any]:
    """An answer from five letters, s for shares and c for copies."""
    return {"my_guess": {n: kind(c == "s") for n, c in zip(NAMES, letters, strict=True)}}


@ANSWERS.passes("True and False")
def _() -> dict[str, Any]:
    return guessed("scscc")


@ANSWERS.passes("measured by writing")
def _() -> dict[str, Any]:
    base = torch.randn(3, 4)
    base[0, 0] = 5
    made = [base[1:, :2], base[base > 0.3], base.T, base + 0, base.T.reshape(12)]

    def shares(candidate: torch.Tensor) -> bool:
        before = base.clone()
        candidate.add_(1)
        return not torch.equal(base, before)

    return {"my_guess": {n: shares(m) for n, m in zip(NAMES, made, strict=True)}}


@ANSWERS.passes("0 and 1")
def _() -> dict[str, Any]:
    return guessed("scscc", int)


@ANSWERS.passes("booleans of NumPy and torch, in another order")
def _() -> dict[str, Any]:
    right = guessed("scscc", np.bool_)["my_guess"]
    right["sum"] = torch.tensor(False)
    return {"my_guess": dict(reversed(right.items()))}


PATTERNS = {
    "cscss": "reversed",
    "ccccc": "everything-copies",
    "sssss": "everything-shares",
    "ssscs": "only-arithmetic-copies",
    "csscc": "brackets-the-other-way",
    "scccs": "shapes-the-other-way",
    "ccscc": "slice-copies",
    "ssscc": "mask-is-a-view",
    "scccc": "transpose-moves",
    "scssc": "zero-adds-nothing",
    "scscs": "reshape-never-copies",
}
for letters, mistake in PATTERNS.items():
    answer: Answer = lambda letters=letters: guessed(letters)  # noqa: E731
    ANSWERS.shows(mistake)(answer)


@ANSWERS.shows("mask-is-a-view", "two beliefs, the first is named")
def _() -> dict[str, Any]:
    return guessed("ssssc")
