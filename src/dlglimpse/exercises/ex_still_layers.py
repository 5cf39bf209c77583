"""Two layers that do not move: which is frozen, and to which no gradient arrives."""

from __future__ import annotations

from typing import Any

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected

LAYERS = ("stem", "gate", "body", "head")
"""The layers of the network, in forward order; the second is starved, the first frozen."""

_STARVED = {"stem": "starved-has-gradient", "body": "starved-behind", "head": "starved-smallest"}


def verdict(*, starved: Any, frozen: Any) -> Verdict:
    """First whether both are names, then which belief would give them."""
    for name, value in (("starved", starved), ("frozen", frozen)):
        wrong = _no_name(name, value)
        if wrong:
            return wrong
    if (starved, frozen) == ("gate", "stem"):
        return None
    if (starved, frozen) == ("stem", "gate"):
        return mistaken("swapped")
    if starved == frozen:
        return mistaken("one-for-both", name=starved)
    if starved in _STARVED:
        return mistaken(_STARVED[starved])
    return mistaken("frozen-moves", name=frozen)


def _no_name(name: str, value: Any) -> Verdict:
    """What is wrong with an answer that is no layer's name; None if it is one."""
    if not isinstance(value, str):
        return unexpected(f"`{name}` should be the name of a layer, a string.")
    if value in LAYERS:
        return None
    if value.rpartition(".")[0] in LAYERS:
        return mistaken("parameter-for-layer", name=value)
    return unexpected(f"`{name}` is {value!r}, and the network has the layers {', '.join(LAYERS)}.")


EXERCISE = Exercise(
    key="still-layers",
    page="your-network",
    tests="Tells a frozen layer from a starved one by gradient and update together.",
    minutes=8,
    answers={"starved": "any", "frozen": "any"},
    hints=(
        "Which two layers have a ratio of 0 in `gated_updates.ratios`? Only those can be meant.",
        "Of these two, one has a gradient in `glimpse(...).weight_gradients`, and one has none.",
    ),
    mistakes={
        "swapped": "You found the right two layers, and gave each the other's reason. Which of "
        "them has a gradient that it may not follow?",
        "one-for-both": "You named {name!r} twice. Each of the two reasons belongs to a layer of "
        "its own: look for a second one whose updates are all 0.",
        "starved-has-gradient": "This layer does not move, but look at its gradient: it is there. "
        "`glimpse` looks at layers whether they may learn or not.",
        "starved-behind": "This layer stands beside the trouble and does learn: its updates are "
        "not 0. Which layer's output is it multiplied by?",
        "starved-smallest": "This layer moves in every step. Its gradient may be small, and small "
        "is not none: look for one that is exactly zero.",
        "frozen-moves": "The starved layer is right. But {name!r} moves in every step, and what "
        "is frozen does not.",
        "parameter-for-layer": "{name!r} is the name of a parameter. The layer's name is what "
        "stands before the last dot.",
    },
    right="Update and gradient together tell: none of both is starved, a gradient without an "
    "update is frozen, or forgotten by the optimizer.",
    verdict=verdict,
)
