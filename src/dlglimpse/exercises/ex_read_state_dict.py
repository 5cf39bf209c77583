"""What does a file know: a network that takes the numbers of a state dict."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import nn

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected

FOUND = {"0.weight": (16, 3), "0.bias": (16,), "3.weight": (4, 16), "3.bias": (4,)}
"""Names and shapes of what is in the file."""


def verdict(*, rebuilt: nn.Module) -> Verdict:
    """Compare names and shapes; then load numbers for good."""
    has = {name: tuple(value.shape) for name, value in rebuilt.state_dict().items()}
    if has == FOUND:
        rebuilt.load_state_dict({name: torch.zeros(shape) for name, shape in FOUND.items()})
        return None
    return _by_names(has) or _by_shapes(has)


def _by_names(has: Mapping[str, tuple[int, ...]]) -> Verdict:
    names = ", ".join(f'"{name}"' for name in has) or "nothing"
    if {name.rpartition(".")[0] for name in has} == {"0", "3"} and len(has) == 2:
        return mistaken("no-biases")
    if all(re.search(r"\.\d+\.(weight|bias)$", name) for name in has) and has:
        return mistaken("wrapped", names=names)
    if not all(re.match(r"\d+\.", name) for name in has):
        return mistaken("own-names", names=names)
    layers = sorted({int(name.split(".")[0]) for name in has})
    if len(layers) > 2:
        return mistaken("extra-parameters", names=names)
    if len(layers) == 2 and layers[0] == 0 and layers[1] != 3:
        between = layers[1] - 1
        return mistaken("too-few-between" if between < 2 else "too-many-between", between=between)
    return None if has.keys() == FOUND.keys() else unexpected(f"Your network has {names}.")


def _by_shapes(has: Mapping[str, tuple[int, ...]]) -> Verdict:
    wrong = {name: shape for name, shape in has.items() if FOUND[name] != shape}
    name, shape = next(iter(wrong.items()))
    weights = [each for each in wrong if each.endswith("weight")]
    if weights and all(wrong[each] == FOUND[each][::-1] for each in weights):
        return mistaken("transposed")
    return mistaken("other-sizes", name=name, shape=shape, wanted=FOUND[name])


EXERCISE = Exercise(
    key="read-state-dict",
    page="sequential",
    tests="Reads the names and shapes of a state dict, and says what they cannot tell.",
    minutes=10,
    answers={"rebuilt": "model"},
    hints=(
        "The number in front of the dot is a place in the `nn.Sequential`. Which places are "
        "taken by layers with parameters, and which are not in the file at all?",
        "A linear layer keeps its weight in the shape (out, in), and its constructor takes the "
        "two numbers in the other order.",
        "Whatever stands in a place without a name in the file has no parameters. "
        "Try `rebuilt.load_state_dict(found)`, and read what it misses.",
    ),
    mistakes={
        "transposed": "Your layers have the two sizes in the wrong order. A weight has the "
        "shape (out, in), and `nn.Linear` is called with what goes in first.",
        "too-few-between": "Between your two linear layers stands {between} module, and the "
        'second one of the file is called "3". Count the places.',
        "too-many-between": "Between your two linear layers stand {between} modules, and the "
        'second one of the file is called "3". Count the places, from 0.',
        "no-biases": "Your layers have no biases, and the file has two of them.",
        "extra-parameters": "Your network has {names}: more modules with parameters or buffers "
        "than there are in the file. What stands between the layers has none.",
        "own-names": "Your network calls its tensors {names}. A state dict knows them by name, "
        "and the names of the file are those of an `nn.Sequential`.",
        "wrapped": "Your network calls its tensors {names}: the `nn.Sequential` is inside of "
        "another module, and the names begin with where it is kept.",
        "other-sizes": "`{name}` has the shape {shape} in your network, and {wanted} in the file.",
    },
    right="Sizes and places are in the file; what computes between them is not.",
    verdict=verdict,
)
