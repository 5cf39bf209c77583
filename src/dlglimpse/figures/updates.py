"""How far each step of a training moves each layer, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter

from dlglimpse.errors import GlimpseError
from dlglimpse.figures.style import INK, LOOKS, SMALL, Look, axes_or_new, hide_frame
from dlglimpse.records import Updates

Floats = npt.NDArray[np.float64]

RULE_OF_THUMB = 1e-3
"""The update-to-weight ratio that CS231n gives as a rough guide."""

_MARKS = 8
_NAMED = 8
_LINES = tuple(look.line for look in LOOKS)
# One more than there are lines, so that both come together again only after twenty layers.
_MARKERS = (*(look.marker for look in LOOKS), "v")


def plot_updates(updates: Updates, *, ax: Axes | None = None) -> Axes:
    """Draw the update-to-weight ratio of each layer, step by step, on a log axis.

    The dashed line is the rule of thumb, 1e-3. Lines run from dark blue, the first
    layer, to orange, the last one; of more than eight layers only some are named.

    Parameters
    ----------
    updates
        What `watch_updates` filled.
    ax
        Axes to draw into; a new figure if left out. Its y axis is made logarithmic.

    Returns
    -------
    Axes
        Where it was drawn, with one line per layer. Ratios of 0, infinity or nan have
        no place on a log axis: a line has a gap there, and they are counted below and
        above. Without any measured step the axes say so.

    Raises
    ------
    GlimpseError
        If `updates` is no `Updates` record.

    Notes
    -----
    What can mislead: mini-batches make the ratio jump from step to step, so look at
    the run of a line and not at a single point. A flat line near 1e-3 does not mean
    that anything is learned: noise moves weights, too.

    References
    ----------
    A. Karpathy, Stanford CS231n, "Neural Networks Part 3: Learning and Evaluation",
    section "Ratio of weights:updates".

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ratios = {"0": [1e-3, 2e-3], "2": [4e-3, 3e-3]}
    >>> fig, ax = plt.subplots()
    >>> ax = plot_updates(Updates([1, 2], ratios, n_steps=2, every=1), ax=ax)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0', '2']
    >>> plt.close(fig)
    """
    check_updates(updates)
    ax = axes_or_new(ax)
    _prepare(ax, updates)
    if not updates.steps:
        ax.text(0.98, 0.98, "no step was measured", transform=ax.transAxes, va="top", **_TEXT)
        ax.set_xticks([])
        return ax
    ratios = {name: np.asarray(values, dtype=float) for name, values in updates.ratios.items()}
    lines = {}
    for place, (name, values) in enumerate(ratios.items()):
        color = _tone(place / max(len(ratios) - 1, 1))
        look = Look(color, _LINES[place % len(_LINES)], _MARKERS[place % len(_MARKERS)])
        line = _draw_layer(ax, np.asarray(updates.steps), values, look)
        line.set_label(name)
        lines[name] = line
    _name_layers(ax, lines)
    zero = {name: int((values == 0).sum()) for name, values in ratios.items()}
    bad = {name: int((~np.isfinite(values)).sum()) for name, values in ratios.items()}
    for what, counts, edge in (("0", zero, "bottom"), ("not finite", bad, "top")):
        if any(counts.values()):
            text = _counted(what, counts, len(updates.steps))
            height = 0.98 if edge == "top" else 0.02
            ax.text(0.98, height, text, transform=ax.transAxes, va=edge, **_TEXT)
            ax.margins(y=0.3)
    return ax


_TEXT: dict[str, Any] = {"ha": "right", "fontsize": SMALL, "color": INK, "zorder": 5}


def _prepare(ax: Axes, updates: Updates) -> None:
    """A log axis around the rule of thumb, and one that counts steps."""
    ax.set_yscale("log")
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.axhline(RULE_OF_THUMB, color=INK, linestyle=(0, (6, 3)), linewidth=1.2, zorder=4)
    steps = [1, *updates.steps, max(updates.n_steps, 1)]
    # A decade on either side, or the noise of a steady ratio would fill the axes.
    ax.update_datalim([(1, RULE_OF_THUMB / 10), (1, RULE_OF_THUMB * 10)])
    room = max(0.03 * (max(steps) - 1), 0.5)
    ax.set(xlim=(1 - room, max(steps) + room), xlabel="step", ylabel="update-to-weight ratio")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    hide_frame(ax)


def _draw_layer(ax: Axes, steps: npt.NDArray[Any], values: Floats, look: Look) -> Line2D:
    shown = np.isfinite(values) & (values > 0)
    neighbors = np.pad(shown, 1)
    # A point between two gaps has no line to be part of.
    lonely = shown & ~neighbors[:-2] & ~neighbors[2:]
    marked = np.arange(len(steps)) % max(len(steps) // _MARKS, 1) == 0
    (line,) = ax.plot(
        steps,
        np.where(shown, values, np.nan),
        color=look.color,
        linestyle=look.line,
        linewidth=1.2,
        marker=look.marker,
        markersize=4,
        markevery=list(lonely | (marked & shown)),
        zorder=3,
    )
    return line


def _tone(part: float) -> str:
    """A color on the way from the first layer's to the last layer's."""
    first, last = (np.asarray(to_rgb(LOOKS[k].color)) for k in (0, 1))
    return to_hex(first + part * (last - first))


def _name_layers(ax: Axes, lines: Mapping[str, Line2D]) -> None:
    """A legend beside the axes, in forward order, of so many layers as can be read."""
    names, handles = list(lines), list(lines.values())
    places = np.unique(np.linspace(0, len(names) - 1, min(len(names), _NAMED)).round().astype(int))
    ax.legend(
        [handles[k] for k in places],
        [names[k] for k in places],
        title="layer",
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        frameon=False,
        fontsize=SMALL,
        title_fontsize=SMALL,
        handlelength=2.5,
    )


def _counted(what: str, counts: Mapping[str, int], n_steps: int) -> str:
    """Which layers have such ratios, the first two of them with their count."""
    found = [
        f"layer {name}: {what} in {count:,} of {n_steps:,} steps"
        for name, count in counts.items()
        if count
    ]
    more = len(found) - 2
    rest = [f"and in {more} more layer{'s' * (more > 1)}"] if more > 0 else []
    return "\n".join([*found[:2], *rest])


def check_updates(updates: object) -> None:
    """Refuse what `watch_updates` did not make."""
    if not isinstance(updates, Updates):
        raise GlimpseError(
            "`updates` must be an `Updates` record",
            given=type(updates).__name__,
            hint="try `with watch_updates(model, optimizer) as updates:` around the loop",
        )
