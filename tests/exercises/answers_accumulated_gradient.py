"""Answers to the exercise on accumulated gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from exercises.answers import Answers

ANSWERS = Answers("accumulated-gradient")


def start() -> Tensor:
    return torch.tensor(0.0, requires_grad=True)


def walk_back(v: Tensor) -> None:
    ((v - 3) ** 2).backward()


@ANSWERS.passes("as in the solution")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> float:
        v = start()
        for _turn in range(steps):
            v.grad = None
            walk_back(v)
            with torch.no_grad():
                v -= rate * v.grad
        return v.item()

    return {"descend": descend}


@ANSWERS.passes("an optimizer, a tensor returned")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> Tensor:
        v = start()
        optimizer = torch.optim.SGD([v], lr=rate)
        for _turn in range(steps):
            optimizer.zero_grad()
            walk_back(v)
            optimizer.step()
        return v

    return {"descend": descend}


@ANSWERS.passes("a new leaf in each turn, float64, an array returned")
def _() -> dict[str, Any]:
    def descend(n: int, lr: float) -> Any:
        v = torch.zeros(1, dtype=torch.float64)
        for _turn in range(n):
            v = v.detach().requires_grad_()
            walk_back(v)
            assert v.grad is not None
            v = v - lr * v.grad
        return v.detach().numpy()

    return {"descend": descend}


@ANSWERS.passes("torch.func.grad")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> float:
        v = torch.tensor(0.0)
        for _turn in range(steps):
            v = v - rate * torch.func.grad(lambda v: (v - 3) ** 2)(v)
        return float(v)

    return {"descend": descend}


@ANSWERS.passes("v.data, and zero_ after the update")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> float:
        v = start()
        for _turn in range(steps):
            walk_back(v)
            assert v.grad is not None
            v.data = v.data - rate * v.grad
            v.grad.zero_()
        return v.item()

    return {"descend": descend}


def looped(
    turn: Callable[[Tensor, float], Any], last: Callable[[Tensor], Any] = Tensor.item
) -> dict[str, Any]:
    """An answer whose loop does this to `v`, which it may replace, and returns that."""

    def descend(steps: int = 30, rate: float = 0.1) -> Any:
        v = start()
        for _turn in range(steps):
            replaced = turn(v, rate)
            v = v if replaced is None else replaced
        return last(v)

    return {"descend": descend}


def step(v: Tensor, rate: float) -> None:
    """A right turn."""
    v.grad = None
    walk_back(v)
    update(v, rate)


def update(v: Tensor, rate: float) -> None:
    with torch.no_grad():
        v -= rate * v.grad


@ANSWERS.shows("still-adds-up")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> None:
        walk_back(v)
        update(v, rate)

    return looped(turn)


@ANSWERS.shows("never-moves")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> None:
        walk_back(v)
        v.grad.zero_()
        update(v, rate)

    return looped(turn)


@ANSWERS.shows("never-moves", "the optimizer's zero_grad before its step")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> None:
        optimizer = torch.optim.SGD([v], lr=rate)
        walk_back(v)
        optimizer.zero_grad()
        optimizer.step()

    return looped(turn)


@ANSWERS.shows("cleared-too-early")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> None:
        walk_back(v)
        v.grad = None
        update(v, rate)

    return looped(turn)


@ANSWERS.shows("not-a-leaf")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> float:
        v = start()
        for _turn in range(steps):
            walk_back(v)
            v = v - rate * v.grad
        return v.item()

    return {"descend": descend}


@ANSWERS.shows("new-v-without-notes")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> float:
        v = start()
        for _turn in range(steps):
            walk_back(v)
            with torch.no_grad():
                v = v - rate * v.grad
        return v.item()

    return {"descend": descend}


@ANSWERS.shows("new-v-without-notes", "requires_grad forgotten")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> float:
        v = torch.tensor(0.0)
        for _turn in range(steps):
            v.grad = None
            walk_back(v)
            update(v, rate)
        return v.item()

    return {"descend": descend}


def loss_before_the_loop(**options: Any) -> dict[str, Any]:
    """An answer that walks back through the same graph in each turn."""

    def descend(steps: int = 30, rate: float = 0.1) -> float:
        v = start()
        loss = (v - 3) ** 2
        for _turn in range(steps):
            v.grad = None
            loss.backward(**options)
            with torch.no_grad():
                v.sub_(rate * v.grad)
        return v.item()

    return {"descend": descend}


@ANSWERS.shows("loss-only-once", "the graph is gone")
def _() -> dict[str, Any]:
    return loss_before_the_loop()


@ANSWERS.shows("loss-only-once", "the graph is kept")
def _() -> dict[str, Any]:
    return loss_before_the_loop(retain_graph=True)


@ANSWERS.shows("nothing-to-clear")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> None:
        v.grad.zero_()
        walk_back(v)
        update(v, rate)

    return looped(turn)


@ANSWERS.shows("update-is-noted")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> None:
        v.grad = None
        walk_back(v)
        v -= rate * v.grad

    return looped(turn)


@ANSWERS.shows("v-from-outside")
def _() -> dict[str, Any]:
    def descend(steps: int = 30, rate: float = 0.1) -> float:
        for _turn in range(steps):
            walk_back(v)  # noqa: F821
            v -= rate * v.grad  # noqa: F821
        return v.item()

    return {"descend": descend}


@ANSWERS.shows("zero-grad-on-tensor")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> None:
        v.zero_grad()

    return looped(turn)


@ANSWERS.shows("uphill")
def _() -> dict[str, Any]:
    return looped(lambda v, rate: step(v, -rate))


@ANSWERS.shows("starts-over")
def _() -> dict[str, Any]:
    def turn(v: Tensor, rate: float) -> Tensor:
        v = start()
        step(v, rate)
        return v

    return looped(turn)


@ANSWERS.shows("one-step-off", "too few")
def _() -> dict[str, Any]:
    right = looped(step)["descend"]
    return {"descend": lambda steps=30, rate=0.1: right(steps - 1, rate)}


@ANSWERS.shows("one-step-off", "too many")
def _() -> dict[str, Any]:
    right = looped(step)["descend"]
    return {"descend": lambda steps=30, rate=0.1: right(steps + 1, rate)}


@ANSWERS.shows("returns-the-gradient")
def _() -> dict[str, Any]:
    return looped(step, lambda v: v.grad)


@ANSWERS.shows("starts-over", "return in the loop")
def _() -> dict[str, Any]:
    right = looped(step)["descend"]
    return {"descend": lambda steps=30, rate=0.1: right(1, rate)}


@ANSWERS.passes("rounded")
def _() -> dict[str, Any]:
    return looped(step, lambda v: round(v.item(), 2))


@ANSWERS.shows("returns-the-path")
def _() -> dict[str, Any]:
    return looped(step, lambda v: [0.0, v.item()])


@ANSWERS.shows("returns-nothing")
def _() -> dict[str, Any]:
    return looped(step, print)


@ANSWERS.shows("arguments-ignored", "both")
def _() -> dict[str, Any]:
    right = looped(step)["descend"]
    return {"descend": lambda steps=30, rate=0.1: right(30, 0.1)}


@ANSWERS.shows("arguments-ignored", "the steps")
def _() -> dict[str, Any]:
    right = looped(step)["descend"]
    return {"descend": lambda steps=30, rate=0.1: right(30, rate)}
