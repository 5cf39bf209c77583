"""Graphs as drawn: a box per tensor and operation, an arrow per use, nothing used up."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path
from torch import nn

from dlglimpse import GlimpseError, draw_graph, mlp
from dlglimpse.figures.layout import Node, rows_of


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


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


def arrows(ax: Any) -> list[Any]:
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def scalar(value: float) -> torch.Tensor:
    return torch.tensor(value, requires_grad=True)


def test_a_graph_has_a_node_per_tensor_and_operation() -> None:
    x, y = scalar(3.0), scalar(7.0)
    ax = draw_graph(x * y, names={"x": x, "y": y})
    assert texts(ax) == ["x\nscalar 3", "y\nscalar 7", "MulBackward0", "result\nscalar 21"]
    assert len(arrows(ax)) == 3
    heights = [text.get_position()[1] for text in ax.texts]
    assert heights == [0, 0, -1, -2]


def test_intermediate_results_and_the_result_take_their_names() -> None:
    x = scalar(2.0)
    z = x.exp()
    loss = z.sin()
    ax = draw_graph(loss, names={"x": x, "z": z, "loss": loss})
    assert texts(ax)[1:3] == ["z\nExpBackward0", "SinBackward0"]
    assert texts(ax)[3].startswith("loss\nscalar ")


def test_a_tensor_used_twice_sends_two_arrows() -> None:
    x = scalar(3.0)
    ax = draw_graph(x * x)
    assert texts(ax)[0] == "leaf\nscalar 3"
    assert len(texts(ax)) == 3
    paths = {tuple(arrow.get_connectionstyle().__dict__.values()) for arrow in arrows(ax)}
    assert len(arrows(ax)) == 3
    assert len(paths) == 3


def test_shapes_are_written_and_data_is_not_in_the_graph() -> None:
    weight = torch.ones(2, 3, requires_grad=True)
    ax = draw_graph(torch.ones(4, 3) @ weight.T)
    assert texts(ax) == [
        "leaf\nshape (2, 3)",
        "TBackward0" if "TBackward0" in texts(ax) else "PermuteBackward0",
        "MmBackward0",
        "result\nshape (4, 2)",
    ]


def test_a_leaf_alone_is_drawn() -> None:
    ax = draw_graph(scalar(1.0))
    assert texts(ax) == ["leaf\nscalar 1"]
    assert not arrows(ax)


def network_loss() -> torch.Tensor:
    model = mlp((4, 2, 2, 1), seed=0)
    return nn.functional.mse_loss(model(torch.ones(5, 4)), torch.zeros(5, 1))


def residual(steps: int) -> torch.Tensor:
    x = y = scalar(0.5)
    for _ in range(steps):
        y = y.sigmoid() + x
    return y


@pytest.mark.parametrize("tensor", [network_loss(), residual(6)], ids=["network", "residual"])
def test_boxes_of_a_graph_lie_apart_and_inside(tensor: torch.Tensor) -> None:
    ax: Any = draw_graph(tensor)
    assert_apart(ax)
    boxes = [text.get_bbox_patch().get_window_extent() for text in ax.texts]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("tensor", [network_loss(), residual(6)], ids=["network", "residual"])
def test_no_arrow_runs_through_a_box(tensor: torch.Tensor) -> None:
    ax: Any = draw_graph(tensor)
    ax.figure.canvas.draw()
    for arrow in arrows(ax):
        ends = [tuple(end) for end in arrow._posA_posB]
        path = Path(ax.transData.transform(ends))
        for text in ax.texts:
            if text.get_position() not in ends:
                assert not path.intersects_bbox(text.get_window_extent()), text.get_text()


def test_arrows_point_downward_from_what_is_used_to_what_uses_it() -> None:
    ax = draw_graph(residual(4))
    assert all(arrow._posA_posB[0][1] > arrow._posA_posB[1][1] for arrow in arrows(ax))
    # Arrows past other rows bend there, and only their last piece has a head.
    heads = [arrow for arrow in arrows(ax) if arrow.get_arrowstyle().__class__.__name__ != "Curve"]
    assert len(heads) == 4 + 2 * 4 + 1


def test_drawing_a_graph_does_not_use_it_up() -> None:
    x = scalar(3.0)
    y = x * x
    draw_graph(y)
    assert x.grad is None
    torch.autograd.backward(y)
    assert x.grad == 6.0


def test_rows_are_ordered_so_that_arrows_do_not_cross() -> None:
    left, right = Node("leaf", "left"), Node("leaf", "right")
    one, other = Node("operation", "one", [right]), Node("operation", "other", [left])
    rows = rows_of([left, right, one, other])
    assert [len(row) for row in rows] == [2, 2]
    assert (left.x < right.x) == (other.x < one.x)
    assert left.x == other.x
    assert abs(left.x - right.x) >= 1


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (
            lambda: torch.ones(2, 3),
            r"given: a tensor of shape \(2, 3\) without requires_grad",
        ),
        (lambda: scalar(1.0).detach(), "has no graph"),
        (lambda: 3.0, "given: a float; try `x.requires_grad_"),
        (
            lambda: residual(50),
            "more than 40 nodes cannot be read; given: a tensor made by Add",
        ),
    ],
)
def test_tensors_that_cannot_be_drawn_are_refused(tensor: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        draw_graph(tensor())
