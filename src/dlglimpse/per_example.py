"""Gradients of single examples: one forward, one backward, one outer product a layer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlglimpse.batches import (
    Loss,
    check_batch,
    check_loss,
    check_outputs,
    check_scalar,
    forward,
)
from dlglimpse.errors import GlimpseError
from dlglimpse.gradients import forward_order
from dlglimpse.layers import layers_of
from dlglimpse.networks import ACTIVATIONS
from dlglimpse.stand_ins import copies, undisturbed

_DROPOUTS = (nn.modules.dropout._DropoutNd, nn.AlphaDropout)

_ONE_BY_ONE = frozenset(
    {*ACTIVATIONS.values(), nn.PReLU, nn.Softplus, nn.Mish, nn.Hardtanh, nn.ReLU6}
    | {nn.LayerNorm, nn.Flatten, nn.Dropout, nn.AlphaDropout}
)
"""Modules known to treat every example by itself."""

_MEANS_OVER_ALL = (F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss)
"""Losses whose mean over a batch is the mean of the losses of its examples."""

Factors = tuple[Tensor, Tensor]
"""What went into a layer, (n, ..., i), and the gradient with respect to what came
out, (n, ..., o): all that its per-example gradients are made of."""


def _row(model: nn.Module) -> list[tuple[str, nn.Module]] | None:
    """The modules of a model that is a plain row of known ones, or None."""
    if model._forward_hooks or model._forward_pre_hooks:
        return None
    if type(model) is not nn.Sequential:
        known = type(model) is nn.Linear or type(model) in _ONE_BY_ONE
        return [("", model)] if known else None
    row: list[tuple[str, nn.Module]] = []
    # Not named_children, which leaves out a module that comes a second time.
    for name, child in model._modules.items():
        inner = _row(child)
        if inner is None or (isinstance(child, nn.Flatten) and child.start_dim < 1):
            return None
        row += [(f"{name}.{rest}" if rest else name, module) for rest, module in inner]
    return row


def _refuse_mixing(model: nn.Module) -> None:
    for name, module in model.named_modules():
        batch_norm = isinstance(module, nn.modules.batchnorm._BatchNorm)
        if batch_norm and (module.training or module.running_mean is None):
            raise GlimpseError(
                "this layer mixes the examples of a batch, so no example has a gradient of its own",
                given=f"{type(module).__name__} {name!r} in training mode",
                hint="try `model.eval()`, or `nn.LayerNorm`",
            )


def _summed(loss: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
    """The sum of the losses that the examples would have one by one."""
    if any(loss is known for known in _MEANS_OVER_ALL):
        return loss(outputs, targets) * len(outputs)

    def of_one(output: Tensor, target: Tensor) -> Tensor:
        return loss(output.unsqueeze(0), target.unsqueeze(0))

    check_loss(loss, outputs, targets)
    try:
        return torch.func.vmap(of_one)(outputs, targets).sum()
    except RuntimeError:
        # A loss that decides in Python cannot be mapped.
        return torch.stack([of_one(*one) for one in zip(outputs, targets, strict=True)]).sum()


Seen = list[tuple[str, Tensor, Tensor]]
"""The name of a layer, what went into it and what came out."""


def _signals(row: list[tuple[str, nn.Module]], inputs: Tensor) -> tuple[Seen, Tensor]:
    """One forward pass through a row of modules."""
    signal = inputs.detach()
    seen: Seen = []
    for name, module in row:
        if type(module) is nn.Linear:
            z = module(signal)
            if not z.requires_grad:
                z.requires_grad_()
            seen.append((name, signal.detach(), z))
            signal = z
        else:
            # What works in place would overwrite a kept tensor, or the inputs.
            signal = module(signal.clone() if getattr(module, "inplace", False) else signal)
    return seen, signal


def _factors(seen: Seen, outputs: Tensor, targets: Tensor, loss: Loss) -> dict[str, Factors]:
    """One backward pass."""
    summed = check_scalar(_summed(loss, check_outputs(outputs, targets), targets))
    deltas = torch.autograd.grad(summed, [z for _, _, z in seen])
    return {name: (before, delta) for (name, before, _), delta in zip(seen, deltas, strict=True)}


def _outer(factors: Factors) -> Tensor:
    """The gradients (n, o, i) of one layer from its factors."""
    before, delta = factors
    if delta.ndim == 2:
        return delta.unsqueeze(2) * before.unsqueeze(1)
    return torch.einsum("n...o,n...i->noi", delta, before)


def closed_form(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss: Loss
) -> dict[str, Factors] | None:
    """The factors of all layers, or None for a model that has no closed form."""
    check_batch(model, inputs, targets)
    row = _row(model)
    layers = [m for _, m in row or () if type(m) is nn.Linear]
    # A weight used twice has one gradient, the sum of two outer products.
    # An input without an axis of examples is refused by name there.
    alone = len({id(m.weight) for m in layers}) == len(layers) and inputs.ndim > 1
    if row is None or not layers or not alone:
        layers_of(model)
        _refuse_mixing(model)
        return None
    noisy = any(isinstance(m, _DROPOUTS) and m.training for _, m in row)
    named = [(name or type(module).__name__, module) for name, module in row]
    with undisturbed(model) if noisy else nullcontext(), torch.enable_grad():
        seen, outputs = forward(lambda: _signals(named, inputs), inputs)
        return _factors(seen, outputs, targets, loss)


def _mapped(model: nn.Module, inputs: Tensor, targets: Tensor, loss: Loss) -> dict[str, Tensor]:
    """The gradients of any model, by mapping a gradient over the examples."""
    layers, outputs = forward_order(model, inputs)
    check_loss(loss, check_outputs(outputs, targets), targets)
    owners = {id(p): name for name, p in model.named_parameters()}
    own = {name: id(layer._parameters.get("weight")) for name, layer in layers.items()}
    names = {name: owners[of] for name, of in own.items() if of in owners}

    def loss_of_one(weights: dict[str, Tensor], one: Tensor, target: Tensor) -> Tensor:
        everything = {**copies(model), **weights}
        output = torch.func.functional_call(model, everything, (one.unsqueeze(0),))
        return loss(output, target.unsqueeze(0))

    state = copies(model)
    weights = {name: state[name] for name in dict.fromkeys(names.values())}
    data = inputs.detach().clone(), targets
    each = torch.func.vmap(
        torch.func.grad(loss_of_one), in_dims=(None, 0, 0), randomness="different"
    )
    try:
        with undisturbed(model):
            gradients = each(weights, *data)
    except RuntimeError:
        # What decides in Python, or works in place, cannot be mapped.
        with undisturbed(model), torch.enable_grad():
            gradients = _one_by_one(loss_of_one, weights, *data)
    return {name: gradients[weight] for name, weight in names.items()}


def _one_by_one(
    loss_of_one: Callable[[dict[str, Tensor], Tensor, Tensor], Tensor],
    weights: dict[str, Tensor],
    inputs: Tensor,
    targets: Tensor,
) -> dict[str, Tensor]:
    """The gradients of single examples by one backward pass for each."""
    rows = []
    for one, target in zip(inputs, targets, strict=True):
        leaves = {name: w.clone().requires_grad_() for name, w in weights.items()}
        value = check_scalar(loss_of_one(leaves, one, target))
        rows.append(
            torch.autograd.grad(
                value, list(leaves.values()), allow_unused=True, materialize_grads=True
            )
        )
    return {
        name: torch.stack(column)
        for name, column in zip(weights, zip(*rows, strict=True), strict=True)
    }


def per_example_gradients(
    model: nn.Module, inputs: Tensor, targets: Tensor, *, loss: Loss = F.mse_loss
) -> dict[str, Tensor]:
    """The gradient of the loss of every single example with respect to every weight.

    For a linear layer it is an outer product: `G[n, o, i] = delta[n, o] a[n, i]`, with
    a what goes into the layer and delta the gradient with respect to what comes out.
    One forward and one backward pass give both for all examples. That holds for rows
    of linear layers and modules that treat each example by itself; for all other
    models the gradient is mapped over the examples (`torch.func.vmap`), which is slower.

    Parameters
    ----------
    model
        Any `nn.Module` that does not mix examples; nothing in it changes.
    inputs, targets
        A batch: the first axis counts the n examples; dtype that of the model.
    loss
        A callable `loss(outputs, targets)` that returns a scalar.

    Returns
    -------
    dict
        From layer name to a tensor `(n, o, i)`, weights only, in forward order. Entry
        n is the gradient of `loss(model(inputs[n:n+1]), targets[n:n+1])`, so it is not
        divided by the number of examples.

    Raises
    ------
    GlimpseError
        As `glimpse` does, and if a layer such as `nn.BatchNorm1d` in training mode
        mixes the examples.

    References
    ----------
    I. Goodfellow (2015), "Efficient Per-Example Gradient Computations",
    arXiv:1510.01799.

    Examples
    --------
    >>> from dlglimpse import mlp, waves
    >>> gradients = per_example_gradients(mlp((2, 2, 2), seed=0), *waves(100))
    >>> {name: tuple(g.shape) for name, g in gradients.items()}
    {'0': (100, 2, 2), '2': (100, 2, 2)}
    """
    factors = closed_form(model, inputs, targets, loss)
    if factors is None:
        return _mapped(model, inputs, targets, loss)
    return {name: _outer(of_layer) for name, of_layer in factors.items()}
