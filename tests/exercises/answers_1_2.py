"""Answers to exercise 1.2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from exercises.answers import Answer, Answers

ANSWERS = Answers("1.2")


def by_hand(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def other_way(x: Tensor) -> Tensor:
    return torch.exp(x) / (1 + torch.exp(x))


def formula(s: Tensor) -> Tensor:
    return s * (1 - s)


def written(**changes: Any) -> dict[str, Any]:
    """A right answer, with some of its functions replaced."""
    return {"my_sigmoid": by_hand, "my_sigmoid_grad": formula} | changes


def of_sigmoid(mistake: str, function: Any, name: str = "") -> None:
    """A wrong `my_sigmoid`."""
    answer: Answer = lambda: written(my_sigmoid=function)  # noqa: E731
    ANSWERS.shows(mistake, name)(answer)


def of_grad(mistake: str, function: Any, name: str = "") -> None:
    """A wrong `my_sigmoid_grad`."""
    answer: Answer = lambda: written(my_sigmoid_grad=function)  # noqa: E731
    ANSWERS.shows(mistake, name)(answer)


def of_stable(mistake: str, function: Any, name: str = "") -> None:
    """A wrong `stable_sigmoid`."""
    answer: Answer = lambda: written(stable_sigmoid=function)  # noqa: E731
    ANSWERS.shows(mistake, name)(answer)


@ANSWERS.passes("as in the solution")
def _() -> dict[str, Any]:
    def stable_sigmoid(x: Tensor) -> Tensor:
        small = torch.exp(-torch.where(x < 0, -x, x))
        at_least_half = 1 / (1 + small)
        return torch.where(x < 0, 1 - at_least_half, at_least_half)

    return written(stable_sigmoid=stable_sigmoid)


@ANSWERS.passes("the first two only")
def _() -> dict[str, Any]:
    return written()


@ANSWERS.passes("torch.sigmoid")
def _() -> dict[str, Any]:
    return written(my_sigmoid=torch.sigmoid, stable_sigmoid=torch.sigmoid)


@ANSWERS.passes("in place")
def _() -> dict[str, Any]:
    def my_sigmoid(x: Tensor) -> Tensor:
        return x.neg_().exp_().add_(1).reciprocal_()

    def my_sigmoid_grad(s: Tensor) -> Tensor:
        return s.sub_(s * s)

    def stable_sigmoid(x: Tensor) -> Tensor:
        return x.div_(2).tanh().add(1).div_(2)

    return locals()


@ANSWERS.passes("through tanh, a module, the logarithm")
def _() -> dict[str, Any]:
    return {
        "my_sigmoid": nn.Sigmoid(),
        "my_sigmoid_grad": lambda s: 0.25 - (s - 0.5) ** 2,
        "stable_sigmoid": lambda x: torch.exp(F.logsigmoid(x)),
    }


@ANSWERS.passes("another formula, the absolute value, zero where it is tiny")
def _() -> dict[str, Any]:
    def stable_sigmoid(x: Tensor) -> Tensor:
        small = torch.exp(-torch.abs(x))
        return torch.where(x >= 0, 1.0, small) / (1 + small)

    return {
        "my_sigmoid": other_way,
        "my_sigmoid_grad": lambda s: s - torch.square(s),
        "stable_sigmoid": stable_sigmoid,
    }


@ANSWERS.passes("inputs held back")
def _() -> dict[str, Any]:
    return written(stable_sigmoid=lambda x: by_hand(x.clamp(-80, 80)))


of_sigmoid("missing-minus", lambda x: 1 / (1 + torch.exp(x)))
of_sigmoid("missing-minus", lambda x: torch.exp(-x) / (1 + torch.exp(-x)), "other formula")
of_sigmoid("missing-parentheses", lambda x: 1 / 1 + torch.exp(-x))
of_sigmoid("sigmoid-twice", lambda x: by_hand(by_hand(x)))
of_sigmoid("tanh-for-sigmoid", torch.tanh)
of_sigmoid("derivative-for-value", lambda x: formula(by_hand(x)))
of_sigmoid("mirror-forgotten", lambda x: by_hand(x.abs()))
of_stable("mirror-forgotten", lambda x: by_hand(x.abs()), "stable")
of_sigmoid("returns-nothing", lambda x: print(by_hand(x)))
of_grad("returns-nothing", lambda s: print(formula(s)), "the derivative")
of_sigmoid("returns-a-list", lambda x: [by_hand(v) for v in x])
of_sigmoid("returns-a-list", lambda x: [1 / (1 + math.exp(-v)) for v in x], "math")
of_sigmoid("leaves-torch", lambda x: 1 / (1 + np.exp(-x.detach().numpy())))
of_sigmoid("leaves-torch", lambda x: by_hand(x).flatten()[0].item(), "item")
of_sigmoid("other-shape", lambda x: by_hand(x).sum())
of_grad("other-shape", lambda s: formula(s).mean(), "the derivative")
of_sigmoid("cut-off", lambda x: by_hand(x.detach()))
of_sigmoid("cut-off", lambda x: torch.from_numpy(by_hand(x.detach()).numpy()), "by way of NumPy")
of_sigmoid("math-exp", lambda x: 1 / (1 + math.exp(-x)))
of_sigmoid("numpy-exp", lambda x: torch.as_tensor(1 / (1 + np.exp(-x))))
of_sigmoid("number-into-torch", lambda x: [by_hand(v) for v in x.flatten().tolist()])
of_stable("if-on-a-tensor", lambda x: other_way(x) if x < 0 else by_hand(x))
of_grad("takes-x", lambda s: by_hand(s) * (1 - by_hand(s)))
of_grad("takes-x", lambda s: torch.exp(-s) / (1 + torch.exp(-s)) ** 2, "the formula in x")
of_grad("sign-turned", lambda s: s * (s - 1))
of_grad("derivative-of-tanh", lambda s: 1 - s**2)
of_grad("one-factor-lost", lambda s: 1 - s)
of_grad("squared-value", lambda s: s * s)
of_grad("differentiated-again", lambda s: 1 - 2 * s)


@ANSWERS.shows("derivative-by-backward")
def _() -> dict[str, Any]:
    def my_sigmoid_grad(s: Tensor) -> Tensor | None:
        s.sum().backward()
        return s.grad

    return written(my_sigmoid_grad=my_sigmoid_grad)


of_stable("nan-value", other_way)
of_stable("nan-gradient", by_hand)
of_stable("nan-gradient", lambda x: torch.nan_to_num(by_hand(x)), "nan_to_num")
of_stable("nan-behind-where", lambda x: torch.where(x < 0, other_way(x), by_hand(x)))
of_stable("wrong-far-out", lambda x: torch.nan_to_num(other_way(x)))
of_stable("written-over", lambda x: (x / 2).tanh().add_(1).div_(2))
of_stable("wrong-far-out", lambda x: by_hand(x.clamp(-5, 5)), "held back too early")


@ANSWERS.shows("other-gradient")
def _() -> dict[str, Any]:
    def stable_sigmoid(x: Tensor) -> Tensor:
        small = torch.exp(-x.abs()).detach()
        return torch.where(x < 0, small, 1 + 0 * x) / (1 + small)

    return written(stable_sigmoid=stable_sigmoid)
