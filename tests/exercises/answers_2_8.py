"""Answers to exercise 2.8."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from exercises.answers import Answers
from exercises.networks import (
    Initializer,
    Stack,
    applied_to_a_copy,
    row,
    sequential,
    wrong_architectures,
)

ANSWERS = Answers("2.8")
SIZES = (2, 2, 2, 2, 2)


def glorot_(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        n_out, n_in = module.weight.shape
        nn.init.normal_(module.weight, 0.0, math.sqrt(2 / (n_in + n_out)))


def built(init: Initializer) -> dict[str, Any]:
    def build_model_glorot(activation: nn.Module, sizes: Sequence[int] = SIZES) -> nn.Module:
        return sequential(activation, sizes, init)

    return {"build_model_glorot": build_model_glorot}


def normal(std: Callable[[int, int], float]) -> dict[str, Any]:
    """An answer with normal weights of this standard deviation."""

    def init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, std(module.in_features, module.out_features))

    return built(init)


def linear(fill: Callable[[nn.Linear], Any]) -> dict[str, Any]:
    """An answer whose linear layers are treated one by one."""
    return built(lambda module: fill(module) if isinstance(module, nn.Linear) else None)


@ANSWERS.passes("by the formula, apply")
def _() -> dict[str, Any]:
    return built(glorot_)


@ANSWERS.passes("xavier_normal_, zero biases")
def _() -> dict[str, Any]:
    def init(layer: nn.Linear) -> None:
        nn.init.xavier_normal_(layer.weight)
        nn.init.zeros_(layer.bias)

    return linear(init)


@ANSWERS.passes("a class, with the function's default")
def _() -> dict[str, Any]:
    class Net(Stack):
        def __init__(self, activation: nn.Module, sizes: Sequence[int] = SIZES) -> None:
            super().__init__(activation, sizes, glorot_)

    return {"build_model_glorot": Net}


@ANSWERS.passes("randn times std, in float64, a copy of the activation for each layer")
def _() -> dict[str, Any]:
    def build_model_glorot(activation: nn.Module, sizes: Sequence[int] = SIZES) -> nn.Module:
        model = nn.Sequential()
        for number in range(len(sizes) - 1):
            layer = nn.Linear(sizes[number], sizes[number + 1])
            std = (2 / (sizes[number] + sizes[number + 1])) ** 0.5
            layer.weight.data = torch.randn(layer.weight.shape, dtype=torch.float64) * std
            model.append(layer.double())
            model.append(copy.deepcopy(activation))
        return model[:-1].float()

    return {"build_model_glorot": build_model_glorot}


for (mistake, name), builder in wrong_architectures(glorot_, SIZES).items():
    ANSWERS.shows(mistake, name)(lambda builder=builder: {"build_model_glorot": builder})


@ANSWERS.shows("one-layer-repeated")
def _() -> dict[str, Any]:
    def build_model_glorot(activation: nn.Module, sizes: Sequence[int] = SIZES) -> nn.Module:
        hidden = [nn.Linear(sizes[0], sizes[1]), activation] * (len(sizes) - 2)
        return nn.Sequential(*hidden, nn.Linear(sizes[-2], sizes[-1])).apply(glorot_)

    return {"build_model_glorot": build_model_glorot}


@ANSWERS.shows("sizes-ignored")
def _() -> dict[str, Any]:
    def build_model_glorot(activation: nn.Module, sizes: Sequence[int] = SIZES) -> nn.Module:
        return sequential(activation, SIZES, glorot_)

    return {"build_model_glorot": build_model_glorot}


FORMULAS: dict[str, Callable[[int, int], float]] = {
    "fan-in-only": lambda n_in, n_out: math.sqrt(1 / n_in),
    "fan-out-only": lambda n_in, n_out: math.sqrt(1 / n_out),
    "variance-for-std": lambda n_in, n_out: 2 / (n_in + n_out),
    "standard-normal": lambda n_in, n_out: 1.0,
    "he": lambda n_in, n_out: math.sqrt(2 / n_in),
    "two-forgotten": lambda n_in, n_out: math.sqrt(1 / (n_in + n_out)),
    "bound-for-std": lambda n_in, n_out: math.sqrt(6 / (n_in + n_out)),
}
for mistake, std in FORMULAS.items():
    ANSWERS.shows(mistake)(lambda std=std: normal(std))


@ANSWERS.shows("he", "kaiming_normal_")
def _() -> dict[str, Any]:
    return linear(lambda layer: nn.init.kaiming_normal_(layer.weight, nonlinearity="relu"))


@ANSWERS.shows("gain-added")
def _() -> dict[str, Any]:
    gain = nn.init.calculate_gain("tanh")
    return linear(lambda layer: nn.init.xavier_normal_(layer.weight, gain=gain))


@ANSWERS.shows("uniform-not-normal")
def _() -> dict[str, Any]:
    return linear(lambda layer: nn.init.xavier_uniform_(layer.weight))


@ANSWERS.shows("default-weights", "forgotten")
def _() -> dict[str, Any]:
    return linear(lambda layer: None)


@ANSWERS.shows("default-weights", "applied to a copy")
def _() -> dict[str, Any]:
    def build_model_glorot(activation: nn.Module, sizes: Sequence[int] = SIZES) -> nn.Module:
        return applied_to_a_copy(activation, sizes, glorot_)

    return {"build_model_glorot": build_model_glorot}


@ANSWERS.shows("unit-uniform")
def _() -> dict[str, Any]:
    return linear(lambda layer: nn.init.uniform_(layer.weight, -1, 1))


@ANSWERS.shows("first-layer-everywhere")
def _() -> dict[str, Any]:
    def build_model_glorot(activation: nn.Module, sizes: Sequence[int] = SIZES) -> nn.Module:
        std = math.sqrt(2 / (sizes[0] + sizes[1]))
        model = nn.Sequential(*row(activation, sizes))
        for layer in model[::2]:
            nn.init.normal_(layer.weight, 0.0, std)
        return model

    return {"build_model_glorot": build_model_glorot}


@ANSWERS.shows("biases-too", "by the layer's formula")
def _() -> dict[str, Any]:
    def init(layer: nn.Linear) -> None:
        std = math.sqrt(2 / (layer.in_features + layer.out_features))
        for parameter in layer.parameters():
            nn.init.normal_(parameter, 0.0, std)

    return linear(init)


@ANSWERS.shows("biases-too", "xavier_normal_ on all parameters")
def _() -> dict[str, Any]:
    def init(layer: nn.Linear) -> None:
        for parameter in layer.parameters():
            nn.init.xavier_normal_(parameter)

    return linear(init)


@ANSWERS.shows("same-every-time")
def _() -> dict[str, Any]:
    def build_model_glorot(activation: nn.Module, sizes: Sequence[int] = SIZES) -> nn.Module:
        torch.manual_seed(0)
        return sequential(activation, sizes, glorot_)

    return {"build_model_glorot": build_model_glorot}
