"""How values are distributed, as a smooth curve, in a fraction of the usual time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from dlglimpse.errors import GlimpseError
from dlglimpse.kernels import kernel_sums, places, scott_bandwidth, spread
from dlglimpse.records import Density

Floats = npt.NDArray[np.float64]
Counts = tuple[int, int, int]

_NODES_PER_BANDWIDTH = 12
# Values cannot lie farther out than sqrt(n) standard deviations, so that even
# 10 million of them stay below this many nodes unless nearly all are equal.
_MAX_NODES = 1 << 22
_MARKS = (0.05, 0.5, 0.95)
_NOTHING: Floats = np.empty(0)
_LEAST = np.nextafter(0.0, 1.0)


def as_array(values: Any) -> Floats:
    """A tensor or any array-like as a float64 array, whatever its dtype and device.

    What is float64 already may be shared, so do not write to the result.

    Examples
    --------
    >>> as_array([1, 2])
    array([1., 2.])
    """
    if hasattr(values, "detach"):
        # By way of float64, because NumPy has no bfloat16.
        values = values.detach().cpu().double().numpy()
    elif isinstance(values, list | tuple) and any(hasattr(v, "detach") for v in values):
        values = [as_array(value) for value in values]
    return np.asarray(values, dtype=np.float64)


def density(values: Any, *, log: bool = False, points: int = 200) -> Density:
    r"""Describe how values are distributed by a curve: a Gaussian kernel density.

    `p(c) = 1/(n h) Σ_i N((c - v_i)/h)` over the n values `v_i`, with N the density of
    the standard normal distribution and Scott's bandwidth `h = std(v) n^(-1/5)`.
    The values are first spread over a fine grid, each on its two nearest nodes, so that
    the cost hardly depends on `points`; the error is less than a thousandth.

    Parameters
    ----------
    values
        Tensor or array-like of any shape; it is flattened and not changed.
    log
        If true, the density of log10|v|, over the values that are not zero. Then
        everything but the counts is in powers of ten.
    points
        Number of coordinates at which the curve is given, at least 2. Half of them
        are spread evenly over the range, half follow the values, so that a narrow
        peak between far tails keeps its shape.

    Returns
    -------
    Density
        `coords` and `vals` of shape `(points,)`, or empty where all finite values are
        the same, or where there is none.

    Raises
    ------
    GlimpseError
        If `points` is below 2.

    Notes
    -----
    What can mislead: a kernel density is smooth whatever the values are, also for
    four values, and it smears a spike of exact zeros; look at `count` and `zeros`.

    References
    ----------
    D. W. Scott (1992), *Multivariate Density Estimation*, Wiley, sections 6.1–6.3;
    M. P. Wand (1994), "Fast Computation of Multivariate Kernel Estimators",
    Journal of Computational and Graphical Statistics 3(4), for linear binning.

    Examples
    --------
    >>> layer = density([-1.0, 0.0, 0.0, 2.0, float("nan")])
    >>> layer.count, layer.zeros, layer.non_finite, layer.median
    (5, 2, 1, 0.0)
    >>> layer.coords.shape, float(layer.coords.min()), float(layer.coords.max())
    ((200,), -1.0, 2.0)
    """
    # Sorted, all that follows is cheap: the range, percentiles, and what is in a bin.
    flat = np.sort(as_array(values), axis=None)
    finite = flat[slice(*np.searchsorted(flat, (-np.finfo(np.float64).max, np.inf)))]
    first, last = np.searchsorted(finite, (0.0, _LEAST))
    counts = (flat.size, int(last - first), flat.size - finite.size)
    used = finite
    if log:
        used = np.sort(np.log10(np.abs(np.delete(finite, slice(first, last)))))
    return _described(used, counts, log, points)


def density_from_counts(
    grid: Any,
    counts: Any,
    *,
    zeros: int = 0,
    non_finite: int = 0,
    log: bool = False,
    points: int = 200,
) -> Density:
    """Turn a histogram into a density, so that values can be counted in chunks.

    Parameters
    ----------
    grid
        Centers of the bins, shape `(b,)`, evenly spaced and increasing.
    counts
        How many values fell into each bin, shape `(b,)`; halves and thirds are legal.
    zeros, non_finite
        How many values were exactly zero, and how many were nan or infinite. The
        non-finite ones are in no bin; the zeros are in the bins, unless `log`.
    log
        True if `grid` holds log10|v| of the values that are not zero.
    points
        Number of coordinates at which the curve is given, at least 2.

    Returns
    -------
    Density
        As `density` makes it; range and percentiles are exact to the width of a bin.

    Raises
    ------
    GlimpseError
        If the shapes differ, the grid is not even, or a count is negative.

    Notes
    -----
    What can mislead: bins wider than the bandwidth show as steps.

    Examples
    --------
    >>> layer = density_from_counts([-1.0, 0.0, 1.0], [10, 20, 10], zeros=20)
    >>> layer.count, layer.zeros, layer.median, layer.maximum
    (40, 20, 0.0, 1.0)
    """
    grid, counts = as_array(grid), as_array(counts)
    _check_points(points)
    _check_histogram(grid, counts)
    used = np.flatnonzero(counts)
    total = float(counts.sum())
    size = round(total)
    told = (size + non_finite + (zeros if log else 0), zeros, non_finite)
    if used.size < 2 or _indistinct(grid):
        return _described(grid[used], told, log, points)
    grid, counts = grid[used[0] : used[-1] + 1], counts[used[0] : used[-1] + 1]
    ends = low, high = float(grid[0]), float(grid[-1])
    step = (high - low) / (grid.size - 1)
    mean = float(counts @ grid) / total
    std = math.sqrt(float(counts @ (grid - mean) ** 2) / max(total - 1, 1))
    # A kernel narrower than a bin would show the bins, not the values.
    bandwidth = max(scott_bandwidth(std, total), step)
    coords = places(counts, ends, step, bandwidth, points)
    vals = kernel_sums(coords, counts, low, step, bandwidth)
    below = (np.cumsum(counts) - counts / 2) / total
    marks = [float(np.interp(share, below, grid)) for share in _MARKS]
    return _record((coords, vals), told, marks, ends, log)


def _record(
    curve: tuple[Floats, Floats],
    counts: Counts,
    marks: list[float],
    ends: tuple[float, float],
    log: bool,
) -> Density:
    coords, vals = curve
    count, zeros, non_finite = counts
    low, median, high = marks
    return Density(
        coords=coords,
        vals=vals,
        count=count,
        zeros=zeros,
        non_finite=non_finite,
        low=low,
        median=median,
        high=high,
        minimum=ends[0],
        maximum=ends[1],
        log=log,
    )


def _described(used: Floats, counts: Counts, log: bool, points: int) -> Density:
    """The density of sorted values, with a curve wherever one is defined."""
    _check_points(points)
    if not used.size:
        return _record((_NOTHING, _NOTHING), counts, [math.nan] * 3, (math.nan,) * 2, log)
    marks = [float(v) for v in np.interp(_MARKS, np.linspace(0, 1, used.size), used)]
    ends = low, high = float(used[0]), float(used[-1])
    # Without this, squares of numbers near 1e200 overflow.
    scale = max(-low, high, np.finfo(np.float64).tiny)
    # Coordinates closer together than rounding errors cannot be told apart.
    if high / scale - low / scale <= points * 4 * np.finfo(np.float64).eps:
        return _record((_NOTHING, _NOTHING), counts, marks, ends, log)
    scaled = used / scale
    low, high = float(scaled[0]), float(scaled[-1])
    bandwidth = scott_bandwidth(float(np.std(scaled, ddof=1)), used.size)
    step = max(bandwidth / _NODES_PER_BANDWIDTH, (high - low) / _MAX_NODES)
    nodes = spread(scaled, low, step)
    coords = places(nodes, (low, high), step, bandwidth, points)
    vals = kernel_sums(coords, nodes, low, step, bandwidth)
    with np.errstate(over="ignore"):
        vals = np.minimum(vals / scale, np.finfo(np.float64).max)
    return _record((coords * scale, vals), counts, marks, ends, log)


def _indistinct(grid: Floats) -> bool:
    """Whether bins are so narrow that rounding decides where they begin."""
    if grid.size < 2:
        return True
    narrow = 1e4 * grid.size * np.finfo(np.float64).eps * np.abs(grid[[0, -1]]).max()
    return bool(0 <= grid[-1] - grid[0] <= narrow)


def _check_points(points: int) -> None:
    if points < 2:
        raise GlimpseError(
            "a curve needs at least two points",
            given=f"points={points}",
            hint="leave `points` out, or try 200",
        )


def _check_histogram(grid: Floats, counts: Floats) -> None:
    if grid.ndim != 1 or grid.shape != counts.shape:
        raise GlimpseError(
            "a histogram has one count per bin",
            given=f"a grid of shape {grid.shape} and counts of shape {counts.shape}",
            hint="give the centers of the bins, not their edges",
        )
    steps = np.diff(grid)
    even = _indistinct(grid) or bool(steps[0] > 0 and np.allclose(steps, steps.mean(), rtol=1e-3))
    if not even:
        raise GlimpseError(
            "the bins must be of one width, in increasing order",
            given=f"steps between {steps.min():.3g} and {steps.max():.3g}",
            hint="try `grid = np.linspace(low, high, 4096)`",
        )
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise GlimpseError(
            "counts cannot be negative or not finite",
            given=f"a smallest count of {counts.min():.3g}",
            hint="try `np.bincount` or `np.histogram`",
        )
