"""Images of Shapeset a second, against drawing them one by one with matplotlib's paths."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.path import Path
from measure import compare, table, times

from dlglimpse import shapeset
from dlglimpse.shapeset import SIDE

IMAGES, ONE_BY_ONE = 20_480, 1024
GRID = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=2).reshape(-1, 2) + 0.5
UNITS = {
    3: [math.pi / 2 + k * 2 * math.pi / 3 for k in range(3)],
    4: [math.pi / 4 + k * math.pi / 2 for k in range(4)],
    40: [k * math.pi / 20 for k in range(40)],
}


def run() -> str:
    """Count images per second of one core, then compare with a loop over images."""
    costs = compare({"dlglimpse": lambda: shapeset(IMAGES), "loop": _loop})
    us, loop = (min(costs[name].seconds) for name in ("dlglimpse", "loop"))
    rate, slow = IMAGES / us, ONE_BY_ONE / loop
    if rate < 20_000:
        raise SystemExit(f"{rate:,.0f} images a second: fewer than the book promises")
    return (
        f"`shapeset` draws more than {10_000 * int(rate // 10_000):,} images a second on one core:"
        "\n\n"
        + table(["", "one by one, paths of matplotlib"], [["time over ours", times(rate / slow)]])
    )


def _loop() -> list[np.ndarray]:
    """The same images but for the draws that the rule of overlap repeats."""
    rng = np.random.default_rng(0)
    return [_image(rng) for _ in range(ONE_BY_ONE)]


def _image(rng: np.random.Generator) -> np.ndarray:
    image = np.zeros(SIDE * SIDE, dtype=np.float32)
    for _ in range(rng.integers(1, 3)):
        angles = np.array(UNITS[int(rng.choice([3, 4, 40]))])
        size, ratio = rng.uniform(8, 15), rng.uniform(0.6, 1)
        turn, angle = rng.uniform(0, 2 * math.pi), rng.uniform(math.pi / 3, 2 * math.pi / 3)
        edge = size / math.sqrt(4 * ratio * math.sin(angle))
        columns = [edge * np.exp(1j * turn), ratio * edge * np.exp(1j * (turn + angle))]
        points = np.cos(angles) * columns[0] + np.sin(angles) * columns[1]
        corners = np.stack([points.real, points.imag], axis=1)
        low, high = corners.min(axis=0), corners.max(axis=0)
        corners += rng.uniform(-low, SIDE - high)
        image[Path(corners).contains_points(GRID)] = rng.uniform(0.25, 1)
    return image
