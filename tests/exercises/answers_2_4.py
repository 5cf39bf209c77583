"""Answers to exercise 2.4."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from dlglimpse import draws, glimpse, mlp, waves
from exercises.answers import Answers
from exercises.networks import Stack, sequential

ANSWERS = Answers("2.4")
SIZES = (2, 2, 2, 2, 2)
INPUTS, TARGETS = waves(100, seed=0)


def drawn_seed() -> int:
    """A seed whose weights nobody takes for PyTorch's default."""
    while True:
        seed = int(torch.randint(10**6, ()))
        weights = mlp(SIZES, "tanh", "uniform", seed=seed)[::2]
        if max(layer.weight.abs().max() for layer in weights) > 0.72:
            return seed


def looked(network: nn.Module) -> Any:
    return glimpse(network, INPUTS, TARGETS)


def records(seed: int | None = None, **changes: Any) -> dict[str, Any]:
    seed = drawn_seed() if seed is None else seed
    return {
        f"{name}_record": changes.get(name)
        or looked(mlp(SIZES, name, changes.get("initializer", "uniform"), seed=seed))
        for name in ("tanh", "sigmoid")
    }


def uniform_(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.uniform_(module.weight, -1, 1)


@ANSWERS.passes("mlp with one seed")
def _() -> dict[str, Any]:
    return records()


@ANSWERS.passes("build_model after the same manual seed")
def _() -> dict[str, Any]:
    seed, found = drawn_seed(), []
    torch.manual_seed(seed)
    while not found or max(layer.weight.abs().max() for layer in found[0][::2]) < 0.72:
        seed = int(torch.randint(10**6, ()))
        found = []
        for activation in (nn.Tanh(), nn.Sigmoid()):
            torch.manual_seed(seed)
            found.append(sequential(activation, SIZES, uniform_))
    return {"tanh_record": looked(found[0]), "sigmoid_record": looked(found[1])}


@ANSWERS.passes("a class whose weights are copied, zero biases")
def _() -> dict[str, Any]:
    tanh, sigmoid = Stack(nn.Tanh(), SIZES, uniform_), Stack(nn.Sigmoid(), SIZES, uniform_)
    with torch.no_grad():
        tanh.layers[0].weight[0, 0] = 0.9
        for layer in tanh.layers:
            layer.bias.zero_()
    sigmoid.load_state_dict(tanh.state_dict())
    return {"tanh_record": looked(tanh), "sigmoid_record": looked(sigmoid)}


@ANSWERS.shows("a-network")
def _() -> dict[str, Any]:
    return records(tanh=mlp(SIZES, "tanh", "uniform", seed=1))


@ANSWERS.shows("many-draws")
def _() -> dict[str, Any]:
    many = draws(SIZES, "tanh", "uniform", n_draws=3, inputs=INPUTS, targets=TARGETS)
    return records(tanh=many)


@ANSWERS.shows("one-field")
def _() -> dict[str, Any]:
    found = records()
    return {name: record.weight_gradients for name, record in found.items()}


@ANSWERS.shows("other-sizes")
def _() -> dict[str, Any]:
    wide = [looked(mlp((2, 8, 8, 2), name, "uniform", seed=1)) for name in ("tanh", "sigmoid")]
    return {"tanh_record": wide[0], "sigmoid_record": wide[1]}


@ANSWERS.shows("other-data", "another seed")
def _() -> dict[str, Any]:
    network = mlp(SIZES, "tanh", "uniform", seed=drawn_seed())
    return records(tanh=glimpse(network, *waves(100, seed=1)))


@ANSWERS.shows("other-data", "fewer examples")
def _() -> dict[str, Any]:
    network = mlp(SIZES, "tanh", "uniform", seed=drawn_seed())
    return records(tanh=glimpse(network, INPUTS[:10], TARGETS[:10]))


@ANSWERS.shows("beyond-the-ends")
def _() -> dict[str, Any]:
    def normal_(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=3)

    return records(tanh=looked(sequential(nn.Tanh(), SIZES, normal_)))


@ANSWERS.shows("default-weights")
def _() -> dict[str, Any]:
    return records(initializer="default")


@ANSWERS.shows("one-record-twice")
def _() -> dict[str, Any]:
    return dict.fromkeys(("tanh_record", "sigmoid_record"), records()["tanh_record"])


@ANSWERS.shows("swapped")
def _() -> dict[str, Any]:
    found = records()
    return {"tanh_record": found["sigmoid_record"], "sigmoid_record": found["tanh_record"]}


@ANSWERS.shows("one-activation", "tanh, hard-coded, without a seed")
def _() -> dict[str, Any]:
    return {
        name: looked(mlp(SIZES, "tanh", "uniform", seed=drawn_seed()))
        for name in ("tanh_record", "sigmoid_record")
    }


@ANSWERS.shows("one-activation", "sigmoid")
def _() -> dict[str, Any]:
    return {
        name: looked(mlp(SIZES, "sigmoid", "uniform", seed=drawn_seed()))
        for name in ("tanh_record", "sigmoid_record")
    }


@ANSWERS.shows("another-activation")
def _() -> dict[str, Any]:
    return records(tanh=looked(mlp(SIZES, "softsign", "uniform", seed=drawn_seed())))


@ANSWERS.shows("other-weights")
def _() -> dict[str, Any]:
    return records(tanh=looked(mlp(SIZES, "tanh", "uniform", seed=drawn_seed())))
