"""Statistics over many draws, against depth, width or layer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from dlglimpse.errors import GlimpseError
from dlglimpse.figures.style import INK, LOOKS, SMALL, axes_or_new, hide_frame
from dlglimpse.records import Band

_GID = "dlglimpse-band"


def plot_bands(
    x: Iterable[Any],
    bands: Iterable[Band],
    *,
    label: str | None = None,
    look: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw medians as a line, and where 90 % of the draws lie as a ribbon around it.

    Each further call on the same axes gets the next color, line style and marker, so
    that series can be told apart without color.

    Parameters
    ----------
    x
        One place per band: numbers such as depths, or names such as those of layers.
    bands
        One `Band` per place.
    label
        Name of the series in the legend; without it no legend is made.
    look
        Which color, line style and marker, counted from 0; the next one if left out.
    ax
        Axes to draw into; a new figure if left out.

    Returns
    -------
    Axes
        Where it was drawn. On a log axis (set it *before*) a median of exactly zero
        has no place: it is marked at the lower edge by its marker and a 0.

    Raises
    ------
    GlimpseError
        If there is no band, their number is not that of the places, or a band is not
        finite.

    Notes
    -----
    What can mislead: the line joins medians. No single network need look like it.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots()
    >>> bands = [Band(0.1, 0.2, 0.4, n=200), Band(0.02, 0.05, 0.1, n=200)]
    >>> ax = plot_bands([1, 2], bands, label="sigmoid", ax=ax)
    >>> ax.lines[0].get_label(), ax.lines[0].get_ydata().tolist()
    ('sigmoid', [0.2, 0.05])
    >>> plt.close(fig)
    """
    places, bands = list(x), list(bands)
    _check(places, bands)
    ax = axes_or_new(ax)
    drawn = sum(line.get_gid() == _GID for line in ax.lines)
    style = LOOKS[(drawn if look is None else look) % len(LOOKS)]
    medians = [band.median for band in bands]
    log = ax.get_yscale() == "log"
    ax.plot(
        places,
        [math.nan if log and median == 0 else median for median in medians],
        color=style.color,
        linestyle=style.line,
        marker=style.marker,
        markersize=5,
        markeredgecolor="white",
        markeredgewidth=0.6,
        linewidth=1.8,
        label=label,
        gid=_GID,
        zorder=3,
    )
    # Where all is zero, a log axis has no place for a ribbon either.
    seen = [not log or band.high > 0 for band in bands]
    ax.fill_between(
        places,
        [band.low if is_seen else math.nan for band, is_seen in zip(bands, seen, strict=True)],
        [band.high if is_seen else math.nan for band, is_seen in zip(bands, seen, strict=True)],
        facecolor=style.color,
        edgecolor=style.color,
        alpha=0.18,
        linewidth=0.8,
        zorder=2,
    )
    if len(bands) == 1:
        # A ribbon has no width here.
        ax.vlines(places, bands[0].low, bands[0].high, color=style.color, linewidth=1.8)
    if log:
        _mark_zeros(ax, places, medians, style.color, style.marker)
    hide_frame(ax)
    if label is not None:
        ax.legend(frameon=False, handlelength=3)
    return ax


def _mark_zeros(ax: Axes, places: list[Any], medians: list[float], color: str, marker: str) -> None:
    """Put what a log axis cannot show at its lower edge."""
    for place, median in zip(places, medians, strict=True):
        if median == 0:
            edge = ax.get_xaxis_transform()
            ax.plot(
                [place],
                [0.02],
                marker,
                color="white",
                mec=color,
                transform=edge,
                clip_on=False,
            )
            where = (float(ax.convert_xunits(place)), 0.02)  # type: ignore[no-untyped-call]
            if any(isinstance(text, Annotation) and text.xy == where for text in ax.texts):
                continue
            # On a ground of its own: a ribbon may end upright at this very place.
            ax.annotate(
                "0",
                where,
                xycoords=edge,
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                color=INK,
                fontsize=SMALL,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                zorder=2.5,
            )


def _check(places: list[Any], bands: list[Band]) -> None:
    if not bands or len(places) != len(bands):
        raise GlimpseError(
            "every band needs its place on the x axis, and there must be one at least",
            given=f"{len(places)} places and {len(bands)} bands",
            hint="try `plot_bands(depths, [band(v) for v in values])`",
        )
    for place, band in zip(places, bands, strict=True):
        if not isinstance(band, Band):
            raise GlimpseError(
                "`bands` must hold `Band` records",
                given=f"{type(band).__name__} at x = {place!r}",
                hint="try `band(values)` on the values of all draws",
            )
        if not all(math.isfinite(v) for v in (band.low, band.median, band.high)):
            raise GlimpseError(
                "a band that is not finite cannot be drawn",
                given=f"{band} at x = {place!r}",
                hint="leave it out and say so, or count what is not finite",
            )
    numbers = [p for p in places if isinstance(p, float | int | np.number)]
    if numbers and not np.isfinite(np.asarray(numbers, dtype=float)).all():
        raise GlimpseError(
            "places on the x axis must be finite", given=f"{places}", hint="leave them out"
        )
