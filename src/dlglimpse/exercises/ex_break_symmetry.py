"""Break the symmetry: which one weight matrix must be random for all units to differ."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

N_MODULES = 5
POSITIONS = {0: "first-matrix", 4: "last-matrix"}


def verdict(*, choice: Any) -> Verdict:
    """A position in `nn.Sequential`; a negative one counts from the end, as in Python."""
    if isinstance(choice, str):
        return mistaken("in-words", given=described(choice))
    if isinstance(choice, nn.Module) or (isinstance(choice, Tensor) and choice.numel() != 1):
        return mistaken("layer-not-position", given=_kind(choice))
    if isinstance(choice, list | tuple | set | dict):
        return mistaken("more-than-one", given=described(choice))
    number = None if isinstance(choice, bool) else array(choice)
    if number is None or number.size != 1:
        return unexpected(f"`choice` should be a position, 0, 2 or 4, and is {described(choice)}.")
    return _position(number.item())


def _kind(choice: nn.Module | Tensor) -> str:
    return "a tensor" if isinstance(choice, Tensor) else f"a module, {described(choice)}"


def _position(position: float) -> Verdict:
    if position % 1 != 0:
        return unexpected(f"`choice` is {position:g}, and positions are whole numbers.")
    if not -N_MODULES <= position < N_MODULES:
        return mistaken("out-of-the-network", given=f"{position:g}")
    index = int(position) % N_MODULES
    if index % 2 == 1:
        return mistaken("an-activation", given=f"{position:g}")
    return mistaken(POSITIONS[index]) if index in POSITIONS else None


EXERCISE = Exercise(
    key="break-symmetry",
    page="initialization",
    tests="Says what keeps two units alike: shared incoming weights, and shared outgoing ones.",
    minutes=10,
    answers={"choice": "any"},
    hints=(
        "When are two units of a layer one and the same for training? Count what both must "
        "share: what comes in, and what goes out.",
        "A weight of the matrix at position 2 leads from a unit of the first hidden layer to a "
        "unit of the second. To which layers do the weights at 0 and at 4 belong?",
        "Draw the network with two units in each hidden layer and write the same letter on "
        "equal weights. Make one matrix random, and look for two units of a layer that still "
        "have the same letters on all their arrows.",
    ),
    mistakes={
        "first-matrix": "With a random first matrix the units of the first hidden layer differ. "
        "But every unit of the second reads them through the same weights, so the second layer "
        "stays one unit. Run it, and look at the last line printed.",
        "last-matrix": "With a random last matrix the units of the second hidden layer are "
        "pulled apart, since each is passed on with a weight of its own. But each of them "
        "weighs all units of the first layer alike, so the first layer stays one unit.",
        "an-activation": "At position {given} of `nn.Sequential` stands a tanh, which has no "
        "weights. The activations are counted, too: the matrices are at 0, 2 and 4.",
        "out-of-the-network": "There is no position {given}: three linear layers and the two "
        "activations between them are counted from 0 to 4.",
        "more-than-one": "`choice` is {given}. You may make only one of the three random. Which "
        "of them touches both hidden layers?",
        "in-words": "`choice` is the text {given}. Fill in the position as a number, without "
        "quotes: the cell uses it as `model[choice]`.",
        "layer-not-position": "`choice` is {given}. Its position is asked for: the number "
        "that stands in the brackets of `model[...]`.",
    },
    right="It is the only matrix that holds incoming weights of one hidden layer and outgoing "
    "weights of the other.",
    verdict=verdict,
)
