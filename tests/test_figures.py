"""What the figures of numbers show: the drawn data, the counts, and no side effects."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection, LineCollection
from matplotlib.colors import to_rgb

from dlglimpse import (
    Band,
    Curve,
    GlimpseError,
    activation_curve,
    draw_graph,
    draw_network,
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
def ax() -> Any:
    return plt.subplots()[1]


def texts(ax: Any) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in ax.texts]


def figures() -> dict[str, Callable[[Any], Any]]:
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
    assert all(b - a > 0.02 for a, b in itertools.pairwise(levels))
    for field in range(3):
        assert len({look[field] for look in LOOKS}) == len(LOOKS)


@pytest.mark.parametrize("name", ["sigmoid", "selu", "softsign"])
def test_an_activation_is_drawn_with_its_derivative(name: str, ax: Any) -> None:
    plot_activation(name, span=(-3, 2), ax=ax)
    value, slope = ax.lines[:2]
    x = np.asarray(value.get_xdata())
    assert (x[0], x[-1]) == (-3, 2)
    differences = np.gradient(np.asarray(value.get_ydata()), x)
    away = np.abs(x) > 0.02
    assert np.nanmax(np.abs(differences - slope.get_ydata())[away]) < 1e-2
    assert value.get_linestyle() != slope.get_linestyle()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [name, "derivative"]


def test_a_jump_of_the_derivative_is_a_gap(ax: Any) -> None:
    plot_activation("relu", ax=ax)
    assert np.isnan(ax.lines[1].get_ydata()).sum() == 1
    plot_activation(lambda x: torch.sin(20 * x), ax=ax)
    assert not np.isnan(ax.lines[-3].get_ydata()).any()


def test_what_is_not_finite_is_counted_in_the_title(ax: Any) -> None:
    x = np.linspace(0, 1, 5)
    plot_activation(Curve("steep", x, x, np.array([1, 1, np.inf, 1, np.nan])), ax=ax)
    assert ax.get_title() == "2 values not finite"


def test_a_measured_curve_is_drawn_as_it_is(ax: Any) -> None:
    curve = activation_curve(torch.nn.Tanh, points=11)
    plot_activation(curve, span=(-99, 99), ax=ax)
    assert np.array_equal(ax.lines[0].get_xdata(), curve.inputs)
    assert np.array_equal(ax.lines[0].get_ydata(), curve.values)


def test_bands_are_a_line_of_medians_in_a_ribbon(ax: Any) -> None:
    plot_bands([1, 2, 4], [Band(1, 2, 3, n=9), Band(2, 4, 5, n=9), Band(3, 4, 9, n=9)], ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[1, 2], [2, 4], [4, 4]]
    (ribbon,) = [c for c in ax.collections if isinstance(c, FillBetweenPolyCollection)]
    drawn = {tuple(v) for v in np.asarray(ribbon.get_paths()[0].vertices)}
    assert {(1, 1), (1, 3), (2, 2), (2, 5), (4, 3), (4, 9)} <= drawn
    assert ax.get_legend() is None


def test_every_series_looks_different_and_is_in_the_legend(ax: Any) -> None:
    for name in "abcd":
        plot_bands(["0", "2"], [Band(1, 2, 3, n=9)] * 2, label=name, ax=ax)
    looks = [(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.lines]
    for what in zip(*looks, strict=True):
        assert len(set(what)) == 4
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("abcd")


@pytest.mark.parametrize("places", [[0, 1], ["first", "last"]])
def test_a_median_of_zero_is_marked_on_a_log_axis(places: list[Any], ax: Any) -> None:
    ax.set_yscale("log")
    plot_bands(places, [Band(0.1, 0.2, 0.3, n=9), Band(0, 0, 0.1, n=9)], ax=ax)
    assert texts(ax) == ["0"]
    assert ax.texts[0].xy[0] == 1
    assert np.isnan(ax.lines[0].get_ydata()[1])
    assert ax.lines[1].get_xydata().tolist() == [[1, 0.02]]
    plot_bands(places, [Band(0.1, 0.2, 0.3, n=9), Band(0, 0, 0.4, n=9)], ax=ax)
    assert texts(ax) == ["0"], "two zeros at one place are one word"
    ax.figure.canvas.draw()


def test_a_single_band_is_a_bar(ax: Any) -> None:
    plot_bands([3], [Band(1, 2, 5, n=9)], ax=ax)
    (bar,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert bar.get_segments()[0].tolist() == [[3, 1], [3, 5]]


BAND = Band(1.0, 2.0, 3.0, n=9)
INF = float("inf")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_activation("sigmod"), "unknown activation; given: 'sigmod'"),
        (lambda: plot_activation("relu", span=(1, 1)), r"given: span=\(1, 1\)"),
        (
            lambda: plot_activation("relu", span=(0, INF)),
            "finite number up to a larger one",
        ),
        (lambda: plot_bands([], []), "given: 0 places and 0 bands"),
        (lambda: plot_bands([1, 2], [BAND]), "given: 2 places and 1 bands"),
        (lambda: plot_bands([1], [cast(Band, 2.0)]), "given: float at x = 1"),
        (lambda: plot_bands([7], [Band(1, 2, INF, n=9)]), "at x = 7; leave it out"),
        (lambda: plot_bands([INF], [BAND]), "places on the x axis must be finite"),
    ],
)
def test_errors_say_what_was_wrong(call: Callable[[], object], message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        call()
