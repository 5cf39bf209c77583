"""Answers to exercises 2.9 to 2.11, which differ in the activation only."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from dlglimpse import GlorotNormal, glimpse, mlp, waves
from exercises.answers import Answers
from exercises.networks import Initializer, Listed, row, sequential

SIZES = (2, 2, 2, 2, 2)
BOUND = math.sqrt(1 / 2)


def glorot_(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        n_out, n_in = module.weight.shape
        nn.init.normal_(module.weight, 0.0, math.sqrt(2 / (n_in + n_out)))


def leave_(module: nn.Module) -> None:
    """Weights and biases as `nn.Linear` drew them."""


def on_all_(module: nn.Module) -> None:
    """The initializer is let loose on the biases, too."""
    if isinstance(module, nn.Linear):
        for parameter in module.parameters():
            nn.init.normal_(parameter, 0.0, BOUND)


def typical(network: nn.Module) -> bool:
    """Not one of the rare draws that the check asks to be drawn again."""
    weights = [p.detach() for p in network.parameters() if p.ndim == 2]
    flat = torch.cat([w.flatten() for w in weights])
    return bool(flat.abs().max() > BOUND and flat.min() < 0)


def drawn(build: Callable[[], nn.Module]) -> nn.Module:
    while not typical(network := build()):
        pass
    return network


class Functional(nn.Module):
    """The network with its activation as a function in `forward`."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(4))
        self.layers.apply(glorot_)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = self.function(layer(x))
        return self.layers[-1](x)


def answers_for(
    key: str, name: str, activation: nn.Module, function: Callable[..., Any], other: nn.Module
) -> Answers:
    answers = Answers(key)

    def handed(build: Callable[[], Any]) -> Callable[[], dict[str, Any]]:
        return lambda: {name: build()}

    def built(init: Initializer, sizes: Sequence[int] = SIZES) -> nn.Module:
        return drawn(lambda: sequential(activation, sizes, init))

    answers.passes("build_model_glorot")(handed(lambda: built(glorot_)))
    answers.passes("mlp")(handed(lambda: drawn(lambda: mlp(SIZES, activation, GlorotNormal()))))
    answers.passes("mlp, zero biases, float64")(
        handed(lambda: drawn(lambda: mlp(SIZES, activation, GlorotNormal(bias="zeros"))).double())
    )
    answers.passes("a function in forward")(handed(lambda: drawn(lambda: Functional(function))))

    def shows(mistake: str, build: Callable[[], Any], told_apart: str = "") -> None:
        answers.shows(mistake, told_apart)(handed(build))

    shows("function-not-network", lambda: sequential)
    shows("class-not-network", lambda: Functional)
    shows("class-not-network", lambda: type(activation), "of the activation")
    shows("record-not-network", lambda: glimpse(built(glorot_), *waves(10, seed=0)))
    shows("list-not-network", lambda: row(activation, SIZES))
    shows("layers-in-a-list", lambda: Listed(activation, SIZES, glorot_))
    shows("no-layers", lambda: activation)
    shows("wrong-activation", lambda: drawn(lambda: sequential(other, SIZES, glorot_)))
    shows("activation-missing", lambda: nn.Sequential(*row(activation, SIZES)[::2]).apply(glorot_))
    shows(
        "activation-after-last",
        lambda: nn.Sequential(*row(activation, SIZES, last=True)).apply(glorot_),
    )
    shows(
        "activation-after-last",
        lambda: _WithEnd(Functional(function), function),
        "as a function",
    )
    shows("wrong-depth", lambda: built(glorot_, SIZES[1:]), "too few")
    shows("wrong-depth", lambda: built(glorot_, (2, *SIZES)), "too many")
    shows("wrong-depth", lambda: nn.Linear(2, 2), "one layer")
    shows("wrong-sizes", lambda: built(glorot_, (2, 64, 64, 64, 2)))
    shows(
        "one-layer-repeated",
        lambda: nn.Sequential(*[nn.Linear(2, 2), activation] * 3, nn.Linear(2, 2)),
    )
    shows("one-layer-repeated", lambda: _copied(activation), "copies")
    shows("constant-weights", lambda: built_constant(activation))
    shows("default-weights", lambda: sequential(activation, SIZES, leave_))
    shows("default-weights", lambda: mlp(SIZES, activation), "mlp without a scheme")
    shows("no-minus-sign", lambda: sequential(activation, SIZES, _unit_interval_))
    shows("too-large", lambda: sequential(activation, SIZES, _far_))
    shows("biases-too", lambda: _with_large_bias(built(on_all_)))
    return answers


class _WithEnd(nn.Module):
    def __init__(self, network: nn.Module, function: Callable[..., Any]) -> None:
        super().__init__()
        self.network, self.function = network, function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.function(self.network(x))
        return result


def _copied(activation: nn.Module) -> nn.Module:
    layer = nn.Linear(2, 2).apply(glorot_)
    copies = [copy.deepcopy(layer) for _ in range(4)]
    modules = [m for one in copies for m in (one, activation)]
    return nn.Sequential(*modules[:-1])


def built_constant(activation: nn.Module) -> nn.Module:
    return mlp(SIZES, activation, "zeros")


def _unit_interval_(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.uniform_(module.weight)


def _far_(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0.0, 12.0)


def _with_large_bias(network: nn.Module) -> nn.Module:
    # One in twenty draws has no bias beyond PyTorch's own bound.
    with torch.no_grad():
        layer: Any = network[0]  # type: ignore[index]
        layer.bias[0] = 1.1
    return network
