"""A figure laid out again for a phone: its panels in one column, its text not smaller."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator

WIDTH = 3.3
"""Inches, at 72 points of which 11 are 16 pixels: what a phone of 390 pixels shows."""
_TEXT = 11.0
_TITLE = 12.0
_PANEL = (2.0, 2.6)
_ROW = 0.27


def narrow(figure: Figure) -> Figure:
    """Lay out a figure again, in place, for a column of WIDTH."""
    figure.set_layout_engine("constrained", h_pad=0.07)
    panels = [ax for ax in figure.axes if ax.get_subplotspec() and not hasattr(ax, "_colorbar")]
    pictures = [ax for ax in panels if not ax.axison]
    _enlarge(figure)
    if pictures:
        _shrink(figure, pictures)
        return figure
    with warnings.catch_warnings():
        # On the way there are layouts without room; the last one has it, or warns.
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        _lay_out(figure, panels)
    return figure


def _lay_out(figure: Figure, panels: list[Axes]) -> None:
    figure.set_size_inches(WIDTH, 2.5 * len(panels))
    if len(panels) > 1:
        _stack(figure, panels)
    rows = _gather_legends(figure, panels)
    height = sum(_height(ax, figure) for ax in panels) + _ROW * rows
    figure.set_size_inches(WIDTH, height)
    for _ in range(2):
        figure.draw_without_rendering()
        for ax in panels:
            _thin_ticks(ax)
            _wrap_labels(ax)
            _turn_counts(ax)
            _make_room(ax)
    _wrap(figure._supylabel, figure.bbox.height)  # type: ignore[attr-defined]
    figure.set_size_inches(WIDTH, height + sum(_below(ax) for ax in panels))


def _enlarge(figure: Figure) -> None:
    """No text smaller than that of the page, and no title much larger."""
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_tick_params(which="both", labelsize=_TEXT)
    for text in figure.findobj(Text):
        text.set_fontsize(min(max(text.get_fontsize(), _TEXT), _TITLE))


def _shrink(figure: Figure, pictures: list[Axes]) -> None:
    """Drawings without axes keep their form; text in them needs more height."""
    width, height = figure.get_size_inches()
    words = any(ax.texts for ax in pictures)
    figure.set_size_inches(
        WIDTH, height * (min(1.3 * WIDTH / width, 1.0) if words else WIDTH / width)
    )


def _stack(figure: Figure, panels: list[Axes]) -> None:
    """Put panels one below another, each with the words that it borrowed before."""
    grid = {}
    for ax in panels:
        spec = ax.get_subplotspec()
        grid[spec.rowspan.start, spec.colspan.start] = ax  # type: ignore[union-attr]
    last = max(row for row, _ in grid)
    side_by_side = len({column for _, column in grid}) > 1
    below = GridSpec(len(grid), 1, figure=figure)
    for place, ((row, column), ax) in enumerate(sorted(grid.items())):
        ax.set_subplotspec(below[place])
        ax.tick_params(labelleft=True, labelbottom=True)
        top, left = grid.get((0, column), ax), grid.get((row, 0), ax)
        bottom = grid.get((last, column), ax)
        if side_by_side and not ax.get_title() and not ax.get_title("left"):
            ax.set_title(top.get_title(), fontsize=_TITLE)
        ax.set_ylabel(ax.get_ylabel() or left.get_ylabel(), fontsize=_TEXT)
        if not ax.get_xlabel():
            ax.set_xlabel(bottom.get_xlabel(), fontsize=_TEXT)


def _legends(figure: Figure, panels: list[Axes]) -> Iterator[tuple[Axes | None, Legend]]:
    for legend in figure.legends:
        yield None, legend
    for ax in panels:
        found = ax.get_legend()
        if found is not None:
            yield ax, found


def _labels(legend: Legend) -> list[str]:
    return [text.get_text() for text in legend.get_texts()]


def _handles(legend: Legend) -> list[Artist]:
    return [handle for handle in legend.legend_handles if handle is not None]


def _gather_legends(figure: Figure, panels: list[Axes]) -> int:
    """Put a legend that holds for the whole figure above it; say how many rows it has."""
    found = list(_legends(figure, panels))
    if not found:
        return 0
    ax, legend = found[0]
    alone = ax is not None and len(found) == 1 and _belongs(ax, panels)
    if alone or len({tuple(_labels(each)) for _, each in found}) > 1:
        return sum(_raise_legend(ax, legend) for ax, legend in found if ax is not None)
    labels, title = _labels(legend), legend.get_title().get_text()
    for _, each in found:
        each.remove()
    for columns in range(min(len(labels), 6), 0, -1):
        made = figure.legend(
            _handles(legend),
            labels,
            title=title or None,
            loc="outside upper center",
            ncols=columns,
            frameon=False,
            fontsize=_TEXT,
            handlelength=2.2,
            columnspacing=1.2,
        )
        figure.draw_without_rendering()
        if columns == 1 or made.get_window_extent().width < figure.bbox.width:
            break
        made.remove()
    return -(-len(labels) // columns) + bool(title)


def _raise_legend(ax: Axes, legend: Legend) -> int:
    """Put a legend between a panel and its title; say how many rows it has."""
    labels, title = _labels(legend), legend.get_title().get_text()
    columns = max(30 // (max(map(len, labels)) + 5), 1)
    rows = -(-len(labels) // columns) + bool(title)
    ax.legend(
        _handles(legend),
        labels,
        title=title or None,
        # To the right: left of the axes stand the labels of ticks, so there is room.
        loc="lower right",
        bbox_to_anchor=(1.0, 0.98),
        ncols=columns,
        frameon=False,
        fontsize=_TEXT,
        handlelength=2.2,
        columnspacing=1.2,
        borderpad=0.2,
    )
    ax.set_title(ax.get_title(), fontsize=_TITLE, pad=6 + 15.5 * rows)
    return rows


def _belongs(ax: Axes, panels: list[Axes]) -> bool:
    """Whether a legend speaks of one panel alone: others show other things."""
    return any(len(each.lines) != len(ax.lines) for each in panels)


def _height(ax: Axes, figure: Figure) -> float:
    """Inches for a panel with its labels: more where names stand one below another."""
    names = [text.get_text() for text in ax.get_yticklabels()]
    words = sum(any(letter.isalpha() for letter in name) for name in names)
    panel = 2.9 if len(figure.axes) == 1 else 2.35
    return max(panel, 0.27 * words + 0.8)


def _thin_ticks(ax: Axes) -> None:
    """Let no two labels of the x axis touch: fewer numbers, or names turned upright."""
    ticks = [t for t in ax.get_xticklabels() if t.get_text() and t.get_visible()]
    low, high = sorted(ax.get_xlim())
    shown = [t for t in ticks if low <= t.get_position()[0] <= high]
    boxes = [t.get_window_extent() for t in shown]
    room = 0.35 * _TEXT * ax.get_figure(root=True).dpi / 72  # type: ignore[union-attr]
    if all(b.x0 - a.x1 > room for a, b in pairwise(boxes)):
        return
    locator = ax.xaxis.get_major_locator()
    if isinstance(locator, FixedLocator):
        _thin_fixed(ax, [t.get_text() for t in ticks])
    elif ax.get_xscale() == "log":
        ax.xaxis.set_major_locator(LogLocator(numticks=4))
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))


def _thin_fixed(ax: Axes, texts: list[str]) -> None:
    places = list(ax.get_xticks())
    if len(texts) == len(places) and not all(_number(text) for text in texts):
        ax.tick_params(axis="x", rotation=90)
    elif len(places) > 2:
        names = texts if len(texts) == len(places) else [f"{place:g}" for place in places]
        ax.set_xticks(places[::2], names[::2])


def _number(text: str) -> bool:
    return text.strip("−-").replace(".", "").isdigit() or "mathdefault" in text


def _below(ax: Axes) -> float:
    """Inches that upright names take below the axes, beyond what a panel has for words."""
    down = ax.get_window_extent().y0 - ax.xaxis.get_tightbbox().y0  # type: ignore[union-attr]
    return max(0.0, float(down) / 72 - 0.7)


def _turn_counts(ax: Axes) -> None:
    """Turn upright what stands at the edges of the axes, if it touches what is beside it."""
    found = [text for text in ax.texts if text.get_transform() is ax.get_xaxis_transform()]
    boxes = [text.get_window_extent() for text in found]
    if any(a.overlaps(b) for a, b in combinations(boxes, 2)):
        for text in found:
            text.set(rotation=90, text=text.get_text().replace("\n", " "))


def _make_room(ax: Axes) -> None:
    """Let counts that stand on the lower edge stand below what is drawn."""
    scale = ax.yaxis.get_transform().transform
    feet = [text for text in ax.texts if text.get_text() and text.get_position()[1] < 0.03]
    feet = [text for text in feet if text.get_transform() is not ax.transData]
    box = ax.get_window_extent()
    high = max([(text.get_window_extent().y1 - box.y0) / box.height for text in feet], default=0)
    if not 0 < high < 0.5 or not feet[0].get_transform().contains_branch(ax.transAxes):
        return
    lowest = ax.dataLim.minposy if ax.get_yscale() == "log" else ax.dataLim.y0
    bottom, top, lowest = scale(np.array([*ax.get_ylim(), lowest]))
    wanted = (lowest - (high + 0.03) * top) / (1 - high - 0.03)
    if wanted < bottom:
        ax.set_ylim(bottom=ax.yaxis.get_transform().inverted().transform(np.array([wanted]))[0])


def _wrap_labels(ax: Axes) -> None:
    box = ax.get_window_extent()
    whole = ax.get_figure(root=True).bbox.width  # type: ignore[union-attr]
    _wrap(ax.yaxis.label, box.height + 8)
    _wrap(ax.xaxis.label, 2 * (whole - (box.x0 + box.x1) / 2))
    _wrap(ax.title, 2 * (whole - (box.x0 + box.x1) / 2))


def _wrap(text: Any, room: float) -> None:
    """Break a text that is longer than its room into lines of about equal length."""
    if text is None or "\n" in text.get_text() or " " not in text.get_text():
        return
    box = text.get_window_extent()
    length = max(box.width, box.height)
    if length > room:
        lines = -(-length // room)
        words = text.get_text()
        text.set_text("\n".join(textwrap.wrap(words, int(len(words) / lines) + 6)))
