"""Answers to exercise 2.6."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from dlglimpse import Glimpse, glimpse, mlp, typical, waves
from exercises.answers import Answers

ANSWERS = Answers("2.6")
SIZES = (2, 2, 2, 2, 2)
INPUTS, TARGETS = waves(100, seed=0)


def record(seed: int, activation: str = "relu", scheme: str = "uniform") -> Glimpse:
    return glimpse(mlp(SIZES, activation, scheme, seed=seed), INPUTS, TARGETS)


def ten(
    summarize: Callable[[Glimpse], Any] = lambda found: typical(found.weight_gradients),
    seeds: Iterable[int] = range(10),
    **network: str,
) -> dict[str, Any]:
    return {"relu_sizes": [summarize(record(seed, **network)) for seed in seeds]}


def by_layer(reduce: Callable[[torch.Tensor], Any]) -> Callable[[Glimpse], dict[str, Any]]:
    return lambda found: {k: reduce(g) for k, g in found.weight_gradients.items()}


@ANSWERS.passes("typical in a list comprehension")
def _() -> dict[str, Any]:
    return ten()


@ANSWERS.passes("means by hand, as tensors, in a tuple")
def _() -> dict[str, Any]:
    return {"relu_sizes": tuple(ten(by_layer(lambda g: g.abs().mean()))["relu_sizes"])}


@ANSWERS.passes("with NumPy, in a loop")
def _() -> dict[str, Any]:
    relu_sizes = []
    for seed in range(10):
        gradients = record(seed).weight_gradients
        relu_sizes.append({k: np.mean(np.abs(g.numpy())) for k, g in gradients.items()})
    return {"relu_sizes": relu_sizes}


@ANSWERS.passes("keys of its own")
def _() -> dict[str, Any]:
    return ten(lambda found: dict(enumerate(typical(found.weight_gradients).values(), 1)))


@ANSWERS.shows("one-dictionary")
def _() -> dict[str, Any]:
    return {"relu_sizes": typical(record(0).weight_gradients)}


@ANSWERS.shows("not-summarized", "records")
def _() -> dict[str, Any]:
    return ten(lambda found: found)


@ANSWERS.shows("not-summarized", "networks")
def _() -> dict[str, Any]:
    return {"relu_sizes": [mlp(SIZES, "relu", "uniform", seed=seed) for seed in range(10)]}


@ANSWERS.shows("raw-gradients")
def _() -> dict[str, Any]:
    return ten(lambda found: found.weight_gradients)


@ANSWERS.shows("one-seed")
def _() -> dict[str, Any]:
    return ten(seeds=[3] * 10)


@ANSWERS.shows("not-ten", "nine")
def _() -> dict[str, Any]:
    return ten(seeds=range(1, 10))


@ANSWERS.shows("not-ten", "eleven")
def _() -> dict[str, Any]:
    return ten(seeds=range(11))


@ANSWERS.shows("seeds-from-one")
def _() -> dict[str, Any]:
    return ten(seeds=range(1, 11))


@ANSWERS.shows("sign-kept")
def _() -> dict[str, Any]:
    return ten(by_layer(torch.mean))


@ANSWERS.shows("sums")
def _() -> dict[str, Any]:
    return ten(by_layer(lambda g: g.abs().sum().item()))


@ANSWERS.shows("largest")
def _() -> dict[str, Any]:
    return ten(by_layer(lambda g: g.abs().max().item()))


@ANSWERS.shows("medians")
def _() -> dict[str, Any]:
    return ten(by_layer(lambda g: g.abs().median().item()))


@ANSWERS.shows("activations")
def _() -> dict[str, Any]:
    return ten(lambda found: typical(found.activations))


@ANSWERS.shows("back-propagated")
def _() -> dict[str, Any]:
    return ten(lambda found: typical(found.backpropagated))


@ANSWERS.shows("biases")
def _() -> dict[str, Any]:
    return ten(lambda found: typical(found.bias_gradients))


@ANSWERS.shows("tanh")
def _() -> dict[str, Any]:
    return ten(activation="tanh")


@ANSWERS.shows("sigmoid")
def _() -> dict[str, Any]:
    return ten(activation="sigmoid")


@ANSWERS.shows("default-weights")
def _() -> dict[str, Any]:
    return ten(scheme="default")
