"""Violins of many values: densities on a grid against exact ones."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from measure import compare, table, times

from dlglimpse import density, number, plot_gradients

LAYERS, VALUES = 4, 100_000


def run() -> str:
    """Check the curves against exact densities, then compare the drawing."""
    import seaborn
    from scipy.stats import gaussian_kde

    matplotlib.use("Agg")
    generator = np.random.default_rng(0)
    layers = {str(2 * k): generator.standard_t(5, VALUES) * 0.3**k for k in range(LAYERS)}
    worst = 0.0
    for values in layers.values():
        found = density(values)
        exact = gaussian_kde(values)(found.coords[::10])
        worst = max(worst, float(np.abs(found.vals[::10] - exact).max() / exact.max()))
    if worst > 0.01:
        raise SystemExit(f"densities are off by {worst:.2%}: nothing is timed")

    def drawn(draw: Callable[[plt.Axes], object]) -> Callable[[], None]:
        def go() -> None:
            figure, ax = plt.subplots()
            draw(ax)
            plt.close(figure)

        return go

    columns = list(layers.values())
    costs = compare(
        {
            "dlglimpse": drawn(lambda ax: plot_gradients(layers, ax=ax)),
            "matplotlib": drawn(lambda ax: ax.violinplot(columns, showmedians=True)),
            "seaborn": drawn(lambda ax: seaborn.violinplot(columns, ax=ax)),
        }
    )
    us = costs["dlglimpse"]
    rows = [
        [what, *(times(how(costs[name])) for name in ("matplotlib", "seaborn"))]
        for what, how in (
            ("time over ours", lambda cost: cost.ratio(us)),
            ("peak memory over ours", lambda cost: cost.memory_ratio(us)),
        )
    ]
    return (
        f"{LAYERS} layers of {VALUES:,} values each; our curves differ from the exact "
        f"densities by at most {number(100 * worst)} % of their height:\n\n"
        + table(["", "`violinplot` of matplotlib", "`violinplot` of seaborn"], rows)
    )
