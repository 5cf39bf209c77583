"""Look inside many networks at once that differ only in their random weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dlglimpse.batches import Loss, check_batch, check_outputs, reduction_of
from dlglimpse.blocks import Home, block_size, look_at_block, networks, side_by_side
from dlglimpse.errors import GlimpseError
from dlglimpse.networks import Activation, activation_module, checked_sizes, mlp
from dlglimpse.progress import progress
from dlglimpse.randomness import undisturbed_randomness
from dlglimpse.records import FIELDS, Draws
from dlglimpse.schemes import Scheme, scheme_of


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


def _empty_record(sizes: tuple[int, ...], n_draws: int, n: int) -> dict[str, dict[str, Tensor]]:
    """Room for the five fields of a record, to be filled block by block."""
    shapes = {
        str(2 * layer): [(n, o)] * 3 + [(o, i), (o,)]
        for layer, (i, o) in enumerate(pairwise(sizes))
    }
    return {
        field: {
            name: torch.empty(n_draws, *of[position], dtype=torch.float32)
            for name, of in shapes.items()
        }
        for position, field in enumerate(FIELDS)
    }


class _Counts:
    """How many values of each field and layer are exactly zero, and how many not finite."""

    def __init__(self, names: Iterable[str]) -> None:
        self.zeros: dict[str, dict[str, int]] = {f: dict.fromkeys(names, 0) for f in FIELDS}
        self.non_finite: dict[str, dict[str, int]] = {f: dict.fromkeys(names, 0) for f in FIELDS}

    def add(self, block: Home) -> None:
        """Count in a block while the cache still holds it."""
        for field, layers in block.items():
            for name, tensor in zip(self.zeros[field], layers, strict=True):
                self.zeros[field][name] += int(np.count_nonzero(tensor.numpy() == 0))
                # A sum is finite only if all is; one that is not may have overflowed.
                if not math.isfinite(tensor.sum()):
                    self.non_finite[field][name] += int((~tensor.isfinite()).sum())


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

    Draw k is the network `mlp(sizes, activation, initializer, seed=draw_seed(seed, k))`,
    and what is recorded of it is to the bit what `glimpse` sees in that network on the
    same machine. All draws see the same batch. They run side by side, in blocks that fit
    the cache, so that memory beyond the record hardly grows with their number. The record
    takes 4 bytes for each of `d (3 n o + i o + o)` values of a layer with i inputs and o
    outputs. In a terminal or a notebook a bar appears after 2 s; the environment variable
    `TQDM_DISABLE=1` hides it.

    Parameters
    ----------
    sizes, activation, initializer
        As for `mlp`.
    n_draws
        How many networks, d.
    inputs, targets
        A batch of n examples, inputs of shape `(n, sizes[0])`, float32.
    loss
        A callable `loss(outputs, targets)` that returns a scalar.
    seed
        Seed of the sweep. The global random state is not touched.

    Returns
    -------
    Draws
        Mappings from layer name to tensor with a leading axis of draws: `(d, n, o)`
        for the signals, `(d, o, i)` and `(d, o)` for the gradients of the parameters.

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
    batch = inputs.detach().clone(), targets
    record = _empty_record(sizes, n_draws, len(inputs))
    count = _Counts(record["activations"])
    losses = torch.empty(n_draws, dtype=torch.float32)
    size = block_size(sizes, len(inputs))
    with undisturbed_randomness(), torch.enable_grad(), progress(n_draws, "draw") as done:
        between = [side_by_side(activation_module(activation)) for _ in sizes[2:]]
        for start in range(0, n_draws, size):
            ks = range(start, min(start + size, n_draws))
            block = networks(sizes, scheme, [draw_seed(seed, k) for k in ks])
            home = {
                field: [tensor[start : ks.stop] for tensor in layers.values()]
                for field, layers in record.items()
            }
            losses[start : ks.stop] = look_at_block(block, between, *batch, loss, home)
            count.add(home)
            done.update(len(ks))
    outputs = list(record["activations"].values())[-1]
    return Draws(
        **record,
        loss=losses,
        n=len(inputs),
        n_draws=n_draws,
        reduction=reduction_of(loss, outputs[0].clone(), targets),
        dtype="float32",
        seed=seed,
        zeros=count.zeros,
        non_finite=count.non_finite,
    )
