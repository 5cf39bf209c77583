"""What is wrong with a network, where, by which number, and what to try."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

import torch.nn.functional as F
from torch import Tensor, nn

from dlglimpse.batches import Loss
from dlglimpse.findings import Diagnosis, Finding, LayerStatistics
from dlglimpse.layer_statistics import layer_statistics

FADED = 1e-2
"""First over last layer's gradient, or last over first layer's contrast: below this, faded."""
GROWN = 30.0
"""First over last layer's gradient: above this, exploding."""
SWOLLEN = 1e3
"""Last over first layer's activations: above this, exploding on the way forward."""
STARVED = 1e-4
"""A layer's gradient beside the median of all layers: below this, starved."""
MOSTLY = 0.4
"""Share of dead units or saturated values from which a layer is not well."""
ENOUGH = 16
"""Examples from which on a unit that is zero for all of them counts as dead."""

_TRY = {
    "non-finite": "look at the first layer named: a smaller learning rate or smaller weights, "
    "or a division or logarithm in your own code",
    "exploding": "smaller first weights (`initialize` with the scheme of your activation), or a "
    "normalization between the layers",
    "vanishing": "another activation or the scheme that belongs to yours (`initialize`), a "
    "normalization, or residual connections",
    "dead units": "He's weights with zero biases, a smaller learning rate, or a leaky ReLU",
    "saturated": "smaller first weights (Glorot's), or inputs of mean 0 and variance 1",
    "starved layer": "look at how the layer is connected: a `detach`, a `no_grad`, a factor near "
    "zero, or a path around it",
}


def diagnose(
    model: nn.Module,
    inputs: Tensor | Sequence[Tensor],
    targets: Tensor,
    *,
    loss: Loss = F.mse_loss,
) -> Diagnosis:
    """Say what is wrong inside a network, and stay silent if nothing is.

    One forward and one backward pass, as `glimpse` does them, are held against limits:
    gradients that fade or grow toward the first layer, signals that fade or grow toward
    the last, units that are zero for every example, values on the flat ends of tanh or
    sigmoid, a layer whose weights get no gradient, and numbers that are none.

    Parameters
    ----------
    model, inputs, targets, loss
        As for `glimpse`. Give it a real batch of at least 16 examples, before training
        or during it.

    Returns
    -------
    Diagnosis
        With `findings`, `healthy`, and the statistics of all `layers`.

    Raises
    ------
    GlimpseError
        As `glimpse` does.

    Notes
    -----
    What misleads: the limits are rules of thumb, set so that plainly broken networks are
    named and PyTorch's own building blocks are not. A healthy start is no promise that
    training goes well, and a sick one may recover, above all under Adam.

    Examples
    --------
    >>> from dlglimpse import mlp, waves
    >>> inputs, targets = waves(100)
    >>> diagnose(mlp((2, 64, 64, 2), "tanh", "glorot_normal", seed=0), inputs, targets)
    Nothing wrong in 3 layers.
    >>> deep = mlp((2, *[64] * 8, 2), "sigmoid", seed=0)
    >>> [finding.kind for finding in diagnose(deep, inputs, targets).findings]
    ['vanishing']
    """
    layers = layer_statistics(model, inputs, targets, loss=loss)
    broken = list(_non_finite(layers))
    # Numbers behind a nan say nothing.
    found = broken or [
        *_exploding(layers),
        *_vanishing(layers),
        *(_dead(layers) if len(targets) >= ENOUGH else ()),
        *_saturated(layers),
        *_starved(layers),
    ]
    return Diagnosis(tuple(found), layers)


def _finding(kind: str, layer: str, statistic: str, value: float, limit: float) -> Finding:
    return Finding(kind, layer, statistic, value, limit, _TRY[kind])


def _measured(layers: Mapping[str, LayerStatistics], field: str) -> dict[str, float]:
    """A statistic of the layers that have it."""
    values = {name: getattr(layer, field) for name, layer in layers.items()}
    return {name: value for name, value in values.items() if not math.isnan(value)}


def _non_finite(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    for name, layer in layers.items():
        if layer.non_finite:
            yield _finding("non-finite", name, "count of nan or infinity", layer.non_finite, 0)
            return


def _ends(values: Mapping[str, float]) -> tuple[str, float, float] | None:
    """The first layer and its value, and the last value, if there are two of them."""
    if len(values) < 2:
        return None
    (first, start), *_, (_, end) = values.items()
    return first, start, end


def _exploding(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    gradients = _ends(_measured(layers, "gradient_rms"))
    if gradients and gradients[1] > GROWN * gradients[2] > 0:
        first, start, end = gradients
        statistic = "weight gradient, first over last layer"
        yield _finding("exploding", first, statistic, start / end, GROWN)
        return
    signals = _measured(layers, "activation_rms")
    ends = _ends(signals)
    if ends and max(signals.values()) > SWOLLEN * ends[1] > 0:
        largest = max(signals, key=signals.__getitem__)
        statistic = "activation, beside that of the first layer"
        yield _finding("exploding", largest, statistic, signals[largest] / ends[1], SWOLLEN)


def _vanishing(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    gradients = _measured(layers, "gradient_rms")
    ends = _ends(gradients)
    if ends and 0 < ends[1] < FADED * ends[2] and _falls(list(gradients.values())):
        first, start, end = ends
        statistic = "weight gradient, first over last layer"
        yield _finding("vanishing", first, statistic, start / end, FADED)
        return
    contrast = _measured(layers, "contrast")
    # The last layer's outputs have a scale of their own.
    hidden = dict(list(contrast.items())[:-1])
    ends = _ends(hidden)
    if ends and 0 <= ends[2] < FADED * ends[1]:
        last = list(hidden)[-1]
        statistic = "spread over examples, beside that of the first layer"
        yield _finding("vanishing", last, statistic, ends[2] / ends[1], FADED)


def _falls(gradients: Sequence[float]) -> bool:
    """Whether gradients fade step by step, and not in a single layer."""
    steps = [a < b for a, b in pairwise(gradients)]
    return len(steps) > 1 and sum(steps) > len(steps) / 2


def _dead(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    yield from _worst("dead units", "share of units that are zero for all examples", layers, "dead")


def _saturated(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    yield from _worst("saturated", "share of saturated values", layers, "saturated")


def _worst(
    kind: str, statistic: str, layers: Mapping[str, LayerStatistics], field: str
) -> Iterator[Finding]:
    shares = _measured(layers, field)
    name = max(shares, key=shares.__getitem__, default="")
    if name and shares[name] > MOSTLY:
        yield _finding(kind, name, statistic, shares[name], MOSTLY)


def _starved(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    """One layer alone; where many have next to nothing, the gradient vanishes."""
    gradients = _measured(layers, "gradient_rms")
    typical = median(gradients.values()) if len(gradients) > 1 else 0.0
    starved = [name for name, value in gradients.items() if value < STARVED * typical]
    if typical and starved and len(starved) <= max(1, len(gradients) // 4):
        name = starved[0]
        statistic = "weight gradient, beside the median of all layers"
        yield _finding("starved layer", name, statistic, gradients[name] / typical, STARVED)
