"""The graph that autograd recorded, drawn from the tensors themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from dlglimpse.errors import GlimpseError
from dlglimpse.figures.style import INK, LOOKS, QUIET, SMALL, axes_or_new

_MAX_NODES = 40
_ROW, _COLUMN = 1.0, 2.2


@dataclass(eq=False)
class _Node:
    """A leaf tensor, an operation, the result, or a bend of a long arrow."""

    kind: str
    text: str
    into: list[_Node] = field(default_factory=list)
    row: int = 0
    x: float = 0.0


def draw_graph(
    tensor: Any, *, names: Mapping[str, Any] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what autograd will walk when you call `backward()` on a tensor.

    Square boxes are leaf tensors, round ones the operations as PyTorch names them (the
    `grad_fn` of what they computed), and the result stands at the bottom. Arrows show
    how the values were computed; `backward()` follows them from head to tail.

    Parameters
    ----------
    tensor
        The tensor whose history is drawn; it must require a gradient.
    names
        What to call leaf tensors, such as `{"x": x, "w": w}` or
        `dict(model.named_parameters())`. Unnamed leaves show their shape only.
    ax
        Axes to draw into; a new figure, as high as needed, if left out.

    Returns
    -------
    Axes
        Where it was drawn, without ticks.

    Raises
    ------
    GlimpseError
        If the tensor does not require a gradient, or its graph has more than 40 nodes.

    Notes
    -----
    What can mislead: tensors that need no gradient (data, constants) are not in the
    graph at all, and in-place operations and views have nodes of their own.

    References
    ----------
    PyTorch documentation, "Autograd mechanics",
    https://docs.pytorch.org/docs/stable/notes/autograd.html

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import torch
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> ax = draw_graph((x * x).sin(), names={"x": x})
    >>> [text.get_text() for text in ax.texts]
    ['x\\nscalar 3', 'MulBackward0', 'SinBackward0', 'result\\nscalar 0.4121']
    >>> plt.close(ax.figure)
    """
    nodes = _nodes_of(tensor, names or {})
    rows = _rows_of(nodes)
    widest = max(len(row) for row in rows)
    ax = axes_or_new(ax, size=(6.4, min(1.0 + 0.62 * len(rows), 12.0)))
    for node in nodes:
        for source in node.into:
            _draw_arrow(ax, source, node, node.into.count(source))
    for row in rows:
        for node in row:
            if node.kind != "bend":
                _draw_node(ax, node)
    ax.set_xlim(-widest * _COLUMN / 2, widest * _COLUMN / 2)
    ax.set_ylim(-len(rows) + 0.4, 0.6)
    ax.set_axis_off()
    return ax
