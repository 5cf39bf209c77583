"""Train many networks of one shape side by side, each of them as if it were alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlglimpse.batches import check_batch, check_outputs
from dlglimpse.ensembles import draw_seed
from dlglimpse.errors import GlimpseError
from dlglimpse.randomness import seeded, undisturbed_randomness

BATCH = 32
"""How many examples a step sees."""

Stack = list[tuple[Tensor, Tensor]]
"""For each layer weights of shape (d, o, i) and biases of shape (d, o), d for draw."""


def train_together(
    models: Sequence[nn.Sequential],
    inputs: Tensor,
    targets: Tensor,
    *,
    rates: float | Sequence[float],
    steps: int,
    seed: int = 0,
) -> Tensor:
    """Train networks of one shape by plain SGD, in place, and return their losses.

    `W(l, t+1) = W(l, t) - η ∂L/∂W(l, t)`, for each network on batches of its own: 32
    examples drawn with replacement, L the mean cross-entropy. No network feels the
    others; they share only the time.

    Parameters
    ----------
    models
        Networks such as `mlp` builds, d of them, with the same sizes and activation.
    inputs, targets
        All training examples, inputs of shape `(n, i)`, targets class numbers `(n,)`.
    rates
        The learning rate η, one for all or one for each network.
    steps
        How many steps each network takes.
    seed
        Network k draws its batches with `draw_seed(seed, k)`. The global random state
        is not touched.

    Returns
    -------
    Tensor
        The loss of each batch before the step on it, shape `(steps, d)`. Once a network
        has diverged, its losses are infinite or nan, and so are its weights.

    Raises
    ------
    GlimpseError
        If the networks are not of one shape and activation, the examples do not fit
        them, or `rates` or `steps` are not positive. Nothing is trained then.

    Notes
    -----
    What can mislead: the loss of one batch jumps from step to step; average over some
    tens of steps. It is the loss on examples that are trained on, not on new ones.

    Examples
    --------
    >>> from dlglimpse import digits, mlp
    >>> inputs, targets, *_ = digits()
    >>> models = [mlp((64, 16, 10), "tanh", "glorot_normal", seed=k) for k in range(5)]
    >>> losses = train_together(models, inputs, targets, rates=0.1, steps=100)
    >>> losses.shape, bool((losses[-20:].mean(0) < 0.5 * losses[0]).all())
    (torch.Size([100, 5]), True)
    """
    below = _linear_layers(models)
    eta = _rates(rates, len(models))
    _check_steps(steps)
    _check_examples(models[0], inputs, targets)
    seeds = [draw_seed(seed, k) for k in range(len(models))]
    rows = [torch.randint(len(inputs), (steps, BATCH), generator=seeded(s)) for s in seeds]
    stack = _stacked(below)
    with undisturbed_randomness(), torch.enable_grad():
        losses = [
            _step(stack, models[0][1], (inputs[chosen], targets[chosen]), eta)
            for chosen in torch.stack(rows, dim=1)
        ]
    _write_back(stack, below)
    return torch.stack(losses)


def _step(stack: Stack, activation: nn.Module, batch: tuple[Tensor, Tensor], eta: Tensor) -> Tensor:
    """One step of SGD for each network; its loss before the step, shape (d,)."""
    signal, targets = batch
    for layer, (weight, bias) in enumerate(stack):
        z = torch.baddbmm(bias.unsqueeze(1), signal, weight.transpose(1, 2))
        signal = z if layer == len(stack) - 1 else activation(z)
    each = F.cross_entropy(signal.flatten(0, 1), targets.flatten(), reduction="none")
    losses = each.view(len(signal), -1).mean(dim=1)
    parameters = [parameter for pair in stack for parameter in pair]
    # Each loss depends on its own network only: the gradient of the sum is all of theirs.
    gradients = torch.autograd.grad(losses.sum(), parameters)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= eta.view(-1, *[1] * (gradient.ndim - 1)) * gradient
    return losses.detach()


def _stacked(below: list[list[nn.Linear]]) -> Stack:
    """Copies of the weights (d, o, i) and biases (d, o) of each layer."""
    return [
        (
            torch.stack([layer.weight.detach() for layer in layers]).requires_grad_(),
            torch.stack([layer.bias.detach() for layer in layers]).requires_grad_(),
        )
        for layers in zip(*below, strict=True)
    ]


def _write_back(stack: Stack, below: list[list[nn.Linear]]) -> None:
    with torch.no_grad():
        for layers, (weight, bias) in zip(zip(*below, strict=True), stack, strict=True):
            for k, layer in enumerate(layers):
                layer.weight.copy_(weight[k])
                layer.bias.copy_(bias[k])


def _linear_layers(models: Sequence[nn.Sequential]) -> list[list[nn.Linear]]:
    """The linear layers of each network, if all are built alike."""
    kinds = [_kind(model) for model in models]
    if not kinds:
        raise GlimpseError(
            "there is no network to train", given="no models", hint="try `[mlp((64, 16, 10))]`"
        )
    odd = next((k for k, kind in enumerate(kinds) if kind != kinds[0] or kind is None), None)
    if odd is not None:
        raise GlimpseError(
            "networks that train together are built alike, linear layers with one "
            "activation between them",
            given=f"model {odd} is {_in_a_line(models[odd])}, model 0 {_in_a_line(models[0])}",
            hint="try `mlp` for each, with the same sizes and activation",
        )
    if len({id(p) for model in models for p in model.parameters()}) < sum(
        len(list(model.parameters())) for model in models
    ):
        raise GlimpseError(
            "two networks share their weights, so they cannot be trained apart",
            given=f"{len(models)} models",
            hint="try `copy.deepcopy(model)` for the second one",
        )
    return [_layers(model)[::2] for model in models]


def _kind(model: object) -> str | None:
    """The layers of a network in words, or None if it is none that can be stacked."""
    if not isinstance(model, nn.Sequential) or len(model) % 2 == 0:
        return None
    linear, between = _layers(model)[::2], _layers(model)[1::2]
    plain = all(isinstance(m, nn.Linear) and m.bias is not None for m in linear)
    # A parameter of the activation would be shared, and it would not be trained.
    stateful = any(list(module.parameters()) for module in between)
    if not plain or len({repr(module) for module in between}) != 1 or stateful:
        return None
    return _in_a_line(model)


def _layers(model: nn.Sequential) -> list[Any]:
    return list(model)


def _in_a_line(model: object) -> str:
    return " ".join(repr(model).split())[:200]


def _rates(rates: float | Sequence[float], count: int) -> Tensor:
    eta = torch.as_tensor(rates, dtype=torch.float32).detach()
    good = eta.ndim == 0 or eta.shape == (count,)
    if not good or not bool(((eta > 0) & eta.isfinite()).all()):
        raise GlimpseError(
            "`rates` is one positive learning rate, or one for each network",
            given=f"rates={rates!r} for {count} networks",
            hint="try `rates=0.1`",
        )
    return eta.expand(count)


def _check_examples(model: nn.Sequential, inputs: Tensor, targets: Tensor) -> None:
    check_batch(model, inputs, targets)
    with torch.no_grad():
        outputs = check_outputs(model(inputs[:1]), targets[:1])
    classes = outputs.shape[-1]
    if targets.is_floating_point() or not 0 <= int(targets.min()) <= int(targets.max()) < classes:
        raise GlimpseError(
            "the targets must be class numbers, one output for each class",
            given=f"{targets.dtype} targets from {targets.min()} to {targets.max()} for "
            f"{classes} outputs",
            hint="try `train_x, train_y, *_ = digits()` and networks with 10 outputs",
        )


def _check_steps(steps: object) -> None:
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise GlimpseError(
            "`steps` counts updates and must be a positive integer",
            given=f"steps={steps!r}",
            hint="try `steps=300`",
        )
