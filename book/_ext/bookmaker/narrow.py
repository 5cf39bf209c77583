"""A figure laid out again for a phone: its panels in one column, its text not smaller."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.text import Text

from bookmaker.narrow_words import TEXT, fit_words, room_below, wrap

WIDTH = 3.3
"""Inches, at 72 points of which 11 are 16 pixels: what a phone of 390 pixels shows."""
_TITLE = 12.0
_ROW = 0.27


def narrow(figure: Figure) -> Figure:
    """Lay out a figure again, in place, for a column of WIDTH."""
    figure.set_layout_engine("constrained", h_pad=0.1)
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
            fit_words(ax)
    wrap(figure._supylabel, figure.bbox.height)  # type: ignore[attr-defined]
    figure.set_size_inches(WIDTH, height + sum(room_below(ax) for ax in panels))


def _enlarge(figure: Figure) -> None:
    """No text smaller than that of the page, and no title much larger."""
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_tick_params(which="both", labelsize=TEXT)
    for text in figure.findobj(Text):
        text.set_fontsize(min(max(text.get_fontsize(), TEXT), _TITLE))


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
        ax.set_ylabel(ax.get_ylabel() or left.get_ylabel(), fontsize=TEXT)
        if not ax.get_xlabel():
            ax.set_xlabel(bottom.get_xlabel(), fontsize=TEXT)


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
            fontsize=TEXT,
            **_spacing(legend),
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
        fontsize=TEXT,
        borderpad=0.2,
        **_spacing(legend),
    )
    ax.set_title(ax.get_title(), fontsize=_TITLE, pad=9 + 15.5 * rows)
    return rows


def _spacing(legend: Legend) -> dict[str, float]:
    """Lines stay long enough to be told apart; a mark stands by its own name."""
    length = min(float(legend.handlelength), 2.2)
    return {"handlelength": length, "columnspacing": 1.2 if length > 1.5 else 2.0}


def _belongs(ax: Axes, panels: list[Axes]) -> bool:
    """Whether a legend speaks of one panel alone: others show other things."""
    return any(len(each.lines) != len(ax.lines) for each in panels)


def _height(ax: Axes, figure: Figure) -> float:
    """Inches for a panel with its labels: more where names stand one below another."""
    names = [text.get_text() for text in ax.get_yticklabels()]
    words = sum(any(letter.isalpha() for letter in name) for name in names)
    panel = 2.96 if len(figure.axes) == 1 else 2.48
    return max(panel, 0.27 * words + 0.8)
