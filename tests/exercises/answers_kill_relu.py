"""Answers to the exercise on a dead ReLU."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from exercises.answers import Answers

ANSWERS = Answers("kill-relu")


def kill_right(unit: Any, x: torch.Tensor) -> None:
    with torch.no_grad():
        unit[0].bias.fill_(-10.0)


def revive_right(unit: Any, x: torch.Tensor) -> Any:
    return nn.Sequential(unit[0], nn.LeakyReLU(0.01)), x


def functions(
    kill: Callable[..., Any] = kill_right, revive: Callable[..., Any] = revive_right
) -> dict[str, Any]:
    return {"kill": kill, "revive": revive}


@ANSWERS.passes("a bias of -10, and a leaky slope")
def _() -> dict[str, Any]:
    return functions()


@ANSWERS.passes("a bias from the data, and inputs along the weights")
def _() -> dict[str, Any]:
    def kill(unit: Any, x: torch.Tensor) -> nn.Module:
        unit[0].bias.data = -(x @ unit[0].weight.detach().T).max().reshape(1) - 1
        return unit

    def revive(unit: Any, x: torch.Tensor) -> Any:
        return unit, 100 * torch.sign(unit[0].weight.detach())

    return functions(kill, revive)


@ANSWERS.passes("ELU in place, on a copy")
def _() -> dict[str, Any]:
    def kill(unit: Any, x: torch.Tensor) -> None:
        unit[0].bias.data.sub_(50)

    def revive(unit: Any, x: torch.Tensor) -> Any:
        network = copy.deepcopy(unit)
        network[1] = nn.ELU()
        return [network, x]

    return functions(kill, revive)


@ANSWERS.passes("no activation left, float64")
def _() -> dict[str, Any]:
    return functions(revive=lambda unit, x: (unit[:1].double(), x.double()))


@ANSWERS.shows("weights-changed")
def _() -> dict[str, Any]:
    def kill(unit: Any, x: torch.Tensor) -> None:
        with torch.no_grad():
            unit[0].weight.zero_()
            unit[0].bias.fill_(-1)

    return functions(kill)


@ANSWERS.shows("relu-replaced")
def _() -> dict[str, Any]:
    def kill(unit: Any, x: torch.Tensor) -> None:
        unit[1] = nn.Threshold(1e9, 0.0)

    return functions(kill)


@ANSWERS.shows("nothing-changed")
def _() -> dict[str, Any]:
    return functions(lambda unit, x: unit[0].bias - 10)


@ANSWERS.shows("killed-a-copy")
def _() -> dict[str, Any]:
    def kill(unit: Any, x: torch.Tensor) -> nn.Module:
        dead = copy.deepcopy(unit)
        kill_right(dead, x)
        return dead

    return functions(kill)


@ANSWERS.shows("bias-upward")
def _() -> dict[str, Any]:
    return functions(lambda unit, x: unit[0].bias.data.fill_(10.0))


@ANSWERS.shows("still-on")
def _() -> dict[str, Any]:
    return functions(lambda unit, x: unit[0].bias.data.fill_(-0.5))


@ANSWERS.shows("bias-is-a-parameter", "a number")
def _() -> dict[str, Any]:
    def kill(unit: Any, x: torch.Tensor) -> None:
        unit[0].bias = -10.0

    return functions(kill)


@ANSWERS.shows("bias-is-a-parameter", "a tensor")
def _() -> dict[str, Any]:
    def kill(unit: Any, x: torch.Tensor) -> None:
        unit[0].bias = torch.tensor([-10.0])

    return functions(kill)


@ANSWERS.shows("no-no-grad")
def _() -> dict[str, Any]:
    return functions(lambda unit, x: unit[0].bias.fill_(-10.0))


@ANSWERS.shows("returns-none")
def _() -> dict[str, Any]:
    def revive(unit: Any, x: torch.Tensor) -> None:
        unit[1] = nn.LeakyReLU()

    return functions(revive=revive)


@ANSWERS.shows("no-pair")
def _() -> dict[str, Any]:
    return functions(revive=lambda unit, x: nn.Sequential(unit[0], nn.LeakyReLU()))


@ANSWERS.shows("bias-moved")
def _() -> dict[str, Any]:
    def revive(unit: Any, x: torch.Tensor) -> Any:
        unit[0].bias.data.zero_()
        return unit, x

    return functions(revive=revive)


@ANSWERS.shows("weights-moved")
def _() -> dict[str, Any]:
    def revive(unit: Any, x: torch.Tensor) -> Any:
        unit[0].weight.data *= 100
        return unit, x

    return functions(revive=revive)


@ANSWERS.shows("still-dead", "the same again")
def _() -> dict[str, Any]:
    return functions(revive=lambda unit, x: (unit, x))


@ANSWERS.shows("still-dead", "inputs that are too small")
def _() -> dict[str, Any]:
    return functions(revive=lambda unit, x: (unit, x * 2))
