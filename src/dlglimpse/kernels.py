"""Sums of Gaussians over a grid: the arithmetic behind a density."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Farther than this many bandwidths a Gaussian is below 1e-7 of its height.
_REACH = 6


def scott_bandwidth(std: float, n: float) -> float:
    """Scott's bandwidth, std n^(-1/5)."""
    return std * math.exp(-0.2 * math.log(n))


def spread(values: Floats, start: float, step: float) -> Floats:
    """Share each of the sorted values between its two nearest nodes, by distance."""
    nodes = start + step * np.arange(math.floor((values[-1] - start) / step) + 2)
    edges = np.searchsorted(values, nodes)
    # Rounding may put a value beyond the last node, or before the first.
    edges[0], edges[-1] = 0, values.size
    counts = np.diff(edges)
    filled = counts > 0
    rights = np.zeros(counts.size)
    sums = np.add.reduceat(values, edges[:-1][filled])
    rights[filled] = (sums - counts[filled] * nodes[:-1][filled]) / step
    shares = np.zeros(nodes.size)
    shares[:-1] += counts - rights
    shares[1:] += rights
    return shares


def kernel_sums(
    coords: Floats, nodes: Floats, start: float, step: float, bandwidth: float
) -> Floats:
    """The density at each coordinate, which sees the nodes within its reach only."""
    reach = math.ceil(_REACH * bandwidth / step)
    near = np.rint((coords - start) / step).astype(np.int64)
    window = near[:, None] + np.arange(-reach, reach + 1)
    inside = (window >= 0) & (window < nodes.size)
    seen = np.where(inside, nodes[np.clip(window, 0, nodes.size - 1)], 0.0)
    # Linear binning widens the kernel by a variance of step²/6; take it back.
    width = math.sqrt(bandwidth**2 - step**2 / 6)
    away = (coords[:, None] - (start + step * window)) / width
    total = float(nodes.sum()) * width * math.sqrt(2 * math.pi)
    heights: Floats = (seen * np.exp(-0.5 * away**2)).sum(axis=1) / total
    return heights


def places(
    nodes: Floats, ends: tuple[float, float], step: float, bandwidth: float, points: int
) -> Floats:
    """Half the coordinates evenly over the range, half where the values are."""
    span = max(round(2 * 3 * bandwidth / step), 1)
    padded = np.pad(np.cumsum(nodes), (span // 2 + 1, span - span // 2), mode="edge")
    padded[: span // 2 + 1] = 0
    sums = np.cumsum(padded)
    # The share of values below a node, blurred so that the flanks of a peak count.
    below = (sums[span:] - sums[:-span])[: nodes.size] / (span * padded[-1])
    below = (below - below[0]) / (below[-1] - below[0])
    even = np.linspace(0.0, 1.0, nodes.size)
    # The last node lies a little beyond the last value.
    grid = np.minimum(ends[0] + step * np.arange(nodes.size), ends[1])
    coords: Floats = np.interp(np.linspace(0.0, 1.0, points), (even + below) / 2, grid)
    return coords
