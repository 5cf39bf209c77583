"""Answers to the exercise on the detached path."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from exercises.answers import Answer, Answers

ANSWERS = Answers("detached-path")


def gradient(function: Any) -> Tensor | None:
    a = torch.tensor(2.0, requires_grad=True)
    f: Tensor = function(a)
    f.backward()
    return a.grad


@ANSWERS.passes("an integer")
def _() -> dict[str, Any]:
    return {"my_gradient": 4}


@ANSWERS.passes("a number of NumPy")
def _() -> dict[str, Any]:
    return {"my_gradient": np.float32(4.0)}


@ANSWERS.passes("asked of torch")
def _() -> dict[str, Any]:
    return {"my_gradient": gradient(lambda a: (a * a).detach() * a)}


@ANSWERS.passes("a tensor with one axis")
def _() -> dict[str, Any]:
    return {"my_gradient": torch.tensor([4.0], dtype=torch.float64)}


@ANSWERS.shows("trusts-the-value", "without detach")
def _() -> dict[str, Any]:
    return {"my_gradient": gradient(lambda a: a * a * a)}


@ANSWERS.shows("open-path-for-cut-path", "the other factor detached")
def _() -> dict[str, Any]:
    return {"my_gradient": gradient(lambda a: (a * a) * a.detach())}


NUMBERS = {
    12: "trusts-the-value",
    8: "open-path-for-cut-path",
    0: "everything-cut",
    1: "constant-vanishes",
    2: "constant-not-squared",
    6: "square-lost",
    16: "cut-factor-squared",
    -4: "sign-turned",
}
for number, mistake in NUMBERS.items():
    answer: Answer = lambda number=number: {"my_gradient": number}  # noqa: E731
    ANSWERS.shows(mistake)(answer)
