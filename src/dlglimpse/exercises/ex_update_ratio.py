"""How far one step of SGD would move each layer: the update-to-weight ratio by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described
from dlglimpse.networks import mlp
from dlglimpse.randomness import seeded


class Case(NamedTuple):
    """A network of the check's own, and what it is asked about."""

    sizes: tuple[int, ...]
    activation: str
    rate: float


CASES = (Case((6, 5, 4), "tanh", 0.5), Case((5, 9, 3, 4), "relu", 0.02))


def verdict(*, update_ratio: Callable[..., Any]) -> Verdict:
    """Two networks, each asked twice: a gradient left behind shows in the second answer."""
    for k, case in enumerate(CASES):
        model = mlp(case.sizes, case.activation, "glorot_normal", seed=k)
        batch = _batch(case, seed=k)
        before = {name: value.clone() for name, value in model.state_dict().items()}
        # Not a copy: whether this very network is left as it was is part of the question.
        ask = partial(update_ratio, model)
        first = call(ask, *batch, case.rate, name="update_ratio")
        if any(not torch.equal(model.state_dict()[name], before[name]) for name in before):
            return mistaken("weights-moved")
        wrong = _compared(first, _expected(model, *batch, case.rate))
        if wrong is not None:
            return wrong
        if not _close(_numbers(call(ask, *batch, case.rate, name="update_ratio")), first):
            return mistaken("not-zeroed")
    return None


def _batch(case: Case, seed: int) -> tuple[Tensor, Tensor]:
    generator = seeded(seed)
    inputs = torch.randn(20, case.sizes[0], generator=generator)
    return inputs, torch.randint(case.sizes[-1], (20,), generator=generator)


def _numbers(answer: object) -> np.ndarray | None:
    return array(list(answer.values()) if isinstance(answer, Mapping) else answer)


def _close(found: object, wanted: object) -> bool:
    a, b = _numbers(found), _numbers(wanted)
    return a is not None and b is not None and a.shape == b.shape and np.allclose(a, b, rtol=1e-3)


def _compared(answer: object, expected: dict[str, list[float]]) -> Verdict:
    values, wanted = _numbers(answer), expected.pop("right")
    if answer is None:
        return mistaken("returns-none")
    if values is None:
        return unexpected(f"`update_ratio` returns {described(answer)}, and not numbers.")
    if values.size == 1:
        return mistaken("one-number", count=len(wanted))
    if values.size == 2 * len(wanted):
        return mistaken("biases-too")
    if values.shape != (len(wanted),):
        return unexpected(
            f"`update_ratio` returns {values.size} numbers for a network with {len(wanted)} "
            "linear layers."
        )
    if _close(values, wanted):
        return None
    for mistake, lookalike in expected.items():
        if _close(values, lookalike):
            return mistaken(mistake)
    return unexpected(f"The first layer's ratio comes out as {values[0]:.4g}, which is not it.")


def _expected(
    model: nn.Sequential, inputs: Tensor, targets: Tensor, rate: float
) -> dict[str, list[float]]:
    """The right answer and its lookalikes, by the name of the mistake."""
    weights = [weight for weight in model.parameters() if weight.ndim == 2]
    outputs = model(inputs)
    gradients = _gradients(F.cross_entropy(outputs, targets), weights)
    pairs = list(zip(gradients, [weight.detach() for weight in weights], strict=True))
    right = [float(rate * g.norm() / w.norm()) for g, w in pairs]
    softmax = _gradients(F.cross_entropy(outputs.softmax(dim=1), targets), weights)
    return {
        "right": right,
        "no-rate": [value / rate for value in right],
        "upside-down": [1 / value for value in right],
        "reversed": right[::-1],
        "norms-squared": [value**2 / rate for value in right],
        "all-squared": [value**2 for value in right],
        "no-weights": [float(rate * g.norm()) for g, _ in pairs],
        "mean-of-ratios": [float((rate * g / w).abs().mean()) for g, w in pairs],
        "means-for-norms": [float(rate * g.abs().mean() / w.abs().mean()) for g, w in pairs],
        "summed-loss": [value * len(inputs) for value in right],
        "softmax-twice": [
            float(rate * g.norm() / w.norm()) for g, (_, w) in zip(softmax, pairs, strict=True)
        ],
    }


def _gradients(loss: Tensor, weights: Sequence[Tensor]) -> list[Tensor]:
    return list(torch.autograd.grad(loss, list(weights), retain_graph=True))


EXERCISE = Exercise(
    key="update-ratio",
    page="training",
    tests="Computes how far a step moves each layer, relative to its weights.",
    minutes=15,
    answers={"update_ratio": "function"},
    hints=(
        "Plain SGD moves a weight by the rate times its gradient, so no step has to be taken "
        "to know how long it would be.",
        "Both lengths are norms over a whole matrix, the root of the sum of the squares. A "
        "tensor has a method for that.",
        "Fresh gradients: a `backward` adds to what is in `.grad` already, and "
        "`torch.autograd.grad` hands them to you without touching `.grad`.",
    ),
    mistakes={
        "weights-moved": "After the call the weights are not what they were. Say how far a step "
        "would go, without taking it, or take it on a copy.",
        "returns-none": "`update_ratio` returns None. Is there a `return`?",
        "one-number": "One number comes back, and the network has {count} linear layers. Which "
        "of them is it about?",
        "biases-too": "Twice as many numbers come back as there are linear layers. Are the "
        "biases among them?",
        "no-rate": "Your ratios are those for a rate of 1. How long is the step itself?",
        "upside-down": "Your ratios are upside down: the weights over the step.",
        "reversed": "The numbers are right, but in the order in which the gradient comes back. "
        "The first layer is asked for first.",
        "norms-squared": "The lengths came out squared, the rate did not. Take the roots.",
        "all-squared": "Your ratios are the squares of what is asked for. Take the roots.",
        "no-weights": "That is how long the step is. Relative to what?",
        "mean-of-ratios": "You divided weight by weight and took the mean then. One weight near "
        "zero decides such a mean; take one length over the other.",
        "means-for-norms": "You took mean magnitudes in place of norms. It is near, but the rule "
        "of thumb is about norms.",
        "summed-loss": "Your ratios are too large by the number of examples. Is your loss their "
        "sum?",
        "softmax-twice": "You applied a softmax before the loss, and the cross-entropy applies "
        "one itself.",
        "not-zeroed": "The first answer is right, and the second for the same network is not. "
        "What is still in `.grad` when you are called again?",
        "no-backward": "The gradients are not there yet: `.grad` is None before a backward pass.",
    },
    errors={
        r"'NoneType' object has no attribute|NoneType.* and |(operand|argument).*NoneType": (
            "no-backward"
        ),
    },
    right="The step is the rate times the gradient, so the ratio is known before it is taken.",
    verdict=verdict,
)
