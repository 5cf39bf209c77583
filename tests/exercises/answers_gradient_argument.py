"""Answers to the exercise on the gradient argument."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from exercises.answers import Answer, Answers

ANSWERS = Answers("gradient-argument")
NAMES = ("same_as_sum", "same_as_mean", "only_second")
ONES, THIRDS, SECOND = [1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3], [0.0, 1.0, 0.0]


def pulled_back(v: Sequence[float], dtype: torch.dtype = torch.float32) -> Tensor:
    x = torch.tensor([1.0, 2.0, 3.0], dtype=dtype, requires_grad=True)
    (x**3).backward(gradient=torch.tensor(v, dtype=dtype))
    assert x.grad is not None
    return x.grad


def answered(**changes: Any) -> dict[str, Any]:
    """A right answer, with some of its parts replaced."""
    vectors = zip(NAMES, (ONES, THIRDS, SECOND), strict=True)
    return {name: pulled_back(v) for name, v in vectors} | changes


def one_leaf(*, copied: bool, cleared: bool = False) -> dict[str, Any]:
    """The answer of someone who starts all three walks from the same leaf."""
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    parts = {}
    for name, v in zip(NAMES, (ONES, THIRDS, SECOND), strict=True):
        if cleared and x.grad is not None:
            x.grad.zero_()
        (x**3).backward(gradient=torch.tensor(v))
        parts[name] = x.grad.clone() if copied else x.grad
    return parts


@ANSWERS.passes("as in the solution")
def _() -> dict[str, Any]:
    return answered()


@ANSWERS.passes("one leaf, cleared and copied")
def _() -> dict[str, Any]:
    return one_leaf(copied=True, cleared=True)


@ANSWERS.passes("float64 arrays")
def _() -> dict[str, Any]:
    vectors = zip(NAMES, (ONES, THIRDS, SECOND), strict=True)
    return {name: pulled_back(v, torch.float64).numpy() for name, v in vectors}


@ANSWERS.passes("the gradients of the scalars themselves, as lists")
def _() -> dict[str, Any]:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    scalars = (lambda u: u.sum(), lambda u: u.mean(), lambda u: u[1])
    grads = [torch.autograd.grad(scalar(x**3), x)[0].tolist() for scalar in scalars]
    return dict(zip(NAMES, grads, strict=True))


@ANSWERS.shows("added-up")
def _() -> dict[str, Any]:
    return one_leaf(copied=True)


@ANSWERS.shows("added-up", "the last one only")
def _() -> dict[str, Any]:
    return answered(only_second=pulled_back(ONES) + pulled_back(SECOND))


@ANSWERS.shows("same-tensor-three-times")
def _() -> dict[str, Any]:
    return one_leaf(copied=False)


@ANSWERS.shows("same-tensor-three-times", "cleared in place")
def _() -> dict[str, Any]:
    return one_leaf(copied=False, cleared=True)


@ANSWERS.shows("sum-and-mean-swapped")
def _() -> dict[str, Any]:
    return answered(same_as_sum=pulled_back(THIRDS), same_as_mean=pulled_back(ONES))


WRONG: dict[tuple[str, str], dict[str, Any]] = {
    ("mean-as-sum", ""): {"same_as_mean": pulled_back(ONES)},
    ("times-n", ""): {"same_as_mean": pulled_back([3.0, 3.0, 3.0])},
    ("rounded-third", ""): {"same_as_mean": pulled_back([0.33, 0.33, 0.33])},
    ("rounded-third", "one digit"): {"same_as_mean": pulled_back([0.3, 0.3, 0.3])},
    ("one-number", ""): {"only_second": pulled_back(SECOND)[1]},
    ("one-number", "the total"): {"same_as_sum": pulled_back(ONES).sum()},
    ("other-shape", ""): {"only_second": torch.diag(pulled_back(SECOND))},
    ("vector-itself", ""): {"same_as_sum": torch.ones(3)},
    ("vector-itself", "the second"): {"only_second": torch.tensor(SECOND)},
    ("values-for-gradients", ""): {"same_as_sum": np.array([1.0, 8.0, 27.0])},
    ("x-as-the-vector", ""): {"same_as_sum": pulled_back([1.0, 2.0, 3.0])},
    ("x-as-the-vector", "the power kept"): {"same_as_sum": np.array([3.0, 24.0, 81.0])},
    ("counted-from-one", ""): {"only_second": pulled_back([0.0, 0.0, 1.0])},
    ("all-but-the-second", ""): {"only_second": pulled_back([1.0, 0.0, 1.0])},
    ("everything-counts", ""): {"only_second": pulled_back(ONES)},
}
for (mistake, name), changes in WRONG.items():
    answer: Answer = lambda changes=changes: answered(**changes)  # noqa: E731
    ANSWERS.shows(mistake, name)(answer)
