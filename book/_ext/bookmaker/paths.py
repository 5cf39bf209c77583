"""Paths of drawings in fewer characters, within a hair of where they went."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
_STEP = re.compile(r"([MLQCZ])([^MLQCZ]*)")
_TOLERANCE = 0.14
"""Points of which 72 are an inch: what a simplified line may be off."""


def moved(path: str, offset: tuple[float, float]) -> str:
    """A path, all of it moved."""
    steps = [(kind, _points(numbers) + offset) for kind, numbers in _steps(path)]
    return " ".join(f"{kind} {' '.join(plain(x) for x in points.flat)}" for kind, points in steps)


def shortened(path: str) -> str:
    """A path in fewer characters: tenths of points, steps from point to point.

    >>> shortened("M 10 10 L 20.04 10 L 20.04 12 z")
    'M10 10h10v2z'
    """
    pieces: list[str] = []
    here = np.zeros(2)
    lines: list[Points] = []
    for kind, numbers in [*_steps(path), ("", "")]:
        points = _points(numbers)
        # Marks are small shapes around zero, and show it when they are rounded.
        points = np.round(points, 1 if abs(points).max(initial=0) > 12 else 2)
        if kind == "L":
            lines.extend(points)
            continue
        for point in _simplified(np.array([here, *lines]))[1:]:
            pieces.append(_line(point - here))
            here = point
        lines.clear()
        if kind == "M":
            pieces.append("M" + " ".join(plain(x) for x in points[0]))
        elif kind in ("C", "Q"):
            pieces.append(_step(kind.lower(), points, here))
        else:
            pieces.append(kind.lower())
        here = points[-1] if len(points) else here
    return "".join(pieces)


def _steps(path: str) -> list[tuple[str, str]]:
    return _STEP.findall(path.replace("z", "Z"))


def _points(numbers: str) -> Points:
    return np.array(numbers.split(), dtype=float).reshape(-1, 2)


def _step(kind: str, points: Points, here: Points) -> str:
    return kind + " ".join(plain(x) for point in points for x in np.round(point - here, 2))


def _line(way: Points) -> str:
    """A straight step; one along an axis needs only one number."""
    x, y = (plain(part) for part in np.round(way, 2))
    return f"h{x}" if y == "0" else f"v{y}" if x == "0" else f"l{x} {y}"


def _simplified(points: Points) -> Points:
    """Leave out points that lie within a hair of the line between their neighbors."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    due = [(0, len(points) - 1)]
    while due:
        first, last = due.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        away = points[first + 1 : last] - points[first]
        length = float(np.hypot(*chord))
        if length:
            distance = abs(chord[0] * away[:, 1] - chord[1] * away[:, 0]) / length
        else:
            distance = np.hypot(away[:, 0], away[:, 1])
        place = int(distance.argmax())
        if distance[place] > _TOLERANCE:
            keep[first + 1 + place] = True
            due += [(first, first + 1 + place), (first + 1 + place, last)]
    return points[keep]


def plain(number: float) -> str:
    """A number with two digits behind the point at most, as SVG reads it."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("0.", ".", 1) if abs(number) < 1 else text
