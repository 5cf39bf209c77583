"""What the package measures, as plain data: no torch, no drawing, no arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    Array = np.ndarray[Any, np.dtype[Any]]
    Layers = Mapping[str, Tensor]
    Counts = Mapping[str, Mapping[str, int]]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

FIELDS = (
    "preactivations",
    "activations",
    "backpropagated",
    "weight_gradients",
    "bias_gradients",
)
"""The fields of a `Glimpse` and of `Draws` that map layer names to tensors."""


def number(value: float, digits: int = 2) -> str:
    """Write one number as the text of the book does.

    Numbers from a thousandth to a million are written out, others as a power of ten.

    Parameters
    ----------
    value
        Any real number, also infinite or nan.
    digits
        Significant digits to keep; whole parts are never rounded away.

    Examples
    --------
    >>> number(0.2849), number(1436.6), number(3.94e-7), number(0.0)
    ('0.28', '1,437', '3.9 × 10⁻⁷', '0')
    """
    if value == 0 or not math.isfinite(value):
        return {0.0: "0", math.inf: "∞", -math.inf: "−∞"}.get(value, "not a number")
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if -4 < exponent < 6:
        text = f"{value:,.{max(digits - 1 - exponent, 0)}f}"
    else:
        text = f"{mantissa} × 10{str(exponent).translate(_SUPERSCRIPTS)}"
    return text.replace("-", "−")


@dataclass(frozen=True)
class Band:
    """A statistic over many draws: its median, and where 90 % of the draws lie.

    Attributes
    ----------
    low, median, high
        The 5 %, 50 % and 95 % points, in the unit of the statistic.
    n
        How many draws they come from.

    Examples
    --------
    >>> print(Band(0.11, 0.284, 0.652, n=200))
    0.28 (0.11–0.65)
    >>> print(Band(1.8e-6, 4e-6, 8.8e-6, n=200))
    4.0 × 10⁻⁶ (1.8 × 10⁻⁶ to 8.8 × 10⁻⁶)
    """

    low: float
    median: float
    high: float
    n: int

    def __str__(self) -> str:
        low, median, high = (number(v) for v in (self.low, self.median, self.high))
        # A dash beside a minus sign, also that of a power, reads as two minus signs.
        dash = " to " if set("−⁻") & set(low + high) else "–"
        return f"{median} ({low}{dash}{high})"

    def percent(self) -> str:
        """The same band of a share between 0 and 1, in percent.

        Examples
        --------
        >>> Band(0.41, 0.5, 0.59, n=20).percent()
        '50 % (41–59 %)'
        """
        low, median, high = (f"{100 * v:.0f}" for v in (self.low, self.median, self.high))
        return f"{median} % ({low}–{high} %)"


@dataclass(frozen=True, eq=False)
class Density:
    """How the values of one layer are distributed, as a curve on a grid.

    Attributes
    ----------
    coords, vals
        The grid and the density there, two arrays of one shape; both are empty
        where no density is defined (no finite value, or all of them equal).
    count
        How many values there were, the zero and the non-finite ones included.
    zeros, non_finite
        How many of them were exactly zero, and how many were nan or infinite.
    low, median, high
        The 5 %, 50 % and 95 % points of the finite values (nan if there is none).
    minimum, maximum
        The range of the finite values (nan if there is none).
    log
        True if the curve, the percentiles and the range are those of log10|value|,
        over the values that are not zero.
    """

    coords: Array
    vals: Array
    count: int
    zeros: int
    non_finite: int
    low: float
    median: float
    high: float
    minimum: float
    maximum: float
    log: bool = False


@dataclass(frozen=True, eq=False)
class Glimpse:
    """What one forward and one backward pass left in each layer of a network.

    The first five fields are `Layers`: mappings from layer name to tensor, in forward
    order.

    Attributes
    ----------
    preactivations, activations
        What a layer put out, and what its activation function made of it; shape
        `(n, o)`. They are the same where no activation function follows.
    backpropagated
        Gradient of the loss with respect to the pre-activations, shape `(n, o)`.
    weight_gradients, bias_gradients
        Gradient of the loss with respect to the parameters, shapes `(o, i)` and `(o,)`.
    loss
        The loss, in the unit its function gives it.
    n
        How many examples went through.
    reduction
        "mean" if the loss of a batch is the mean over examples, "sum" if it is
        their sum, "other" if neither could be established.
    dtype
        The floating-point type of the weights, such as "float32".
    zeros, non_finite
        For each of the five fields and each layer, how many values are exactly
        zero, and how many are nan or infinite.
    """

    preactivations: Layers
    activations: Layers
    backpropagated: Layers
    weight_gradients: Layers
    bias_gradients: Layers
    loss: float
    n: int
    reduction: str
    dtype: str
    zeros: Counts
    non_finite: Counts

    def __repr__(self) -> str:
        layers = ", ".join(self.preactivations)
        return (
            f"Glimpse(layers: {layers}; loss={self.loss:.4g}, n={self.n}, "
            f"reduction={self.reduction!r}, dtype={self.dtype!r})"
        )


@dataclass(frozen=True, eq=False)
class Draws:
    """The same look at many networks that differ only in their random weights.

    The fields are those of `Glimpse`; each tensor has a leading axis of draws.

    Attributes
    ----------
    loss
        One loss per draw, shape `(n_draws,)`.
    n_draws
        How many independent initializations were drawn.
    seed
        The seed of the sweep; draw k is reproduced alone by `draw_seed(seed, k)`.
    """

    preactivations: Layers
    activations: Layers
    backpropagated: Layers
    weight_gradients: Layers
    bias_gradients: Layers
    loss: Tensor
    n: int
    n_draws: int
    reduction: str
    dtype: str
    seed: int
    zeros: Counts
    non_finite: Counts

    def __repr__(self) -> str:
        layers = ", ".join(self.preactivations)
        return (
            f"Draws(layers: {layers}; n_draws={self.n_draws}, n={self.n}, "
            f"seed={self.seed}, dtype={self.dtype!r})"
        )


@dataclass(frozen=True, eq=False)
class Curve:
    """A function of one number and its derivative, at points in increasing order.

    Attributes
    ----------
    name
        What the function is called.
    inputs : numpy.ndarray
        The points, shape `(n,)`.
    values, slopes
        The function and its derivative there, shape `(n,)`.
    """

    name: str
    inputs: Array
    values: Array
    slopes: Array


@dataclass(eq=False)
class Updates:
    """How far each step of an optimizer moved each layer's weights, as `watch_updates`
    fills it while the training runs.

    Attributes
    ----------
    steps
        Which steps were measured, counted from 1; s of them.
    ratios
        Layer name to one number per measured step, s of them: the norm of the update
        over the norm of the weights before it. 0 where nothing moved, infinite
        where weights of zero did, nan where a weight is not finite.
    n_steps
        How many steps the optimizer took, measured or not.
    every
        The distance between two measured steps, at the end of the training.
    """

    steps: list[int]
    ratios: dict[str, list[float]]
    n_steps: int
    every: int

    def __repr__(self) -> str:
        return (
            f"Updates(layers: {', '.join(self.ratios)}; n_steps={self.n_steps}, "
            f"{len(self.steps)} measured, every={self.every})"
        )
