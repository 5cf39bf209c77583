"""A network as circles and lines, drawn from the live model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Circle

from dlglimpse.errors import GlimpseError
from dlglimpse.figures.chains import LinearLayer, linear_layers
from dlglimpse.figures.style import INK, QUIET, SMALL, axes_or_new

Floats = npt.NDArray[np.float64]

_RADIUS = 0.16
_COLUMN, _ROW = 1.35, 0.5
# With more columns than this, what stands below them is turned to fit.
_FLAT = 6
# No white in the middle: a weak connection is thin, not invisible.
_COLORS = LinearSegmentedColormap.from_list("sign", ["#B34700", "#9CA3AF", "#08306B"])


def draw_network(
    model: Any, *, weights: bool = False, ax: Axes | None = None, max_units: int = 8
) -> Axes:
    """Draw a network of linear layers in a row: a circle per unit, a line per weight.

    Signals run from left to right. Below each column stand the linear layer (by its
    name in the model) that computes it and the activation that follows; above it,
    the number of units. Biases are not drawn.

    Parameters
    ----------
    model
        An `nn.Sequential` of `nn.Linear` layers and modules without parameters, such
        as `mlp` makes; it may hold further `nn.Sequential`.
    weights
        True to draw each weight w by color and width: blue and solid if positive,
        orange and dashed if negative, the wider the larger |w|; dotted black if it
        is nan or infinite.
    ax
        Axes to draw into; a new figure if left out.
    max_units
        Columns with more units than this show the first and the last ones, with
        three dots between them, at least 2.

    Returns
    -------
    Axes
        Where it was drawn, without ticks, one length unit as long in x as in y.

    Raises
    ------
    GlimpseError
        If the model is not such a sequence, if the layers do not fit together, or if
        there are more than 12.

    Notes
    -----
    What can mislead: of a wide layer only some units are drawn, and of their weights
    only those between drawn units.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlglimpse import mlp
    >>> ax = draw_network(mlp((4, 2, 2, 1), "sigmoid", seed=0))
    >>> len(ax.patches)
    9
    >>> plt.close(ax.figure)
    """
    layers = linear_layers(model)
    if max_units < 2:
        raise GlimpseError(
            "at least two units of a layer must be shown",
            given=f"max_units={max_units}",
            hint="leave `max_units` out, or try 8",
        )
    sizes = [layers[0].weight.shape[1], *(len(layer.weight) for layer in layers)]
    columns = [_shown(size, max_units) for size in sizes]
    tallest = max(len(column) + (len(column) < n) for column, n in zip(columns, sizes, strict=True))
    words = ["inputs", *("\n".join([f"layer {x.name}", *x.after]) for x in layers)]
    room = _room_for(words, len(sizes))
    top = (tallest - 1) / 2 * _ROW + _RADIUS
    height = 2 * top + room + 0.45
    width = (len(sizes) - 1) * _COLUMN + 1.2
    ax = axes_or_new(ax, size=(6.4, min(max(0.2 + 6.2 * height / width, 1.9), 6.4)))
    places = [_places(column, size) for column, size in zip(columns, sizes, strict=True)]
    _draw_edges(ax, layers, columns, places, weights)
    for index, (place, size) in enumerate(zip(places, sizes, strict=True)):
        _draw_units(ax, index * _COLUMN, place, size)
        _write(ax, index * _COLUMN, top + 0.08, _counted(size, len(sizes)), "bottom")
        _write(ax, index * _COLUMN, -top - 0.1, words[index], "top", upright=len(sizes) > _FLAT)
    ax.set_xlim(-0.6, width - 0.6)
    ax.set_ylim(-top - room, top + 0.45)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def _room_for(words: list[str], columns: int) -> float:
    """How much of the y axis the words below the columns take, at full page width."""
    unit = 6.2 / ((columns - 1) * _COLUMN + 1.2)
    if columns > _FLAT:
        return 0.2 + max(len(word) for word in words) * 0.075 / unit
    return 0.15 + max(word.count("\n") + 1 for word in words) * 0.17 / unit


def _counted(size: int, columns: int) -> str:
    word = "" if columns > _FLAT else " unit" if size == 1 else " units"
    return f"{size:,}{word}"


def _write(ax: Axes, x: float, y: float, text: str, va: str, *, upright: bool = False) -> None:
    ax.text(
        x,
        y,
        text.replace("\n", ", ") if upright else text,
        ha="center",
        va=va,
        rotation=90 if upright else 0,
        fontsize=SMALL,
        color=INK,
    )


def _shown(size: int, max_units: int) -> list[int]:
    """Which units of a column are drawn."""
    if size <= max_units:
        return list(range(size))
    half = max_units // 2
    return [*range(max_units - half), *range(size - half, size)]


def _places(column: list[int], size: int) -> Floats:
    """Heights of the drawn units, top first, with room for the dots."""
    gap = int(len(column) < size)
    rows = np.arange(len(column), dtype=np.float64)
    if gap:
        rows[len(column) - len(column) // 2 :] += 1
    heights: Floats = ((len(column) + gap - 1) / 2 - rows) * _ROW
    return heights


def _draw_units(ax: Axes, x: float, heights: Floats, size: int) -> None:
    for y in heights:
        ax.add_patch(Circle((x, y), _RADIUS, facecolor="white", edgecolor=INK, lw=1.3, zorder=3))
    if len(heights) < size:
        middle = (heights[:-1] + heights[1:])[np.argmax(-np.diff(heights))] / 2
        ax.text(x, middle, "⋮", ha="center", va="center", fontsize=16, color=INK, zorder=4)


def _draw_edges(
    ax: Axes,
    layers: list[LinearLayer],
    columns: list[list[int]],
    places: list[Floats],
    weights: bool,
) -> None:
    """One line per weight between drawn units; all layers share one scale."""
    values, ends = [], []
    for index, layer in enumerate(layers):
        for left, i in zip(places[index], columns[index], strict=True):
            for right, o in zip(places[index + 1], columns[index + 1], strict=True):
                ends.append([(index * _COLUMN, left), ((index + 1) * _COLUMN, right)])
                values.append(layer.weight[o, i])
    if not weights:
        ax.add_collection(LineCollection(ends, colors=QUIET, linewidths=0.8, zorder=1))
        return
    array = np.array(values)
    finite = np.isfinite(array)
    largest = float(np.abs(array[finite]).max(initial=0.0)) or 1.0
    norm = Normalize(-largest, largest)
    share = np.where(finite, np.abs(array) / largest, 0.5)
    colors = np.where(finite[:, None], _COLORS(norm(np.where(finite, array, 0.0))), (0, 0, 0, 1))
    dashes = [_dash(value) for value in values]
    lines = LineCollection(
        ends, colors=colors, linewidths=0.6 + 3.0 * share, linestyles=dashes, zorder=1
    )
    ax.add_collection(lines)
    scale = ScalarMappable(norm, _COLORS)
    bar = ax.figure.colorbar(scale, ax=ax, shrink=0.7, pad=0.02, aspect=15)
    bar.set_label("weight\n(dashed: negative)", fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    bar.outline.set_visible(False)
    bad = int((~finite).sum())
    if bad:
        noun = "weight" if bad == 1 else "weights"
        ax.set_title(f"{bad:,} {noun} not finite (dotted)", fontsize=SMALL + 1, color=INK)


def _dash(weight: float) -> Any:
    if not math.isfinite(weight):
        return (0, (1, 1))
    return "-" if weight >= 0 else (0, (3, 1.2))
