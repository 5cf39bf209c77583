"""Answers to exercise 1.4."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from exercises.answers import Answers
from exercises.networks import Stack, applied_to_a_copy, row, sequential, wrong_architectures

ANSWERS = Answers("1.4")
SIZES = (2, 2, 2, 2, 2)


def uniform_(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.uniform_(module.weight, -1, 1)


def filled(fill: Callable[[nn.Linear], Any]) -> dict[str, Any]:
    """An answer whose linear layers are treated one by one."""

    def build_model(activation: nn.Module) -> nn.Module:
        model = nn.Sequential(*row(activation, SIZES))
        for module in model:
            if isinstance(module, nn.Linear):
                fill(module)
        return model

    return {"build_model": build_model}


@ANSWERS.passes("one instance in all places, apply")
def _() -> dict[str, Any]:
    return {"build_model": lambda activation: sequential(activation, SIZES, uniform_)}


@ANSWERS.passes("a class with a ModuleList")
def _() -> dict[str, Any]:
    return {"build_model": lambda activation: Stack(activation, SIZES, uniform_)}


@ANSWERS.passes("a copy of the activation for each layer, zero biases, in place by hand")
def _() -> dict[str, Any]:
    def build_model(activation: nn.Module) -> nn.Module:
        model = nn.Sequential()
        for number in range(4):
            layer = nn.Linear(2, 2)
            with torch.no_grad():
                layer.weight.copy_(2 * torch.rand(2, 2) - 1)
                layer.bias.zero_()
            model.append(layer)
            if number < 3:
                model.append(copy.deepcopy(activation))
        return model

    return {"build_model": build_model}


@ANSWERS.passes("float64, weight.data, no biases")
def _() -> dict[str, Any]:
    def build_model(activation: nn.Module) -> nn.Module:
        layers = [nn.Linear(2, 2, bias=False) for _ in range(4)]
        for layer in layers:
            layer.weight.data.uniform_(-1.0, 1.0)
        modules = [module for layer in layers for module in (layer, type(activation)())]
        return nn.Sequential(*modules[:-1])

    return {"build_model": build_model}


@ANSWERS.passes("the class itself")
def _() -> dict[str, Any]:
    class Net(Stack):
        def __init__(self, activation: nn.Module) -> None:
            super().__init__(activation, SIZES, uniform_)

    return {"build_model": Net}


for (mistake, name), builder in wrong_architectures(uniform_, SIZES).items():
    ANSWERS.shows(mistake, name)(lambda builder=builder: {"build_model": builder})


@ANSWERS.shows("one-layer-repeated")
def _() -> dict[str, Any]:
    def build_model(activation: nn.Module) -> nn.Module:
        hidden = [nn.Linear(2, 2), activation] * 3
        return nn.Sequential(*hidden, nn.Linear(2, 2)).apply(uniform_)

    return {"build_model": build_model}


@ANSWERS.shows("normal-weights")
def _() -> dict[str, Any]:
    return filled(lambda layer: nn.init.normal_(layer.weight))


@ANSWERS.shows("beyond-the-ends", "Glorot's uniform")
def _() -> dict[str, Any]:
    return filled(lambda layer: nn.init.xavier_uniform_(layer.weight))


@ANSWERS.shows("beyond-the-ends", "from -2 to 2")
def _() -> dict[str, Any]:
    return filled(lambda layer: nn.init.uniform_(layer.weight, -2, 2))


@ANSWERS.shows("unit-interval")
def _() -> dict[str, Any]:
    return filled(lambda layer: nn.init.uniform_(layer.weight))


@ANSWERS.shows("default-weights", "forgotten")
def _() -> dict[str, Any]:
    return filled(lambda layer: None)


@ANSWERS.shows("default-weights", "applied to a copy")
def _() -> dict[str, Any]:
    return {"build_model": lambda activation: applied_to_a_copy(activation, SIZES, uniform_)}


@ANSWERS.shows("some-layers-default", "only the first")
def _() -> dict[str, Any]:
    def build_model(activation: nn.Module) -> nn.Module:
        model = nn.Sequential(*row(activation, SIZES))
        nn.init.uniform_(model[0].weight, -1, 1)
        return model

    return {"build_model": build_model}


@ANSWERS.shows("biases-too")
def _() -> dict[str, Any]:
    def everything(layer: nn.Linear) -> None:
        for parameter in layer.parameters():
            nn.init.uniform_(parameter, -1, 1)

    return filled(everything)


@ANSWERS.shows("same-every-time", "a seed inside")
def _() -> dict[str, Any]:
    def build_model(activation: nn.Module) -> nn.Module:
        torch.manual_seed(0)
        return sequential(activation, SIZES, uniform_)

    return {"build_model": build_model}


@ANSWERS.shows("same-every-time", "constants")
def _() -> dict[str, Any]:
    return filled(lambda layer: nn.init.constant_(layer.weight, 0.5))


@ANSWERS.shows("init-on-model")
def _() -> dict[str, Any]:
    def build_model(activation: nn.Module) -> nn.Module:
        model = nn.Sequential(*row(activation, SIZES))
        nn.init.uniform_(model, -1, 1)
        return model

    return {"build_model": build_model}


@ANSWERS.shows("init-on-model", "on the layer")
def _() -> dict[str, Any]:
    return filled(lambda layer: nn.init.uniform_(layer, -1, 1))
