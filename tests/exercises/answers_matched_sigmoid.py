"""Answers to the exercise on matching a sigmoid network to a tanh network."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from dlglimpse import mlp
from exercises.answers import Answers

ANSWERS = Answers("matched-sigmoid")


def match(tanh_model: nn.Sequential) -> nn.Sequential:
    """As in the page: right for biases of zero."""
    below = tanh_model[::2]
    shape = [below[0].in_features] + [v.out_features for v in below]
    model = mlp(shape, "sigmoid")
    last = len(below) - 1
    with torch.no_grad():
        for number, (layer, v) in enumerate(zip(model[::2], below, strict=True)):
            scale = (1 if number == 0 else 2) * (1 if number == last else 2)
            layer.weight.copy_(scale * v.weight)
            layer.bias.zero_()
            if number > 0:
                layer.bias.copy_(-layer.weight.sum(dim=1) / 2)
    return model


Change = Callable[[nn.Linear, nn.Linear, bool, bool], Any]


def changed(change: Change) -> Callable[[nn.Sequential], nn.Sequential]:
    """`match`, and then something is done to each layer, in view of the tanh network's."""

    def match_any(tanh_model: nn.Sequential) -> nn.Sequential:
        model = match(tanh_model)
        layers, below = list(model[::2]), list(tanh_model[::2])
        with torch.no_grad():
            for number, (layer, v) in enumerate(zip(layers, below, strict=True)):
                change(layer, v, number == 0, number == len(below) - 1)
        return model

    return match_any


def add(c: float, c_last: float) -> Change:
    def change(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
        layer.bias += (c_last if last else c) * v.bias

    return change


as_in_the_page = changed(add(2, 1))


def by_hand(tanh_model: nn.Sequential) -> nn.Sequential:
    """New layers in the dtype of those that are given."""
    below = [m for m in tanh_model if isinstance(m, nn.Linear)]
    modules: list[nn.Module] = []
    for number, v in enumerate(below):
        W, b = v.weight.detach(), v.bias.detach()
        if number > 0:
            W, b = 2 * W, b - W.sum(dim=1)
        if number < len(below) - 1:
            W, b = 2 * W, 2 * b
        layer = nn.Linear(v.in_features, v.out_features)
        layer.weight, layer.bias = nn.Parameter(W), nn.Parameter(b)
        modules += [layer, nn.Sigmoid()]
    return nn.Sequential(*modules[:-1])


def on_a_copy(tanh_model: nn.Sequential) -> nn.Sequential:
    model = copy.deepcopy(tanh_model)
    count = len(model)
    for position in range(1, count, 2):
        model[position] = nn.Sigmoid()
    with torch.no_grad():
        for position in range(0, count, 2):
            if position > 0:
                model[position].bias -= model[position].weight.sum(dim=1)
                model[position].weight *= 2
            if position < count - 1:
                model[position].bias *= 2
                model[position].weight *= 2
    return model


def in_place(tanh_model: nn.Sequential) -> nn.Sequential:
    """Right, but on the very layers that were handed in."""
    changed_too = on_a_copy(tanh_model)
    tanh_model.load_state_dict(changed_too.state_dict())
    layers: list[nn.Module] = []
    for layer in tanh_model[::2]:
        layers += [layer, nn.Sigmoid()]
    return nn.Sequential(*layers[:-1])


class Functional(nn.Module):
    def __init__(self, tanh_model: nn.Sequential) -> None:
        super().__init__()
        self.layers = nn.ModuleList(by_hand(tanh_model)[::2])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = 1 / (1 + torch.exp(-layer(x)))
        return self.layers[-1](x)


RIGHT: dict[str, Callable[..., Any]] = {
    "match, and biases added": as_in_the_page,
    "new layers by hand": by_hand,
    "on a copy": on_a_copy,
    "a class, the sigmoid by hand": Functional,
}
for name, function in RIGHT.items():
    ANSWERS.passes(name)(lambda function=function: {"match_any": function})


def row_sums_of_v(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
    layer.bias.copy_((1 if last else 2) * v.bias - (not first) * v.weight.sum(dim=1) / 2)


def plus(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
    layer.bias.copy_((1 if last else 2) * v.bias - layer.bias)


def replace(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
    layer.bias.copy_((1 if last else 2) * v.bias)


def copy_biases(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
    layer.bias.copy_(v.bias)


def move_first(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
    layer.bias.copy_((1 if last else 2) * v.bias - layer.weight.sum(dim=1) / 2)


def fourfold(ends: str) -> Change:
    def change(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
        if (first and "first" in ends) or (last and "last" in ends):
            layer.weight *= 2
        if not first:
            layer.bias.copy_(-layer.weight.sum(dim=1) / 2)
        layer.bias += (1 if last else 2) * v.bias

    return change


def as_they_are(layer: nn.Linear, v: nn.Linear, first: bool, last: bool) -> None:
    layer.weight.copy_(v.weight)
    layer.bias.copy_(v.bias)


def one_more(tanh_model: nn.Sequential) -> nn.Sequential:
    model = by_hand(tanh_model)
    n_out = model[-1].out_features
    return nn.Sequential(*model, nn.Sigmoid(), nn.Linear(n_out, n_out))


WRONG: list[tuple[str, str, Callable[..., Any]]] = [
    ("returns-none", "", lambda model: print(match(model))),
    ("returns-layers", "", lambda model: list(by_hand(model))),
    ("other-layers", "", one_more),
    ("still-tanh", "", copy.deepcopy),
    ("still-tanh", "the network itself", lambda model: model),
    ("sigmoid-after-last", "", lambda model: by_hand(model).append(nn.Sigmoid())),
    ("biases-left-out", "", match),
    ("own-biases-once", "", changed(add(1, 1))),
    ("last-bias-doubled", "", changed(add(2, 2))),
    ("own-biases-fourfold", "", changed(add(4, 2))),
    ("row-sums-of-v", "", changed(row_sums_of_v)),
    ("plus-for-minus", "", changed(plus)),
    ("row-sums-left-out", "", changed(replace)),
    ("row-sums-left-out", "copied", changed(copy_biases)),
    ("first-layer-moved", "", changed(move_first)),
    ("first-layer-fourfold", "", changed(fourfold("first"))),
    ("first-layer-fourfold", "and the last", changed(fourfold("first and last"))),
    ("last-layer-fourfold", "", changed(fourfold("last"))),
    ("weights-copied", "", changed(as_they_are)),
    ("given-network-changed", "", in_place),
]
for mistake, name, function in WRONG:
    ANSWERS.shows(mistake, name)(lambda function=function: {"match_any": function})
