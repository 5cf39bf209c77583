"""Colors of drawings in both themes, and their contrast on the page.

Source of the formulas: Web Content Accessibility Guidelines 2.2, "relative luminance"
and "contrast ratio".
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STYLE = Path(__file__).parent / "assets" / "figures.css"
TEXT, MARKS = 4.5, 3.0
"""The contrast that text needs, and that marks need."""
_VARIABLE = re.compile(r"--fig-([a-z0-9-]+): (#[0-9a-f]{6});")
# What matplotlib and the package write for one of the colors: there, no text is orange.
_SAME = {"#000000": "#1f2937", "#808080": "#6b7280", "#d9580d": "#c04f0a"}

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Paint:
    """A color as a page shows it: its CSS, and what it is in the two themes."""

    css: str
    light: str
    dark: str

    def contrast(self, opacity: float = 1.0) -> float:
        """The contrast on the page, in the theme in which it is lower."""
        papers = palette()["paper"]
        both = zip((self.light, self.dark), papers, strict=True)
        return min(contrast(mixed(color, paper, opacity), paper) for color, paper in both)


@cache
def palette() -> dict[str, tuple[str, str]]:
    """The colors of the style by name, for light pages and for dark ones."""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for name, color in _VARIABLE.findall(STYLE.read_text(encoding="utf-8")):
        (dark if name in light else light)[name] = color
    return {name: (color, dark[name]) for name, color in light.items()}


@cache
def paint(color: str) -> Paint:
    """The color of the palette that a drawing means, or its own with one for dark pages."""
    color = _SAME.get(color.lower(), color.lower())
    for name, (light, dark) in palette().items():
        if color == light:
            return Paint(f"var(--fig-{name})", light, dark)
    dark = _as_strong(color)
    return Paint(f"light-dark({color},{dark})", color, dark)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors, from 1 to 21.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """The relative luminance of a color, from 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mixed(color: str, paper: str, opacity: float) -> str:
    """What a color looks like that lets the paper through.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(_rgb(color), _rgb(paper), strict=True)
    return _hex([opacity * c + (1 - opacity) * p for c, p in pairs])


def _as_strong(color: str) -> str:
    """The color of the same hue that is on dark paper what this one is on white."""
    light, dark = palette()["paper"]
    wanted = contrast(color, light)
    hue, _, saturation = colorsys.rgb_to_hls(*_rgb(color))
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        tried = _hex(colorsys.hls_to_rgb(hue, middle, saturation))
        if luminance(tried) > luminance(dark) and contrast(tried, dark) > wanted:
            high = middle
        else:
            low = middle
    return _hex(colorsys.hls_to_rgb(hue, high, saturation))


def _rgb(color: str) -> Rgb:
    red, green, blue = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


def _hex(parts: list[float] | Rgb) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
