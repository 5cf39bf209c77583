"""Networks as drawn: every unit and weight, or a visible gap, and no text on another."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from torch import nn

from dlglimpse import GlimpseError, draw_network, mlp


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def edges(ax: Any) -> Any:
    (lines,) = ax.collections
    assert isinstance(lines, LineCollection)
    return lines


@pytest.mark.parametrize("sizes", [(4, 2, 2, 1), (2, 2, 2, 2, 2), (1, 1), (8, 3)])
def test_a_small_network_is_drawn_in_full(sizes: tuple[int, ...]) -> None:
    ax = draw_network(mlp(sizes, seed=0))
    assert len(ax.patches) == sum(sizes)
    connections = sum(i * o for i, o in pairwise(sizes))
    assert len(edges(ax).get_segments()) == connections
    assert "⋮" not in texts(ax)
    counts = [f"{n} unit" if n == 1 else f"{n} units" for n in sizes]
    assert [text for text in texts(ax) if "unit" in text] == counts


def test_layers_carry_their_names_and_activations() -> None:
    model = nn.Sequential(
        OrderedDict(
            squash=nn.Identity(),
            hidden=nn.Linear(3, 2),
            act=nn.Tanh(),
            drop=nn.Dropout(),
            tail=nn.Sequential(nn.Linear(2, 1)),
        )
    )
    below = [text for text in texts(draw_network(model)) if "unit" not in text]
    assert below == ["inputs", "layer hidden\nTanh\nDropout", "layer tail.0"]


def test_a_wide_layer_is_elided_visibly() -> None:
    ax = draw_network(mlp((2, 256, 1), seed=0), max_units=5)
    assert len(ax.patches) == 2 + 5 + 1
    assert texts(ax).count("⋮") == 1
    assert "256 units" in texts(ax)
    centers: list[Any] = [patch.get_center() for patch in ax.patches if isinstance(patch, Circle)]
    heights = sorted(y for x, y in centers if x == 1.35)
    (dots,) = (text for text in ax.texts if text.get_text() == "⋮")
    assert heights[1] < dots.get_position()[1] < heights[2]


def test_the_drawn_weights_are_those_of_the_drawn_units() -> None:
    model = mlp((12, 1), seed=0)
    weight = model.state_dict()["0.weight"].numpy()[0]
    ax = draw_network(model, weights=True, max_units=4)
    shown = weight[[0, 1, 10, 11]]
    expected = 0.6 + 3 * np.abs(shown) / np.abs(shown).max()
    assert np.allclose(edges(ax).get_linewidths(), expected)


def test_weights_are_told_apart_by_color_width_and_dashes() -> None:
    linear = nn.Linear(2, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[1.0, -0.5], [0.0, float("nan")]]))
    ax = draw_network(nn.Sequential(linear), weights=True)
    lines = edges(ax)
    # In the order of the inputs: (o, i) = (0, 0), (1, 0), (0, 1), (1, 1).
    assert np.allclose(lines.get_linewidths(), [3.6, 0.6, 2.1, 2.1])
    solid, zero, negative, bad = (dash for _, dash in lines.get_linestyles())
    assert solid is None
    assert zero is None
    assert negative is not None
    assert bad is not None
    assert list(negative) != list(bad)
    colors = np.asarray(lines.get_edgecolors())
    assert len(np.unique(colors, axis=0)) == 4
    assert colors[3].tolist() == [0, 0, 0, 1]
    assert ax.get_title() == "1 weight not finite (dotted)"
    (scale,) = (other for other in ax.figure.axes if other is not ax)
    assert scale.get_ylabel() == "weight\n(dashed: negative)"
    assert scale.get_ylim() == (-1, 1)


def test_weights_that_are_all_zero_have_a_scale() -> None:
    ax = draw_network(mlp((2, 2), initializer="zeros", seed=0), weights=True)
    assert np.allclose(edges(ax).get_linewidths(), 0.6)
    ax.figure.canvas.draw()


@pytest.mark.parametrize("sizes", [(4, 2, 2, 1), (2, *[64] * 8, 2), (9, 1), (1,) * 13])
@pytest.mark.parametrize("weights", [False, True])
def test_no_text_of_a_network_covers_another(sizes: tuple[int, ...], weights: bool) -> None:
    ax = draw_network(mlp(sizes, "leaky_relu", seed=0), weights=weights)
    assert_apart(ax)


def assert_apart(ax: Any) -> None:
    ax.figure.canvas.draw()
    boxes = [(t.get_text(), t.get_window_extent()) for t in ax.texts]
    for (one, left), (other, right) in combinations(boxes, 2):
        assert not left.overlaps(right), (one, other)
    whole = ax.figure.bbox
    for text, box in boxes:
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= whole.x1 + 1, text
        assert box.y1 <= whole.y1 + 1, text


def test_drawing_a_network_leaves_it_alone() -> None:
    model = mlp((2, 3, 1), seed=0).train()
    before = {name: p.clone() for name, p in model.state_dict().items()}
    draw_network(model, weights=True)
    assert model.training
    assert all(torch.equal(model.state_dict()[name], p) for name, p in before.items())
    assert all(p.grad is None and p.requires_grad for p in model.parameters())


class Custom(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = mlp((2, 2, 1), seed=0)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Custom(), "given: a Custom; try the `nn.Sequential` part"),
        (nn.Linear(2, 2), "given: a Linear"),
        (nn.Sequential(nn.Tanh()), "given: no linear layer in it"),
        (nn.Sequential(nn.Conv2d(1, 1, 3)), "given: layer '0' is a Conv2d"),
        (nn.Sequential(nn.Linear(2, 2), nn.PReLU()), "given: layer '1' is a PReLU"),
        (
            nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1)),
            "layers '0' and '1' do not fit together; given: 3 outputs into 4 inputs",
        ),
        (mlp((2,) * 20, seed=0), "more than 12 linear layers cannot be read; given: 19"),
        ("mlp", "given: a str"),
    ],
)
def test_models_that_cannot_be_drawn_are_refused(model: Any, message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        draw_network(model)


def test_at_least_two_units_are_shown() -> None:
    with pytest.raises(GlimpseError, match="given: max_units=1"):
        draw_network(mlp((2, 1), seed=0), max_units=1)
