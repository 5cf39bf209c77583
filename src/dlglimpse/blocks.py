"""Look at a block of networks side by side, each of them to the bit as if it were alone.

Matrix products are made network by network, by the calls that `nn.Linear` and its
derivative make; all else is done for the whole block. A network's numbers would depend
on its place if libraries multiplied matrices at other addresses, or computed the last
values of a run, in another way; and they do. So each network's part of a tensor begins
at a multiple of 256 bytes, and no run of values crosses from one network to the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from dlglimpse.batches import Loss, check_scalar
from dlglimpse.initializers import draw
from dlglimpse.networks import ACTIVATIONS
from dlglimpse.randomness import seeded
from dlglimpse.schemes import Scheme

_STEP = 64
"""Floats between the places where a network's part may begin."""

_BLOCK_VALUES = 2**15 - 1
"""Values that a layer of a block puts out at most: they stay in the cache, and PyTorch
does not share fewer than 2^15 between threads, which would move the ends of runs."""

_BY_VALUE = {*ACTIVATIONS.values()} - {nn.GELU}
"""Modules that compute a value the same wherever it lies; oneDNN's GELU does not."""

Network = list[tuple[Tensor, Tensor]]
"""For each layer a weight, shape (o, i), and a bias, shape (o,)."""

Activate = Callable[[Tensor], Tensor]

Home = Mapping[str, Sequence[Tensor]]
"""For each field of a record, and each layer, where a block's part of it goes."""


def block_size(sizes: Sequence[int], n: int) -> int:
    """How many networks make a block, for n examples; at least 1.

    Examples
    --------
    >>> block_size((2, 2, 2), 100), block_size((2, 64, 2), 100), block_size((2, 999, 2), 100)
    (127, 5, 1)
    """
    return max(1, _BLOCK_VALUES // (_STEP * math.ceil(n * max(sizes) / _STEP)))


def networks(sizes: Sequence[int], scheme: Scheme, seeds: Sequence[int]) -> list[Network]:
    """Draw the parameters of one network for each seed, as `mlp` does."""
    shapes: list[tuple[Tensor, Tensor | None]] = [
        (torch.empty(o, i, dtype=torch.float32), torch.empty(o, dtype=torch.float32))
        for i, o in pairwise(sizes)
    ]
    return [
        [(w, b) for w, b in draw(shapes, scheme, generator=seeded(seed)) if b is not None]
        for seed in seeds
    ]


def side_by_side(activation: nn.Module) -> Activate:
    """An activation of signals of shape (d, n, o), of each network as if it were alone.

    All networks at once where PyTorch computes each value by itself wherever it lies;
    others may write into what they are given, or have another way for such a place.
    """
    if type(activation) in _BY_VALUE and not getattr(activation, "inplace", False):
        return activation
    return lambda z: torch.stack([activation(part.clone()) for part in z])


def look_at_block(
    block: Sequence[Network],
    activations: Sequence[Activate],
    inputs: Tensor,
    targets: Tensor,
    loss: Loss,
    home: Home,
) -> Tensor:
    """Fill `home` with what a pass forward and back leaves; the losses, shape (d,).

    The activations stand behind all layers but the last.
    """
    signals: list[Sequence[Tensor]] = [[inputs] * len(block)]
    runs: list[tuple[Tensor, Tensor]] = []
    for layer, (z_home, a_home) in enumerate(
        zip(home["preactivations"], home["activations"], strict=True)
    ):
        z = _place(z_home)
        for out, network, x in zip(z, block, signals[layer], strict=True):
            weight, bias = network[layer]
            torch.addmm(bias, x, weight.t(), out=out)
        _bring(z, z_home)
        if layer == len(activations):
            a_home.copy_(z)
            break
        leaf = z.detach().requires_grad_()
        runs.append((leaf, activations[layer](leaf)))
        a = runs[-1][1].detach()
        a_home.copy_(a)
        signals.append(_aligned(a).unbind())
    losses, delta = _losses(loss, z, targets)
    _backward(block, signals, runs, delta, home)
    return losses


def _backward(
    block: Sequence[Network],
    signals: list[Sequence[Tensor]],
    runs: list[tuple[Tensor, Tensor]],
    delta: Tensor,
    home: Home,
) -> None:
    """From dL/dz of the last layer to the gradients of all, last to first."""
    for layer in reversed(range(len(signals))):
        home["backpropagated"][layer].copy_(delta)
        torch.sum(delta, 1, out=home["bias_gradients"][layer])
        gradient = _place(home["weight_gradients"][layer])
        for out, d, x in zip(gradient, delta.transpose(1, 2), signals[layer], strict=True):
            torch.mm(d, x, out=out)
        _bring(gradient, home["weight_gradients"][layer])
        if layer:
            z, a = runs[layer - 1]
            back = _empty(len(block), z.shape[1:])
            for out, d, network in zip(back, delta, block, strict=True):
                weight = network[layer][0]
                # A single number is a column, too, and autograd takes it for one.
                pair = (weight.t(), d.t()) if out.numel() == 1 else (d, weight)
                torch.mm(*pair, out=out)
            delta = _aligned(_derived(a, z, back))


def _losses(loss: Loss, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of each network, shape (d,), and its gradient, shape (d, n, o)."""
    leaf = outputs.detach().requires_grad_()
    # A loss may work in place, and the outputs are kept.
    losses = torch.stack([check_scalar(loss(z.clone(), targets)) for z in leaf])
    # Each loss depends on its own network only: the gradient of the sum is all of theirs.
    (gradient,) = torch.autograd.grad(losses.sum(), leaf)
    return losses.detach(), _aligned(gradient)


def _derived(a: Tensor, z: Tensor, back: Tensor) -> Tensor:
    """dL/dz from dL/da; zero where the activation has no derivative."""
    if not a.requires_grad:
        return torch.zeros_like(back)
    return torch.autograd.grad(a, z, back)[0]


def _empty(count: int, shape: Sequence[int]) -> Tensor:
    """Room for floats of shape (count, *shape), with each part at a multiple of 256 bytes."""
    size = math.prod(shape)
    flat = torch.empty(count, _STEP * math.ceil(size / _STEP), dtype=torch.float32)
    return flat[:, :size].view(count, *shape)


def _fits(home: Tensor) -> bool:
    return home[0].numel() % _STEP == 0


def _place(home: Tensor) -> Tensor:
    """Where to compute what belongs into a record: there, if its parts lie well."""
    return home if _fits(home) else _empty(len(home), home.shape[1:])


def _bring(values: Tensor, home: Tensor) -> None:
    if values is not home:
        home.copy_(values)


def _aligned(values: Tensor) -> Tensor:
    """The values themselves, or a copy whose parts lie well; shape (d, n, o)."""
    good = values.is_contiguous() and (_fits(values) or len(values) == 1)
    return values if good else _empty(len(values), values.shape[1:]).copy_(values)
