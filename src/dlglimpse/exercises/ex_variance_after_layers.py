"""The variance after L layers: by what factor linear layers change the size of a signal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

Formula = Callable[[float, int, int], float]
LOOKALIKES: dict[str, Formula] = {
    "mean-square": lambda std, width, n: (width * std**2) ** n,
    "std-for-variance": lambda std, width, n: (width * std) ** (n / 2),
    "std-for-variance-unrooted": lambda std, width, n: (width * std) ** n,
    "one-layer": lambda std, width, n: math.sqrt(width) * std,
    "layers-added": lambda std, width, n: n * math.sqrt(width) * std,
    "layers-under-the-root": lambda std, width, n: math.sqrt(n * width) * std,
    "width-forgotten": lambda std, width, n: std**n,
    "one-layer-off": lambda std, width, n: (width * std**2) ** ((n - 1) / 2),
    "one-layer-over": lambda std, width, n: (width * std**2) ** ((n + 1) / 2),
    "whole-halves": lambda std, width, n: (width * std**2) ** (n // 2),
    "upside-down": lambda std, width, n: (width * std**2) ** (-n / 2),
}
"""What is written in place of the formula."""
SAME_HINT = {
    "std-for-variance-unrooted": "std-for-variance",
    "layers-under-the-root": "layers-added",
    "one-layer-over": "one-layer-off",
}
WIDTHS = {50: "width-of-std", 0.02: "width-is-std", 0.0004: "width-is-variance"}


def right(std: float, width: int, n_layers: int) -> float:
    """The factor asked for."""
    return float((width * std**2) ** (n_layers / 2))


def verdict(*, signal_factor: Callable[..., Any], right_width: Any) -> Verdict:
    """The function at random arguments, and then the width that follows from it."""
    return _factor(signal_factor) or _width(right_width)


def _factor(function: Callable[..., Any]) -> Verdict:
    found = {}
    for std, width, n_layers in _arguments():
        value = call(function, std, width, n_layers, name="signal_factor")
        if value is None:
            return mistaken("returns-none")
        number = array(value)
        if number is None or number.size != 1 or isinstance(value, list | tuple):
            return mistaken("not-one-number", given=described(value))
        found[std, width, n_layers] = number.item()
    if _agrees(right, found):
        return None
    for name, formula in LOOKALIKES.items():
        if _agrees(formula, found):
            return mistaken(SAME_HINT.get(name, name))
    arguments, value = next((a, v) for a, v in found.items() if not _near(v, right(*a)))
    again = array(call(function, *arguments, name="signal_factor"))
    if again is None or again.item() != value:
        return mistaken("measured-not-computed")
    return unexpected(
        f"For std={arguments[0]}, width={arguments[1]} and {_layers(arguments[2])} "
        f"your function gives {value:.4g}, which is not the factor."
    )


def _layers(n: int) -> str:
    return f"{n} layer" if n == 1 else f"{n} layers"


def _arguments() -> list[tuple[float, int, int]]:
    """Odd and even numbers of layers, and factors that neither overflow nor are near one."""
    generator = torch.Generator().manual_seed(0)
    drawn = []
    for n_layers in (1, 2, 3, 4, 7):
        width = int(torch.randint(20, 900, (), generator=generator))
        factor = 0.4 + 0.4 * torch.rand((), generator=generator).item()
        drawn.append((round(factor / math.sqrt(width), 4), width, n_layers))
    return drawn


def _agrees(formula: Formula, found: dict[tuple[float, int, int], float]) -> bool:
    return all(_near(value, formula(*arguments)) for arguments, value in found.items())


def _near(value: float, wanted: float) -> bool:
    return math.isclose(value, wanted, rel_tol=1e-4)


def _width(right_width: Any) -> Verdict:
    number = None if isinstance(right_width, str | bool) else array(right_width)
    if number is None or number.size != 1:
        return unexpected(f"`right_width` should be a number, and is {described(right_width)}.")
    width = number.item()
    if _near(width, 2500):
        return None
    for value, mistake in WIDTHS.items():
        if _near(width, value):
            return mistaken(mistake)
    if math.isfinite(width) and width > 0:
        twelve = math.sqrt(width) * 0.02
        return mistaken("other-width", width=f"{width:g}", factor=f"{twelve:.2g}")
    return unexpected(f"`right_width` is {width:g}, and a layer has one unit or more.")


EXERCISE = Exercise(
    key="variance-after-layers",
    page="initialization",
    tests="Turns the variance of a weight into a factor on the size of a signal, layer by layer.",
    minutes=10,
    answers={"signal_factor": "function", "right_width": "any"},
    hints=(
        "One equation of this page says by what a layer multiplies the *mean square* of its "
        "input. Start with one layer, and ask for the root mean square at the end.",
        "The equation has a variance in it, and you are given a standard deviation. And what "
        "do the factors of several layers do: are they added, or multiplied?",
        "The right width is the one for which your function returns 1, whatever the number of "
        "layers. Try your function on a few widths.",
    ),
    mistakes={
        "returns-none": "`signal_factor` returns None. Is there a `return`, or only a `print`?",
        "not-one-number": "`signal_factor` returns {given}. One number is asked for: the factor "
        "from the first input to the last output.",
        "mean-square": "That is the factor on the *mean square* of the signal. The root mean "
        "square is asked for: one step is missing.",
        "std-for-variance": "The standard deviation stands where the variance belongs: the "
        "equation multiplies the number of inputs by Var(w).",
        "one-layer": "That is the factor of a single layer, whatever `n_layers` is.",
        "layers-added": "The factors of the layers are added up. Each layer multiplies what the "
        "one before it has put out.",
        "width-forgotten": "The width does not enter: each output is a sum over that many "
        "inputs, and every one of them adds to its variance.",
        "one-layer-off": "The number of layers is off by one: for one layer, your function gives "
        "the factor of none, or of two.",
        "whole-halves": "For even numbers of layers it is right, for odd ones not: `//` drops "
        "the half. A factor of one layer has half a power in it.",
        "upside-down": "That is one over the factor: your signals grow where they shrink.",
        "measured-not-computed": "Two calls with the same arguments give different numbers, so "
        "the factor is measured on random weights. A good test of a formula; the formula itself "
        "is asked for here.",
        "width-of-std": "50 is one over the standard deviation. What must be 1 for the signal "
        "to stay, width times standard deviation or width times variance?",
        "width-is-std": "0.02 is the standard deviation itself. The width is a number of units.",
        "width-is-variance": "0.0004 is the variance of one weight. How many such weights make "
        "a sum of variance 1?",
        "other-width": "With {width} units and a standard deviation of 0.02 each layer "
        "multiplies the size of the signal by {factor}. For which width is that factor 1?",
    },
    right="Each layer multiplies the mean square by width times variance, and 0.02 keeps a "
    "signal at one width only.",
    verdict=verdict,
)
