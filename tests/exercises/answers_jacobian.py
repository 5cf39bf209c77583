"""Answers to the exercise on the Jacobian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.func import jacrev

from exercises.answers import Answer, Answers

ANSWERS = Answers("jacobian")
W = torch.tensor([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]])
AT = torch.tensor([0.3, -0.2])


def f(x: Tensor) -> Tensor:
    return torch.tanh(W.to(x.dtype) @ x)


def pulled_back(v: Tensor, x: Tensor | None = None) -> Tensor:
    x = AT.clone().requires_grad_() if x is None else x
    f(x).backward(gradient=v)
    assert x.grad is not None
    return x.grad


def rows(order: Sequence[int] = (0, 1, 2)) -> list[Tensor]:
    return [pulled_back(torch.eye(3)[o]) for o in order]


@ANSWERS.passes("as in the solution")
def _() -> dict[str, Any]:
    return {"jacobian": torch.stack(rows())}


@ANSWERS.passes("jacrev, in float64")
def _() -> dict[str, Any]:
    return {"jacobian": jacrev(f)(AT.double())}


@ANSWERS.passes("by hand, with history")
def _() -> dict[str, Any]:
    x = AT.clone().requires_grad_()
    return {"jacobian": torch.diag(1 - f(x) ** 2) @ W}


@ANSWERS.passes("one leaf, copied and cleared, as an array")
def _() -> dict[str, Any]:
    x = AT.clone().requires_grad_()
    table = torch.empty(3, 2)
    for o in range(3):
        table[o] = pulled_back(torch.eye(3)[o], x)
        x.grad = None
    return {"jacobian": table.numpy()}


@ANSWERS.shows("rows-add-up")
def _() -> dict[str, Any]:
    x = AT.clone().requires_grad_()
    return {"jacobian": torch.stack([pulled_back(v, x).clone() for v in torch.eye(3)])}


@ANSWERS.shows("rows-all-the-same", "one tensor three times")
def _() -> dict[str, Any]:
    x = AT.clone().requires_grad_()
    return {"jacobian": torch.stack([pulled_back(v, x) for v in torch.eye(3)])}


@ANSWERS.shows("rows-all-the-same", "one tensor, cleared in place")
def _() -> dict[str, Any]:
    x = AT.clone().requires_grad_()
    kept = []
    for v in torch.eye(3):
        if x.grad is not None:
            x.grad.zero_()
        kept.append(pulled_back(v, x))
    return {"jacobian": torch.stack(kept)}


@ANSWERS.shows("rows-all-the-same", "ones each time")
def _() -> dict[str, Any]:
    return {"jacobian": torch.stack([pulled_back(torch.ones(3)) for _o in range(3)])}


def table(slope: Tensor) -> Tensor:
    """Rows of W, each times a number of its own."""
    return slope.unsqueeze(1) * W


RIGHT = table(1 - f(AT) ** 2)
WRONG: dict[tuple[str, str], Any] = {
    ("transposed", ""): RIGHT.T,
    ("transposed", "stacked as columns"): torch.stack(rows(), dim=1),
    ("read-in-the-wrong-rows", ""): torch.cat(rows()).reshape(2, 3),
    ("one-row-only", ""): pulled_back(torch.ones(3)),
    ("one-row-only", "the first"): rows()[0],
    ("one-number-per-output", ""): 1 - f(AT) ** 2,
    ("one-number-per-output", "the values"): f(AT).unsqueeze(1),
    ("tanh-forgotten", ""): W,
    ("slope-of-the-input", ""): table(1 - (W @ AT) ** 2),
    ("square-forgotten", ""): table(1 - f(AT)),
    ("value-for-slope", ""): table(f(AT)),
    ("weights-forgotten", ""): (1 - f(AT) ** 2).unsqueeze(1).expand(3, 2),
    ("another-point", ""): jacrev(f)(torch.ones(2)),
    ("rows-in-another-order", ""): torch.stack(rows((2, 1, 0))),
    ("list-of-rows", ""): rows(),
    ("list-of-rows", "numbers"): RIGHT.tolist(),
}
for (mistake, name), value in WRONG.items():
    answer: Answer = lambda value=value: {"jacobian": value}  # noqa: E731
    ANSWERS.shows(mistake, name)(answer)
