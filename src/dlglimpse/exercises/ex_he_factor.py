"""He's factor of two: what ReLU does to a mean square, and what a leaky one does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

SLOPE = 0.2
MEAN = 1 / math.sqrt(2 * math.pi)
MEAN_SQUARE = 0.5
VARIANCE = 0.5 - 1 / (2 * math.pi)
LEAKY_MEAN_SQUARE = (1 + SLOPE**2) / 2
LEAKY_FACTOR = 1 / LEAKY_MEAN_SQUARE
LEAKY_VARIANCE = LEAKY_MEAN_SQUARE - ((1 - SLOPE) * MEAN) ** 2
TOLERANCE = 0.01
"""Nine standard deviations of a mean square over a million draws."""

FOR_MEAN_SQUARE = {
    "mean-not-square": MEAN,
    "square-of-mean": MEAN**2,
    "no-relu": 1.0,
    "root-taken": math.sqrt(MEAN_SQUARE),
    "uniform-draw": 1 / 3,
    "variance-in-its-place": VARIANCE,
}
FOR_VARIANCE = {
    "mean-not-subtracted": MEAN_SQUARE,
    "deviation-not-variance": math.sqrt(VARIANCE),
    "no-relu": 1.0,
    "uniform-draw": 1 / 12,
}
FOR_LEAKY = {
    "upside-down": LEAKY_MEAN_SQUARE,
    "relu-factor": 2.0,
    "slope-not-squared": 2 / (1 + SLOPE),
    "gain-not-factor": math.sqrt(LEAKY_FACTOR),
    "negative-side-only": 2 / SLOPE**2,
    "slope-subtracted": 2 / (1 - SLOPE**2),
    "leaky-variance": 1 / LEAKY_VARIANCE,
    "half-forgotten": 1 / (1 + SLOPE**2),
}


def verdict(*, relu_mean_square: Any, relu_variance: Any, leaky_factor: Any) -> Verdict:
    """Two numbers that are measured, and one that the pencil gives."""
    return (
        _measured("relu_mean_square", relu_mean_square, MEAN_SQUARE, FOR_MEAN_SQUARE)
        or _measured("relu_variance", relu_variance, VARIANCE, FOR_VARIANCE)
        or _measured("leaky_factor", leaky_factor, LEAKY_FACTOR, FOR_LEAKY)
    )


def _measured(name: str, answer: Any, wanted: float, lookalikes: Mapping[str, float]) -> Verdict:
    number = None if isinstance(answer, str | bool) else array(answer)
    if number is None:
        return unexpected(f"`{name}` should be a number, and is {described(answer)}.")
    if number.size != 1:
        given = "a tensor" if isinstance(answer, Tensor) else "a list or an array"
        return mistaken("not-averaged", name=name, given=f"{given} of {number.size:,} values")
    value = number.item()
    # One over a measured mean square scatters in proportion.
    tolerance = TOLERANCE * max(1.0, 2 * wanted)
    if abs(value - wanted) < tolerance:
        return None
    nearest = min(lookalikes, key=lambda key: abs(value - lookalikes[key]))
    if math.isclose(value, lookalikes[nearest], rel_tol=0.02):
        return mistaken(nearest, name=name, value=f"{value:.3g}")
    if abs(value - wanted) < 8 * tolerance:
        return mistaken("too-few-draws", name=name, value=f"{value:.3g}")
    return unexpected(f"`{name}` is {value:.4g}, and that is not it.")


EXERCISE = Exercise(
    key="he-factor",
    page="initialization",
    tests="Tells a mean square from a variance, and derives the factor of another activation.",
    minutes=12,
    answers={"relu_mean_square": "any", "relu_variance": "any", "leaky_factor": "any"},
    hints=(
        "Draw `z` once with `torch.randn`, and apply the activation to it. The two measured "
        "numbers are two different averages over the same values.",
        "A variance is a mean square about the mean. Print the mean of `relu(z)`: is it zero?",
        "For the leaky one, split the mean square in two halves, the positive values and the "
        "negative ones. By what does a slope multiply the square of what it meets?",
    ),
    mistakes={
        "not-averaged": "`{name}` is {given}. One number is asked for, an average over all of "
        "them.",
        "mean-not-square": "`{name}` is {value}: that is the mean of `relu(z)`, with no square "
        "in it.",
        "square-of-mean": "`{name}` is {value}: you took the mean first and squared it then. "
        "The mean of the squares is another number.",
        "no-relu": "`{name}` is {value}: that is the number of `z` itself, before any ReLU.",
        "root-taken": "`{name}` is {value}: that is the root mean square. Leave the root out, "
        "since variances multiply and their roots are taken at the end.",
        "uniform-draw": "`{name}` is {value}, as for uniform numbers between 0 and 1. "
        "`torch.rand` draws those; which function draws from N(0, 1)?",
        "variance-in-its-place": "`{name}` is {value}: that is the variance of `relu(z)`, its "
        "mean has been subtracted. Do not subtract anything here.",
        "mean-not-subtracted": "`{name}` is {value}: that is the mean square again. The mean of "
        "`relu(z)` is not zero, and a variance is taken about the mean.",
        "deviation-not-variance": "`{name}` is {value}: that is the standard deviation. Which "
        "function gives the variance?",
        "too-few-draws": "`{name}` is {value}: near, but farther off than a million draws ever "
        "come out. How many did you draw?",
        "upside-down": "`{name}` is {value}: that is what the leaky ReLU leaves of a mean "
        "square. The variance of the weights has to make up for it.",
        "relu-factor": "`{name}` is {value}, He's factor for a plain ReLU. The negative half is "
        "not lost here.",
        "slope-not-squared": "`{name}` is {value}: the slope entered as it is. It is squares "
        "that are averaged.",
        "gain-not-factor": "`{name}` is {value}: that is the factor on the standard deviation, "
        "which PyTorch calls a gain. The cell asks for the factor in the variance.",
        "negative-side-only": "`{name}` is {value}: only the negative half is in it. What do "
        "the positive values contribute?",
        "slope-subtracted": "`{name}` is {value}: the share of the negative side was subtracted. "
        "Squares are never negative: does that side add, or take away?",
        "leaky-variance": "`{name}` is {value}: it was found from the variance of the leaky "
        "ReLU's output. What the next layer sums up is its mean square.",
        "half-forgotten": "`{name}` is {value}: each of the two sides counts for all values in "
        "it. How many of the values are positive?",
    },
    right="ReLU halves the mean square, not the variance; a leak gives a little of it back.",
    verdict=verdict,
)
