"""Look inside many networks at once that differ only in their random weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dlglimpse.batches import (
    Loss,
    check_batch,
    check_outputs,
    check_scalar,
    reduction_of,
)
from dlglimpse.errors import GlimpseError
from dlglimpse.gradients import counts
from dlglimpse.initializers import draw
from dlglimpse.networks import Activation, activation_module, checked_sizes, mlp
from dlglimpse.randomness import seeded, undisturbed_randomness
from dlglimpse.records import FIELDS, Draws
from dlglimpse.schemes import Scheme, scheme_of

_CHUNK_VALUES = 2**24
"""About how many values one chunk of draws may hold at a time (64 MiB in float32)."""

Stack = list[tuple[Tensor, Tensor]]
"""For each layer weights of shape (d, o, i) and biases of shape (d, o), d for draw."""


def draw_seed(seed: int, k: int) -> int:
    """The seed of draw `k` of a sweep: statistically independent of all others.

    Parameters
    ----------
    seed
        The seed of the sweep, not negative.
    k
        The number of the draw, from 0.

    References
    ----------
    NumPy's `SeedSequence`, after M. E. O'Neill (2015), "Developing a seed_seq
    Alternative".

    Examples
    --------
    >>> draw_seed(0, 1) == draw_seed(0, 1) != draw_seed(1, 0)
    True
    """
    if seed < 0 or k < 0:
        raise GlimpseError(
            "the seed of a sweep and the number of a draw cannot be negative",
            given=f"seed={seed}, k={k}",
            hint="try `seed=0`",
        )
    entropy = np.random.SeedSequence(seed, spawn_key=(k,))
    return int(entropy.generate_state(1, np.uint64)[0] >> np.uint64(1))


def _stack(sizes: tuple[int, ...], scheme: Scheme, seeds: Sequence[int]) -> Stack:
    """Draw the parameters of one network for each seed, stacked along a first axis."""
    pairs = list(pairwise(sizes))
    stack = [
        (
            torch.empty(len(seeds), o, i, dtype=torch.float32),
            torch.empty(len(seeds), o, dtype=torch.float32),
        )
        for i, o in pairs
    ]
    for k, seed in enumerate(seeds):
        shapes: list[tuple[Tensor, Tensor | None]] = [(w[k], b[k]) for w, b in stack]
        drawn = draw(shapes, scheme, generator=seeded(seed))
        for (weight, bias), (new_weight, new_bias) in zip(stack, drawn, strict=True):
            weight[k] = new_weight
            assert new_bias is not None
            bias[k] = new_bias
    return stack


def losses_per_draw(loss: Loss, outputs: Tensor, targets: Tensor) -> Tensor:
    """One loss for each draw: outputs (d, n, o) against the same targets; shape (d,)."""
    return torch.func.vmap(lambda out: check_scalar_in_vmap(loss(out, targets)))(outputs)


def check_scalar_in_vmap(value: object) -> Tensor:
    """As `check_scalar`, where gradients are not visible yet."""
    if isinstance(value, Tensor) and value.ndim == 0:
        return value
    return check_scalar(value)


def _look(
    stack: Stack, activation: Activation, inputs: Tensor, targets: Tensor, loss: Loss
) -> tuple[list[list[Tensor]], Tensor]:
    """The five fields of a record, layer by layer, and the losses, of one stack."""
    stack = [(w.requires_grad_(), b.requires_grad_()) for w, b in stack]
    signal = inputs.expand(len(stack[0][0]), *inputs.shape)
    preactivations, activations = [], []
    for layer, (weight, bias) in enumerate(stack):
        z = torch.baddbmm(bias.unsqueeze(1), signal, weight.transpose(1, 2))
        last = layer == len(stack) - 1
        # An activation may work in place, and z is kept.
        signal = z if last else activation_module(activation)(z.clone())
        preactivations.append(z)
        activations.append(signal)
    losses = losses_per_draw(loss, signal, targets)
    weights, biases = (list(part) for part in zip(*stack, strict=True))
    # Each loss depends on its own draw only: the gradient of the sum is all of theirs.
    wanted = [*preactivations, *weights, *biases]
    gradients = list(torch.autograd.grad(losses.sum(), wanted))
    count = len(stack)
    fields = [
        [z.detach() for z in preactivations],
        [a.detach() for a in activations],
        gradients[:count],
        gradients[count : 2 * count],
        gradients[2 * count :],
    ]
    return fields, losses.detach()


def _check(n_draws: int, inputs: Tensor, targets: Tensor, sizes: tuple[int, ...]) -> None:
    if isinstance(n_draws, bool) or not isinstance(n_draws, int) or n_draws < 1:
        raise GlimpseError(
            "`n_draws` counts networks and must be a positive integer",
            given=f"n_draws={n_draws!r}",
            hint="try `n_draws=200`",
        )
    check_batch(mlp(sizes, seed=0), inputs, targets)
    if inputs.ndim != 2 or inputs.shape[1] != sizes[0]:
        raise GlimpseError(
            "inputs must have one column for each unit of the first layer",
            given=f"inputs of shape {tuple(inputs.shape)} for sizes {sizes}",
            hint=f"try inputs of shape (n, {sizes[0]})",
        )
    check_outputs(inputs.new_empty(len(inputs), sizes[-1]), targets)


def draws(
    sizes: Sequence[int],
    activation: Activation = "sigmoid",
    initializer: str | Scheme = "default",
    *,
    n_draws: int = 200,
    inputs: Tensor,
    targets: Tensor,
    loss: Loss = F.mse_loss,
    seed: int = 0,
) -> Draws:
    """Look, as `glimpse` does, at many networks with independent random weights.

    Draw k is the network `mlp(sizes, activation, initializer, seed=draw_seed(seed, k))`;
    all draws see the same batch. They run side by side, in chunks that bound the memory
    beyond what the record itself takes.

    Parameters
    ----------
    sizes, activation, initializer
        As for `mlp`; the activation must work on each value alone.
    n_draws
        How many networks, d.
    inputs, targets
        A batch of n examples, inputs of shape (n, sizes[0]), float32.
    loss
        A callable `loss(outputs, targets)` that returns a scalar and that
        `torch.func.vmap` can map over the outputs.
    seed
        Seed of the sweep. The global random state is not touched.

    Returns
    -------
    Draws
        Mappings from layer name to tensor with a leading axis of draws: (d, n, o) for
        the signals, (d, o, i) and (d, o) for the gradients of the parameters.

    Raises
    ------
    GlimpseError
        As `mlp` and `glimpse` do, and if `n_draws` is not positive.

    Examples
    --------
    >>> from dlglimpse import waves
    >>> inputs, targets = waves(100)
    >>> look = draws((2, 2, 2), "tanh", n_draws=50, inputs=inputs, targets=targets)
    >>> look.weight_gradients["0"].shape, look.loss.shape
    (torch.Size([50, 2, 2]), torch.Size([50]))
    """
    sizes = checked_sizes(sizes)
    scheme = scheme_of(initializer)
    activation_module(activation)
    _check(n_draws, inputs, targets, sizes)
    seeds = [draw_seed(seed, k) for k in range(n_draws)]
    per_draw = 4 * len(inputs) * sum(sizes) + 2 * sum(i * o for i, o in pairwise(sizes))
    size = max(1, _CHUNK_VALUES // per_draw)
    chunks = [seeds[start : start + size] for start in range(0, n_draws, size)]
    with undisturbed_randomness(), torch.enable_grad():
        looks = [
            _look(_stack(sizes, scheme, chunk), activation, inputs.detach(), targets, loss)
            for chunk in chunks
        ]
    names = [str(2 * layer) for layer in range(len(sizes) - 1)]
    fields = {
        field: {
            name: torch.cat([look[position][layer] for look, _ in looks])
            for layer, name in enumerate(names)
        }
        for position, field in enumerate(FIELDS)
    }
    outputs = fields["activations"][names[-1]][0]
    return Draws(
        **fields,
        loss=torch.cat([losses for _, losses in looks]),
        n=len(inputs),
        n_draws=n_draws,
        reduction=reduction_of(loss, outputs, targets),
        dtype="float32",
        seed=seed,
        zeros=counts(fields, lambda t: t == 0),
        non_finite=counts(fields, lambda t: ~t.isfinite()),
    )
