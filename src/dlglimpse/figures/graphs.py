"""The graph that autograd recorded, drawn from the tensors themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text

from dlglimpse.errors import GlimpseError
from dlglimpse.figures.layout import Node, rows_of
from dlglimpse.figures.style import INK, QUIET, SMALL, axes_or_new

_MAX_NODES = 40
_FILLS = {"leaf": "#DCE8F5", "operation": "white", "result": "#FCE5D6"}


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
        What to call tensors, such as `{"x": x, "z": z}` or
        `dict(model.named_parameters())`: leaves, results of operations, or `tensor`.
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
    rows = rows_of(_nodes_of(tensor, names or {}))
    ax = axes_or_new(ax, size=(6.4, min(0.6 + 0.72 * len(rows), 12.0)))
    nodes = [node for row in rows for node in row]
    boxes = {node: _draw_node(ax, node) for node in nodes if node.kind != "bend"}
    for node in nodes:
        for number, source in enumerate(node.into):
            twins = node.into.count(source)
            curve = 0.0 if twins == 1 else 0.35 * (2 * number / (len(node.into) - 1) - 1)
            _draw_arrow(ax, (source, node), boxes, curve)
    ax.set_xlim(min(node.x for node in nodes) - 0.6, max(node.x for node in nodes) + 0.6)
    ax.set_ylim(-len(rows) + 0.5, 0.5)
    ax.set_axis_off()
    return ax


def _draw_node(ax: Axes, node: Node) -> Text:
    style = "square,pad=0.35" if node.kind == "leaf" else "round,pad=0.35"
    return ax.text(
        node.x,
        -node.row,
        node.text,
        ha="center",
        va="center",
        fontsize=SMALL,
        color=INK,
        bbox={
            "boxstyle": style,
            "facecolor": _FILLS[node.kind],
            "edgecolor": INK,
            "lw": 1.0,
        },
        zorder=3,
    )


def _draw_arrow(
    ax: Axes, ends: tuple[Node, Node], boxes: Mapping[Node, Text], curve: float
) -> None:
    source, node = ends
    # The boxes get their size when they are drawn, so the arrows come after them.
    ax.add_patch(
        FancyArrowPatch(
            (source.x, -source.row),
            (node.x, -node.row),
            arrowstyle="-" if node.kind == "bend" else "-|>",
            connectionstyle=f"arc3,rad={curve}",
            patchA=boxes[source].get_bbox_patch() if source in boxes else None,
            patchB=boxes[node].get_bbox_patch() if node in boxes else None,
            shrinkA=0,
            shrinkB=0,
            mutation_scale=11,
            color=QUIET,
            linewidth=1.2,
            zorder=4,
        )
    )


def _nodes_of(tensor: Any, names: Mapping[str, Any]) -> list[Node]:
    """Every node the tensor depends on, each before the nodes that use it."""
    if not getattr(tensor, "requires_grad", False):
        raise GlimpseError(
            "the tensor has no graph, because nothing it was made of requires a gradient",
            given=_kind_of(tensor),
            hint="try `x.requires_grad_()` before computing with x",
        )
    called = {_key(named): name for name, named in names.items()}
    if tensor.grad_fn is None:
        return [_leaf(tensor, called)]
    result = called.pop(tensor.grad_fn, "result")
    found: dict[Any, Node] = {}
    order: list[Node] = []
    # An explicit stack: the graph of a long loop is deeper than Python's recursion.
    stack = [(tensor.grad_fn, False)]
    while stack:
        function, seen_inputs = stack.pop()
        sources = [source for source, _ in function.next_functions if source is not None]
        if seen_inputs:
            found[function].into = [found[source] for source in sources]
            order.append(found[function])
        elif function not in found:
            found[function] = _node(function, called)
            if len(found) > _MAX_NODES:
                raise GlimpseError(
                    f"a graph of more than {_MAX_NODES} nodes cannot be read",
                    given=f"a tensor made by {tensor.grad_fn.name()}",
                    hint="try a smaller network, or fewer steps of the loop",
                )
            stack.append((function, True))
            stack.extend((source, False) for source in reversed(sources))
    return [*order, Node("result", _described(result, tensor), [order[-1]])]


def _key(tensor: Any) -> Any:
    """What is the same for a tensor whenever it is met: itself, or what made it."""
    function = getattr(tensor, "grad_fn", None)
    return id(tensor) if function is None else function


def _node(function: Any, called: Mapping[Any, str]) -> Node:
    if hasattr(function, "variable"):
        return _leaf(function.variable, called)
    text = function.name().removeprefix("torch::autograd::")
    return Node("operation", f"{called[function]}\n{text}" if function in called else text)


def _leaf(tensor: Any, called: Mapping[Any, str]) -> Node:
    return Node("leaf", _described(called.get(id(tensor), "leaf"), tensor))


def _described(name: str, tensor: Any) -> str:
    if tensor.ndim == 0:
        return f"{name}\nscalar {tensor.item():.4g}"
    return f"{name}\nshape {tuple(tensor.shape)}"


def _kind_of(value: Any) -> str:
    if hasattr(value, "requires_grad"):
        return f"a tensor of shape {tuple(value.shape)} without requires_grad"
    return f"a {type(value).__name__}"
