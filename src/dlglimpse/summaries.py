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
    "rank_correlation",
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
        Layer name to a float, or with `draws` to an array of shape `(n_draws,)`, in
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

    `r = t(first) / t(last)`, with t as in `typical`. Well below 1, gradients vanish on
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
        The ratio, or with `draws` the ratios of shape `(n_draws,)`. Where the last
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
        Layer name to a float, or with `draws` to an array of shape `(n_draws,)`.

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
        One number per draw, shape `(n_draws,)`: tensor or array-like, all finite.

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


def rank_correlation(
    x: Any, y: Any, *, given: Any = None, n_boot: int = 2000, seed: int = 0
) -> Band:
    """How well the order of one number tells the order of another: Spearman's rho.

    rho = the correlation of the ranks of x with the ranks of y, from -1 to 1; equal
    values share the mean of their ranks. With `given` it is the partial one, of what
    straight lines through the ranks of `given` leave:
    `(rho_xy - rho_xz rho_yz) / sqrt((1 - rho_xz²)(1 - rho_yz²))`.

    Parameters
    ----------
    x, y, given
        One number per case, shape `(n,)`, not nan; infinite ones are the largest.
    n_boot
        How many times n cases are drawn anew from the n cases, with replacement.
    seed
        Seed of these draws.

    Returns
    -------
    Band
        The coefficient as `median`, and the 5 % and 95 % points of its bootstrap.

    Raises
    ------
    GlimpseError
        If the numbers are not of one shape `(n,)` with n of at least 3, one is nan, or
        all are equal; or if `n_boot` is not positive.

    Notes
    -----
    What can mislead: rho sees only what rises or falls throughout, so a statistic that
    is bad at both ends has none. It holds for the cases at hand, in the mixture in
    which they were drawn, and it is no cause.

    References
    ----------
    C. Spearman (1904), "The proof and measurement of association between two things";
    B. Efron (1979), "Bootstrap methods: another look at the jackknife".

    Examples
    --------
    >>> x = np.arange(50.0)
    >>> print(rank_correlation(x, x**3))
    1.0 (1.0–1.0)
    """
    columns = _columns([x, y] if given is None else [x, y, given])
    if isinstance(n_boot, bool) or not isinstance(n_boot, int) or n_boot < 1:
        raise GlimpseError(
            "`n_boot` counts draws and must be a positive integer",
            given=f"n_boot={n_boot!r}",
            hint="leave `n_boot` out",
        )
    n = columns.shape[1]
    rng = np.random.default_rng(seed)
    # How often each case comes in a draw is all that the coefficient needs to know.
    again = _rho(columns, rng.multinomial(n, np.full(n, 1 / n), size=n_boot))
    # A draw of equal cases has no order, and so no coefficient.
    low, high = (float(v) for v in np.nanpercentile(again, (5, 95)))
    return Band(low, float(_rho(columns, np.ones((1, n)))[0]), high, n=n)


def _rho(columns: Floats, times: Any) -> Floats:
    """Spearman's coefficient of the first two rows, given the third if there is one.

    Case k counts `times[b, k]` times in draw b; the result has shape `(b,)`.
    """
    ranks = np.stack([_ranks(row, times) for row in columns])
    ranks -= (times * ranks).sum(axis=2, keepdims=True) / times.sum(axis=1)[:, None]
    products = np.einsum("bk,xbk,ybk->bxy", times, ranks, ranks)
    sizes = np.sqrt(np.einsum("bxx->bx", products))
    with np.errstate(divide="ignore", invalid="ignore"):
        r: Floats = products / (sizes[:, :, None] * sizes[:, None, :])
        if len(columns) == 2:
            return r[:, 0, 1]
        rest = np.sqrt((1 - r[:, 0, 2] ** 2) * (1 - r[:, 1, 2] ** 2))
        partial: Floats = (r[:, 0, 1] - r[:, 0, 2] * r[:, 1, 2]) / rest
    return partial


def _ranks(values: Floats, times: Any) -> Floats:
    """Places by size, from 1, in each draw (b, k); equal values share the mean of theirs."""
    order = np.argsort(values)
    _, first, which = np.unique(values[order], return_index=True, return_inverse=True)
    alike = np.add.reduceat(np.asarray(times, dtype=float)[:, order], first, axis=1)
    ranks = np.empty((len(times), len(values)))
    ranks[:, order] = (np.cumsum(alike, axis=1) - (alike - 1) / 2)[:, which]
    return ranks


def _columns(values: list[Any]) -> Floats:
    arrays = [as_array(value) for value in values]
    shapes = [array.shape for array in arrays]
    if len(set(shapes)) > 1 or arrays[0].ndim != 1 or arrays[0].size < 3:
        raise GlimpseError(
            "a rank correlation needs two numbers per case, and three cases or more",
            given=f"values of shapes {', '.join(map(str, shapes))}",
            hint="try two lists of one length",
        )
    for name, array in zip(("x", "y", "given"), arrays, strict=False):
        if np.isnan(array).any() or len(np.unique(array)) == 1:
            nans = int(np.isnan(array).sum())
            raise GlimpseError(
                f"`{name}` has no order",
                given=f"{nans} nan of {array.size} values"
                if nans
                else f"{array.size} times {array[0]:.4g}",
                hint="try to leave such cases out, and to say how many they were",
            )
    return np.array(arrays)


def _layers(gradients: Mapping[str, Any], draws: bool) -> dict[str, Floats]:
    """Each layer as an array of shape `(n_draws, values)`, one row unless `draws`."""
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
