"""Match a sigmoid network to any tanh network, with biases, so that both compute the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.exercises.architecture import steps
from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described
from dlglimpse.networks import mlp

SIZES = ((2, 8, 8, 2), (3, 5, 7, 4, 2), (2, 6, 3), (4, 4, 4, 4))
TOLERANCE = 1e-4
"""On outputs of size one: many times the rounding of float32, far below any mistake."""

Layer = tuple[Tensor, Tensor]
Rule = Callable[[Tensor, Tensor, bool, bool], Layer]


def _rule(
    *, first: float = 2, last: float = 2, c: float = 2, c_last: float = 1, rows: str = "W"
) -> Rule:
    """Weights and biases by a rule: factors on V at both ends, on c, and what is summed up."""

    def matched(V: Tensor, own: Tensor, at_first: bool, at_last: bool) -> Layer:
        W = (first if at_first else last if at_last else 4) * V
        summed = {"W": -W / 2, "V": -V / 2, "plus": W / 2, "none": 0 * W, "all": -W / 2}[rows]
        shift = summed.sum(dim=1) if rows == "all" or not at_first else torch.zeros(len(V))
        return W, shift + (c_last if at_last else c) * own

    return matched


RULES: dict[str, Rule] = {
    "right": _rule(),
    "biases-left-out": _rule(c=0, c_last=0),
    "own-biases-once": _rule(c=1),
    "last-bias-doubled": _rule(c_last=2),
    "own-biases-fourfold": _rule(c=4, c_last=2),
    "row-sums-of-v": _rule(rows="V"),
    "plus-for-minus": _rule(rows="plus"),
    "row-sums-left-out": _rule(rows="none"),
    "own-biases-copied": _rule(rows="none", c=1),
    "first-layer-moved": _rule(rows="all"),
    "first-layer-fourfold": _rule(first=4),
    "last-layer-fourfold": _rule(last=4),
    "both-ends-fourfold": _rule(first=4, last=4),
    "weights-copied": lambda V, own, at_first, at_last: (V, own),
}
"""The right rule, and what is written in its place."""
SAME_HINT = {"own-biases-copied": "row-sums-left-out", "both-ends-fourfold": "first-layer-fourfold"}


def verdict(*, match_any: Callable[..., Any]) -> Verdict:
    """Networks of several shapes, in both dtypes, with biases that cannot be overlooked."""
    for tanh_model, inputs in _networks():
        before = [p.detach().clone() for p in tanh_model.parameters()]
        built, given = call(lambda m: (match_any(m), m), tanh_model, name="match_any")
        changed = not all(map(torch.equal, before, given.parameters()))
        wrong = _kind(built) or _judged(built, tanh_model, inputs)
        if wrong is not None:
            return wrong
        if changed:
            return mistaken("given-network-changed")
    return None


def _networks() -> Iterator[tuple[nn.Sequential, Tensor]]:
    for number, sizes in enumerate(SIZES):
        generator = torch.Generator().manual_seed(number)
        model = mlp(sizes, "tanh", "glorot_normal", seed=number)
        for layer in model:
            if isinstance(layer, nn.Linear):
                layer.bias.data = torch.randn(layer.bias.shape, generator=generator)
        inputs = torch.randn(40, sizes[0], generator=generator)
        dtype = torch.float64 if number == 1 else torch.float32
        yield model.to(dtype), inputs.to(dtype)


def _kind(built: Any) -> Verdict:
    if built is None:
        return mistaken("returns-none")
    if isinstance(built, list | tuple):
        return mistaken("returns-layers", given=f"a {type(built).__name__}")
    if not isinstance(built, nn.Module):
        return unexpected(f"`match_any` returns {described(built)}, which is no network.")
    return None


def _judged(built: nn.Module, tanh_model: nn.Sequential, inputs: Tensor) -> Verdict:
    # A network built as in the page is float32, whatever it was given.
    dtype = next((p.dtype for p in built.parameters()), inputs.dtype)
    tanh_model, inputs = tanh_model.to(dtype), inputs.to(dtype)
    wanted = tanh_model(inputs).detach()
    outputs = call(built, inputs, name="your network")
    if not isinstance(outputs, Tensor) or outputs.shape != wanted.shape:
        return unexpected(
            f"Your network puts out {described(outputs)} where the tanh network "
            f"puts out {described(wanted)}."
        )
    below = [m for m in tanh_model if isinstance(m, nn.Linear)]
    layers = [step.module for step in steps(built, inputs) if step.linear]
    shapes = [(m.in_features, m.out_features) for m in layers if isinstance(m, nn.Linear)]
    if shapes != [(m.in_features, m.out_features) for m in below]:
        return mistaken(
            "other-layers",
            found=_path(shapes),
            wanted=_path([(m.in_features, m.out_features) for m in below]),
        )
    wrong = _activations(layers, inputs, outputs)
    if wrong is not None or _close(outputs, wanted):
        return wrong
    return _which_rule(below, inputs, outputs, wanted)


def _path(shapes: Sequence[tuple[int, int]]) -> str:
    return ", ".join(f"{n_in} to {n_out}" for n_in, n_out in shapes)


def _close(one: Tensor, other: Tensor) -> bool:
    return bool(torch.allclose(one, other, atol=TOLERANCE, rtol=TOLERANCE))


@torch.no_grad()
def _activations(layers: Sequence[nn.Module], inputs: Tensor, outputs: Tensor) -> Verdict:
    """Whether sigmoids stand between the layers, and nothing behind the last one."""
    values = {}
    for name, function in (("sigmoid", torch.sigmoid), ("tanh", torch.tanh)):
        signal = inputs
        for layer in layers[:-1]:
            signal = function(layer(signal))
        values[name] = layers[-1](signal)
    if _close(outputs, values["sigmoid"]):
        return None
    if _close(outputs, values["tanh"]):
        return mistaken("still-tanh")
    if _close(outputs, torch.sigmoid(values["sigmoid"])):
        return mistaken("sigmoid-after-last")
    return unexpected("Your network does not compute linear layers with sigmoids between them.")


@torch.no_grad()
def _which_rule(
    below: Sequence[nn.Linear], inputs: Tensor, outputs: Tensor, wanted: Tensor
) -> Verdict:
    for name, rule in RULES.items():
        signal = inputs
        for number, layer in enumerate(below):
            W, b = rule(layer.weight, layer.bias, number == 0, number == len(below) - 1)
            z = signal @ W.T + b
            signal = torch.sigmoid(z)
        if _close(outputs, z):
            return mistaken(SAME_HINT.get(name, name))
    gap = (outputs - wanted).abs().max().item()
    return unexpected(
        f"The outputs differ by up to {gap:.2g}, and by no mistake that is known here. Give all "
        "biases of the tanh network the value 0 first: does your network agree then?"
    )


EXERCISE = Exercise(
    key="matched-sigmoid",
    page="initialization",
    tests="Carries a change of variables through a network, to its first and last layer.",
    minutes=20,
    answers={"match_any": "function"},
    hints=(
        "Begin with what `match` returns: it is right for a network without biases. Which of "
        "its numbers must change when the tanh network has some?",
        "Write the pre-activation of the tanh network with its bias, and apply the identity "
        "between sigmoid and tanh. What does the identity do to the argument of tanh?",
        "The last layer has no activation behind it, so nothing is halved there. What comes "
        "out must be the tanh network's output itself.",
    ),
    mistakes={
        "returns-none": "`match_any` returns None. Is there a `return`?",
        "returns-layers": "`match_any` returns {given}. A network is asked for that can be "
        "called on inputs.",
        "other-layers": "Your layers lead {found}; those of the tanh network {wanted}. Each "
        "layer has one counterpart.",
        "still-tanh": "Between the layers your network computes tanh. A sigmoid network is asked "
        "for, with other weights; is it the one you were given?",
        "sigmoid-after-last": "There is a sigmoid behind the last layer, so no output can leave "
        "the range from 0 to 1. The tanh network ends with a linear layer.",
        "biases-left-out": "The biases of the tanh network do not enter: for biases of zero "
        "your network is right, as `match` alone is.",
        "own-biases-once": "You added the tanh network's biases as they are to the hidden layers. "
        "What did you do with the weights there, and why not with the biases?",
        "last-bias-doubled": "The hidden layers are right. In the last one the bias is doubled, "
        "but there is no sigmoid behind it whose argument would have to be doubled.",
        "own-biases-fourfold": "The biases are twice too large in every layer: part of the "
        "factor 4 on the weights comes from the inputs, and biases have none.",
        "row-sums-of-v": "The row sums were computed from the tanh network's weights, where "
        "those of the sigmoid network belong.",
        "plus-for-minus": "The row sums have the wrong sign: they are there to take a mean of one "
        "half away, and yours add another.",
        "row-sums-left-out": "The biases found in the text are gone: yours replace them, and "
        "should be added to them.",
        "first-layer-moved": "In the first layer, too, the row sums were subtracted. Its inputs "
        "are not sigmoid outputs, so nothing needs to be moved.",
        "first-layer-fourfold": "The weights of the first layer are four times those of the tanh "
        "network. One factor of 2 is for inputs that are sigmoid outputs, and these are not.",
        "last-layer-fourfold": "The weights of the last layer are four times those of the tanh "
        "network. One factor of 2 is for the sigmoid behind a layer; there is none.",
        "weights-copied": "Weights and biases are those of the tanh network, unchanged: a "
        "sigmoid at the same argument is another number.",
        "given-network-changed": "Your sigmoid network is right, but the tanh network that was "
        "handed in is no longer what it was. Work on new layers or on a copy.",
    },
    right="It is one function written in two ways, biases and all.",
    verdict=verdict,
)
