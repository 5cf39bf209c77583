"""Activation functions and their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from dlglimpse.curves import activation_curve
from dlglimpse.figures.style import LOOKS, QUIET, axes_or_new, hide_frame
from dlglimpse.records import Curve

Floats = npt.NDArray[np.float64]


def plot_activation(
    activation: str | Callable[..., Any] | Curve,
    *,
    span: tuple[float, float] = (-5.0, 5.0),
    ax: Axes | None = None,
) -> Axes:
    """Draw an activation function (solid) and its derivative from autograd (dashed).

    Parameters
    ----------
    activation
        A name such as "relu", a module class, a module, a function that works
        elementwise on a tensor, or a `Curve` that was measured before.
    span
        First and last input; a `Curve` brings its own.
    ax
        Axes to draw into; a new figure if left out.

    Returns
    -------
    Axes
        Where it was drawn: line 0 is the function, line 1 the derivative, interrupted
        where it jumps.

    Raises
    ------
    GlimpseError
        As `activation_curve` does.

    Notes
    -----
    What can mislead: inputs outside the span. A sigmoid is flat there, a ReLU is not.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = plot_activation("tanh", span=(-3, 3))
    >>> [line.get_label() for line in ax.lines[:2]]
    ['tanh', 'derivative']
    >>> plt.close(ax.figure)
    """
    curve = activation
    if not isinstance(curve, Curve):
        curve = activation_curve(curve, span=span)
    ax = axes_or_new(ax)
    for values, look, label in (
        (curve.values, LOOKS[0], curve.name),
        (_interrupted(curve.slopes), LOOKS[1], "derivative"),
    ):
        finite = np.where(np.isfinite(values), values, np.nan)
        ax.plot(curve.inputs, finite, look.line, color=look.color, lw=2, label=label, zorder=3)
    ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
    ax.axvline(0, color=QUIET, linewidth=0.8, zorder=1)
    bad = int((~np.isfinite([curve.values, curve.slopes])).sum())
    if bad:
        ax.set_title(f"{bad} values not finite")
    ax.set(xlabel="input", xlim=(curve.inputs[0], curve.inputs[-1]))
    ax.legend(frameon=False, handlelength=3)
    hide_frame(ax)
    return ax


def _interrupted(slopes: Floats) -> Floats:
    """The slopes with a gap at each jump, where a line would show slopes that are none."""
    steps = np.abs(np.diff(slopes))
    padded = np.pad(steps, 1)
    around = np.maximum(padded[:-2], padded[2:])
    finite = slopes[np.isfinite(slopes)]
    large = 0.02 * float(np.ptp(finite)) if finite.size else 0.0
    gapped = slopes.copy()
    # A steep but smooth derivative takes its steps side by side; a jump stands alone.
    gapped[:-1][(steps > large) & (around < 0.1 * steps)] = np.nan
    return gapped
