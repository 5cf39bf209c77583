"""Answers to the exercise on what a file knows."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from torch import nn

from exercises.answers import Answers

ANSWERS = Answers("read-state-dict")


def row(*modules: nn.Module) -> dict[str, Any]:
    return {"rebuilt": nn.Sequential(*modules)}


@ANSWERS.passes("tanh and dropout")
def _() -> dict[str, Any]:
    return row(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(), nn.Linear(16, 4))


@ANSWERS.passes("two activations, float64")
def _() -> dict[str, Any]:
    return {
        "rebuilt": row(nn.Linear(3, 16), nn.ReLU(), nn.ReLU(), nn.Linear(16, 4))["rebuilt"].double()
    }


@ANSWERS.passes("named places, with something behind the last")
def _() -> dict[str, Any]:
    places = OrderedDict([("0", nn.Linear(3, 16)), ("3", nn.Linear(16, 4)), ("4", nn.Softmax(1))])
    return {"rebuilt": nn.Sequential(places)}


@ANSWERS.passes("a class that adds its modules by name")
def _() -> dict[str, Any]:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add_module("0", nn.Linear(3, 16))
            self.add_module("3", nn.Linear(16, 4))

    return {"rebuilt": Net()}


@ANSWERS.shows("transposed")
def _() -> dict[str, Any]:
    return row(nn.Linear(16, 3), nn.Tanh(), nn.Dropout(), nn.Linear(4, 16))


@ANSWERS.shows("too-few-between", "one")
def _() -> dict[str, Any]:
    return row(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 4))


@ANSWERS.shows("too-few-between", "none")
def _() -> dict[str, Any]:
    return row(nn.Linear(3, 16), nn.Linear(16, 4))


@ANSWERS.shows("too-many-between")
def _() -> dict[str, Any]:
    return row(nn.Linear(3, 16), nn.Tanh(), nn.Tanh(), nn.Dropout(), nn.Linear(16, 4))


@ANSWERS.shows("no-biases")
def _() -> dict[str, Any]:
    first, last = nn.Linear(3, 16, bias=False), nn.Linear(16, 4, bias=False)
    return row(first, nn.Tanh(), nn.Dropout(), last)


@ANSWERS.shows("extra-parameters", "linear layers in all places")
def _() -> dict[str, Any]:
    return row(nn.Linear(3, 16), nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 4))


@ANSWERS.shows("extra-parameters", "batch norm")
def _() -> dict[str, Any]:
    return row(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 4))


@ANSWERS.shows("own-names")
def _() -> dict[str, Any]:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(3, 16), nn.Linear(16, 4)

    return {"rebuilt": Net()}


@ANSWERS.shows("wrapped")
def _() -> dict[str, Any]:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = row(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(), nn.Linear(16, 4))[
                "rebuilt"
            ]

    return {"rebuilt": Net()}


@ANSWERS.shows("other-sizes")
def _() -> dict[str, Any]:
    return row(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(), nn.Linear(8, 4))
