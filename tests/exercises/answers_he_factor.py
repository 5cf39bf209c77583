"""Answers to the exercise on He's factor of two."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from exercises.answers import Answers

ANSWERS = Answers("he-factor")
SLOPE = 0.2


def handed(**changes: Any) -> dict[str, Any]:
    """A right answer with some of its parts replaced."""
    z = torch.randn(10**6)
    return {
        "relu_mean_square": z.relu().square().mean().item(),
        "relu_variance": z.relu().var().item(),
        "leaky_factor": 2 / (1 + SLOPE**2),
    } | changes


@ANSWERS.passes("measured, and by pencil")
def _() -> dict[str, Any]:
    return handed()


@ANSWERS.passes("tensors, the factor measured")
def _() -> dict[str, Any]:
    z = torch.randn(10**6)
    a = F.relu(z)
    leaky = F.leaky_relu(z, SLOPE)
    return handed(
        relu_mean_square=(a**2).mean(),
        relu_variance=(a**2).mean() - a.mean() ** 2,
        leaky_factor=1 / leaky.pow(2).mean(),
    )


@ANSWERS.passes("NumPy, float64")
def _() -> dict[str, Any]:
    seed = int(torch.randint(10**6, ()))
    z = np.random.default_rng(seed).normal(size=10**6)
    a = np.maximum(z, 0)
    return handed(relu_mean_square=np.mean(a**2), relu_variance=np.var(a), leaky_factor=1.923)


@ANSWERS.passes("all by pencil")
def _() -> dict[str, Any]:
    return handed(relu_mean_square=1 / 2, relu_variance=1 / 2 - 1 / (2 * math.pi))


Measure = Callable[[torch.Tensor], Any]
MEASURED: list[tuple[str, str, str, Measure]] = [
    ("not-averaged", "relu_mean_square", "", lambda z: z.relu().square()),
    ("not-averaged", "relu_variance", "of a list", lambda z: z.relu()[:9].tolist()),
    ("mean-not-square", "relu_mean_square", "", lambda z: z.relu().mean()),
    ("square-of-mean", "relu_mean_square", "", lambda z: z.relu().mean() ** 2),
    ("no-relu", "relu_mean_square", "", lambda z: z.square().mean()),
    ("no-relu", "relu_variance", "variance", lambda z: z.var()),
    ("root-taken", "relu_mean_square", "", lambda z: z.relu().square().mean().sqrt()),
    ("variance-in-its-place", "relu_mean_square", "", lambda z: z.relu().var()),
    ("uniform-draw", "relu_mean_square", "", lambda z: torch.rand_like(z).square().mean()),
    ("uniform-draw", "relu_variance", "variance", lambda z: torch.rand_like(z).var()),
    ("mean-not-subtracted", "relu_variance", "", lambda z: z.relu().square().mean()),
    ("deviation-not-variance", "relu_variance", "", lambda z: z.relu().std()),
    ("leaky-variance", "leaky_factor", "", lambda z: 1 / F.leaky_relu(z, SLOPE).var()),
]
for mistake, answer, name, measure in MEASURED:
    ANSWERS.shows(mistake, name)(
        lambda answer=answer, measure=measure: handed(**{answer: measure(torch.randn(10**6))})
    )

FACTORS: dict[str, float] = {
    "upside-down": (1 + SLOPE**2) / 2,
    "relu-factor": 2,
    "slope-not-squared": 2 / (1 + SLOPE),
    "gain-not-factor": torch.nn.init.calculate_gain("leaky_relu", SLOPE),
    "negative-side-only": 2 / SLOPE**2,
    "slope-subtracted": 2 / (1 - SLOPE**2),
    "half-forgotten": 1 / (1 + SLOPE**2),
}
for mistake, factor in FACTORS.items():
    ANSWERS.shows(mistake)(lambda factor=factor: handed(leaky_factor=factor))


@ANSWERS.shows("too-few-draws")
def _() -> dict[str, Any]:
    return handed(relu_mean_square=torch.tensor(0.54))
