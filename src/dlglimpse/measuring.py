"""A few numbers for each layer of any network, in place of all its values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlglimpse.batches import Loss, checked_inputs
from dlglimpse.findings import LayerStatistics
from dlglimpse.layers import in_order, parameters_of, unwrapped
from dlglimpse.watching import Watch, one_pass

SATURATED = 0.97
"""From which |tanh z| on a value counts as saturated; for a sigmoid, |tanh(z/2)|."""

_PIECE = 2**17
"""About how many values are taken into double precision at a time (1 MiB)."""

# Where these keep their units; in all others it is the last axis.
_UNITS_SECOND = (nn.modules.conv._ConvNd,)
# tanh(z/2) = 2 sigmoid(z) - 1
_BOUNDED = {"tanh": (1, 0), "hardtanh": (1, 0), "sigmoid": (2, -1), "hardsigmoid": (2, -1)}


def layer_statistics(
    model: nn.Module,
    inputs: Tensor | Sequence[Tensor],
    targets: Tensor,
    *,
    loss: Loss = F.mse_loss,
) -> dict[str, LayerStatistics]:
    """Look at a network as `glimpse` does, and keep a few numbers for each layer.

    Parameters
    ----------
    model, inputs, targets, loss
        As for `glimpse`.

    Returns
    -------
    dict
        From layer name to `LayerStatistics`, in forward order; a layer that is used
        twice appears as "name" and "name (2)", the second time without weights. All
        weights of an attention or a recurrent layer count together.

    Raises
    ------
    GlimpseError
        As `glimpse` does.

    Notes
    -----
    Numbers are taken as the tensors come by, in double precision, piece by piece, and
    no tensor is kept: a gradient of the weights is gone before the next one is made.
    Beside what the model keeps for its own backward pass, memory holds a copy of the
    inputs, of the buffers, and of what the model itself writes over; how far below or
    above a plain pass that is, the benchmark page of the book measures.

    What misleads: a root mean square of a whole layer hides single units, and sizes of
    gradients depend on how the loss is scaled; compare layers, not networks.

    Examples
    --------
    >>> from dlglimpse import mlp, waves
    >>> found = layer_statistics(mlp((2, 8, 2), "tanh", seed=0), *waves(100))
    >>> list(found), found["0"].dead
    (['0', '2'], 0.0)
    """
    return measured(model, inputs, targets, loss)[0]


def measured(
    model: nn.Module, inputs: Tensor | Sequence[Tensor], targets: Tensor, loss: Loss
) -> tuple[dict[str, LayerStatistics], float]:
    """The statistics of all layers, and the loss."""
    several, model = checked_inputs(model, inputs, targets), unwrapped(model)
    watch = _Measured(len(targets))
    with one_pass(model, several, targets, loss, watch) as (_, value):
        layers = watch.layers
        stand_ins = watch.stand_ins.parameters if watch.stand_ins else []
        weights = parameters_of(layers, "weight")
        rows = {
            id(weight)
            for name, layer in layers.items()
            for weight in weights[name].values()
            if isinstance(layer, nn.Embedding | nn.EmbeddingBag)
        }
        taken: dict[int, _Weight] = {}

        def take(parameter: Tensor) -> None:
            """Measure a gradient when it is complete, and let go of it."""
            if parameter.ndim >= 2:
                taken[id(parameter)] = _weight(parameter, parameter.grad, id(parameter) in rows)
            parameter.grad = None

        for parameter in stand_ins:
            parameter.register_post_accumulate_grad_hook(take)  # type: ignore[no-untyped-call]
        torch.autograd.backward(value, inputs=stand_ins)
        of_layers = {
            name: [
                taken[id(p)] if id(p) in taken else _weight(p, None, id(p) in rows)
                for p in found.values()
            ]
            for name, found in weights.items()
        }
    names = in_order(layers, watch.keys)
    return {name: watch.statistics(name, of_layers.get(name, [])) for name in names}, value.item()


@dataclass(frozen=True)
class _Values:
    """Sums over a tensor of signals."""

    count: int
    squares: float
    deviations: float
    dead: float
    saturated: float
    non_finite: int


@dataclass(frozen=True)
class _Weight:
    """Sums over a matrix of weights and its gradient."""

    count: int
    squares: float
    gradient_squares: float
    non_finite: int
    non_finite_gradients: int


class _Measured(Watch):
    """Measures what it sees, and keeps nothing else."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self._n = n
        self._preactivations: dict[str, _Values] = {}
        self._activations: dict[str, _Values] = {}
        self._backpropagated: dict[str, tuple[float, int]] = {}

    def see(self, key: str, output: Tensor) -> Tensor:
        self._preactivations[key] = self._values(key, output)
        if output.requires_grad:
            output.register_hook(partial(self._see_gradient, key))  # type: ignore[no-untyped-call]
        return output

    def see_activation(self, key: str, output: Tensor, function: str) -> None:
        self._activations[key] = self._values(key, output, function)

    def _see_gradient(self, key: str, gradient: Tensor) -> None:
        squares, non_finite = _squares(gradient)
        self._backpropagated[key] = squares / gradient.numel(), non_finite

    def _values(self, key: str, values: Tensor, function: str = "") -> _Values:
        layer = self.layers[key.partition(" (")[0]]
        units = 1 if isinstance(layer, _UNITS_SECOND) else values.ndim - 1
        # Attention and recurrent layers may put the steps of a sequence first.
        examples = next((k for k in (0, 1) if values.shape[k] == self._n and k != units), None)
        return _values(values.detach(), units, examples, _BOUNDED.get(function))

    def statistics(self, key: str, weights: list[_Weight]) -> LayerStatistics:
        """All numbers of one use of a layer."""
        before = self._preactivations.get(key)
        signal = self._activations.get(key, before)
        back, bad = self._backpropagated.get(key, (0.0 if before else math.nan, 0))
        bad += sum(weight.non_finite_gradients for weight in weights)
        worse = sum(weight.non_finite for weight in weights)
        worse += sum(seen.non_finite for seen in {id(s): s for s in (before, signal) if s}.values())
        count = sum(weight.count for weight in weights)
        return LayerStatistics(
            activation_rms=_root(signal.squares, signal.count) if signal else math.nan,
            contrast=_root(signal.deviations, signal.count) if signal else math.nan,
            dead=signal.dead if signal else math.nan,
            saturated=signal.saturated if signal else math.nan,
            backpropagated_rms=math.sqrt(back),
            weight_rms=_root(sum(weight.squares for weight in weights), count),
            gradient_rms=_root(sum(weight.gradient_squares for weight in weights), count),
            non_finite=worse,
            non_finite_gradients=bad,
        )


def _root(squares: float, count: int) -> float:
    return math.sqrt(squares / count) if count else math.nan


def _pieces(values: Tensor, axis: int) -> Iterator[Tensor]:
    """A tensor in parts along one axis, each of about as many values as wanted."""
    if values.numel():
        step = max(1, _PIECE * values.shape[axis] // values.numel())
        yield from torch.split(values, step, dim=axis)


def _wide(values: Tensor) -> Tensor:
    """In double precision, where there is any, so that small squares do not underflow.

    It may be the tensor itself, which nobody may write into.
    """
    return values.to(torch.float32 if values.device.type == "mps" else torch.float64)


def _non_finite(values: Tensor, squares: float) -> int:
    """How many values are not finite; the sum of their squares says if there may be some."""
    return 0 if math.isfinite(squares) else int((~values.isfinite()).sum())


def _values(
    values: Tensor, units: int, examples: int | None, bounded: tuple[int, int] | None
) -> _Values:
    """Measure signals, one group of units after the other."""
    others = [axis for axis in range(values.ndim) if axis != units]
    squares = deviations = 0.0
    dead = saturated = non_finite = 0
    for piece in _pieces(values, units):
        wide = _wide(piece)
        dead += int((wide.abs().amax(others) == 0).sum())
        if bounded is not None:
            scale, shift = bounded
            saturated += int(((scale * wide + shift).abs() > SATURATED).sum())
        part = float(wide.square().sum())
        squares += part
        non_finite += _non_finite(piece, part)
        if examples is not None:
            deviations += float((wide - wide.mean(examples, keepdim=True)).square_().sum())
    count = values.numel()
    several = examples is not None and values.shape[examples] > 1
    return _Values(
        count=count,
        squares=squares,
        deviations=deviations if several else math.nan,
        dead=dead / values.shape[units],
        saturated=saturated / count if bounded is not None and count else math.nan,
        non_finite=non_finite,
    )


def _squares(values: Tensor) -> tuple[float, int]:
    """The sum of the squares, and how many values are not finite."""
    total, non_finite = 0.0, 0
    for piece in _pieces(values, 0):
        part = float(_wide(piece).square().sum())
        total += part
        non_finite += _non_finite(piece, part)
    return total, non_finite


def _weight(weight: Tensor, gradient: Tensor | None, rows: bool) -> _Weight:
    """Measure a matrix of weights and its gradient; with `rows`, those with a gradient."""
    weight = weight.detach()
    if gradient is not None and gradient.is_sparse:
        gradient = gradient.coalesce()
        weight, gradient = weight[gradient.indices()[0]], gradient.values()
    elif gradient is not None and rows:
        used = torch.cat([piece.ne(0).any(dim=1) for piece in _pieces(gradient, 0)])
        weight, gradient = weight[used], gradient[used]
    squares, non_finite = _squares(weight)
    slopes, bad = (0.0, 0) if gradient is None else _squares(gradient)
    return _Weight(weight.numel(), squares, slopes, non_finite, bad)
