"""The four diagnostics: what each of the axes shows, and what has no place on them."""

import math
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from dlglimpse import (
    GlimpseError,
    Updates,
    density,
    draws,
    glimpse,
    mlp,
    plot_diagnostics,
    plot_gradients,
    plot_updates,
    watch_updates,
    waves,
)
from dlglimpse.figures.style import LOOKS

BATCH = waves(40)


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


def updates_of(ratios: dict[str, list[float]], every: int = 1) -> Updates:
    n = len(next(iter(ratios.values())))
    return Updates(list(range(1, 1 + n * every, every)), ratios, n_steps=n * every, every=every)


def lines(ax: Axes) -> dict[str, Line2D]:
    """The lines of the layers, by name."""
    return {str(line.get_label()): line for line in ax.lines if str(line.get_label())[0] != "_"}


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def named(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def marked(line: Line2D) -> list[int]:
    """Which points of a line carry a marker."""
    return [int(k) for k in np.flatnonzero(np.asarray(line.get_markevery()))]


def test_each_layer_is_a_line_over_the_steps_on_a_log_axis() -> None:
    ratios = {"0": [1e-3, 2e-3, 5e-3], "2": [1e-5, 1e-4, 1e-1]}
    ax = plot_updates(updates_of(ratios, every=4))
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "update-to-weight ratio")
    assert list(lines(ax)) == named(ax) == ["0", "2"]
    for name, line in lines(ax).items():
        assert list(line.get_xdata()) == [1, 5, 9]
        assert list(line.get_ydata()) == ratios[name]
    assert ax.get_xlim()[0] < 1 and ax.get_xlim()[1] > 12
    assert texts(ax) == []


def test_the_rule_of_thumb_is_a_dashed_line_and_always_in_sight() -> None:
    for value in (1e-9, 1e-3, 1e5):
        ax = plot_updates(updates_of({"0": [value, 1.1 * value]}))
        (rule,) = [line for line in ax.lines if line.is_dashed() and line.get_label()[0] == "_"]
        assert list(rule.get_ydata()) == [1e-3, 1e-3]
        low, high = ax.get_ylim()
        assert low <= 1e-4 and high >= 1e-2
        assert low < value < high


def test_layers_differ_in_line_and_marker_and_run_from_blue_to_orange() -> None:
    ax = plot_updates(updates_of({str(k): [1e-3, 2e-3] for k in range(20)}))
    drawn = list(lines(ax).values())
    assert len({(line.get_linestyle(), line.get_marker()) for line in drawn}) == 20
    colors = [to_hex(line.get_color()) for line in drawn]
    assert len(set(colors)) == 20
    assert [colors[0], colors[-1]] == [to_hex(look.color) for look in LOOKS[:2]]


def test_ratios_without_a_place_are_gaps_and_counted() -> None:
    ratios = {
        "0": [0.0, 1e-3, 0.0, 0.0],
        "2": [1e-3, math.inf, math.nan, 1e-3],
        "4": [1e-3] * 4,
    }
    ax = plot_updates(updates_of(ratios))
    ax.figure.canvas.draw()
    shown = {name: np.isfinite(line.get_ydata()).tolist() for name, line in lines(ax).items()}
    assert shown == {
        "0": [False, True, False, False],
        "2": [True, False, False, True],
        "4": [True] * 4,
    }
    assert texts(ax) == ["layer 0: 0 in 3 of 4 steps", "layer 2: not finite in 2 of 4 steps"]
    below, above = (text.get_position()[1] for text in ax.texts)
    assert below < 0.1 < 0.9 < above


def test_counts_of_many_layers_stay_short() -> None:
    still = {str(k): [0.0, 0.0] for k in range(5)}
    assert texts(plot_updates(updates_of(still))) == [
        "layer 0: 0 in 2 of 2 steps\nlayer 1: 0 in 2 of 2 steps\nand in 3 more layers"
    ]
    three = {name: still[name] for name in "012"}
    assert texts(plot_updates(updates_of(three)))[0].endswith("\nand in 1 more layer")


def test_a_point_between_gaps_is_seen_in_a_long_training_too() -> None:
    values = [1e-3] * 400
    values[100:103] = [0.0, 2e-3, 0.0]
    values[-2] = 0.0
    line = lines(plot_updates(updates_of({"0": values})))["0"]
    assert {101, 399} <= set(marked(line))
    assert len(marked(line)) < 15


def test_one_step_is_a_point() -> None:
    ax = plot_updates(updates_of({"0": [2e-3]}))
    assert marked(lines(ax)["0"]) == [0]
    assert ax.get_xlim()[0] < 1 < ax.get_xlim()[1]


def test_of_many_layers_some_are_named_the_first_and_the_last_among_them() -> None:
    names = [f"block.{k}" for k in range(30)]
    ax = plot_updates(updates_of({name: [1e-3, 1e-3] for name in names}))
    assert len(lines(ax)) == 30
    assert len(named(ax)) == 8
    assert named(ax)[0] == names[0] and named(ax)[-1] == names[-1]
    assert named(ax) == sorted(named(ax), key=names.index)


def test_names_that_begin_with_an_underscore_are_named_too() -> None:
    # `torch.compile` puts such a name in front of a model's own ones.
    names = ["_orig_mod.0", "_orig_mod.2"]
    assert named(plot_updates(updates_of({name: [1e-3, 1e-3] for name in names}))) == names


def test_a_training_without_a_step_says_so() -> None:
    ax = plot_updates(Updates([], {"0": []}, n_steps=0, every=1))
    assert texts(ax) == ["no step was measured"]
    assert list(ax.get_xticks()) == [] and ax.get_yscale() == "log"
    ax.figure.canvas.draw()


def trained(depth: int = 2) -> tuple[Any, Updates]:
    model = mlp((2, *[9] * depth, 2), "tanh", seed=0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch_updates(model, optimizer) as updates:
        for _ in range(5):
            optimizer.zero_grad()
            F.mse_loss(model(BATCH[0]), BATCH[1]).backward()
            optimizer.step()
    return glimpse(model, *BATCH), updates


def outlines(ax: Axes) -> list[Any]:
    return [
        np.asarray(c.get_paths()[0].vertices)
        for c in ax.collections
        if isinstance(c, PolyCollection)
    ]


def test_four_axes_show_the_four_diagnostics() -> None:
    record, updates = trained()
    axes = plot_diagnostics(record, updates)
    assert [ax.get_ylabel() for ax in axes] == [
        "activation",
        "|back-propagated gradient|",
        "|weight gradient|",
        "update-to-weight ratio",
    ]
    assert [ax.get_yscale() for ax in axes] == ["linear", "log", "log", "log"]
    fields = ["activations", "backpropagated", "weight_gradients"]
    for ax, field, kind in zip(axes, fields, ["violin", "magnitude", "magnitude"], strict=False):
        alone = plot_gradients(record, field=field, kind=kind)
        pairs = zip(outlines(ax), outlines(alone), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs) and outlines(ax)
    for name, line in lines(axes[3]).items():
        assert list(line.get_ydata()) == updates.ratios[name]


def test_updates_stand_in_the_order_of_the_forward_pass() -> None:
    record, updates = trained()
    backwards = dict(reversed(updates.ratios.items()))
    other = Updates(updates.steps, {"extra": [1e-3] * 5, **backwards}, n_steps=5, every=1)
    assert named(plot_diagnostics(record, other)[3]) == ["0", "2", "4", "extra"]
    assert list(other.ratios) == ["extra", "4", "2", "0"]


def test_before_a_training_the_fourth_says_that_nothing_was_measured() -> None:
    axes = plot_diagnostics(trained()[0])
    assert texts(axes[3]) == ["no step was measured"]
    assert outlines(axes[0])


def test_draws_and_ready_densities_are_drawn_too() -> None:
    inputs, targets = BATCH
    many = draws((2, 6, 2), "tanh", n_draws=3, inputs=inputs, targets=targets)
    assert len(outlines(plot_diagnostics(many)[1])) == 2
    record, updates = trained()
    ready = {
        "activations": {n: density(v) for n, v in record.activations.items()},
        "backpropagated": {n: density(v, log=True) for n, v in record.backpropagated.items()},
        "weight_gradients": {n: density(v, log=True) for n, v in record.weight_gradients.items()},
    }
    for ax, other in zip(
        plot_diagnostics(ready, updates)[:3], plot_diagnostics(record, updates)[:3], strict=True
    ):
        assert ax.get_ylabel() == other.get_ylabel()
        pairs = zip(outlines(ax), outlines(other), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)


def test_it_draws_where_it_is_told_and_changes_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("a figure was shown"))
    record, updates = trained()
    before, kept = dict(mpl.rcParams), repr(vars(updates))
    figure, given = plt.subplots(1, 4)
    assert plot_diagnostics(record, updates, axes=given) == list(given)
    figure.canvas.draw()
    assert plot_updates(updates, ax=given[0]) is given[0]
    assert len(plt.get_fignums()) == 1
    assert plot_diagnostics(record, updates)[0].figure is not figure
    assert len(plt.get_fignums()) == 2
    assert dict(mpl.rcParams) == before and repr(vars(updates)) == kept


def test_nothing_reaches_out_of_the_figure() -> None:
    figure: Any = plot_diagnostics(*trained(depth=9))[0].figure
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    for ax in figure.axes:
        box = ax.get_tightbbox()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda: plot_updates({"0": [1e-3]}),  # type: ignore[arg-type]
            "`updates` must be an `Updates` record; given: dict; try `with watch_updates(model, "
            "optimizer) as updates:` around the loop.",
        ),
        (
            lambda: plot_diagnostics(trained()[0], [1e-3]),  # type: ignore[arg-type]
            "`updates` must be an `Updates` record; given: list; try `with watch_updates(model, "
            "optimizer) as updates:` around the loop.",
        ),
        (
            lambda: plot_diagnostics({"activations": {"0": [1.0]}}),
            "a record with activations, backpropagated and weight_gradients is needed; given: "
            "dict without backpropagated, weight_gradients; try "
            "`plot_diagnostics(glimpse(model, inputs, targets))`.",
        ),
        (
            lambda: plot_diagnostics(trained()[1]),  # type: ignore[arg-type]
            "a record with activations, backpropagated and weight_gradients is needed; given: "
            "Updates without activations, backpropagated, weight_gradients; try "
            "`plot_diagnostics(glimpse(model, inputs, targets))`.",
        ),
        (
            lambda: plot_diagnostics(trained()[0], axes=plt.subplots(1, 2)[1]),
            "the four diagnostics need four axes; given: 2 of Axes; try `fig, axes = "
            "plt.subplots(2, 2)`, or leave `axes` out.",
        ),
    ],
)
def test_errors_say_what_to_try(draw: Any, message: str) -> None:
    with pytest.raises(GlimpseError) as raised:
        draw()
    assert str(raised.value) == message
