"""A gradient past a detached factor, predicted: which number comes from which belief."""

from __future__ import annotations

import math
from typing import Any

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array

BELIEFS = {
    12: "trusts-the-value",
    8: "open-path-for-cut-path",
    0: "everything-cut",
    1: "constant-vanishes",
    2: "constant-not-squared",
    6: "square-lost",
    16: "cut-factor-squared",
}


def verdict(*, my_gradient: Any) -> Verdict:
    """Each number that people give belongs to a belief about what `detach` does."""
    found = array(my_gradient)
    if found is None or found.size != 1:
        return unexpected("`my_gradient` should be one number.")
    number = float(found.item())
    if math.isclose(number, 4, rel_tol=1e-6):
        return None
    if math.isclose(number, -4, rel_tol=1e-6):
        return mistaken("sign-turned")
    for value, mistake in BELIEFS.items():
        if math.isclose(number, value, rel_tol=1e-6, abs_tol=1e-6):
            return mistaken(mistake)
    return unexpected(
        f"{number:g} is not the gradient. Write the detached factor down as a number, "
        "and differentiate what is left."
    )


EXERCISE = Exercise(
    key="detached-path",
    page="autograd",
    tests="Knows that a detached factor counts as a constant, while its value stays.",
    minutes=4,
    answers={"my_gradient": "number"},
    hints=(
        "`detach` keeps the number and forgets where it came from. Which number is it here?",
        "Write f down as autograd sees it: a plain number in place of the detached factor, "
        "times a. Then differentiate that with respect to a.",
    ),
    mistakes={
        "trusts-the-value": "12 is the derivative of the cube. The value of f is that of the "
        "cube, but the way back is not: one of the two factors cannot be walked through.",
        "open-path-for-cut-path": "8 is the value of f; it is also what would come back through "
        "the detached factor, which is the path that is cut. Only the other one is open. If you "
        "ran the code: did two walks add up?",
        "everything-cut": "0 would mean that a has no way to f at all. One of the two factors is "
        "detached; the other one is not.",
        "constant-vanishes": "1 is the derivative of a alone. A constant factor does not become "
        "1 when you differentiate: it stays where it is.",
        "constant-not-squared": "2 is the value of a. The detached factor is a product: which "
        "number does it hold?",
        "square-lost": "6 comes from the rule for powers, with an exponent gone on the way. "
        "But autograd sees no power here: it sees a number times a.",
        "cut-factor-squared": "16 counts the detached factor twice: it stands in f once, and "
        "once it stays when you differentiate.",
        "sign-turned": "The size is right, the sign is not: f grows when a does.",
    },
    right="What is detached counts as a constant: its value stays, and its part of the gradient "
    "is lost.",
    verdict=verdict,
)
