"""Answers to the exercise on the update-to-weight ratio."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from exercises.answers import Answers

ANSWERS = Answers("update-ratio")
Ratio = Callable[[Tensor, Tensor, float], Any]


def handed(function: Callable[..., Any]) -> dict[str, Any]:
    return {"update_ratio": function}


def gradients(model, inputs, targets):
    """Fresh gradients of the weights, first to last."""
    weights = [layer.weight for layer in model[::2]]
    loss = F.cross_entropy(model(inputs), targets)
    return torch.autograd.grad(loss, weights), [w.detach() for w in weights]


def written(ratio: Ratio) -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        return [ratio(g, w, rate) for g, w in zip(*gradients(model, inputs, targets), strict=True)]

    return handed(update_ratio)


@ANSWERS.passes("autograd.grad, a list of tensors")
def _() -> dict[str, Any]:
    return written(lambda g, w, rate: rate * g.norm() / w.norm())


@ANSWERS.passes("backward, zeroed before, a dictionary")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        model.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        return {
            name: rate * (p.grad.square().sum() / p.square().sum()).sqrt().item()
            for name, p in model.named_parameters()
            if p.ndim == 2
        }

    return handed(update_ratio)


@ANSWERS.passes("a step of SGD on a copy, a tensor")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        moved = copy.deepcopy(model)
        optimizer = torch.optim.SGD(moved.parameters(), lr=rate)
        optimizer.zero_grad()
        F.cross_entropy(moved(inputs), targets).backward()
        optimizer.step()
        return torch.stack(
            [
                (new.weight - old.weight).norm() / old.weight.norm()
                for new, old in zip(moved, model, strict=True)
                if isinstance(old, nn.Linear)
            ]
        )

    return handed(update_ratio)


RATIOS: dict[str, Ratio] = {
    "no-rate": lambda g, w, rate: g.norm() / w.norm(),
    "upside-down": lambda g, w, rate: w.norm() / (rate * g.norm()),
    "norms-squared": lambda g, w, rate: rate * g.square().sum() / w.square().sum(),
    "all-squared": lambda g, w, rate: (rate * g).square().sum() / w.square().sum(),
    "no-weights": lambda g, w, rate: rate * g.norm(),
    "mean-of-ratios": lambda g, w, rate: (rate * g / w).abs().mean(),
    "means-for-norms": lambda g, w, rate: rate * g.abs().mean() / w.abs().mean(),
}
for mistake, ratio in RATIOS.items():
    ANSWERS.shows(mistake)(lambda ratio=ratio: written(ratio))


@ANSWERS.shows("weights-moved")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        found, weights = gradients(model, inputs, targets)
        with torch.no_grad():
            for layer, gradient in zip(model[::2], found, strict=True):
                layer.weight -= rate * gradient
        return [rate * g.norm() / w.norm() for g, w in zip(found, weights, strict=True)]

    return handed(update_ratio)


@ANSWERS.shows("returns-none")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        print([rate * g.norm() for g in gradients(model, inputs, targets)[0]])

    return handed(update_ratio)


@ANSWERS.shows("one-number")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        found, weights = gradients(model, inputs, targets)
        return rate * found[0].norm() / weights[0].norm()

    return handed(update_ratio)


@ANSWERS.shows("biases-too")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        model.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        return [rate * p.grad.norm() / p.detach().norm() for p in model.parameters()]

    return handed(update_ratio)


@ANSWERS.shows("reversed")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        found, weights = gradients(model, inputs, targets)
        return [rate * g.norm() / w.norm() for g, w in zip(found, weights, strict=True)][::-1]

    return handed(update_ratio)


def by_loss(loss: Callable[[Tensor, Tensor], Tensor], zero: bool = True) -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        if zero:
            model.zero_grad()
        loss(model(inputs), targets).backward()
        return [rate * m.weight.grad.norm() / m.weight.detach().norm() for m in model[::2]]

    return handed(update_ratio)


@ANSWERS.shows("summed-loss")
def _() -> dict[str, Any]:
    return by_loss(lambda outputs, targets: F.cross_entropy(outputs, targets, reduction="sum"))


@ANSWERS.shows("softmax-twice")
def _() -> dict[str, Any]:
    return by_loss(lambda outputs, targets: F.cross_entropy(outputs.softmax(1), targets))


@ANSWERS.shows("not-zeroed")
def _() -> dict[str, Any]:
    return by_loss(F.cross_entropy, zero=False)


@ANSWERS.shows("no-backward")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        F.cross_entropy(model(inputs), targets)
        return [rate * m.weight.grad.norm() / m.weight.norm() for m in model[::2]]

    return handed(update_ratio)


@ANSWERS.shows("no-backward", "times None")
def _() -> dict[str, Any]:
    def update_ratio(model, inputs, targets, rate):
        F.cross_entropy(model(inputs), targets)
        return [(rate * m.weight.grad).norm() / m.weight.norm() for m in model[::2]]

    return handed(update_ratio)
