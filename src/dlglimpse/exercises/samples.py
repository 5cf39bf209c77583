"""Tell distributions apart from what was drawn: the tests of Kolmogorov and Smirnov."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike

NEVER = 1e-9
"""A p-value below which a sample is refused: once in a thousand million right answers."""


def p_uniform(values: ArrayLike, low: float, high: float) -> float:
    """The p-value of a sample under the uniform distribution on [low, high].

    Values beyond the ends, or not finite, give zero. The formula is asymptotic, good from
    about forty values on.

    >>> p_uniform(np.linspace(-1, 1, 500), -1, 1) > 0.9
    True
    >>> p_uniform(np.linspace(0, 1, 500), -1, 1) < NEVER
    True
    """
    sample = np.ravel(np.asarray(values, dtype=np.float64))
    rounding = 1e-6 * (high - low)
    if not ((sample >= low - rounding) & (sample <= high + rounding)).all():
        return 0.0
    return _p_value(sample, lambda v: (v - low) / (high - low))


def p_normal(values: ArrayLike, std: float) -> float:
    """The p-value of a sample under the normal distribution of mean 0 and `std`.

    >>> p_normal(np.random.default_rng(0).normal(0, 2, 500), 2) > 0.01
    True
    >>> p_normal(np.random.default_rng(0).normal(0, 1, 500), 2) < NEVER
    True
    """
    sample = np.ravel(np.asarray(values, dtype=np.float64))
    if not np.isfinite(sample).all():
        return 0.0
    return _p_value(sample, lambda v: _normal_below(v / std))


def _normal_below(v: np.ndarray) -> np.ndarray:
    below: np.ndarray = torch.special.ndtr(torch.from_numpy(v)).numpy()
    return below


def _p_value(sample: np.ndarray, distribution: Callable[[np.ndarray], np.ndarray]) -> float:
    """How often a right sample lies this far from its distribution function, or farther."""
    n = sample.size
    expected = distribution(np.sort(sample))
    steps = np.arange(n + 1) / n
    gap = max(float(np.max(steps[1:] - expected)), float(np.max(expected - steps[:-1])))
    # Stephens's correction makes the asymptotic formula good for small samples.
    t = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * gap
    if t < 0.3:
        return 1.0
    terms = [2.0 * (-1.0) ** (k - 1) * math.exp(-2 * k**2 * t**2) for k in range(1, 101)]
    return min(1.0, max(0.0, sum(terms)))
