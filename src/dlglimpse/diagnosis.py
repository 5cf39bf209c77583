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
from dlglimpse.layers import layers_of, unwrapped
from dlglimpse.measuring import measured

# Each limit stands between the closest network that is well and the closest that is
# broken, of those in tests/diagnosis; a test says so.
FADED = 1e-2
"""First over last layer's gradient, or last over first layer's contrast: below this, faded."""
GROWN = 30.0
"""First over last layer's gradient: above this, exploding."""
SWOLLEN = 100.0
"""Largest over first layer's activations: above this, exploding on the way forward."""
STARVED = 1e-3
"""A layer's gradient beside the median of those that get one: below this, starved."""
MOSTLY = 0.4
"""Share of dead units or saturated values above which a layer is not well."""
SUDDEN = 2 / 3
"""Share of a fall, in powers of ten, that a single step of a gradual one stays below."""
ENOUGH = 16
"""Examples from which on a unit that is zero for all of them counts as dead."""

_TRY = {
    "non-finite": "the first layer named: smaller weights or a smaller learning rate, another "
    "precision than float16, or a guard in a division, root or logarithm of your own",
    "exploding": "smaller first weights, from the scheme of your activation, a "
    "normalization between the layers, or inputs of variance 1",
    "vanishing": "another activation, the scheme that belongs to yours, a "
    "normalization, or residual connections",
    "dead units": "He's weights with zero biases, a smaller learning rate, or a leaky ReLU",
    "saturated": "smaller first weights (Glorot's), or inputs of mean 0 and variance 1",
    "starved layer": "how the layer is connected: a detach, a no_grad, a factor near zero, "
    "or a forward pass that leaves it out",
}


def diagnose(
    model: nn.Module,
    inputs: Tensor | Sequence[Tensor],
    targets: Tensor,
    *,
    loss: Loss = F.mse_loss,
) -> Diagnosis:
    """Say what is wrong inside a network, and say so if nothing is.

    One forward and one backward pass, as `layer_statistics` makes them, are held
    against limits: numbers that are not finite, gradients that fade or grow toward the
    first layer, signals that fade or grow toward the last, units that are zero for every
    example, values on the flat ends of tanh or sigmoid, and layers without a gradient.

    Parameters
    ----------
    model, inputs, targets, loss
        As for `glimpse`. Give it a real batch of at least 16 examples, before training
        or during it; with fewer, dead units are not looked for.

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
    The limits are rules of thumb, each between what networks that are known to be well
    show and what networks that were broken on purpose do. What misleads: a healthy start
    is no promise that training goes well, and a sick one may recover, above all under
    Adam. A layer that is meant to start at zero is named like one that should not.

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
    layers, value = measured(model, inputs, targets, loss)
    # Numbers behind a nan say nothing.
    found = list(_non_finite(layers, value))
    if not found:
        modules = layers_of(unwrapped(model))
        gradients = _gradients(layers, modules)
        found = [*_exploding(layers, gradients), *_vanishing(layers, gradients)]
        found += _dead(layers) if len(targets) >= ENOUGH else ()
        found += _saturated(layers)
        # Asked last, for all of these starve layers, too.
        found = found or list(_starved(gradients))
    return Diagnosis(tuple(found), layers)


def _finding(kind: str, layer: str, statistic: str, value: float, limit: float) -> Finding:
    return Finding(kind, layer, statistic, value, limit, _TRY[kind])


def _measured(layers: Mapping[str, LayerStatistics], field: str) -> dict[str, float]:
    """A statistic of the layers that have it."""
    values = {name: getattr(layer, field) for name, layer in layers.items()}
    return {name: value for name, value in values.items() if not math.isnan(value)}


def _gradients(
    layers: Mapping[str, LayerStatistics], modules: Mapping[str, nn.Module]
) -> dict[str, float]:
    """The weight gradients that can be compared: a row of an embedding sees few examples."""
    return {
        name: value
        for name, value in _measured(layers, "gradient_rms").items()
        if value == 0 or not isinstance(modules[name], nn.Embedding | nn.EmbeddingBag)
    }


def _non_finite(layers: Mapping[str, LayerStatistics], loss: float) -> Iterator[Finding]:
    """Signals break from the first layer on, gradients from the last one back."""
    statistic = "count of nan or infinite"
    ahead = [name for name, layer in layers.items() if layer.non_finite]
    back = [name for name, layer in layers.items() if layer.non_finite_gradients]
    if ahead:
        count = layers[ahead[0]].non_finite
        yield _finding("non-finite", ahead[0], f"{statistic} values", count, 0)
    elif not math.isfinite(loss):
        yield _finding("non-finite", "loss", "the loss", loss, math.inf)
    elif back:
        count = layers[back[-1]].non_finite_gradients
        yield _finding("non-finite", back[-1], f"{statistic} gradients", count, 0)


def _ends(values: Mapping[str, float]) -> tuple[str, float, float] | None:
    """The first layer and its value, and the last value, if there are two of them."""
    if len(values) < 2:
        return None
    (first, start), *_, (_, end) = values.items()
    return first, start, end


def _exploding(
    layers: Mapping[str, LayerStatistics], gradients: Mapping[str, float]
) -> Iterator[Finding]:
    ends = _ends(gradients)
    if ends and ends[1] > GROWN * ends[2] > 0:
        first, start, end = ends
        statistic = "weight gradient, first over last layer"
        yield _finding("exploding", first, statistic, start / end, GROWN)
        return
    signals = _measured(layers, "activation_rms")
    ends = _ends(signals)
    if ends and max(signals.values()) > SWOLLEN * ends[1] > 0:
        largest = max(signals, key=signals.__getitem__)
        statistic = "activation, largest over first layer"
        yield _finding("exploding", largest, statistic, signals[largest] / ends[1], SWOLLEN)


def _vanishing(
    layers: Mapping[str, LayerStatistics], gradients: Mapping[str, float]
) -> Iterator[Finding]:
    ends = _ends(gradients)
    if ends and 0 < ends[1] < FADED * ends[2] and _gradual(list(gradients.values())):
        first, start, end = ends
        statistic = "weight gradient, first over last layer"
        yield _finding("vanishing", first, statistic, start / end, FADED)
        return
    # The last layer's outputs have a scale of their own.
    hidden = dict(list(_measured(layers, "contrast").items())[:-1])
    ends = _ends(hidden)
    # Nothing at all is left behind a layer of dead units.
    if ends and 0 < ends[2] < FADED * ends[1]:
        last = list(hidden)[-1]
        statistic = "spread over examples, last hidden over first layer"
        yield _finding("vanishing", last, statistic, ends[2] / ends[1], FADED)


def _gradual(gradients: Sequence[float]) -> bool:
    """Whether gradients fade layer by layer, and not in a single step."""
    if 0 in gradients:
        return False
    steps = [math.log(after / before) for before, after in pairwise(gradients)]
    return max(steps) < SUDDEN * sum(steps)


def _dead(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    yield from _worst("dead units", "share of units that are zero for all examples", layers, "dead")


def _saturated(layers: Mapping[str, LayerStatistics]) -> Iterator[Finding]:
    # Behind the last layer a sigmoid is sure of its answers when it has learned them.
    hidden = dict(list(layers.items())[:-1])
    yield from _worst("saturated", "share of saturated values", hidden, "saturated")


def _worst(
    kind: str, statistic: str, layers: Mapping[str, LayerStatistics], field: str
) -> Iterator[Finding]:
    shares = _measured(layers, field)
    name = max(shares, key=shares.__getitem__, default="")
    if name and shares[name] > MOSTLY:
        yield _finding(kind, name, statistic, shares[name], MOSTLY)


def _starved(gradients: Mapping[str, float]) -> Iterator[Finding]:
    """The last layer, in forward order, that hardly gets a gradient while others do."""
    typical = median([value for value in gradients.values() if value > 0] or [0.0])
    starved = [name for name, value in gradients.items() if value < STARVED * typical]
    if starved:
        value = gradients[starved[-1]] / typical
        statistic = "weight gradient, beside the median of all layers"
        yield _finding("starved layer", starved[-1], statistic, value, STARVED)
