"""Where the nodes of a graph stand: in rows, with few crossings and straight chains."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

# How strongly two kinds of neighbors want to stand in line; the numbers were tried out.
_PULL = defaultdict(
    lambda: 1.0,
    {
        frozenset(("operation",)): 8.0,
        frozenset(("operation", "result")): 8.0,
        frozenset(("bend",)): 8.0,
    },
)


@dataclass(eq=False)
class Node:
    """A leaf tensor, an operation, the result, or a bend of a long arrow."""

    kind: str
    text: str
    into: list[Node] = field(default_factory=list)
    row: int = 0
    x: float = 0.0


def rows_of(nodes: list[Node]) -> list[list[Node]]:
    """Put the nodes into rows, inputs above, and set their places within a row."""
    for node in nodes:
        node.row = max((source.row + 1 for source in node.into), default=0)
    for node in reversed(nodes):
        # As late as possible, so that what is needed late does not reach far.
        users = [user.row for user in nodes if node in user.into]
        node.row = min(users, default=node.row + 1) - 1
    rows: list[list[Node]] = [[] for _ in range(max(node.row for node in nodes) + 1)]
    for node in nodes:
        rows[node.row].append(node)
        node.into = [_bent(source, node.row, rows) for source in node.into]
    for _ in range(8):
        _order(rows)
    for _ in range(8):
        _settle(rows)
    return rows


def _bent(source: Node, row: int, rows: list[list[Node]]) -> Node:
    """The end of a chain of bends that leads a long arrow past the rows between."""
    for between in range(source.row + 1, row):
        source = Node("bend", "", [source], row=between)
        rows[between].append(source)
    return source


def _neighbors(rows: list[list[Node]]) -> dict[Node, list[Node]]:
    near: dict[Node, list[Node]] = {node: list(node.into) for row in rows for node in row}
    for row in rows:
        for node in row:
            for source in node.into:
                near[source].append(node)
    return near


def _order(rows: list[list[Node]]) -> None:
    """One sweep of the barycenter method: stand where your neighbors stand on average.

    Source: K. Sugiyama, S. Tagawa and M. Toda (1981), "Methods for Visual
    Understanding of Hierarchical System Structures", IEEE Trans. SMC 11(2).
    """
    near = _neighbors(rows)
    for row in rows:
        for place, node in enumerate(row):
            node.x = place - (len(row) - 1) / 2
    for row in [*rows[1:], *reversed(rows[:-1])]:
        row.sort(key=lambda node: sum(n.x for n in near[node]) / max(len(near[node]), 1))
        for place, node in enumerate(row):
            node.x = place - (len(row) - 1) / 2


def _settle(rows: list[list[Node]]) -> None:
    """One sweep that moves every node toward its neighbors, without changing the order."""
    near = _neighbors(rows)
    for row in [*rows, *reversed(rows)]:
        wishes = [_wish(node, near[node]) for node in row]
        # The average of two placements that both keep the distances keeps them, too.
        rightward, leftward = list(wishes), list(wishes)
        for i in range(1, len(row)):
            rightward[i] = max(wishes[i], rightward[i - 1] + _distance(row[i - 1], row[i]))
        for i in reversed(range(len(row) - 1)):
            leftward[i] = min(wishes[i], leftward[i + 1] - _distance(row[i], row[i + 1]))
        for node, right, left in zip(row, rightward, leftward, strict=True):
            node.x = (right + left) / 2


def _wish(node: Node, near: list[Node]) -> float:
    """Where a node would stand if it were alone: chains of operations pull hardest."""
    pulls = [_PULL[frozenset((node.kind, other.kind))] for other in near]
    if not near:
        return node.x
    return sum(p * n.x for p, n in zip(pulls, near, strict=True)) / sum(pulls)


def _distance(left: Node, right: Node) -> float:
    return 1.0 if "bend" not in (left.kind, right.kind) else 0.55
