"""The gradients of every layer side by side, as violins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from dlglimpse.densities import as_array, density
from dlglimpse.errors import GlimpseError, one_of
from dlglimpse.figures.style import (
    INK,
    LOOKS,
    QUIET,
    SMALL,
    axes_or_new,
    figure_of,
    hide_frame,
)
from dlglimpse.records import FIELDS, Density, Draws, Glimpse

Floats = npt.NDArray[np.float64]

_KINDS = ("violin", "magnitude")
_FEW = 12
# Width in inches of an average character of the smallest text.
_CHARACTER = 0.075
NAMES = {
    "preactivations": "pre-activation",
    "activations": "activation",
    "backpropagated": "back-propagated gradient",
    "weight_gradients": "weight gradient",
    "bias_gradients": "bias gradient",
}
"""What a value of each field is called on an axis."""


def plot_gradients(
    record: Glimpse | Draws | Mapping[str, Any],
    *,
    kind: str = "violin",
    field: str = "weight_gradients",
    ax: Axes | None = None,
) -> Axes:
    """Draw one violin per layer: where it is wide, many of the layer's values lie.

    Each violin is scaled to the same width. The dot is the median and the bar reaches
    from the 5 % to the 95 % point. A layer with 12 values or fewer shows them one by
    one in place of dot and bar, because so few are not a distribution. Values that are
    exactly zero, nan or infinite are counted at the lower and the upper edge.

    Parameters
    ----------
    record
        A `Glimpse`, `Draws` (all draws are thrown together), or a mapping from layer
        names to values of any shape, or to `Density` records.
    kind
        "violin": the values with their sign, on a linear axis, zeros included.
        "magnitude": |value| on a log axis, where zeros have no place: the violin is
        the density of log10|value|.
    field
        Which field of a `Glimpse` or of `Draws` to draw.
    ax
        Axes to draw into; a new figure if left out. Its y axis is made logarithmic
        for "magnitude".

    Returns
    -------
    Axes
        Where it was drawn, one position per layer: 1, 2, ... in forward order.

    Raises
    ------
    GlimpseError
        If there is no layer, the kind or the field is unknown, or a `Density` was made
        for the other kind of axis.

    Notes
    -----
    What can mislead: on a linear axis a layer whose gradients are a hundred times
    smaller looks as if it had none; use "magnitude". All violins are equally wide, be
    they made of 4 values or of 100,000.

    References
    ----------
    J. L. Hintze and R. D. Nelson (1998), "Violin Plots: A Box Plot-Density Trace
    Synergism", The American Statistician 52(2).

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots()
    >>> ax = plot_gradients({"0": [0.1, -0.2, 0.0], "2": [1.0, 2.0, 3.0]}, ax=ax)
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['0', '2']
    >>> plt.close(fig)
    """
    one_of(kind, _KINDS, "kind of figure")
    layers = _layers_of(record, field)
    log = kind == "magnitude"
    densities = {name: _density(name, values, log) for name, values in layers.items()}
    ax = axes_or_new(ax)
    if log:
        ax.set_yscale("log")
    else:
        ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
    for place, (name, values) in enumerate(layers.items(), start=1):
        _draw_body(ax, place, densities[name])
        few = None if isinstance(values, Density) else _few(values, log)
        if few is None:
            _draw_marks(ax, place, densities[name])
        else:
            ax.plot(np.full(few.size, place), few, **_DOT, label="_values")
    _label(ax, list(layers), ylabel=_ylabel(record, field, log))
    _write_counts(ax, list(densities.values()))
    return ax


_DOT: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 5,
    "markerfacecolor": "white",
    "markeredgecolor": INK,
    "markeredgewidth": 1.2,
    "zorder": 4,
}


def _layers_of(record: Glimpse | Draws | Mapping[str, Any], field: str) -> Mapping[str, Any]:
    if isinstance(record, Glimpse | Draws):
        record = getattr(record, one_of(field, FIELDS, "field of a record"))
    if not isinstance(record, Mapping) or not record:
        raise GlimpseError(
            "a record, or a mapping from at least one layer to its values, is needed",
            given=f"{type(record).__name__}" + (" without layers" if record == {} else ""),
            hint="try `plot_gradients(glimpse(model, inputs, targets))`",
        )
    return record


def _density(name: str, values: Any, log: bool) -> Density:
    if not isinstance(values, Density):
        return density(values, log=log)
    if values.log != log:
        made, wanted = ("magnitude", "violin") if values.log else ("violin", "magnitude")
        raise GlimpseError(
            f"the density of layer {name!r} was made for the other kind of axis",
            given=f"a density for kind={made!r}, drawn as kind={wanted!r}",
            hint=f"try `kind={made!r}`, or make it with `log={log}`",
        )
    return values


def _few(values: Any, log: bool) -> Floats | None:
    """The values one by one, if they are few enough to be seen."""
    flat = as_array(values).ravel()
    if flat.size > _FEW:
        return None
    flat = flat[np.isfinite(flat)]
    return np.abs(flat[flat != 0]) if log else flat


def _on_axis(values: Any, log: bool) -> Any:
    # Where a power of ten overflows there is no place on the axis either.
    with np.errstate(over="ignore", under="ignore"):
        return np.power(10.0, values) if log else values


def _draw_body(ax: Axes, place: int, layer: Density) -> None:
    if not layer.coords.size:
        if np.isfinite(layer.median):
            y = _on_axis(layer.median, layer.log)
            ax.plot([place - 0.4, place + 0.4], [y, y], color=LOOKS[0].color, linewidth=1.2)
        return
    marks = {"mean": layer.median, "median": layer.median}
    ends = {"min": layer.minimum, "max": layer.maximum}
    stats = {"coords": _on_axis(layer.coords, layer.log), "vals": layer.vals}
    parts: dict[str, Any] = ax.violin(
        [{**stats, **marks, **ends}], positions=[place], widths=0.8, showextrema=False
    )
    for body in parts["bodies"]:
        body.set(facecolor="#BBD0E8", edgecolor=LOOKS[0].color, linewidth=1.0, alpha=1.0)
        body.set_zorder(2)


def _draw_marks(ax: Axes, place: int, layer: Density) -> None:
    if not np.isfinite(layer.median):
        return
    low, median, high = _on_axis(np.array([layer.low, layer.median, layer.high]), layer.log)
    ax.vlines(place, low, high, color=LOOKS[0].color, linewidth=2.5, zorder=3)
    ax.plot([place], [median], **_DOT)


def _label(ax: Axes, names: list[str], ylabel: str) -> None:
    every = -(-len(names) // 16)
    shown = range(0, len(names), every)
    ax.set_xticks([i + 1 for i in shown], [names[i] for i in shown])
    ax.set_xlim(0.4, len(names) + 0.6)
    ax.set(xlabel="layer", ylabel=ylabel)
    hide_frame(ax)


def _ylabel(record: Any, field: str, log: bool) -> str:
    name = NAMES[field] if isinstance(record, Glimpse | Draws) else "gradient"
    return f"|{name}|" if log else name


def _write_counts(ax: Axes, layers: list[Density]) -> None:
    """Say how many values are zero (below) or not finite (above), where any are."""
    notes = [
        (place, *note)
        for place, layer in enumerate(layers, start=1)
        for note in (
            (f"{layer.zeros:,} zero", layer.zeros, 0.0),
            (f"{layer.non_finite:,} not finite", layer.non_finite, 1.0),
            ("no values", not layer.count, 0.0),
        )
    ]
    width = ax.get_window_extent().width / figure_of(ax).dpi / len(layers)
    written = [(place, text, edge) for place, text, wanted, edge in notes if wanted]
    if not written:
        return
    lines = 2 if max(len(text) for _, text, _ in written) * _CHARACTER > width else 1
    tallest = lines * 1.2 * SMALL / 72
    for place, text, edge in written:
        narrow = max(map(len, text.split(" ", 1))) * _CHARACTER > width
        tallest = max(tallest, len(text) * _CHARACTER) if narrow else tallest
        ax.text(
            place,
            0.015 + 0.97 * edge,
            text.replace(" ", "\n", 1) if lines == 2 and not narrow else text,
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="top" if edge else "bottom",
            rotation=90 if narrow else 0,
            fontsize=SMALL,
            linespacing=0.95,
            color=INK,
            # A thin tail may come down to the words.
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            zorder=5,
        )
    # The share of the axes that they take is free of values, above as well as below.
    share = min(0.05 + tallest * figure_of(ax).dpi / ax.get_window_extent().height, 0.3)
    ax.margins(y=share / (1 - 2 * share))
