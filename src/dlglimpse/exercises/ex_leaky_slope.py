"""Design a leaky slope: how much gradient gets through, against the slope."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from torch import nn

from dlglimpse.data import waves
from dlglimpse.ensembles import draws
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

N_DRAWS = 100
"""Enough for a median within a third of a power of ten."""
DEEP = (2, *[2] * 20, 2)
Sizes = dict[float, float]


def verdict(*, by_slope: Mapping[Any, Any]) -> Verdict:
    """The form of the dictionary, then the sizes of what is in it."""
    found: Sizes = {}
    for key, value in by_slope.items():
        slope, size = array(key), array(value)
        if slope is None or slope.size != 1:
            return unexpected(f"A key of `by_slope` is {described(key)}, which is no slope.")
        if size is not None and size.size > 1:
            return mistaken("not-reduced", slope=f"{slope.item():g}", count=size.size)
        if size is None or size.size != 1 or not math.isfinite(size.item()):
            return unexpected(f"`by_slope[{slope.item():g}]` is {described(value)}, no size.")
        found[float(slope.item())] = float(size.item())
    return _slopes(found) or _sizes(found)


def _slopes(found: Sizes) -> Verdict:
    if len(found) < 3:
        return mistaken("too-few-slopes", count=len(found))
    if min(found) < 0 or max(found) > 1:
        return mistaken("beyond-0-and-1", slope=f"{max(found, key=lambda s: abs(s - 0.5)):g}")
    if min(found.values()) < 0:
        return mistaken("sign-kept")
    spread = [math.log10(size) for size in found.values() if size > 0]
    if len(spread) > 2 and max(spread) - min(spread) < 0.3:
        return mistaken("slope-ignored")
    return None


def _sizes(found: Sizes) -> Verdict:
    """Compare powers of ten with those of networks that the check draws itself."""
    positive = {slope: size for slope, size in found.items() if slope > 0.005}
    if not positive:
        return mistaken("too-few-slopes", count=0)
    if min(positive.values()) == 0:
        slope = next(slope for slope, size in positive.items() if size == 0)
        return unexpected(f"`by_slope[{slope:g}]` is 0, and a slope above 0 cuts nothing off.")
    if _distance(positive, "median") < 0.6:
        if found.get(0.0, 0.0) > 1e-30:
            return mistaken("zero-is-not-zero", size=f"{found[0.0]:.1e}")
        return None
    near = {kind: _distance(positive, kind) for kind in ("median", *LOOKALIKES)}
    nearest = min(near, key=lambda kind: near[kind])
    if nearest != "median" and near[nearest] < 1.5:
        return mistaken(LOOKALIKES[nearest])
    slope = max(positive)
    return unexpected(
        f"For slope {slope:g} you found {positive[slope]:.1e}, and the check finds about "
        f"{_reference(slope, 'median'):.0e} for 20 hidden layers of width 2 under U(-1, 1)."
    )


LOOKALIKES = {
    "mean": "means-for-medians",
    "last": "last-layer",
    "ratio": "ratio-for-size",
    "default": "default-weights",
    "shallow": "not-deep",
}


def _distance(found: Sizes, kind: str) -> float:
    """Mean distance in powers of ten, at three of the slopes at most."""
    slopes = sorted(found)
    chosen = {slopes[0], slopes[len(slopes) // 2], slopes[-1]}
    gaps = [
        abs(math.log10(found[slope]) - math.log10(max(_reference(slope, kind), 1e-99)))
        for slope in chosen
    ]
    return sum(gaps) / len(gaps)


def _reference(slope: float, kind: str) -> float:
    """What the check measures itself, rightly or as the look-alikes do."""
    sizes = (2, 2, 2, 2, 2) if kind == "shallow" else DEEP
    first, last = _ends(slope, sizes, "default" if kind == "default" else "uniform")
    match kind:
        case "mean":
            return float(first.mean())
        case "last":
            return float(np.median(last))
        case "ratio":
            return float(np.median(first[last > 0] / last[last > 0]))
    return float(np.median(first))


@cache
def _ends(slope: float, sizes: tuple[int, ...], scheme: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean size of the weight gradients of the first and the last layer, by draw."""
    inputs, targets = waves(100, seed=0)
    record = draws(
        sizes, nn.LeakyReLU(slope), scheme, n_draws=N_DRAWS, inputs=inputs, targets=targets
    )
    gradients = list(record.weight_gradients.values())
    first, last = (g.abs().mean(dim=(1, 2)).double().numpy() for g in (gradients[0], gradients[-1]))
    return first, last


EXERCISE = Exercise(
    key="leaky-slope",
    page="activations",
    tests="Measures a design choice over many networks, and sees what it costs.",
    minutes=20,
    answers={"by_slope": "dict"},
    hints=(
        "Do it for one slope first: `draws` takes a module such as `nn.LeakyReLU(0.1)` as its "
        "activation, and the sizes of a network with 20 hidden layers of 2.",
        "`typical(..., draws=True)` gives 200 numbers for each layer. Which layer is the "
        "first, and which one number stands for 200?",
        "Fill the dictionary in a loop over slopes such as 0, 0.01, 0.1, 0.3 and 1.",
    ),
    mistakes={
        "not-reduced": "`by_slope[{slope}]` holds {count} numbers. One is asked for: the median "
        "over the draws.",
        "too-few-slopes": "There are {count} slopes in the range. Take three or more, so that one "
        "can see how the gradient depends on them.",
        "beyond-0-and-1": "A slope of {slope} is not between 0 and 1.",
        "sign-kept": "Some of your sizes are negative: gradients have signs, sizes have none.",
        "slope-ignored": "All slopes give nearly the same. Is the slope handed on to the "
        "activation?",
        "zero-is-not-zero": "At slope 0 you found {size}. That is a ReLU, and in most such deep "
        "and narrow networks its first gradient is exactly zero.",
        "means-for-medians": "These are means over the draws. A few lucky networks carry them; "
        "the typical one is the median.",
        "last-layer": "These are the gradients of the last layer. The first is the one that a "
        "gradient has to come a long way for.",
        "ratio-for-size": "These are shares of the last layer's gradient. What is asked for is "
        "the size in the first layer.",
        "default-weights": "These are the gradients under PyTorch's default weights. The "
        "initializer asked for is `uniform`.",
        "not-deep": "So much gradient is left after three hidden layers. Twenty are asked for.",
    },
    right="The steeper the negative side, the more gets through, and the less is bent.",
    verdict=verdict,
)
