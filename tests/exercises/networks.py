"""Networks as students build them, to be made into answers."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

Initializer = Callable[[nn.Module], None]


def row(activation: nn.Module, sizes: Sequence[int], *, last: bool = False) -> list[nn.Module]:
    """Linear layers in turn with the activation; after the last one, too, if `last`."""
    layers: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), activation]
    return layers if last else layers[:-1]


def sequential(activation: nn.Module, sizes: Sequence[int], init: Initializer) -> nn.Sequential:
    model = nn.Sequential(*row(activation, sizes))
    model.apply(init)
    return model


class Stack(nn.Module):
    """The network as a class, with its layers in a `ModuleList`."""

    def __init__(self, activation: nn.Module, sizes: Sequence[int], init: Initializer) -> None:
        super().__init__()
        self.activation = activation
        pairs = itertools.pairwise(sizes)
        self.layers = nn.ModuleList(nn.Linear(n_in, n_out) for n_in, n_out in pairs)
        self.layers.apply(init)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


class Listed(Stack):
    """The same with its hidden layers in a plain list."""

    def __init__(self, activation: nn.Module, sizes: Sequence[int], init: Initializer) -> None:
        super().__init__(activation, sizes, init)
        layers = list(self.layers)
        del self.layers
        self.layers = layers
        self.last = layers[-1]


class HardCoded(Stack):
    """The same with tanh written into `forward`."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = torch.tanh(layer(x))
        return self.layers[-1](x)


def wrong_architectures(
    init: Initializer, sizes: Sequence[int]
) -> dict[tuple[str, str], Callable[..., Any]]:
    """Builders by the mistake they show, and a word that tells several apart."""

    def returns_none(activation: nn.Module, sizes: Sequence[int] = sizes) -> None:
        sequential(activation, sizes, init)

    def returns_a_list(activation: nn.Module, sizes: Sequence[int] = sizes) -> list[nn.Module]:
        return row(activation, sizes)

    def in_a_list(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        return Listed(activation, sizes, init)

    def too_few(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        return sequential(activation, (*sizes[:1], *sizes[2:]), init)

    def too_many(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        return sequential(activation, (*sizes, sizes[-1]), init)

    def after_last(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        model = nn.Sequential(*row(activation, sizes, last=True))
        return model.apply(init)

    def missing(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        return nn.Sequential(*row(activation, sizes)[::2]).apply(init)

    def one_missing(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        modules = row(activation, sizes)
        del modules[-2]
        return nn.Sequential(*modules).apply(init)

    def hard_coded(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        return sequential(nn.Tanh(), sizes, init)

    def hard_coded_in_forward(activation: nn.Module, sizes: Sequence[int] = sizes) -> nn.Module:
        return HardCoded(activation, sizes, init)

    def called(activation: Any, sizes: Sequence[int] = sizes) -> nn.Module:
        return sequential(activation(), sizes, init)

    return {
        ("returns-none", ""): returns_none,
        ("returns-a-list", ""): returns_a_list,
        ("layers-in-a-list", ""): in_a_list,
        ("one-layer-too-few", ""): too_few,
        ("one-layer-too-many", ""): too_many,
        ("activation-after-last", ""): after_last,
        ("activation-missing", "all"): missing,
        ("activation-missing", "one"): one_missing,
        ("activation-hard-coded", "a module"): hard_coded,
        ("activation-hard-coded", "in forward"): hard_coded_in_forward,
        ("activation-called", ""): called,
    }


def applied_to_a_copy(
    activation: nn.Module, sizes: Sequence[int], init: Initializer
) -> nn.Sequential:
    """The initializer changes a copy, and the network is returned as it was."""
    model = nn.Sequential(*row(activation, sizes))
    copy.deepcopy(model).apply(init)
    return model
