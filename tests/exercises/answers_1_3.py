"""Answers to exercise 1.3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from exercises.answers import Answers

ANSWERS = Answers("1.3")


def by_hand(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def points(*shape: int, **options: Any) -> Tensor:
    return (12 * torch.rand(shape or (41,), **options) - 6).requires_grad_()


def walked(function: Callable[[Tensor], Tensor], x: Tensor | None = None) -> dict[str, Any]:
    """The answer of someone who walks back from this scalar function of the points."""
    x = points() if x is None else x
    function(x).backward()
    return {"x": x, "pytorch_gradients": x.grad}


@ANSWERS.passes("as in the solution")
def _() -> dict[str, Any]:
    return walked(lambda x: by_hand(x).sum(), torch.linspace(-6, 6, 41, requires_grad=True))


@ANSWERS.passes("float64, a table of points, torch.sigmoid")
def _() -> dict[str, Any]:
    return walked(lambda x: torch.sigmoid(x).sum(), points(3, 4, dtype=torch.float64))


@ANSWERS.passes("arrays, and the vector of ones")
def _() -> dict[str, Any]:
    x = points(7)
    by_hand(x).backward(gradient=torch.ones(7))
    assert x.grad is not None
    return {"x": x.detach().numpy(), "pytorch_gradients": x.grad.numpy()}


@ANSWERS.passes("vmap of grad, points that ask for no gradient")
def _() -> dict[str, Any]:
    x = torch.linspace(-50, 50, 12)
    slope = torch.func.vmap(torch.func.grad(torch.sigmoid))
    return {"x": x, "pytorch_gradients": slope(x)}


@ANSWERS.passes("half precision")
def _() -> dict[str, Any]:
    return walked(lambda x: by_hand(x).sum(), points(9, dtype=torch.bfloat16))


@ANSWERS.passes("one point")
def _() -> dict[str, Any]:
    return walked(torch.sigmoid, torch.tensor(0.7, requires_grad=True))


@ANSWERS.shows("accumulated", "twice")
def _() -> dict[str, Any]:
    x = points()
    walked(lambda x: by_hand(x).sum(), x)
    return walked(lambda x: by_hand(x).sum(), x)


@ANSWERS.shows("accumulated", "five times, float64")
def _() -> dict[str, Any]:
    x = points(dtype=torch.float64)
    for _run in range(4):
        walked(lambda x: by_hand(x).sum(), x)
    return walked(lambda x: by_hand(x).sum(), x)


@ANSWERS.shows("read-too-early")
def _() -> dict[str, Any]:
    x = points()
    x.grad = torch.zeros_like(x)
    pytorch_gradients = x.grad.clone()
    by_hand(x).sum().backward()
    return {"x": x, "pytorch_gradients": pytorch_gradients}


@ANSWERS.shows("read-too-early", "cleared after it")
def _() -> dict[str, Any]:
    answer = walked(lambda x: by_hand(x).sum())
    answer["x"].grad.zero_()
    return answer


@ANSWERS.shows("mean-for-sum")
def _() -> dict[str, Any]:
    return walked(lambda x: by_hand(x).mean())


@ANSWERS.shows("values-for-gradients")
def _() -> dict[str, Any]:
    x = points()
    return {"x": x, "pytorch_gradients": by_hand(x)}


@ANSWERS.shows("gradient-of-the-sum", "of x")
def _() -> dict[str, Any]:
    return walked(torch.sum)


@ANSWERS.shows("gradient-of-the-sum", "on the values")
def _() -> dict[str, Any]:
    x = points()
    s = by_hand(x)
    s.retain_grad()
    s.sum().backward()
    return {"x": x, "pytorch_gradients": s.grad}


@ANSWERS.shows("formula-of-x")
def _() -> dict[str, Any]:
    x = points()
    return {"x": x, "pytorch_gradients": x * (1 - x)}


@ANSWERS.shows("sign-turned")
def _() -> dict[str, Any]:
    return walked(lambda x: by_hand(-x).sum())


@ANSWERS.shows("tanh-for-sigmoid")
def _() -> dict[str, Any]:
    return walked(lambda x: torch.tanh(x).sum())


@ANSWERS.shows("sigmoid-twice")
def _() -> dict[str, Any]:
    return walked(lambda x: by_hand(by_hand(x)).sum())


@ANSWERS.shows("sigmoid-twice", "the slope at the value")
def _() -> dict[str, Any]:
    x = points()
    again = by_hand(by_hand(x))
    return {"x": x, "pytorch_gradients": again * (1 - again)}


@ANSWERS.shows("some-points-only", "the first")
def _() -> dict[str, Any]:
    return walked(lambda x: by_hand(x)[0])


@ANSWERS.shows("some-points-only", "a part")
def _() -> dict[str, Any]:
    return walked(lambda x: by_hand(x)[:10].sum())


@ANSWERS.shows("one-number")
def _() -> dict[str, Any]:
    answer = walked(lambda x: by_hand(x).sum())
    return answer | {"pytorch_gradients": answer["pytorch_gradients"].sum()}


@ANSWERS.shows("all-equal")
def _() -> dict[str, Any]:
    answer = walked(lambda x: by_hand(x).sum())
    total = answer["pytorch_gradients"].sum()
    return answer | {"pytorch_gradients": total.expand(41)}


@ANSWERS.shows("other-shape")
def _() -> dict[str, Any]:
    answer = walked(lambda x: by_hand(x).sum(), points(3, 4))
    return answer | {"pytorch_gradients": answer["pytorch_gradients"].flatten()}


@ANSWERS.shows("not-finite")
def _() -> dict[str, Any]:
    x = torch.linspace(-200, 200, 41, requires_grad=True)
    return walked(lambda x: by_hand(x).sum(), x)
