"""Answers to the exercise on the variance after L layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from exercises.answers import Answers

ANSWERS = Answers("variance-after-layers")


def right(std: float, width: int, n_layers: int) -> float:
    return (width * std**2) ** (n_layers / 2)


def handed(function: Callable[..., Any], width: Any = 2500) -> dict[str, Any]:
    return {"signal_factor": function, "right_width": width}


def one_by_one(std: float, width: int, n_layers: int) -> float:
    factor = 1.0
    for _ in range(n_layers):
        factor *= math.sqrt(width) * std
    return factor


def by_logarithms(std: float, width: int, n_layers: int) -> Any:
    return np.exp(n_layers * (0.5 * np.log(width) + np.log(std)))


def as_tensors(std: float, width: int, n_layers: int) -> torch.Tensor:
    return torch.tensor(width * std**2).sqrt() ** n_layers


RIGHT: dict[str, dict[str, Any]] = {
    "one power": handed(right),
    "a loop, the width by division": handed(one_by_one, 1 / 0.02**2),
    "logarithms in NumPy": handed(by_logarithms, np.float64(2500)),
    "a float32 tensor": handed(as_tensors, torch.tensor(2500)),
}
for name, answer in RIGHT.items():
    ANSWERS.passes(name)(lambda answer=answer: answer)


def measured(std: float, width: int, n_layers: int) -> float:
    a = torch.randn(width)
    start = a.square().mean()
    for _ in range(n_layers):
        a = std * torch.randn(width, width) @ a
    return (a.square().mean() / start).sqrt().item()


def says_it(std: float, width: int, n_layers: int) -> None:
    print(right(std, width, n_layers))


WRONG: list[tuple[str, str, Callable[..., Any]]] = [
    ("returns-none", "", says_it),
    ("not-one-number", "each layer's", lambda s, w, n: [right(s, w, k + 1) for k in range(n)]),
    ("not-one-number", "a text", lambda s, w, n: f"{right(s, w, n):.3f}"),
    ("mean-square", "", lambda s, w, n: (w * s**2) ** n),
    ("std-for-variance", "", lambda s, w, n: (w * s) ** (n / 2)),
    ("std-for-variance", "no root", lambda s, w, n: (w * s) ** n),
    ("one-layer", "", lambda s, w, n: math.sqrt(w) * s),
    ("layers-added", "", lambda s, w, n: n * math.sqrt(w) * s),
    ("layers-added", "under the root", lambda s, w, n: math.sqrt(n * w * s**2)),
    ("width-forgotten", "", lambda s, w, n: s**n),
    ("one-layer-off", "too few", lambda s, w, n: (w * s**2) ** ((n - 1) / 2)),
    ("one-layer-off", "too many", lambda s, w, n: (w * s**2) ** ((n + 1) / 2)),
    ("whole-halves", "", lambda s, w, n: (w * s**2) ** (n // 2)),
    ("upside-down", "", lambda s, w, n: (w * s**2) ** (-n / 2)),
    ("measured-not-computed", "", measured),
]
for mistake, name, function in WRONG:
    ANSWERS.shows(mistake, name)(lambda function=function: handed(function))

WIDTHS: list[tuple[str, Any]] = [
    ("width-of-std", 50),
    ("width-is-std", 0.02),
    ("width-is-variance", 0.0004),
    ("other-width", 400),
]
for mistake, width in WIDTHS:
    ANSWERS.shows(mistake)(lambda width=width: handed(right, width))
