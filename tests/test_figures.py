"""What the figures of numbers show: the drawn data, the counts, and no side effects."""

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection, LineCollection, PolyCollection
from matplotlib.colors import to_rgb

from dlglimpse import (
    Band,
    Curve,
    GlimpseError,
    activation_curve,
    density,
    draw_graph,
    draw_network,
    draws,
    glimpse,
    mlp,
    plot_activation,
    plot_bands,
    plot_gradients,
    waves,
)
from dlglimpse.figures.style import LOOKS, QUIET

MANY = np.random.default_rng(0).normal(size=1_000)


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def ax() -> Axes:
    return plt.subplots()[1]


def bodies(ax: Axes) -> list[PolyCollection]:
    return [c for c in ax.collections if isinstance(c, PolyCollection)]


def texts(ax: Axes) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts]


def dots(ax: Axes) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(line.get_ydata()) for line in ax.lines if line.get_marker() == "o"]


def figures() -> dict[str, Callable[[Axes | None], Axes]]:
    model, batch = mlp((2, 3, 2), "tanh", seed=0), waves(20)
    weight = torch.tensor(2.0, requires_grad=True)
    return {
        "violin": lambda ax: plot_gradients(glimpse(model, *batch), ax=ax),
        "magnitude": lambda ax: plot_gradients({"0": MANY}, kind="magnitude", ax=ax),
        "activation": lambda ax: plot_activation("elu", ax=ax),
        "bands": lambda ax: plot_bands([1, 2], [Band(1, 2, 3, n=9)] * 2, label="a", ax=ax),
        "network": lambda ax: draw_network(model, weights=True, ax=ax),
        "graph": lambda ax: draw_graph(weight.sin() * weight, ax=ax),
    }


@pytest.mark.parametrize("name", figures())
def test_a_figure_draws_where_it_is_told_and_changes_nothing_global(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("a figure was shown"))
    before, state = dict(mpl.rcParams), torch.random.get_rng_state()
    fresh = figures()[name](None)
    assert isinstance(fresh, Axes)
    given = plt.subplots()[1]
    count = len(plt.get_fignums())
    assert figures()[name](given) is given
    assert len(plt.get_fignums()) == count
    fresh.figure.canvas.draw()
    given.figure.canvas.draw()
    assert dict(mpl.rcParams) == before
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("name", figures())
def test_no_text_is_too_small_to_read(name: str) -> None:
    ax = figures()[name](None)
    ax.figure.canvas.draw()
    for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label]:
        assert text.get_fontsize() >= 9


def test_colors_stand_out_on_white_and_differ_in_lightness() -> None:
    def luminance(color: str) -> float:
        rgb = np.array(to_rgb(color))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    levels = sorted(luminance(look.color) for look in LOOKS)
    assert all(1.05 / (level + 0.05) >= 3 for level in [*levels, luminance(QUIET)])
    assert all(b - a > 0.02 for a, b in zip(levels, levels[1:], strict=False))
    for field in range(3):
        assert len({look[field] for look in LOOKS}) == len(LOOKS)


def test_each_layer_has_a_violin_in_forward_order(ax: Axes) -> None:
    record = glimpse(mlp((2, 9, 9, 2), "tanh", seed=1), *waves(50))
    plot_gradients(record, ax=ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "2", "4"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("layer", "weight gradient")
    assert len(bodies(ax)) == 3
    for place, (body, values) in enumerate(
        zip(bodies(ax), record.weight_gradients.values(), strict=True), start=1
    ):
        drawn = body.get_paths()[0].vertices
        assert np.isclose(drawn[:, 0].mean(), place, atol=0.05)
        assert np.isclose(drawn[:, 0].max() - drawn[:, 0].min(), 0.8)
        ends = [float(values.min()), float(values.max())]
        assert np.allclose([drawn[:, 1].min(), drawn[:, 1].max()], ends)


def test_a_violin_is_widest_where_the_values_are(ax: Axes) -> None:
    plot_gradients({"0": np.concatenate([MANY, [50.0]])}, ax=ax)
    drawn = bodies(ax)[0].get_paths()[0].vertices
    assert abs(drawn[drawn[:, 0].argmax(), 1]) < 0.3


def test_median_and_range_are_marked(ax: Axes) -> None:
    plot_gradients({"0": MANY}, ax=ax)
    (median,) = dots(ax)
    assert np.allclose(median, np.median(MANY))
    (bar,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert np.allclose(bar.get_segments()[0][:, 1], np.percentile(MANY, (5, 95)))


def test_few_values_are_shown_one_by_one(ax: Axes) -> None:
    plot_gradients({"0": [[0.3, -0.1], [0.2, 0.0]], "2": MANY[:13]}, ax=ax)
    few, median = dots(ax)
    assert sorted(few) == [-0.1, 0.0, 0.2, 0.3]
    assert median.size == 1
    assert len([c for c in ax.collections if isinstance(c, LineCollection)]) == 1


def test_other_fields_and_draws_are_drawn(ax: Axes) -> None:
    many = draws((2, 3, 2), "tanh", n_draws=5, inputs=waves(20)[0], targets=waves(20)[1])
    plot_gradients(many, field="bias_gradients", ax=ax)
    assert ax.get_ylabel() == "bias gradient"
    drawn = bodies(ax)[0].get_paths()[0].vertices
    assert np.isclose(drawn[:, 1].max(), float(many.bias_gradients["0"].max()))


def test_magnitudes_are_on_a_log_axis(ax: Axes) -> None:
    plot_gradients({"0": 10.0 ** (3 * MANY)}, kind="magnitude", ax=ax)
    assert ax.get_yscale() == "log"
    drawn = bodies(ax)[0].get_paths()[0].vertices
    assert np.isclose(drawn[:, 1].max(), 10 ** (3 * MANY.max()))
    # Nearly as wide above the median as below it, as powers of ten are.
    widest = drawn[drawn[:, 0].argmax(), 1]
    assert 0.05 < widest < 20


@pytest.mark.parametrize("kind", ["violin", "magnitude"])
def test_zeros_and_non_finite_values_are_counted_on_the_picture(kind: str, ax: Axes) -> None:
    values = np.concatenate([MANY, np.zeros(1234), [np.nan, np.inf, -np.inf]])
    plot_gradients({"0": MANY, "2": values}, kind=kind, ax=ax)
    assert texts(ax) == ["1,234 zero", "3 not finite"]
    assert [text.get_position()[0] for text in ax.texts] == [2, 2]
    low, high = (text.get_position()[1] for text in ax.texts)
    assert low < 0.1 < 0.9 < high


def test_counts_of_ready_densities_are_shown_too(ax: Axes) -> None:
    plot_gradients({"0": density([0.0, 1.0, 2.0, np.nan])}, ax=ax)
    assert texts(ax) == ["1 zero", "1 not finite"]
    assert len(bodies(ax)) == 1


def test_narrow_panels_turn_or_break_the_counts() -> None:
    ax = plt.subplots(figsize=(2.0, 2.0))[1]
    plot_gradients({str(k): np.zeros(1000) for k in range(4)}, ax=ax)
    assert texts(ax) == ["1,000 zero"] * 4
    assert all("\n" in text.get_text() or text.get_rotation() == 90 for text in ax.texts)


@pytest.mark.parametrize("kind", ["violin", "magnitude"])
def test_degenerate_layers_have_a_visible_result(kind: str, ax: Axes) -> None:
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


def test_deep_networks_name_only_some_layers(ax: Axes) -> None:
    plot_gradients({str(2 * k): MANY[:20] for k in range(50)}, ax=ax)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == [str(2 * k) for k in range(0, 50, 4)]


def test_input_is_not_changed(ax: Axes) -> None:
    record = glimpse(mlp((2, 3, 2), "relu", seed=0), *waves(20))
    before = {name: g.clone() for name, g in record.weight_gradients.items()}
    values = MANY.copy()
    plot_gradients(record, kind="magnitude", ax=ax)
    plot_gradients({"0": values}, ax=ax)
    assert all(torch.equal(record.weight_gradients[n], g) for n, g in before.items())
    assert np.array_equal(values, MANY)


@pytest.mark.parametrize("name", ["sigmoid", "selu", "softsign"])
def test_an_activation_is_drawn_with_its_derivative(name: str, ax: Axes) -> None:
    plot_activation(name, span=(-3, 2), ax=ax)
    value, slope = ax.lines[:2]
    x = np.asarray(value.get_xdata())
    assert (x[0], x[-1]) == (-3, 2)
    differences = np.gradient(np.asarray(value.get_ydata()), x)
    away = np.abs(x) > 0.02
    assert np.nanmax(np.abs(differences - slope.get_ydata())[away]) < 1e-2
    assert value.get_linestyle() != slope.get_linestyle()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [name, "derivative"]


def test_a_jump_of_the_derivative_is_a_gap(ax: Axes) -> None:
    plot_activation("relu", ax=ax)
    assert np.isnan(ax.lines[1].get_ydata()).sum() == 1
    plot_activation(lambda x: torch.sin(20 * x), ax=ax)
    assert not np.isnan(ax.lines[-3].get_ydata()).any()


def test_what_is_not_finite_is_counted_in_the_title(ax: Axes) -> None:
    x = np.linspace(0, 1, 5)
    plot_activation(Curve("steep", x, x, np.array([1, 1, np.inf, 1, np.nan])), ax=ax)
    assert ax.get_title() == "2 values not finite"


def test_a_measured_curve_is_drawn_as_it_is(ax: Axes) -> None:
    curve = activation_curve(torch.nn.Tanh, points=11)
    plot_activation(curve, span=(-99, 99), ax=ax)
    assert np.array_equal(ax.lines[0].get_xdata(), curve.inputs)
    assert np.array_equal(ax.lines[0].get_ydata(), curve.values)


def test_bands_are_a_line_of_medians_in_a_ribbon(ax: Axes) -> None:
    plot_bands([1, 2, 4], [Band(1, 2, 3, n=9), Band(2, 4, 5, n=9), Band(3, 4, 9, n=9)], ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[1, 2], [2, 4], [4, 4]]
    (ribbon,) = [c for c in ax.collections if isinstance(c, FillBetweenPolyCollection)]
    drawn = {tuple(v) for v in ribbon.get_paths()[0].vertices}
    assert {(1, 1), (1, 3), (2, 2), (2, 5), (4, 3), (4, 9)} <= drawn
    assert ax.get_legend() is None


def test_every_series_looks_different_and_is_in_the_legend(ax: Axes) -> None:
    for name in "abcd":
        plot_bands(["0", "2"], [Band(1, 2, 3, n=9)] * 2, label=name, ax=ax)
    for look in (
        lambda line: line.get_color(),
        lambda line: line.get_linestyle(),
        lambda line: line.get_marker(),
    ):
        assert len({look(line) for line in ax.lines}) == 4
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("abcd")


def test_a_median_of_zero_is_marked_on_a_log_axis(ax: Axes) -> None:
    ax.set_yscale("log")
    plot_bands([1, 2], [Band(0.1, 0.2, 0.3, n=9), Band(0, 0, 0.1, n=9)], ax=ax)
    assert texts(ax) == ["0"]
    assert ax.texts[0].xy[0] == 2
    assert np.isnan(ax.lines[0].get_ydata()[1])
    assert ax.lines[1].get_xydata().tolist() == [[2, 0.02]]
    ax.figure.canvas.draw()


def test_a_single_band_is_a_bar(ax: Axes) -> None:
    plot_bands([3], [Band(1, 2, 5, n=9)], ax=ax)
    (bar,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert bar.get_segments()[0].tolist() == [[3, 1], [3, 5]]


BAND = Band(1.0, 2.0, 3.0, n=9)
INF = float("inf")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_gradients({}), "given: dict without layers"),
        (lambda: plot_gradients([1.0]), "given: list; try `plot_gradients"),  # type: ignore[arg-type]
        (lambda: plot_gradients({"0": [1.0]}, kind="box"), "choose one of violin, magnitude"),
        (
            lambda: plot_gradients({"0": density([1.0, 2.0])}, kind="magnitude"),
            "given: a density for kind='violin', drawn as kind='magnitude'",
        ),
        (
            lambda: plot_gradients(
                glimpse(mlp((2, 2), seed=0), *waves(5)), field="gradients"
            ),
            "unknown field of a record; given: 'gradients'",
        ),
        (lambda: plot_activation("sigmod"), "unknown activation; given: 'sigmod'"),
        (lambda: plot_activation("relu", span=(1, 1)), r"given: span=\(1, 1\)"),
        (lambda: plot_activation("relu", span=(0, INF)), "finite number up to a larger one"),
        (lambda: plot_bands([], []), "given: 0 places and 0 bands"),
        (lambda: plot_bands([1, 2], [BAND]), "given: 2 places and 1 bands"),
        (lambda: plot_bands([1], [2.0]), "given: float at x = 1"),  # type: ignore[list-item]
        (lambda: plot_bands([7], [Band(1, 2, INF, n=9)]), "at x = 7; leave it out"),
        (lambda: plot_bands([INF], [BAND]), "places on the x axis must be finite"),
    ],
)
def test_errors_say_what_was_wrong(call: Callable[[], object], message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        call()
