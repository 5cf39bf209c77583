"""The picture that a chat or a feed shows beside a link to a page."""

from __future__ import annotations

import textwrap
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

WIDTH, HEIGHT = 1200, 630
_DPI = 100
_NIGHT, _PAPER, _MIST = "#0d1b33", "#ffffff", "#b8c4da"
# The three lines of the landing page, with its markers: gradients by layer, first to last.
_LINES = (
    ("#5fd0b8", "^", (0.86, 0.80, 0.80, 0.81, 0.81, 0.82, 0.82, 0.83, 0.98)),
    ("#ff9a5c", "s", (0.33, 0.38, 0.45, 0.52, 0.60, 0.67, 0.74, 0.83, 1.00)),
    ("#8fb4ff", "o", (0.08, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.96)),
)


def draw(path: Path, title: str, description: str, book: str) -> None:
    """Draw the card of a page; the same words give the same bytes."""
    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor=_NIGHT)
    _lines(figure)
    _words(figure, title, description, book)
    drawn = BytesIO()
    figure.savefig(drawn, format="rgba", dpi=_DPI)
    picture = Image.frombytes("RGBA", (WIDTH, HEIGHT), drawn.getvalue()).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)


def _words(figure: Figure, title: str, description: str, book: str) -> None:
    # A dollar sign is a dollar sign.
    plain: dict[str, Any] = {"parse_math": False, "va": "top", "family": "DejaVu Sans"}
    figure.text(0.06, 0.91, book, color=_MIST, size=20, **plain)
    lines = textwrap.wrap(title, 26)
    size = 44 if len(lines) < 3 else 36
    figure.text(0.06, 0.82, "\n".join(lines), color=_PAPER, size=size, weight="bold", **plain)
    # Text is measured in points, 72 to the inch, and placed in shares of the height.
    below = 0.82 - len(lines) * 1.2 * size / 72 / (HEIGHT / _DPI) - 0.03
    words = "\n".join(textwrap.wrap(description, 66))
    figure.text(0.06, below, words, color=_MIST, size=20, linespacing=1.45, **plain)


def _lines(figure: Figure) -> None:
    axes = figure.add_axes((0.06, 0.05, 0.88, 0.27))
    axes.set_axis_off()
    axes.set_ylim(0, 1.08)
    for color, marker, heights in _LINES:
        axes.plot(range(9), heights, color=color, marker=marker, markersize=9, linewidth=3.5)
