"""Numbers from records: one per layer, one per network, one band over many networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from dlglimpse.densities import as_array, density, density_from_counts
from dlglimpse.errors import GlimpseError
from dlglimpse.records import Band, number

__all__ = [
    "band",
    "density",
    "density_from_counts",
    "first_to_last",
    "number",
    "typical",
    "zero_share",
]

Floats = npt.NDArray[np.float64]


@overload
def typical(gradients: Mapping[str, Any], *, draws: Literal[False] = False) -> dict[str, float]: ...
@overload
def typical(gradients: Mapping[str, Any], *, draws: Literal[True]) -> dict[str, Floats]: ...
def typical(
    gradients: Mapping[str, Any], *, draws: bool = False
) -> dict[str, float] | dict[str, Floats]:
    """How large a value of each layer is, ordinarily: the mean of its magnitudes.

    t(l) = mean of |g| over all values g of layer l. Over many draws, the book then
    takes the median of it (see `band`).

    Parameters
    ----------
    gradients
        Layer name to tensor or array-like of any shape, such as
        `record.weight_gradients`; with `draws`, the first axis counts the draws.
    draws
        True to get one number per draw.

    Returns
    -------
    dict
        Layer name to a float, or with `draws` to an array of shape (n_draws,), in
        the order and the unit of `gradients`. A layer with a nan is nan.

    Raises
    ------
    GlimpseError
        If `gradients` is not a mapping, a layer is empty, or layers of `Draws`
        differ in the number of draws.

    Notes
    -----
    What can mislead: a mean follows the largest values. A layer with one gradient of
    1 and a hundred of 0 has the same mean as one with all gradients near 0.01.

    Examples
    --------
    >>> typical({"0": [[-1.0, 3.0]], "2": [[0.5]]})
    {'0': 2.0, '2': 0.5}
    >>> typical({"0": [[[-1.0, 3.0]], [[4.0, 4.0]]]}, draws=True)
    {'0': array([2., 4.])}
    """
    layers = _layers(gradients, draws)
    means = {name: np.abs(rows).mean(axis=1) for name, rows in layers.items()}
    return means if draws else {name: float(mean[0]) for name, mean in means.items()}


@overload
def first_to_last(gradients: Mapping[str, Any], *, draws: Literal[False] = False) -> float: ...
@overload
def first_to_last(gradients: Mapping[str, Any], *, draws: Literal[True]) -> Floats: ...
def first_to_last(gradients: Mapping[str, Any], *, draws: bool = False) -> float | Floats:
    """How large the first layer's gradients are beside the last layer's: a ratio.

    r = t(first) / t(last), with t as in `typical`. Well below 1, gradients vanish on
    their way back; well above 1, they explode.

    Parameters
    ----------
    gradients
        As for `typical`, at least two layers in forward order.
    draws
        True to get one ratio per draw.

    Returns
    -------
    float or array
        The ratio, or with `draws` the ratios of shape (n_draws,). Where the last
        layer is all zeros it is infinite, or nan if the first is all zeros, too.

    Raises
    ------
    GlimpseError
        As `typical` does, and if there are fewer than two layers.

    Notes
    -----
    What can mislead: a ratio of 1 says nothing about the scale. Gradients of 1e11 in
    every layer have it, too.

    Examples
    --------
    >>> first_to_last({"0": [0.01, -0.01], "2": [0.5], "4": [1.0, -1.0]})
    0.01
    """
    layers = _layers(gradients, draws)
    if len(layers) < 2:
        raise GlimpseError(
            "a ratio of the first to the last layer needs at least two layers",
            given=f"{len(layers)} ({', '.join(layers) or 'none'})",
            hint="try `typical(gradients)`",
        )
    first, *_, last = (np.abs(rows).mean(axis=1) for rows in layers.values())
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios: Floats = first / last
    return ratios if draws else float(ratios[0])


@overload
def zero_share(
    gradients: Mapping[str, Any], *, draws: Literal[False] = False
) -> dict[str, float]: ...
@overload
def zero_share(gradients: Mapping[str, Any], *, draws: Literal[True]) -> dict[str, Floats]: ...
def zero_share(
    gradients: Mapping[str, Any], *, draws: bool = False
) -> dict[str, float] | dict[str, Floats]:
    """Which part of each layer's values is exactly zero, between 0 and 1.

    s(l) = (number of values of layer l that equal 0) / (number of values of layer l).

    Parameters
    ----------
    gradients
        As for `typical`; activations serve as well.
    draws
        True to get one share per draw.

    Returns
    -------
    dict
        Layer name to a float, or with `draws` to an array of shape (n_draws,).

    Raises
    ------
    GlimpseError
        As `typical` does.

    Notes
    -----
    What can mislead: the gradient of a sigmoid that underflows is exactly zero, too;
    zero does not prove that a ReLU cut it off.

    Examples
    --------
    >>> zero_share({"0": [0.0, 0.0, -0.1, 0.2], "2": [1.0]})
    {'0': 0.5, '2': 0.0}
    """
    layers = _layers(gradients, draws)
    shares = {name: np.mean(rows == 0, axis=1) for name, rows in layers.items()}
    return shares if draws else {name: float(share[0]) for name, share in shares.items()}


def band(values: Any) -> Band:
    """Sum up one number per draw: the median, and where 90 % of the draws lie.

    Parameters
    ----------
    values
        One number per draw, shape (n_draws,): tensor or array-like, all finite.

    Returns
    -------
    Band
        The 5 %, 50 % and 95 % points, and how many draws they come from.

    Raises
    ------
    GlimpseError
        If there is no value, a value is nan or infinite, or there is more than one
        axis.

    Notes
    -----
    What can mislead: percentiles lie between neighboring draws (linear
    interpolation), so below 20 draws the ends of the band are little more than the
    smallest and the largest draw. It is a band of draws, not an error bar of the median.

    Examples
    --------
    >>> print(band([0.1, 0.2, 0.3, 0.4, 0.5]))
    0.30 (0.12–0.48)
    """
    array = as_array(values)
    if array.ndim != 1:
        raise GlimpseError(
            "a band needs one number per draw",
            given=f"values of shape {array.shape}",
            hint="try `typical(gradients, draws=True)` first",
        )
    bad = int(array.size - np.isfinite(array).sum())
    if not array.size or bad:
        raise GlimpseError(
            "a band needs finite values, at least one",
            given=f"{array.size} values, {bad} of them nan or infinite",
            hint="try to count those apart, as in `values[np.isfinite(values)]`",
        )
    low, median, high = (float(v) for v in np.percentile(array, (5, 50, 95)))
    return Band(low, median, high, n=int(array.size))


def _layers(gradients: Mapping[str, Any], draws: bool) -> dict[str, Floats]:
    """Each layer as an array of shape (n_draws, values), one row unless `draws`."""
    if not isinstance(gradients, Mapping):
        raise GlimpseError(
            "a mapping from layer names to values is needed",
            given=type(gradients).__name__,
            hint="try `record.weight_gradients`",
        )
    layers = {}
    for name, values in gradients.items():
        array = as_array(values)
        if array.size == 0 or (draws and array.ndim == 0):
            raise GlimpseError(
                f"layer {name!r} holds no values" + (" per draw" if draws else ""),
                given=f"shape {array.shape}",
                hint="leave it out, or look at how it was made",
            )
        layers[name] = array.reshape(len(array) if draws else 1, -1)
    lengths = {name: len(rows) for name, rows in layers.items()}
    if len(set(lengths.values())) > 1:
        raise GlimpseError(
            "all layers need the same number of draws",
            given=", ".join(f"{n} in layer {name!r}" for name, n in lengths.items()),
            hint="try `draws=False` for the gradients of one network",
        )
    return layers
