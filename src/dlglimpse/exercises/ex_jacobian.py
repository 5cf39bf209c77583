"""The Jacobian of tanh(W x), row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array

W = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]])
AT = np.array([0.3, -0.2])
VALUE = np.tanh(W @ AT)
SLOPE = 1 - VALUE**2
JACOBIAN = SLOPE[:, None] * W


def verdict(*, jacobian: Any) -> Verdict:
    """The form first, then which other table it is."""
    if isinstance(jacobian, list | tuple):
        return mistaken("list-of-rows")
    found = array(jacobian)
    if found is None or not np.isfinite(found).all():
        return unexpected("`jacobian` should hold finite numbers.")
    if found.shape == (2, 3):
        return _turned(found)
    if found.shape != JACOBIAN.shape:
        return _shape(found)
    return None if _close(found, JACOBIAN) else _look_alike(found)


def _turned(found: np.ndarray) -> Verdict:
    if _close(found, JACOBIAN.reshape(2, 3)):
        return mistaken("read-in-the-wrong-rows")
    return mistaken("transposed")


def _shape(found: np.ndarray) -> Verdict:
    if found.size == 2:
        return mistaken("one-row-only")
    if found.size == 3:
        return mistaken("one-number-per-output")
    return unexpected(
        f"`jacobian` has shape {found.shape}. It should have a row for each of the three "
        "outputs, and a column for each of the two inputs."
    )


def _look_alike(found: np.ndarray) -> Verdict:
    total = JACOBIAN.sum(0)
    if all(_close(row, found[0]) for row in found):
        every_one = any(_close(found[0], row) for row in (total, *JACOBIAN))
        if every_one:
            return mistaken("rows-all-the-same")
    look_alikes = {
        "rows-add-up": JACOBIAN.cumsum(0),
        "tanh-forgotten": W,
        "slope-of-the-input": (1 - (W @ AT) ** 2)[:, None] * W,
        "square-forgotten": (1 - VALUE)[:, None] * W,
        "value-for-slope": VALUE[:, None] * W,
        "weights-forgotten": np.repeat(SLOPE[:, None], 2, axis=1),
        "another-point": (1 - np.tanh(W.sum(1)) ** 2)[:, None] * W,
    }
    for mistake, other in look_alikes.items():
        if _close(found, other):
            return mistaken(mistake)
    if _close(np.sort(found, axis=0), np.sort(JACOBIAN, axis=0)):
        return mistaken("rows-in-another-order")
    o, i = np.unravel_index(np.argmax(np.abs(found - JACOBIAN)), found.shape)
    return unexpected(
        f"In row {o}, column {i} you have {found[o, i]:.4f}. How does output {o} change there, "
        f"if input {i} grows a little?"
    )


def _close(found: np.ndarray, wanted: np.ndarray) -> bool:
    return bool(np.allclose(found, wanted, rtol=1e-3, atol=1e-4))


EXERCISE = Exercise(
    key="jacobian",
    page="autograd",
    tests="Builds a Jacobian from vector-Jacobian products, rows being outputs.",
    minutes=12,
    answers={"jacobian": "numbers"},
    hints=(
        "One call of `backward(gradient=...)` gives one row. Which vector picks the first output, "
        "and leaves the other two out?",
        "Make the point anew for each row, as a leaf that asks for gradients; otherwise its "
        "`.grad` keeps what the row before left there.",
        "Three rows of two numbers are put on top of each other by a function that joins "
        "tensors along a new axis. By hand, apply the chain rule to a single entry first.",
    ),
    mistakes={
        "transposed": "Your table has two rows and three columns. Rows are outputs, and there are "
        "three of them; columns are inputs.",
        "read-in-the-wrong-rows": "Your table has the right numbers in the wrong places: it was "
        "reshaped to two rows, where each row should belong to one output.",
        "rows-add-up": "Each row contains the rows above it: the same leaf was used again, and "
        "`backward` adds to its `.grad`.",
        "rows-all-the-same": "All rows are the same. Either three names stand for one `.grad`, "
        "which later walks changed, or the vector that you hand over is the same each time.",
        "one-row-only": "You have two numbers, as many as there are inputs: one row, or the sum "
        "of all rows. Each output needs a walk of its own.",
        "one-number-per-output": "You have three numbers, one for each output: their values, or "
        "the slopes of tanh. A row has an entry for each of the two inputs.",
        "tanh-forgotten": "Your table is W itself, the Jacobian of W x. Where does the slope of "
        "tanh come in?",
        "slope-of-the-input": "The slope of tanh was written with its input. It is one minus the "
        "square of its value.",
        "square-forgotten": "The slope of tanh was written without its square.",
        "value-for-slope": "The rows of W were multiplied with the values of tanh. The chain rule "
        "asks for its slopes.",
        "weights-forgotten": "Every row holds the slope of tanh alone. By the chain rule the "
        "derivative of what is inside belongs to it: which entry of W is that?",
        "another-point": "This is the Jacobian at (1, 1). It is asked for at `at`.",
        "rows-in-another-order": "The numbers are right, and in another order: row o belongs to "
        "output o.",
        "list-of-rows": "`jacobian` is a Python list or tuple. One tensor of shape (3, 2) is asked "
        "for: put the rows on top of each other.",
    },
    right="Row by row, a walk backward for each output: one output is cheap, however many inputs "
    "there are.",
    verdict=verdict,
)
