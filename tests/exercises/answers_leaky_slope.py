"""Answers to the exercise on a leaky slope."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

from dlglimpse import Draws, draws, typical, waves
from exercises.answers import Answers

ANSWERS = Answers("leaky-slope")
INPUTS, TARGETS = waves(100, seed=0)
SLOPES = (0.0, 0.01, 0.1, 0.3, 1.0)
DEEP = (2, *[2] * 20, 2)


@cache
def looked(slope: float, sizes: tuple[int, ...], scheme: str, seed: int) -> Draws:
    activation = nn.LeakyReLU(slope)
    return draws(sizes, activation, scheme, n_draws=200, inputs=INPUTS, targets=TARGETS, seed=seed)


def first(record: Draws) -> np.ndarray:
    return typical(record.weight_gradients, draws=True)["0"]


def measured(
    reduce: Callable[[Draws], Any] = lambda record: float(np.median(first(record))),
    slopes: Iterable[float] = SLOPES,
    sizes: tuple[int, ...] = DEEP,
    scheme: str = "uniform",
) -> dict[str, Any]:
    # Few seeds: drawing thousands of networks is the student's own time.
    seed = int(torch.randint(4, ()))
    return {"by_slope": {slope: reduce(looked(slope, sizes, scheme, seed)) for slope in slopes}}


@ANSWERS.passes("medians of the first layer")
def _() -> dict[str, Any]:
    return measured()


@ANSWERS.passes("as tensors, other slopes")
def _() -> dict[str, Any]:
    def median(record: Draws) -> torch.Tensor:
        return record.weight_gradients["0"].abs().mean(dim=(1, 2)).median()

    return measured(median, slopes=(0.05, 0.2, 0.5, 0.8))


@ANSWERS.passes("keys from NumPy, without the ends")
def _() -> dict[str, Any]:
    return measured(lambda record: np.median(first(record)), slopes=np.linspace(0.1, 0.9, 3))


@ANSWERS.shows("not-reduced")
def _() -> dict[str, Any]:
    return measured(first)


@ANSWERS.shows("too-few-slopes")
def _() -> dict[str, Any]:
    return measured(slopes=(0.1,))


@ANSWERS.shows("beyond-0-and-1")
def _() -> dict[str, Any]:
    return measured(slopes=(0.0, 1.0, 2.0))


@ANSWERS.shows("sign-kept")
def _() -> dict[str, Any]:
    found = measured()["by_slope"]
    return {"by_slope": {slope: -size for slope, size in found.items()}}


@ANSWERS.shows("slope-ignored")
def _() -> dict[str, Any]:
    found = measured(slopes=(0.3,))["by_slope"][0.3]
    return {"by_slope": dict.fromkeys(SLOPES, found)}


@ANSWERS.shows("zero-is-not-zero")
def _() -> dict[str, Any]:
    found = measured()["by_slope"]
    return {"by_slope": found | {0.0: 1e-16}}


@ANSWERS.shows("means-for-medians")
def _() -> dict[str, Any]:
    return measured(lambda record: first(record).mean())


@ANSWERS.shows("last-layer")
def _() -> dict[str, Any]:
    def last(record: Draws) -> float:
        return float(np.median([*typical(record.weight_gradients, draws=True).values()][-1]))

    return measured(last, slopes=(0.01, 0.1, 0.3, 1.0))


@ANSWERS.shows("ratio-for-size")
def _() -> dict[str, Any]:
    def ratio(record: Draws) -> float:
        sizes = [*typical(record.weight_gradients, draws=True).values()]
        return float(np.median(sizes[0] / sizes[-1]))

    return measured(ratio, slopes=(0.01, 0.1, 0.3, 1.0))


@ANSWERS.shows("default-weights")
def _() -> dict[str, Any]:
    return measured(scheme="default")


@ANSWERS.shows("not-deep")
def _() -> dict[str, Any]:
    return measured(sizes=(2, 2, 2, 2, 2), slopes=(0.01, 0.1, 0.3, 1.0))
