"""Ink, sizes and line styles that all figures share; nothing global is touched."""

from __future__ import annotations

from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

INK = "#1F2937"
"""Text and outlines."""
QUIET = "#6B7280"
"""What should be readable but not loud: zero lines, counts, edges."""
SMALL = 9.0
"""Size of the smallest text, in points."""


class Look(NamedTuple):
    """How one series is told from the others, also in gray."""

    color: str
    line: str
    marker: str


# Every color has a contrast of 3:1 or more on white, differs from the others under
# simulated red- and green-blindness, and has a lightness of its own.
LOOKS = (
    Look("#08306B", "-", "o"),
    Look("#D9580D", "--", "s"),
    Look("#00695C", "-.", "^"),
    Look("#8A5CC4", ":", "D"),
)


def axes_or_new(ax: Axes | None, *, size: tuple[float, float] = (6.4, 3.8)) -> Axes:
    """The given axes, or those of a new figure."""
    if ax is not None:
        return ax
    return plt.subplots(figsize=size, layout="constrained")[1]


def figure_of(ax: Axes) -> Figure:
    """The whole figure that axes belong to, also from inside a subfigure."""
    figure = ax.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    return figure


def hide_frame(ax: Axes) -> None:
    """Leave only the axes that carry numbers."""
    ax.spines[["top", "right"]].set_visible(False)
