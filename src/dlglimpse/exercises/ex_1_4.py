"""1.4: a network for any activation, with weights from U(-1, 1)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from dlglimpse.exercises.architecture import ERRORS, MISTAKES, judged, parameters_drawn
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.samples import NEVER, p_uniform

SIZES = (2, 2, 2, 2, 2)
N_BUILDS = 40
"""Enough for U(-1, 1) to be told from its look-alikes, with 160 weights per layer."""
DEFAULT_BOUND = 1 / math.sqrt(2)
"""PyTorch's default draws weights and biases of layers with two inputs below this."""


def verdict(*, build_model: Callable[..., Any]) -> Verdict:
    """First what is built, then from what its weights and biases are drawn."""
    wrong = judged(build_model, SIZES, name="build_model", arguments={})
    if wrong is not None:
        return wrong
    weights, biases = parameters_drawn(build_model, N_BUILDS, name="build_model", arguments={})
    return _weights(weights) or _biases(torch.cat([bias.flatten() for bias in biases]))


def _weights(layers: Sequence[Tensor]) -> Verdict:
    sample = torch.cat([weight.flatten() for weight in layers])
    if all((weight == weight[:1]).all() for weight in layers):
        return mistaken("same-every-time")
    if sample.abs().max() > 1 + 1e-6:
        share = (sample.abs() > 1).double().mean().item()
        if (sample / sample.std()).abs().max() > 2.2 and abs(sample.std().item() - 1) < 0.15:
            return mistaken("normal-weights")
        return mistaken("beyond-the-ends", share=f"{100 * share:.0f} %")
    if sample.min() >= 0:
        return mistaken("unit-interval")
    untouched = [weight.abs().max().item() <= DEFAULT_BOUND for weight in layers]
    if all(untouched):
        return mistaken("default-weights")
    if any(untouched):
        return mistaken("some-layers-default", layer=untouched.index(True) + 1)
    if min(p_uniform(weight, -1, 1) for weight in (*layers, sample)) < NEVER:
        std = sample.std().item()
        return unexpected(
            f"Over {N_BUILDS} networks the weights lie between -1 and 1, but are not uniform: "
            f"their standard deviation is {std:.2f}."
        )
    return None


def _biases(sample: Tensor) -> Verdict:
    if not sample.numel() or not sample.any():
        return None
    if sample.abs().max() > DEFAULT_BOUND + 1e-6:
        return mistaken("biases-too")
    if p_uniform(sample, -DEFAULT_BOUND, DEFAULT_BOUND) < NEVER:
        return unexpected("The biases are neither PyTorch's own nor zero: leave them alone.")
    return None


EXERCISE = Exercise(
    key="1.4",
    page="sequential",
    tests="Builds a network from layers, hands the activation on, initializes the weights.",
    minutes=20,
    answers={"build_model": "function"},
    hints=(
        "Write the network down as a row of modules first: which come in turn, how many linear "
        "ones does it take to get through three hidden layers, and what stands at the end?",
        "`nn.Linear` has drawn weights of its own by the time you get it. A function that is "
        "applied to every module can change them in place, if the module is a linear one.",
        "`nn.init.uniform_` changes the tensor it is given and takes the ends of the interval "
        "after it. The tensor is an attribute of the layer, and the biases are another one.",
    ),
    mistakes={
        **MISTAKES,
        "normal-weights": "Some weights lie far beyond 1, and their standard deviation is "
        "near 1: they come from a normal distribution. Uniform on [-1, 1] is asked for.",
        "beyond-the-ends": "{share} of the weights lie beyond -1 and 1. Which ends did you "
        "give the initializer, or which formula does it use of its own?",
        "unit-interval": "No weight is negative. `uniform_` draws from [0, 1] if you name no ends.",
        "default-weights": "Over many networks no weight is larger than 0.71, which is what "
        "`nn.Linear` draws on its own: your initializer never reached the weights that the "
        "network uses. Was it applied to a copy, to another network, or not at all?",
        "some-layers-default": "Linear layer number {layer} still has the weights that "
        "`nn.Linear` drew. The initializer has to reach every one of them.",
        "biases-too": "The biases were drawn from U(-1, 1) as well. Only the weights are asked "
        "for: does your function go over all parameters?",
        "same-every-time": "Two calls return the same weights. Nothing is drawn anew: a fixed "
        "seed, or constants, inside `build_model`.",
        "init-on-model": "An initializer from `nn.init` fills one tensor. It was given a whole "
        "module: hand it the module's weight.",
    },
    errors={
        **ERRORS,
        r"has no attribute '(uniform_|is_meta|data|dtype|requires_grad)'": "init-on-model",
        r"uniform_\(\).*must be Tensor|expected Tensor.*got": "init-on-model",
    },
    right="The activation is an argument, every linear layer got its weights from U(-1, 1), "
    "and the last layer stays linear.",
    verdict=verdict,
)
