"""Networks that are broken on purpose, and what must be said of each."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diagnosis.zoo import (
    Branches,
    Case,
    Forgotten,
    N,
    Network,
    Words,
    convolutional,
    default,
    dense,
    he,
    images,
    residual,
    seeded,
    written,
)
from dlglimpse import HeNormal, mlp

NO_BIAS = HeNormal(bias="zeros")


def changed(case: Case, change) -> Case:
    """A case whose model is changed in place."""
    with torch.no_grad():
        change(case[0])
    return case


def scaled(case: Case, factor: float) -> Case:
    model, inputs, targets, loss = case
    return model, factor * inputs, targets, loss


def grow(model: nn.Module, by: float) -> None:
    for parameter in model.parameters():
        parameter.mul_(by)


def dying(model: nn.Sequential) -> None:
    model[2].bias.fill_(-20.0)


def empty_middle(model: nn.Sequential) -> None:
    model[4].weight.zero_()
    model[4].bias.zero_()


def one_nan(model: nn.Sequential) -> None:
    model[4].weight[0, 0] = torch.nan


def logarithm(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy by hand, whose logarithm meets zeros."""
    return -outputs.relu().gather(1, targets[:, None]).log().mean()


def overflowing(seed: int) -> Case:
    model, inputs, targets, loss = dense("relu", NO_BIAS, 3, seed)
    case = model.half(), 100 * inputs.half(), targets, loss
    return changed(case, lambda m: m[2].weight.mul_(1000))


def rooted(outputs: Tensor, targets: Tensor) -> Tensor:
    """The square root of a sum that is zero: its slope is infinite."""
    return (0 * outputs).square().sum().sqrt() + F.cross_entropy(outputs, targets)


def with_loss(case: Case, loss) -> Case:
    return *case[:3], loss


def lost_word(seed: int) -> Case:
    """One word of the batch has a row of nan."""
    order = seeded(seed)
    words = torch.randint(500, (N, 12), generator=order)
    model = default(Words, seed)
    with torch.no_grad():
        model.embed.weight[words[3, 4]] = torch.nan
    return model, words, torch.randint(4, (N,), generator=order), F.cross_entropy


def leapt(seed: int) -> Case:
    """After one step of gradient descent that was far too long."""
    model, inputs, targets, loss = dense("relu", NO_BIAS, 3, seed)
    loss(model(inputs), targets).backward()
    torch.optim.SGD(model.parameters(), lr=30.0).step()
    model.zero_grad()
    return model, inputs, targets, loss


class Times(nn.Module):
    """Multiplies what comes by a number."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


def nothing_passes(seed: int) -> Case:
    model, inputs, targets, loss = dense("tanh", "default", 3, seed)
    model.insert(4, Times(0.0))
    return model, inputs, targets, loss


BROKEN = [
    Network(
        "sigmoid, default, 8 hidden layers", partial(dense, "sigmoid", "default", 8), ("vanishing",)
    ),
    Network(
        "sigmoid, Glorot, 5 hidden layers",
        partial(dense, "sigmoid", "glorot_normal", 5),
        ("vanishing",),
    ),
    Network(
        "ReLU, default, 20 hidden layers",
        partial(dense, "relu", "default", 20),
        ("vanishing",),
        ("dead units",),
    ),
    Network(
        "tanh, default, 20 hidden layers", partial(dense, "tanh", "default", 20), ("vanishing",)
    ),
    Network(
        "ReLU, Glorot, 30 hidden layers",
        partial(dense, "relu", "glorot_normal", 30),
        ("vanishing",),
        ("dead units",),
    ),
    Network(
        "convolutions, sigmoid",
        lambda s: images(default(partial(convolutional, activation=nn.Sigmoid, extra=3), s), s),
        ("vanishing",),
    ),
    Network(
        "ReLU, U(-1, 1), 8 hidden layers", partial(dense, "relu", "uniform", 8), ("exploding",)
    ),
    Network(
        "ReLU, four times He, 8 hidden layers",
        lambda s: changed(dense("relu", NO_BIAS, 8, s), partial(grow, by=4)),
        ("exploding",),
    ),
    Network(
        "residual network without normalization",
        lambda s: images(he(partial(residual, 30, norm=False), s), s),
        ("exploding",),
    ),
    Network(
        "ReLU, a quarter of He, 8 hidden layers",
        lambda s: changed(dense("relu", NO_BIAS, 8, s), partial(grow, by=0.25)),
        ("vanishing",),
    ),
    Network("a factor of 0 in the middle", nothing_passes, ("starved layer",)),
    Network(
        "tanh, U(-1, 1), width 256",
        partial(dense, "tanh", "uniform", 4, width=256),
        ("saturated",),
        ("exploding",),
    ),
    Network(
        "tanh, U(-1, 1), width 256, 8 hidden layers",
        partial(dense, "tanh", "uniform", 8, width=256),
        ("exploding", "saturated"),
    ),
    Network(
        "tanh, inputs of scale 10,000",
        lambda s: scaled(dense("tanh", "glorot_normal", 3, s), 1e4),
        ("saturated",),
    ),
    Network(
        "sigmoid, biases of 10",
        lambda s: changed(dense("sigmoid", "glorot_normal", 2, s), lambda m: m[0].bias.fill_(10)),
        ("saturated",),
    ),
    Network(
        "ReLU, biases of -20 in one layer",
        lambda s: changed(dense("relu", NO_BIAS, 3, s), dying),
        ("dead units",),
    ),
    Network(
        "ReLU, half of the units with biases of -20",
        lambda s: changed(dense("relu", NO_BIAS, 3, s), lambda m: m[2].bias[::2].fill_(-20)),
        ("dead units",),
    ),
    Network("ReLU, one step of SGD that was too long", leapt, ("dead units",), ("exploding",)),
    Network(
        "narrow deep ReLU",
        lambda s: written(mlp((64, *[2] * 9, 10), "relu", "uniform", seed=s), s),
        ("dead units",),
        ("vanishing",),
    ),
    Network(
        "zeros in a layer in the middle",
        lambda s: changed(dense("tanh", "glorot_normal", 4, s), empty_middle),
        ("dead units",),
    ),
    Network(
        "a branch cut off by `detach`",
        lambda s: written(default(partial(Branches, cut=True), s), s),
        ("starved layer",),
    ),
    Network(
        "a gate at 0",
        lambda s: written(default(partial(Branches, gate=0.0), s), s),
        ("starved layer",),
    ),
    Network(
        "a gate at 1e-6",
        lambda s: written(default(partial(Branches, gate=1e-6), s), s),
        ("starved layer",),
    ),
    Network(
        "a layer that nobody calls", lambda s: written(default(Forgotten, s), s), ("starved layer",)
    ),
    Network(
        "one weight is nan",
        lambda s: changed(dense("tanh", "glorot_normal", 4, s), one_nan),
        ("non-finite",),
    ),
    Network(
        "log of 0 in the loss",
        lambda s: with_loss(dense("relu", NO_BIAS, 3, s), logarithm),
        ("non-finite",),
    ),
    Network(
        "square root of 0 in the loss",
        lambda s: with_loss(dense("relu", NO_BIAS, 3, s), rooted),
        ("non-finite",),
    ),
    Network("float16 that overflows", overflowing, ("non-finite",)),
    Network("nan in an embedding", lost_word, ("non-finite",)),
]
