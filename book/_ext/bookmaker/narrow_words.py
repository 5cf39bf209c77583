"""The words of a panel on a phone: none on another, none cut off."""

from __future__ import annotations

import textwrap
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator

TEXT = 11.0
"""The size of the page's text, in points."""


def fit_words(ax: Axes) -> None:
    """Give every word of a panel that was drawn a place of its own."""
    _thin_ticks(ax)
    _wrap_labels(ax)
    _turn_counts(ax)
    _make_room(ax)


def _thin_ticks(ax: Axes) -> None:
    """Let no two labels of the x axis touch: fewer numbers, or names turned upright."""
    ticks = [t for t in ax.get_xticklabels() if t.get_text() and t.get_visible()]
    low, high = sorted(ax.get_xlim())
    shown = [t for t in ticks if low <= t.get_position()[0] <= high]
    boxes = [t.get_window_extent() for t in shown]
    room = 0.35 * TEXT * ax.get_figure(root=True).dpi / 72  # type: ignore[union-attr]
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


def room_below(ax: Axes) -> float:
    """Inches that upright names take below the axes, beyond what a panel has for words."""
    down = ax.get_window_extent().y0 - ax.xaxis.get_tightbbox().y0  # type: ignore[union-attr]
    return max(0.0, float(down) / 72 - 0.7)


def _turn_counts(ax: Axes) -> None:
    """Move counts that touch each other to the names of what they count, or turn them upright."""
    found = [text for text in ax.texts if text.get_transform() is ax.get_xaxis_transform()]
    boxes = [text.get_window_extent() for text in found]
    if not any(a.overlaps(b) for a, b in combinations(boxes, 2)):
        return
    counts = {text.get_position()[0]: text.get_text().replace("\n", " ") for text in found}
    places = list(ax.get_xticks())
    names = [label.get_text() for label in ax.get_xticklabels()]
    if all(_below(text) for text in found) and counts.keys() <= set(places) and all(names):
        parts = [[name, counts.get(place)] for name, place in zip(names, places, strict=True)]
        ax.set_xticks(places, [", ".join(filter(None, part)) for part in parts])
        ax.tick_params(axis="x", rotation=90)
        for text in found:
            text.remove()
        return
    for text in found:
        text.set(rotation=90, text=text.get_text().replace("\n", " "))


def _below(text: Text) -> bool:
    """Whether a text stands on the lower edge of its axes."""
    return text.get_position()[1] < 0.03


def _make_room(ax: Axes) -> None:
    """Let counts that stand on the lower edge stand below what is drawn."""
    scale = ax.yaxis.get_transform().transform
    feet = [text for text in ax.texts if text.get_text() and _below(text)]
    feet = [t for t in feet if t.get_transform().contains_branch_seperately(ax.transAxes)[1]]
    box = ax.get_window_extent()
    high = max([(text.get_window_extent().y1 - box.y0) / box.height for text in feet], default=0)
    if not 0 < high < 0.6:
        return
    high += 0.05
    lowest = ax.dataLim.minposy if ax.get_yscale() == "log" else ax.dataLim.y0
    bottom, top, lowest = scale(np.array([*ax.get_ylim(), lowest]))
    wanted = (lowest - high * top) / (1 - high)
    if wanted < bottom:
        ax.set_ylim(bottom=ax.yaxis.get_transform().inverted().transform(np.array([wanted]))[0])


def _wrap_labels(ax: Axes) -> None:
    box = ax.get_window_extent()
    whole = ax.get_figure(root=True).bbox.width  # type: ignore[union-attr]
    wrap(ax.yaxis.label, box.height + 8)
    wrap(ax.xaxis.label, 2 * (whole - (box.x0 + box.x1) / 2))
    wrap(ax.title, 2 * (whole - (box.x0 + box.x1) / 2))


def wrap(text: Any, room: float) -> None:
    """Break a text that is longer than its room into lines of about equal length."""
    if text is None or "\n" in text.get_text() or " " not in text.get_text():
        return
    box = text.get_window_extent()
    length = max(box.width, box.height)
    if length > room:
        lines = -(-length // room)
        words = text.get_text()
        text.set_text("\n".join(textwrap.wrap(words, int(len(words) / lines) + 6)))
