"""One softmax too many: how low the loss can get."""

from __future__ import annotations

import math
from typing import Any

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array

LOWEST = math.log(1 + 2 / math.e)

_P = math.e / (math.e + 2)
_THRICE = (math.exp(_P), 2 * math.exp((1 - _P) / 2))
NUMBERS = {
    "softmax-left-out": 0.0,
    "undecided": math.log(3),
    "two-classes": math.log(1 + 1 / math.e),
    "probability": _P,
    "wrong-class": math.log(2 + math.e),
    "sign-lost": -LOWEST,
    "other-logarithm": LOWEST / math.log(10),
    "softmax-once-more": math.log(1 + _THRICE[1] / _THRICE[0]),
}
"""What is found in place of the lowest loss."""


def verdict(*, lowest: Any) -> Verdict:
    """Compare one number with what is usually found."""
    value = array(lowest)
    found = float("nan") if value is None else float(value.item())
    if abs(found - LOWEST) < 2e-3:
        return None
    for mistake, number in NUMBERS.items():
        if abs(found - number) < 2e-3:
            return mistaken(mistake)
    if found > LOWEST:
        return unexpected(f"{found:.4f} can be reached, and it is not the lowest.")
    return unexpected(f"{found:.4f} is lower than the loss can get through a softmax.")


EXERCISE = Exercise(
    key="bug-softmax",
    page="sequential",
    tests="Knows that cross_entropy applies softmax itself, and what a second one does.",
    minutes=10,
    answers={"lowest": "number"},
    hints=(
        "What does the network put out when it is as sure as a softmax can be? Write down "
        "these three numbers.",
        "`F.cross_entropy` takes them for logits, and so it applies softmax to them. Call it "
        "with your three numbers, and with the class that they are sure of as the target.",
        "It wants a batch: outputs of shape (1, 3), and a target of shape (1,) that holds a "
        "class, a whole number.",
    ),
    mistakes={
        "softmax-left-out": "That is the floor without the network's own softmax: you gave "
        "`F.cross_entropy` logits of any size. What comes out of a softmax is at most 1.",
        "undecided": "The logarithm of 3 is the loss of a network that gives all three classes "
        "the same share. Yours is to be as sure as it can be.",
        "two-classes": "That is the floor for two classes. There are three.",
        "probability": "That is the probability of the right class. The loss is the negative "
        "logarithm of it.",
        "wrong-class": "That is the loss of a network that is sure of a wrong class: the "
        "highest that it can be.",
        "sign-lost": "The loss is the negative logarithm of a probability: it is never below zero.",
        "other-logarithm": "You took the logarithm to base 10. `F.cross_entropy` takes the "
        "natural one.",
        "softmax-once-more": "You applied softmax to (1, 0, 0). These three numbers are what "
        "the network's softmax puts out already; the next one is that of the loss.",
    },
    right="Through a second softmax even a perfect answer costs something, and the pull of a "
    "wrong one fades.",
    verdict=verdict,
)
