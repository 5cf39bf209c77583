"""2.4: one draw of weights under tanh and under the sigmoid, read from two records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.data import waves
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described
from dlglimpse.records import Draws, Glimpse

SHAPES = [(100, 2)] * 4
DEFAULT_BOUND = 0.5**0.5
"""Below it, PyTorch's default draws the weights of layers with two inputs."""


def verdict(*, tanh_record: Any, sigmoid_record: Any) -> Verdict:
    """What each record is, then whether the two can be compared."""
    records = {"tanh_record": tanh_record, "sigmoid_record": sigmoid_record}
    for name, record in records.items():
        wrong = _kind(name, record) or _network(name, record)
        if wrong is not None:
            return wrong
    bent = {name: _activation(record) for name, record in records.items()}
    return _compared(bent, tanh_record, sigmoid_record)


def _kind(name: str, record: Any) -> Verdict:
    given = described(record)
    if isinstance(record, nn.Module):
        return mistaken("a-network", name=name)
    if isinstance(record, Draws):
        return mistaken("many-draws", name=name)
    if isinstance(record, Mapping):
        return mistaken("one-field", name=name)
    if not isinstance(record, Glimpse):
        return unexpected(f"`{name}` should be what `glimpse` returns, and is {given}.")
    return None


def _network(name: str, record: Glimpse) -> Verdict:
    """Sizes, data and weights, as far as a record tells them."""
    shapes = [tuple(values.shape) for values in record.preactivations.values()]
    if [shape[1:] for shape in shapes] != [(2,)] * 4:
        sizes = "-".join(str(shape[-1]) for shape in shapes)
        return mistaken("other-sizes", name=name, sizes=sizes)
    weights = _weights(record)
    if weights is None:
        return mistaken("other-data", name=name)
    if (weights.abs() > 1.001).any():
        return mistaken("beyond-the-ends", name=name, value=f"{weights.abs().max():.2f}")
    if weights.abs().max() <= DEFAULT_BOUND:
        return mistaken("default-weights", name=name)
    return None


def _weights(record: Glimpse) -> Tensor | None:
    """The weights, from what went in and what came out; None if something else went in."""
    found, below = [], waves(100, seed=0)[0]
    for name, z in record.preactivations.items():
        if z.shape != (100, 2):
            return None
        ones = torch.ones(len(below), 1, dtype=torch.float64)
        inputs = torch.cat([below.double(), ones], dim=1)
        solved = torch.linalg.lstsq(inputs, z.double(), driver="gelsd").solution
        if not torch.allclose(inputs @ solved, z.double(), atol=1e-4):
            return None
        found.append(solved[:2].flatten())
        below = record.activations[name]
    return torch.cat(found)


def _activation(record: Glimpse) -> str:
    """Which function lies between what a hidden layer computes and what it hands on."""
    bends: dict[str, Callable[[Tensor], Tensor]] = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}
    hidden = list(record.preactivations)[:-1]
    for name, bend in bends.items():
        if all(
            torch.allclose(record.activations[k], bend(record.preactivations[k]), atol=1e-5)
            for k in hidden
        ):
            return name
    return "another"


def _compared(bent: Mapping[str, str], tanh: Glimpse, sigmoid: Glimpse) -> Verdict:
    kinds = list(bent.values())
    same = all(
        torch.equal(tanh.preactivations[k], sigmoid.preactivations[k]) for k in tanh.preactivations
    )
    if same:
        return mistaken("one-record-twice")
    if kinds == ["sigmoid", "tanh"]:
        return mistaken("swapped")
    if kinds[0] == kinds[1] != "another":
        return mistaken("one-activation", kind=kinds[0])
    for name, kind in bent.items():
        if kind != name.removesuffix("_record"):
            return mistaken("another-activation", name=name)
    first = next(iter(tanh.preactivations))
    if not torch.allclose(tanh.preactivations[first], sigmoid.preactivations[first], atol=1e-5):
        return mistaken("other-weights")
    return None


EXERCISE = Exercise(
    key="2.4",
    page="activations",
    tests="Changes one thing at a time: the activation, and not the weights as well.",
    minutes=15,
    answers={"tanh_record": "any", "sigmoid_record": "any"},
    hints=(
        "Build a network first, then let `glimpse` look into it: with which inputs and targets?",
        "Two networks with one seed have the same weights, if they are built in the same way. "
        "What is the one thing that may differ between the two?",
        "`mlp` takes sizes, an activation, an initializer and a seed; the figures of this "
        "chapter use the initializer `uniform`.",
    ),
    mistakes={
        "a-network": "`{name}` is a network. Let `glimpse` look into it, and keep what it returns.",
        "many-draws": "`{name}` holds many draws. Here one network of each kind is asked for, "
        "with the same weights.",
        "one-field": "`{name}` is one field of a record. Keep the record as a whole: "
        "`plot_gradients` takes it, too.",
        "other-sizes": "The layers of the network in `{name}` compute {sizes} numbers. The "
        "network asked for is 2-2-2-2-2.",
        "other-data": "The network in `{name}` looked at other inputs than the 100 of `waves` "
        "that this page uses.",
        "beyond-the-ends": "A weight of the network in `{name}` is {value} in size, and "
        "U(-1, 1) ends at 1.",
        "default-weights": "No weight of the network in `{name}` is larger than 0.71, which is "
        "where PyTorch's default ends: was an initializer named? (If it was, you met the one "
        "draw in 256 that looks so: take another seed.)",
        "one-record-twice": "Both names hold records of the same network.",
        "swapped": "`tanh_record` is that of the sigmoid network, and the other way around.",
        "one-activation": "Both networks use {kind}. Does the function that builds them hand "
        "its argument on, or is an activation written into it?",
        "another-activation": "Between the layers in `{name}` stands another activation than "
        "its name says.",
        "other-weights": "The two networks have different weights: their first layers already "
        "compute different numbers. Then nobody can tell what the activation did and what the "
        "draw did. Use one seed for both.",
    },
    right="The weights are the same, so whatever differs is the doing of the activation.",
    verdict=verdict,
)
