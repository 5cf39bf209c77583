"""2.8: a network with weights from Glorot's normal distribution, at any sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.exercises.architecture import ERRORS, MISTAKES, judged, parameters_drawn
from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.samples import NEVER, p_normal, p_uniform

DEFAULT_SIZES = (2, 2, 2, 2, 2)
# Square layers of one size cannot tell Glorot from its look-alikes.
SIZES = (3, 40, 7, 5)
N_BUILDS = 30

Formula = Callable[[int, int], float]
LOOKALIKES: dict[str, Formula] = {
    "fan-in-only": lambda n_in, n_out: math.sqrt(1 / n_in),
    "fan-out-only": lambda n_in, n_out: math.sqrt(1 / n_out),
    "variance-for-std": lambda n_in, n_out: 2 / (n_in + n_out),
    "standard-normal": lambda n_in, n_out: 1.0,
    "he": lambda n_in, n_out: math.sqrt(2 / n_in),
    "gain-added": lambda n_in, n_out: 5 / 3 * math.sqrt(2 / (n_in + n_out)),
    "two-forgotten": lambda n_in, n_out: math.sqrt(1 / (n_in + n_out)),
    "bound-for-std": lambda n_in, n_out: math.sqrt(6 / (n_in + n_out)),
    "default-weights": lambda n_in, n_out: math.sqrt(1 / (3 * n_in)),
    "unit-uniform": lambda n_in, n_out: math.sqrt(1 / 3),
    "first-layer-everywhere": lambda n_in, n_out: math.sqrt(2 / (SIZES[0] + SIZES[1])),
}
"""The standard deviations of what is usually drawn in place of Glorot's."""


def glorot(n_in: int, n_out: int) -> float:
    """The standard deviation asked for."""
    return math.sqrt(2 / (n_in + n_out))


def verdict(*, build_model_glorot: Callable[..., Any]) -> Verdict:
    """The default network, one with other sizes, and what their weights are drawn from."""
    name = "build_model_glorot"
    wrong = judged(build_model_glorot, DEFAULT_SIZES, name=name, arguments={})
    if wrong is not None:
        return wrong
    sizes = {"sizes": SIZES}
    model = call(build_model_glorot, nn.Tanh(), name=name, **sizes)
    layers = [m for m in model.modules() if isinstance(m, nn.Linear)]
    if [(m.in_features, m.out_features) for m in layers] == [(2, 2)] * 4:
        return mistaken("sizes-ignored", sizes=SIZES)
    wrong = judged(build_model_glorot, SIZES, name=name, arguments=sizes)
    if wrong is not None:
        return wrong
    weights, biases = parameters_drawn(build_model_glorot, N_BUILDS, name=name, arguments=sizes)
    return _weights(weights) or _biases(biases)


def _fans(layers: Sequence[Tensor]) -> list[tuple[int, int]]:
    return [(layer.shape[-1], layer.shape[-2]) for layer in layers]


def _weights(layers: Sequence[Tensor]) -> Verdict:
    if all((weight == weight[:1]).all() for weight in layers):
        return mistaken("same-every-time")
    fans = _fans(layers)
    found = [max(weight.std().item(), 1e-30) for weight in layers]
    scaled = [w / glorot(*fan) for w, fan in zip(layers, fans, strict=True)]
    if min(p_normal(w, 1.0) for w in scaled) >= NEVER:
        return None
    if _close(found, [glorot(*fan) for fan in fans]):
        widest = max(w.abs().max().item() for w in scaled)
        # A uniform distribution ends at the square root of 3 standard deviations.
        if widest < 1.75:
            return mistaken("uniform-not-normal")
        return unexpected("The spread of the weights is right, their distribution not normal.")
    lookalike = min(LOOKALIKES, key=lambda name: _distance(name, fans, found))
    if _close(found, [LOOKALIKES[lookalike](*fan) for fan in fans]):
        return mistaken(lookalike)
    told = "; ".join(
        f"from {n_in} to {n_out} units {std:.3f} in place of {glorot(n_in, n_out):.3f}"
        for (n_in, n_out), std in zip(fans, found, strict=True)
    )
    return unexpected(f"The standard deviations of the weights are off: {told}.")


def _close(found: Sequence[float], wanted: Sequence[float]) -> bool:
    """Twelve percent: five times what so many draws scatter; the nearest formula counts."""
    return all(abs(f / w - 1) < 0.12 for f, w in zip(found, wanted, strict=True))


def _distance(name: str, fans: Sequence[tuple[int, int]], found: Sequence[float]) -> float:
    """How far the found deviations are from a formula's: two of them differ by 4 % only."""
    formula, pairs = LOOKALIKES[name], zip(fans, found, strict=True)
    # A layer of many weights knows its deviation better than one of few.
    return sum(math.prod(fan) * math.log(std / formula(*fan)) ** 2 for fan, std in pairs)


def _biases(layers: Sequence[Tensor]) -> Verdict:
    sample = torch.cat([bias.flatten() for bias in layers])
    if not sample.numel() or not sample.any():
        return None
    bounds = [1 / math.sqrt(fan_in) for fan_in in SIZES[:-1]]
    inside = [b.abs().max() <= bound + 1e-6 for b, bound in zip(layers, bounds, strict=True)]
    if not all(inside):
        return mistaken("biases-too")
    p = min(p_uniform(b, -bound, bound) for b, bound in zip(layers, bounds, strict=True))
    if p < NEVER:
        return unexpected("The biases are neither PyTorch's own nor zero: leave them alone.")
    return None


EXERCISE = Exercise(
    key="2.8",
    page="initialization",
    tests="Computes a layer's own standard deviation from both fans; reads sizes from a tuple.",
    minutes=20,
    answers={"build_model_glorot": "function"},
    hints=(
        "Take `build_model` of exercise 1.4 and let it read the sizes from the tuple: two "
        "neighbors in it make one linear layer.",
        "The initializer sees one layer at a time. Where does that layer keep how many units "
        "it reads and how many it feeds? Its weight has the shape (out, in).",
        "The formula of this chapter gives a variance with both fans in it. What does "
        "`nn.init.normal_` take as its second number?",
    ),
    mistakes={
        **MISTAKES,
        "sizes-ignored": "Asked for sizes={sizes}, it returns 2-2-2-2-2: the argument is not used.",
        "fan-in-only": "The standard deviation is the square root of 1/n_in: that is LeCun's, "
        "which looks forward only. Glorot's compromise has both fans in it. (Between layers of "
        "equal size nobody can tell the two apart.)",
        "fan-out-only": "The standard deviation is the square root of 1/n_out: that looks "
        "backward only, or the two axes of the weight have changed places.",
        "variance-for-std": "The weights are too small: 2 / (n_in + n_out) is the variance, "
        "and `normal_` takes a standard deviation.",
        "standard-normal": "The standard deviation is 1 in every layer, which is what `normal_` "
        "takes if you give it none.",
        "he": "The standard deviation is the square root of 2/n_in: that is He's, for ReLU.",
        "gain-added": "The standard deviation is 5/3 of Glorot's. PyTorch recommends that "
        "factor as a gain for tanh; the exercise, and Glorot's formula, are without it.",
        "two-forgotten": "The variance is 1 / (n_in + n_out), half of Glorot's: it is one over "
        "the mean of the two fans.",
        "bound-for-std": "The square root of 6 / (n_in + n_out) is the end of Glorot's uniform "
        "distribution, and is used here as the standard deviation of a normal one.",
        "default-weights": "These are the weights that `nn.Linear` drew: your initializer never "
        "reached those that the network uses. Was it applied to a copy, or not at all?",
        "unit-uniform": "The standard deviation is that of U(-1, 1) in every layer, whatever "
        "its size: the initializer is still that of exercise 1.4.",
        "first-layer-everywhere": "All layers have the standard deviation of the first one. "
        "Compute it from each layer's own shape.",
        "uniform-not-normal": "The variance is right, but the distribution is uniform: no "
        "weight ever lies beyond 1.74 standard deviations. Glorot normal is asked for.",
        "biases-too": "The biases were drawn as the weights were. Leave them as PyTorch "
        "draws them: does your function go over all parameters?",
        "same-every-time": "Two calls return the same weights: there is a fixed seed, or a "
        "constant, inside `build_model_glorot`.",
    },
    errors={
        **ERRORS,
        r"Fan in and fan out can not be computed": "biases-too",
    },
    right="Each layer has the spread that its own two fans ask for, at any sizes.",
    verdict=verdict,
)
