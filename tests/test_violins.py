"""Violins: the drawn shapes, marks and counts, and what few or odd values look like."""

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex

from dlglimpse import GlimpseError, density, draws, glimpse, mlp, plot_gradients, waves

MANY = np.random.default_rng(0).normal(size=1_000)


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def ax() -> Any:
    return plt.subplots()[1]


def bodies(ax: Any) -> list[Any]:
    """The outlines of the violins, each an array of (x, y)."""
    return [
        np.asarray(c.get_paths()[0].vertices)
        for c in ax.collections
        if isinstance(c, PolyCollection)
    ]


def texts(ax: Any) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts]


def dots(ax: Any) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(line.get_ydata()) for line in ax.lines if line.get_marker() == "o"]


def test_each_layer_has_a_violin_in_forward_order(ax: Any) -> None:
    record = glimpse(mlp((2, 9, 9, 2), "tanh", seed=1), *waves(50))
    plot_gradients(record, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "2", "4"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("layer", "weight gradient")
    assert len(bodies(ax)) == 3
    layers = zip(bodies(ax), record.weight_gradients.values(), strict=True)
    for place, (drawn, values) in enumerate(layers, start=1):
        assert np.isclose(drawn[:, 0].mean(), place, atol=0.05)
        assert np.isclose(drawn[:, 0].max() - drawn[:, 0].min(), 0.8)
        ends = [float(values.min()), float(values.max())]
        assert np.allclose([drawn[:, 1].min(), drawn[:, 1].max()], ends)


def test_a_violin_is_widest_where_the_values_are(ax: Any) -> None:
    plot_gradients({"0": np.concatenate([MANY, [50.0]])}, ax=ax)
    drawn = bodies(ax)[0]
    assert abs(drawn[drawn[:, 0].argmax(), 1]) < 0.3


def test_median_and_range_are_marked(ax: Any) -> None:
    plot_gradients({"0": MANY}, ax=ax)
    (median,) = dots(ax)
    assert np.allclose(median, np.median(MANY))
    (bar,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert np.allclose(bar.get_segments()[0][:, 1], np.percentile(MANY, (5, 95)))


def test_few_values_are_shown_one_by_one(ax: Any) -> None:
    plot_gradients({"0": [[0.3, -0.1], [0.2, 0.0]], "2": MANY[:13]}, ax=ax)
    few, median = dots(ax)
    assert sorted(few) == [-0.1, 0.0, 0.2, 0.3]
    assert median.size == 1
    assert len([c for c in ax.collections if isinstance(c, LineCollection)]) == 1


def test_few_magnitudes_leave_out_what_has_none(ax: Any) -> None:
    plot_gradients({"0": [0.0, -0.1, 0.2, np.nan]}, kind="magnitude", ax=ax)
    assert [sorted(points) for points in dots(ax)] == [[0.1, 0.2]]
    assert texts(ax) == ["1 zero", "1 not finite"]


def test_other_fields_and_draws_are_drawn(ax: Any) -> None:
    many = draws((2, 3, 2), "tanh", n_draws=5, inputs=waves(20)[0], targets=waves(20)[1])
    plot_gradients(many, field="bias_gradients", ax=ax)
    assert ax.get_ylabel() == "bias gradient"
    drawn = bodies(ax)[0]
    assert np.isclose(drawn[:, 1].max(), float(many.bias_gradients["0"].max()))


def test_magnitudes_are_on_a_log_axis(ax: Any) -> None:
    plot_gradients({"0": 10.0 ** (3 * MANY)}, kind="magnitude", ax=ax)
    assert ax.get_yscale() == "log"
    drawn = bodies(ax)[0]
    assert np.isclose(drawn[:, 1].max(), 10 ** (3 * MANY.max()))
    # Nearly as wide above the median as below it, as powers of ten are.
    widest = drawn[drawn[:, 0].argmax(), 1]
    assert 0.05 < widest < 20


@pytest.mark.parametrize("kind", ["violin", "magnitude"])
def test_zeros_and_non_finite_values_are_counted_on_the_picture(kind: str, ax: Any) -> None:
    values = np.concatenate([MANY, np.zeros(1234), [np.nan, np.inf, -np.inf]])
    plot_gradients({"0": MANY, "2": values}, kind=kind, ax=ax)
    assert texts(ax) == ["1,234 zero", "3 not finite"]
    assert [text.get_position()[0] for text in ax.texts] == [2, 2]
    low, high = (text.get_position()[1] for text in ax.texts)
    assert low < 0.1 < 0.9 < high


def test_counts_of_ready_densities_are_shown_too(ax: Any) -> None:
    plot_gradients({"0": density([0.0, 1.0, 2.0, np.nan])}, ax=ax)
    assert texts(ax) == ["1 zero", "1 not finite"]
    assert len(bodies(ax)) == 1


def test_narrow_panels_turn_or_break_the_counts() -> None:
    ax = plt.subplots(figsize=(2.0, 2.0))[1]
    plot_gradients({str(k): np.zeros(1000) for k in range(4)}, ax=ax)
    assert texts(ax) == ["1,000 zero"] * 4
    assert all("\n" in text.get_text() or text.get_rotation() == 90 for text in ax.texts)


def test_counts_stand_on_a_ground_of_their_own(ax: Any) -> None:
    plot_gradients({"0": np.arange(1000.0)}, ax=ax)
    (text,) = ax.texts
    ground = text.get_bbox_patch()
    assert ground is not None and to_hex(ground.get_facecolor()) == "#ffffff"
    assert text.get_zorder() > max(part.get_zorder() for part in ax.collections)


@pytest.mark.parametrize("kind", ["violin", "magnitude"])
def test_degenerate_layers_have_a_visible_result(kind: str, ax: Any) -> None:
    layers = {
        "empty": [],
        "nan": [np.nan, np.nan],
        "zeros": np.zeros(20),
        "one": [0.5],
        "same": [0.25] * 30,
        "huge": [1e200, -1e200, 1e199],
    }
    with np.errstate(all="raise"):
        plot_gradients(layers, kind=kind, ax=ax)
    ax.figure.canvas.draw()
    assert texts(ax) == ["no values", "2 not finite", "20 zero"]
    assert len(bodies(ax)) == 1
    flat = [
        tuple(line.get_ydata())
        for line in ax.lines
        if tuple(line.get_xdata()) in ((3.6, 4.4), (4.6, 5.4))
    ]
    assert np.allclose(flat, [(0.5, 0.5), (0.25, 0.25)])


def test_deep_networks_name_only_some_layers(ax: Any) -> None:
    plot_gradients({str(2 * k): MANY[:20] for k in range(50)}, ax=ax)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == [str(2 * k) for k in range(0, 50, 4)]


def test_input_is_not_changed(ax: Any) -> None:
    record = glimpse(mlp((2, 3, 2), "relu", seed=0), *waves(20))
    before = {name: g.clone() for name, g in record.weight_gradients.items()}
    values = MANY.copy()
    plot_gradients(record, kind="magnitude", ax=ax)
    plot_gradients({"0": values}, ax=ax)
    assert all(torch.equal(record.weight_gradients[n], g) for n, g in before.items())
    assert np.array_equal(values, MANY)


@pytest.mark.parametrize(
    ("record", "options", "message"),
    [
        ({}, {}, "given: dict without layers"),
        ([1.0], {}, "given: list; try `plot_gradients"),
        ({"0": [1.0]}, {"kind": "box"}, "choose one of violin, magnitude"),
        (
            {"0": density([1.0, 2.0])},
            {"kind": "magnitude"},
            "given: a density for kind='violin', drawn as kind='magnitude'",
        ),
        (
            {"0": density([1.0, 2.0], log=True)},
            {},
            "given: a density for kind='magnitude', drawn as kind='violin'",
        ),
        (
            glimpse(mlp((2, 2), seed=0), *waves(5)),
            {"field": "gradients"},
            "unknown field of a record; given: 'gradients'",
        ),
    ],
)
def test_errors_say_what_was_wrong(record: Any, options: Any, message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        plot_gradients(record, **options)
