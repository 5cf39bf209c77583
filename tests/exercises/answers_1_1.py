"""Answers to exercise 1.1."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from exercises.answers import Answers

ANSWERS = Answers("1.1")


def drawn(**changes: Any) -> dict[str, Any]:
    """A right answer, with some of its parts replaced, and what follows computed anew."""
    while True:
        A = torch.empty(3, 3).uniform_(-1, 1)
        if (A < 0).any():
            break
    parts: dict[str, Any] = {
        "x": torch.tensor(3.0),
        "y": torch.tensor(7.0),
        "z": torch.tensor(21.0),
        "A": A,
        "b": torch.empty(3, 1).uniform_(-1, 1),
        "d": np.array([[1.0], [2.0], [3.0]]),
    } | changes
    if "c" not in parts:
        parts["c"] = parts["A"] @ parts["b"]
    if "total" not in parts:
        parts["total"] = parts["c"] + torch.as_tensor(parts["d"])
    return parts


@ANSWERS.passes("as in the solution")
def _() -> dict[str, Any]:
    return drawn()


@ANSWERS.passes("integers, and an integer column")
def _() -> dict[str, Any]:
    x, y = torch.tensor(3), torch.tensor(7)
    return drawn(x=x, y=y, z=x * y, d=np.array([[1], [2], [3]]))


@ANSWERS.passes("float64 all the way, torch.mm")
def _() -> dict[str, Any]:
    A = nn.init.uniform_(torch.empty(3, 3, dtype=torch.float64), -1, 1)
    A[0, 0] = -0.5
    b = nn.init.uniform_(torch.empty(3, 1, dtype=torch.float64), -1, 1)
    return drawn(A=A, b=b, c=torch.mm(A, b))


@ANSWERS.passes("rand scaled, d reshaped, requires_grad")
def _() -> dict[str, Any]:
    A = (2 * torch.rand(3, 3) - 1).requires_grad_()
    with torch.no_grad():
        A[1, 1] = -0.25
    return drawn(A=A, d=np.arange(1, 4).reshape(3, 1))


@ANSWERS.shows("python-number")
def _() -> dict[str, Any]:
    return drawn(x=3)


@ANSWERS.shows("python-number", "z")
def _() -> dict[str, Any]:
    return drawn(z=21)


@ANSWERS.shows("sum-for-product")
def _() -> dict[str, Any]:
    return drawn(z=torch.tensor(3.0) + torch.tensor(7.0))


@ANSWERS.shows("flat-b")
def _() -> dict[str, Any]:
    return drawn(b=torch.empty(3).uniform_(-1, 1))


@ANSWERS.shows("row-b")
def _() -> dict[str, Any]:
    b = torch.empty(1, 3).uniform_(-1, 1)
    A = drawn()["A"]
    return drawn(A=A, b=b, c=A @ b.T)


@ANSWERS.shows("unit-interval")
def _() -> dict[str, Any]:
    return drawn(A=nn.init.uniform_(torch.empty(3, 3)))


@ANSWERS.shows("beyond-the-ends")
def _() -> dict[str, Any]:
    return drawn(A=torch.randn(3, 3) + torch.tensor([2.0, 0.0, -2.0]))


@ANSWERS.shows("constant")
def _() -> dict[str, Any]:
    return drawn(A=torch.full((3, 3), -0.5))


@ANSWERS.shows("whole-numbers")
def _() -> dict[str, Any]:
    A = torch.randint(-1, 2, (3, 3)).float()
    A[0, 0], A[1, 1] = 1, -1
    return drawn(A=A)


@ANSWERS.shows("star-for-matmul")
def _() -> dict[str, Any]:
    parts = drawn()
    return parts | {"c": parts["A"] * parts["b"]}


@ANSWERS.shows("transposed")
def _() -> dict[str, Any]:
    parts = drawn()
    return parts | {"c": parts["A"].T @ parts["b"]}


@ANSWERS.shows("added-in-place")
def _() -> dict[str, Any]:
    parts = drawn()
    return parts | {"c": parts["total"]}


@ANSWERS.shows("not-numpy")
def _() -> dict[str, Any]:
    return drawn(d=torch.tensor([[1.0], [2.0], [3.0]]))


@ANSWERS.shows("flat-d")
def _() -> dict[str, Any]:
    return drawn(d=np.array([1.0, 2.0, 3.0]))


@ANSWERS.shows("sum-became-a-table")
def _() -> dict[str, Any]:
    parts = drawn()
    return parts | {"total": parts["c"] + torch.tensor([1.0, 2.0, 3.0])}
