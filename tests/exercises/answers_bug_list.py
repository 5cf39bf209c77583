"""Answers to the exercise on the missing layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from exercises.answers import Answers

ANSWERS = Answers("bug-list")


def network(
    keep: Callable[[nn.Module], Any],
    forward: Callable[[Any, torch.Tensor], Any] | None = None,
    *,
    base: type = nn.Module,
) -> dict[str, Any]:
    """A class that keeps its layers in this way, and computes in that one."""

    class Repaired(base):  # type: ignore[misc,valid-type]
        def __init__(self) -> None:
            super().__init__()
            keep(self)

        def forward(self, x: torch.Tensor) -> Any:
            return (forward or loop)(self, x)

    return {"Repaired": Repaired}


def loop(self: Any, x: torch.Tensor) -> torch.Tensor:
    for layer in self.hidden:
        x = torch.tanh(layer(x))
    return self.last(x)


def in_module_list(self: Any) -> None:
    self.hidden = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    self.last = nn.Linear(2, 2)


@ANSWERS.passes("ModuleList")
def _() -> dict[str, Any]:
    return network(in_module_list)


@ANSWERS.passes("Sequential inside")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        modules = [module for _ in range(3) for module in (nn.Linear(2, 2), nn.Tanh())]
        self.net = nn.Sequential(*modules, nn.Linear(2, 2))

    return network(keep, lambda self, x: self.net(x))


@ANSWERS.passes("an attribute for each layer, x.tanh()")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        self.one, self.two = nn.Linear(2, 2), nn.Linear(2, 2)
        self.three, self.last = nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self: Any, x: torch.Tensor) -> torch.Tensor:
        x = self.three(self.two(self.one(x).tanh()).tanh()).tanh()
        return self.last(x)

    return network(keep, forward)


@ANSWERS.passes("a list whose layers are registered by hand")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        self.hidden = [nn.Linear(2, 2) for _ in range(3)]
        for number, layer in enumerate(self.hidden):
            self.add_module(f"hidden{number}", layer)
        self.last = nn.Linear(2, 2)

    return network(keep)


@ANSWERS.shows("still-a-list")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        self.hidden = [nn.Linear(2, 2) for _ in range(3)]
        self.last = nn.Linear(2, 2)

    return network(keep)


@ANSWERS.shows("still-a-list", "a dictionary")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        self.layers = {number: nn.Linear(2, 2) for number in range(3)}
        self.hidden = self.layers.values()
        self.last = nn.Linear(2, 2)

    return network(keep)


@ANSWERS.shows("one-layer-three-times")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        self.hidden = nn.ModuleList([nn.Linear(2, 2)] * 3)
        self.last = nn.Linear(2, 2)

    return network(keep)


@ANSWERS.shows("layers-unused")
def _() -> dict[str, Any]:
    return network(in_module_list, lambda self, x: self.last(torch.tanh(self.hidden[0](x))))


@ANSWERS.shows("another-network")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        self.hidden = nn.ModuleList(nn.Linear(2, 2) for _ in range(2))
        self.last = nn.Linear(2, 2)

    return network(keep)


@ANSWERS.shows("tanh-lost")
def _() -> dict[str, Any]:
    def keep(self: Any) -> None:
        self.net = nn.Sequential(*[nn.Linear(2, 2) for _ in range(4)])

    return network(keep, lambda self, x: self.net(x))


@ANSWERS.shows("last-layer-bent")
def _() -> dict[str, Any]:
    return network(in_module_list, lambda self, x: torch.tanh(loop(self, x)))


@ANSWERS.shows("no-module")
def _() -> dict[str, Any]:
    return network(in_module_list, base=object)


@ANSWERS.shows("returns-none")
def _() -> dict[str, Any]:
    return network(in_module_list, lambda self, x: None)


@ANSWERS.shows("no-super")
def _() -> dict[str, Any]:
    class Repaired(nn.Module):
        def __init__(self) -> None:
            in_module_list(self)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return loop(self, x)

    return {"Repaired": Repaired}


@ANSWERS.shows("list-called")
def _() -> dict[str, Any]:
    return network(in_module_list, lambda self, x: self.last(self.hidden(x)))


@ANSWERS.shows("no-forward")
def _() -> dict[str, Any]:
    class Repaired(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            in_module_list(self)

    return {"Repaired": Repaired}
