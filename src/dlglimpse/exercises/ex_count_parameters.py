"""Count the parameters: the formula of a network's size, at any sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

SIZES = ((4, 2, 2, 1), (2, 2, 2, 2, 2), (64, 128, 10), (3, 7, 5, 11), (6, 1))

Formula = Callable[[Sequence[int]], int]


def counted(sizes: Sequence[int]) -> int:
    """The number of weights and biases."""
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(sizes))


FORMULAS: dict[str, Formula] = {
    "no-biases": lambda s: sum(a * b for a, b in pairwise(s)),
    "biases-of-inputs": lambda s: counted(s) + s[0],
    "biases-on-the-wrong-side": lambda s: sum(a * b + a for a, b in pairwise(s)),
    "one-bias-per-layer": lambda s: sum(a * b + 1 for a, b in pairwise(s)),
    "units": sum,
    "all-multiplied": math.prod,
    "last-layer-forgotten": lambda s: counted(s[:-1]),
    "first-layer-forgotten": lambda s: counted(s[1:]),
    "sums-for-products": lambda s: sum(a + b + b for a, b in pairwise(s)),
}
"""What is counted in place of the parameters."""


def verdict(*, count: Callable[..., Any]) -> Verdict:
    """Ask for several networks, and compare all answers with each formula."""
    found = []
    for sizes in SIZES:
        answer = call(count, sizes, name="count")
        if answer is None:
            return mistaken("returns-none")
        number = array(answer)
        if number is not None and number.size == len(sizes) - 1 > 1:
            return mistaken("layer-by-layer", sizes=sizes)
        if number is None or number.size != 1:
            return unexpected(f"`count({sizes})` is {described(answer)}, which is no number.")
        found.append(float(number.item()))
    right = [counted(sizes) for sizes in SIZES]
    if found == right:
        return None
    for mistake, formula in FORMULAS.items():
        if found == [formula(sizes) for sizes in SIZES]:
            return mistaken(mistake)
    if len(set(found)) == 1:
        return mistaken("one-number", number=f"{found[0]:g}")
    first = next(k for k in range(len(SIZES)) if found[k] != right[k])
    return unexpected(
        f"`count({SIZES[first]})` is {found[first]:g}, and such a network has another number "
        "of parameters: build it with `mlp`, and count those of its first layer."
    )


EXERCISE = Exercise(
    key="count-parameters",
    page="sequential",
    tests="Turns the sizes of a network into the number of its weights and biases.",
    minutes=10,
    answers={"count": "function"},
    hints=(
        "Take one layer first, from 4 units to 2: how many numbers does `nn.Linear(4, 2)` hold?",
        "A layer has a weight for every pair of a unit it reads and a unit it feeds, and a "
        "bias for each unit of one of the two kinds. Which?",
        "`zip(sizes, sizes[1:])` gives the two sizes of every layer in turn.",
    ),
    mistakes={
        "no-biases": "You counted all weights, and no bias. Each unit that is computed has one.",
        "biases-of-inputs": "Your count is too large by the number of inputs. Inputs are given, "
        "not computed, and have no bias.",
        "biases-on-the-wrong-side": "In every layer you counted a bias for each unit it reads. "
        "The bias belongs to the units that the layer computes.",
        "one-bias-per-layer": "You counted one bias for each layer. It is one for each unit "
        "that the layer computes.",
        "units": "You counted units. Parameters sit on the connections between them, and "
        "there is a bias for those that are computed.",
        "all-multiplied": "All sizes are multiplied with each other. Only neighbors are "
        "connected, and layers add up.",
        "last-layer-forgotten": "The last layer is missing in your sum. Four sizes make three "
        "layers.",
        "first-layer-forgotten": "The first layer is missing in your sum. Four sizes make "
        "three layers.",
        "sums-for-products": "You added the two sizes of a layer. Each of the units it reads is "
        "connected with each of those it computes.",
        "one-number": "It is {number} for every network. Does your function use `sizes`?",
        "layer-by-layer": "`count({sizes})` gives one number for each layer. What is asked for "
        "is how many there are in all.",
        "returns-none": "`count` returns None. A number that is only printed is lost to "
        "whoever calls the function.",
        "off-the-end": "Your loop asks for the size behind the last one. Layers stand between "
        "sizes, so there is one fewer of them.",
    },
    errors={r"IndexError: (list|tuple) index out of range": "off-the-end"},
    right="A weight for each pair of neighbors, a bias for each unit that is computed.",
    verdict=verdict,
)
