"""The four diagnostics of a training: three looks inside, and how far each step goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from dlglimpse.errors import GlimpseError
from dlglimpse.figures.gradients import NAMES, plot_gradients
from dlglimpse.figures.updates import check_updates, plot_updates
from dlglimpse.records import FIELDS, Draws, Glimpse, Updates

_PANELS = {
    "activations": "violin",
    "backpropagated": "magnitude",
    "weight_gradients": "magnitude",
}


def plot_diagnostics(
    record: Glimpse | Draws | Mapping[str, Mapping[str, Any]],
    updates: Updates | None = None,
    *,
    axes: Sequence[Axes] | None = None,
) -> list[Axes]:
    """Draw the four diagnostics side by side: is this network able to learn?

    The activations of each layer; the magnitudes of the gradients that come back to
    it, and of those of its weights, both on a log axis; and how far each step moves
    its weights, relative to their size, with a dashed line at 1e-3.

    Parameters
    ----------
    record
        A `Glimpse`, `Draws`, or a mapping from the names of their fields to layers,
        as `plot_gradients` takes them (also `Density` records; those of gradients
        made with `log=True`).
    updates
        What `watch_updates` filled; without it the fourth axes say that no step was
        measured.
    axes
        Four axes to draw into; a new figure if left out.

    Returns
    -------
    list of Axes
        Activations, back-propagated gradients, weight gradients, updates.

    Raises
    ------
    GlimpseError
        If a field is missing, or `axes` are not four; else as `plot_gradients` and
        `plot_updates` do.

    Notes
    -----
    What can mislead: activations are on a linear axis, where saturation shows but a
    layer with small ones looks dead. The three looks are of one moment, the updates
    of many.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from dlglimpse import glimpse, mlp, waves
    >>> axes = plot_diagnostics(glimpse(mlp((2, 8, 2), "tanh", seed=0), *waves(100)))
    >>> [ax.get_ylabel() for ax in axes[:2]]
    ['activation', '|back-propagated gradient|']
    >>> plt.close(axes[0].figure)
    """
    layers = _fields(record)
    updates = Updates([], {}, n_steps=0, every=1) if updates is None else updates
    check_updates(updates)
    four = _four(axes)
    for ax, (field, kind) in zip(four, _PANELS.items(), strict=False):
        plot_gradients(layers[field], kind=kind, ax=ax)
        ax.set_ylabel(f"|{NAMES[field]}|" if kind == "magnitude" else NAMES[field])
    order = [name for name in layers["weight_gradients"] if name in updates.ratios]
    # Watched in the order of definition, looked at in that of the forward pass.
    order += [name for name in updates.ratios if name not in order]
    plot_updates(
        dataclasses.replace(updates, ratios={name: updates.ratios[name] for name in order}),
        ax=four[3],
    )
    return four


def _fields(record: object) -> Mapping[str, Mapping[str, Any]]:
    """The layers of each field that has a panel."""
    fields: Any = record
    if isinstance(record, Glimpse | Draws):
        fields = {field: getattr(record, field) for field in FIELDS}
    missing = [f for f in _PANELS if not isinstance(fields, Mapping) or f not in fields]
    if missing:
        raise GlimpseError(
            "a record with activations, backpropagated and weight_gradients is needed",
            given=f"{type(record).__name__} without {', '.join(missing)}",
            hint="try `plot_diagnostics(glimpse(model, inputs, targets))`",
        )
    return {field: fields[field] for field in _PANELS}


def _four(axes: Sequence[Axes] | None) -> list[Axes]:
    if axes is None:
        _, axes = plt.subplots(2, 2, figsize=(8.4, 6.0), layout="constrained")
    four = list(np.asarray(axes, dtype=object).ravel())
    if len(four) != len(_PANELS) + 1 or not all(isinstance(ax, Axes) for ax in four):
        raise GlimpseError(
            "the four diagnostics need four axes",
            given=f"{len(four)} of {', '.join(sorted({type(ax).__name__ for ax in four}))}",
            hint="try `fig, axes = plt.subplots(2, 2)`, or leave `axes` out",
        )
    return four
