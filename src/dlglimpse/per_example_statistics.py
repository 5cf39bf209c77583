"""Numbers about the gradients of single examples, without holding them all at once."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlglimpse.batches import Loss
from dlglimpse.densities import density_from_counts
from dlglimpse.per_example import Factors, closed_form, per_example_gradients
from dlglimpse.records import Density

_CHUNK_VALUES = 2**22
"""How many gradient values a chunk of examples may hold (16 MiB in float32)."""

_BINS = 4096


def per_example_norms(
    model: nn.Module, inputs: Tensor, targets: Tensor, *, loss: Loss = F.mse_loss
) -> dict[str, Tensor]:
    """The length of every example's gradient, layer by layer, without building it.

    The norm of an outer product is the product of the norms: `‖G[n]‖` is
    `‖delta[n]‖ ‖a[n]‖`, with the letters of `per_example_gradients`.

    Parameters
    ----------
    model, inputs, targets, loss
        As for `per_example_gradients`.

    Returns
    -------
    dict
        From layer name to a float64 tensor `(n,)`, so that no square underflows.

    Raises
    ------
    GlimpseError
        As `per_example_gradients` does.

    Examples
    --------
    >>> from dlglimpse import mlp, waves
    >>> per_example_norms(mlp((2, 2, 2), seed=0), *waves(100))["0"].shape
    torch.Size([100])
    """
    norms: dict[str, list[Tensor]] = {}
    for name, part in _parts(model, inputs, targets, loss):
        norms.setdefault(name, []).append(_norms(part))
    return {name: torch.cat(parts) for name, parts in norms.items()}


def per_example_densities(
    model: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    *,
    loss: Loss = F.mse_loss,
    log: bool = False,
) -> dict[str, Density]:
    """How all gradients of all examples are distributed, layer by layer, for violins.

    The values are counted in chunks of examples and never held all at once: memory
    does not grow with n times the size of a weight. It goes over them twice, once for
    their range and once to count them in 4096 bins.

    Parameters
    ----------
    model, inputs, targets, loss
        As for `per_example_gradients`.
    log
        If true, the densities of log10|g|, over the values that are not zero.

    Returns
    -------
    dict
        From layer name to a `Density`; zeros and non-finite values are counted.

    Raises
    ------
    GlimpseError
        As `per_example_gradients` does.

    Examples
    --------
    >>> from dlglimpse import mlp, waves
    >>> per_example_densities(mlp((2, 2, 2), seed=0), *waves(100))["0"].count
    400
    """
    bins: dict[str, _Bins] = {}
    for name, piece in _pieces(model, inputs, targets, loss):
        bins.setdefault(name, _Bins(log)).widen(piece)
    for name, piece in _pieces(model, inputs, targets, loss):
        bins[name].count(piece)
    return {name: found.density() for name, found in bins.items()}


class _Bins:
    """The range of one layer's values, and then how many lie in each part of it."""

    def __init__(self, log: bool) -> None:
        self.log = log
        self.low, self.high = math.inf, -math.inf
        self.zeros = self.non_finite = 0
        self.counts = torch.zeros(_BINS, dtype=torch.float64)

    def _used(self, piece: Tensor) -> Tensor:
        """The values that have a place on the axis, counting those that have none."""
        # One sum shows that all values are finite; a mask takes ten times as long.
        if not bool(piece.sum().isfinite()):
            finite = piece.isfinite()
            self.non_finite += int((~finite).sum())
            piece = piece[finite]
        zeros = piece.numel() - int(piece.count_nonzero())
        self.zeros += zeros
        if self.log:
            piece = (piece[piece != 0] if zeros else piece).abs().log10_()
        return piece

    def widen(self, piece: Tensor) -> None:
        used = self._used(piece)
        if used.numel():
            low, high = used.aminmax()
            self.low, self.high = min(self.low, low.item()), max(self.high, high.item())

    def count(self, piece: Tensor) -> None:
        used = self._used(piece).cpu()
        if used.dtype not in (torch.float32, torch.float64):
            used = used.float()
        if self.low < self.high:
            # Half a bin more on both sides: the outer bins are centered on the ends.
            half = (self.high - self.low) / (_BINS - 1) / 2
            ends = self.low - half, self.high + half
            self.counts += torch.histc(used, _BINS, *ends).double()
        else:
            self.counts[0] += used.numel()

    def density(self) -> Density:
        size = _BINS if self.low < self.high else int(math.isfinite(self.low))
        return density_from_counts(
            np.linspace(self.low, self.high, size) if size else np.empty(0),
            self.counts[:size].numpy(),
            # Both passes counted them.
            zeros=self.zeros // 2,
            non_finite=self.non_finite // 2,
            log=self.log,
        )


def _norms(part: Tensor | Factors) -> Tensor:
    if isinstance(part, Tensor):
        return part.double().flatten(1).square().sum(1).sqrt()
    before, delta = (factor.double().square().sum(1).sqrt() for factor in part)
    return before * delta


def _parts(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss: Loss
) -> Iterator[tuple[str, Tensor | Factors]]:
    """For each layer its two factors where they suffice, or else its gradients, in
    chunks of examples."""
    factors = closed_form(model, inputs, targets, loss)
    if factors is not None and all(before.ndim == 2 for before, _ in factors.values()):
        yield from factors.items()
        return
    size = max(1, _CHUNK_VALUES // sum(p.numel() for p in model.parameters()))
    for start in range(0, len(inputs), size):
        rows = slice(start, start + size)
        gradients = per_example_gradients(model, inputs[rows], targets[rows], loss=loss)
        yield from gradients.items()


def _pieces(
    model: nn.Module, inputs: Tensor, targets: Tensor, loss: Loss
) -> Iterator[tuple[str, Tensor]]:
    """The gradients of every layer, a bounded number of them at a time."""
    for name, part in _parts(model, inputs, targets, loss):
        if isinstance(part, Tensor):
            yield name, part
            continue
        before, delta = part
        size = max(1, _CHUNK_VALUES // (before.shape[1] * delta.shape[1]))
        for start in range(0, len(before), size):
            rows = slice(start, start + size)
            yield name, delta[rows].unsqueeze(2) * before[rows].unsqueeze(1)
