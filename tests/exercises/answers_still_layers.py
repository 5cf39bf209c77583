"""Answers to the exercise on two layers that do not move."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from dlglimpse import glimpse, typical, watch_updates
from exercises.answers import Answers

ANSWERS = Answers("still-layers")


class Gated(nn.Module):
    """The network of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.gate = nn.Conv2d(8, 8, 3, padding=1)
        self.body = nn.Conv2d(8, 8, 3, padding=1)
        self.head = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = torch.relu(self.stem(x))
        with torch.no_grad():
            open_by = torch.sigmoid(self.gate(a))
        a = torch.relu(self.body(a)) * open_by
        out: torch.Tensor = self.head(a.flatten(1))
        return out


@cache
def measured() -> tuple[dict[str, float], dict[str, float]]:
    """Each layer's typical gradient, and its largest update in three steps."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Gated()
        x, y = torch.randn(32, 1, 8, 8), torch.randint(10, (32,))
    network.stem.requires_grad_(False)
    optimizer = torch.optim.SGD(network.parameters(), 0.05)
    with watch_updates(network, optimizer) as updates:
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(network(x), y).backward()
            optimizer.step()
    look = glimpse(network, x, y, loss=F.cross_entropy)
    return typical(look.weight_gradients), {n: max(r) for n, r in updates.ratios.items()}


@ANSWERS.passes("by the names")
def _() -> dict[str, Any]:
    return {"starved": "gate", "frozen": "stem"}


@ANSWERS.passes("measured with gradients and updates")
def _() -> dict[str, Any]:
    gradients, moved = measured()
    still = [name for name, ratio in moved.items() if ratio == 0]
    (starved,) = [name for name in still if gradients[name] == 0]
    (frozen,) = [name for name in still if gradients[name] > 0]
    return {"starved": starved, "frozen": frozen}


@ANSWERS.passes("by requires_grad, and by what backward leaves empty")
def _() -> dict[str, Any]:
    network = Gated()
    network.stem.requires_grad_(False)
    network(torch.randn(4, 1, 8, 8)).sum().backward()
    empty = [n for n, p in network.named_parameters() if p.grad is None and "weight" in n]
    fixed = [n for n, p in network.named_parameters() if not p.requires_grad and "weight" in n]
    (starved,) = set(empty) - set(fixed)
    return {"starved": starved.split(".")[0], "frozen": fixed[0].split(".")[0]}


WRONG = (
    ("swapped", "stem", "gate"),
    ("one-for-both", "gate", "gate"),
    ("one-for-both", "stem", "stem"),
    ("starved-has-gradient", "stem", "head"),
    ("starved-behind", "body", "stem"),
    ("starved-smallest", "head", "stem"),
    ("frozen-moves", "gate", "body"),
    ("frozen-moves", "gate", "head"),
    ("parameter-for-layer", "gate.weight", "stem"),
)
for mistake, starved, frozen in WRONG:

    @ANSWERS.shows(mistake, f"{starved} and {frozen}")
    def _(starved: str = starved, frozen: str = frozen) -> dict[str, Any]:
        return {"starved": starved, "frozen": frozen}
