"""Answers to the exercise on the softmax before a cross entropy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from exercises.answers import Answers

ANSWERS = Answers("bug-softmax")
TARGET = torch.tensor([0])
SURE = torch.tensor([[1.0, 0.0, 0.0]])


def found(lowest: Any) -> dict[str, Any]:
    return {"lowest": lowest}


@ANSWERS.passes("cross_entropy of a sure output")
def _() -> dict[str, Any]:
    return found(F.cross_entropy(SURE, TARGET))


@ANSWERS.passes("by the formula, a Python number")
def _() -> dict[str, Any]:
    return found(math.log(1 + 2 / math.e))


@ANSWERS.passes("through the network's softmax, large logits, float64")
def _() -> dict[str, Any]:
    logits = torch.tensor([[50.0, 0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    return found(F.cross_entropy(torch.softmax(logits, dim=1), TARGET))


@ANSWERS.passes("NumPy, in an array of one")
def _() -> dict[str, Any]:
    return found(np.array([-np.log(np.e / (np.e + 2))]))


@ANSWERS.shows("softmax-left-out")
def _() -> dict[str, Any]:
    return found(F.cross_entropy(1000 * SURE, TARGET).item())


@ANSWERS.shows("softmax-left-out", "taken for a perfect network")
def _() -> dict[str, Any]:
    return found(0)


@ANSWERS.shows("undecided")
def _() -> dict[str, Any]:
    return found(F.cross_entropy(torch.zeros(1, 3), TARGET))


@ANSWERS.shows("two-classes")
def _() -> dict[str, Any]:
    return found(F.cross_entropy(SURE[:, :2], TARGET))


@ANSWERS.shows("probability")
def _() -> dict[str, Any]:
    return found(torch.softmax(SURE, dim=1).max())


@ANSWERS.shows("wrong-class")
def _() -> dict[str, Any]:
    return found(F.cross_entropy(SURE, torch.tensor([1])))


@ANSWERS.shows("sign-lost")
def _() -> dict[str, Any]:
    return found(torch.log_softmax(SURE, dim=1).max())


@ANSWERS.shows("other-logarithm")
def _() -> dict[str, Any]:
    return found(-math.log10(math.e / (math.e + 2)))


@ANSWERS.shows("softmax-once-more")
def _() -> dict[str, Any]:
    return found(F.cross_entropy(torch.softmax(SURE, dim=1), TARGET))
