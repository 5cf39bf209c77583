"""1.1: scalars, a matrix, a column, and the sum that silently becomes a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described


def verdict(*, A: Any, b: Any, c: Any, d: Any, total: Any, **scalars: Any) -> Verdict:
    """Walk through the five parts in the order in which they are asked."""
    return (
        _scalars(**scalars)
        or _drawn("A", A, (3, 3))
        or _column(b)
        or _drawn("b", b, (3, 1))
        or _product(array(A), array(b), array(c))
        or _numpy_column(d)
        or _sum(array(c), array(d), array(total))
    )


def _scalars(x: Any, y: Any, z: Any) -> Verdict:
    for name, value in (("x", x), ("y", y), ("z", z)):
        if not isinstance(value, Tensor):
            return mistaken("python-number", name=name, given=described(value))
        if value.numel() != 1:
            return unexpected(f"`{name}` should hold one number, and is {described(value)}.")
    for name, value, wanted in (("x", x, 3), ("y", y, 7)):
        if value.item() != wanted:
            return unexpected(f"`{name}` should be {wanted}, and is {value.item():g}.")
    if z.item() == 10:
        return mistaken("sum-for-product")
    return None if z.item() == 21 else unexpected(f"`z` is {z.item():g}, not the product.")


def _column(b: Any) -> Verdict:
    shape = tuple(b.shape) if isinstance(b, Tensor) else None
    if shape == (3,):
        return mistaken("flat-b")
    return mistaken("row-b") if shape == (1, 3) else None


def _drawn(name: str, value: Any, shape: tuple[int, int]) -> Verdict:
    """Whether one draw can come from U(-1, 1): it need not look typical."""
    if not isinstance(value, Tensor):
        return unexpected(f"`{name}` should be a tensor, and is {described(value)}.")
    if tuple(value.shape) != shape:
        return unexpected(f"`{name}` should have shape {shape}, and has {tuple(value.shape)}.")
    numbers = array(value)
    if numbers is None or not np.isfinite(numbers).all():
        return unexpected(f"`{name}` holds something that is no number: fill it by a draw.")
    if np.ptp(numbers) == 0:
        return mistaken("constant", name=name, value=f"{numbers.flat[0]:g}")
    if (np.abs(numbers) > 1).any():
        worst = numbers.flat[np.abs(numbers).argmax()]
        return mistaken("beyond-the-ends", name=name, value=f"{worst:.2f}")
    if (numbers == np.round(numbers)).all():
        return mistaken("whole-numbers", name=name)
    if name == "A" and (numbers >= 0).all():
        return mistaken("unit-interval")
    return None


def _product(A: Any, b: Any, c: Any) -> Verdict:
    if c is None:
        return unexpected("`c` holds no numbers.")
    if c.shape == (3, 1) and np.allclose(c, A @ b, atol=1e-5):
        return None
    if c.shape == (3, 3) and np.allclose(c, A * b, atol=1e-5):
        return mistaken("star-for-matmul")
    if c.shape == (3, 1) and np.allclose(c, A.T @ b, atol=1e-5):
        return mistaken("transposed")
    if c.shape == (3, 1) and np.allclose(c, A @ b + [[1], [2], [3]], atol=1e-5):
        return mistaken("added-in-place")
    return unexpected(
        f"`c` is not the product of your `A` and `b`: it has shape {c.shape} and begins with "
        f"{c.flat[0]:.3f}. Did you draw `A` or `b` again after you computed it?"
    )


def _numpy_column(d: Any) -> Verdict:
    if not isinstance(d, np.ndarray):
        return mistaken("not-numpy", given=described(d))
    if d.shape == (3,):
        return mistaken("flat-d")
    numbers = array(d)
    if d.shape != (3, 1) or numbers is None or not np.array_equal(numbers.ravel(), [1, 2, 3]):
        return unexpected(f"`d` should be the column 1, 2, 3, and is {described(d)}.")
    return None


def _sum(c: Any, d: Any, total: Any) -> Verdict:
    if total is None:
        return unexpected("`total` holds no numbers.")
    if total.shape == (3, 3):
        return mistaken("sum-became-a-table")
    if total.shape == (3, 1) and np.allclose(total, c + d, atol=1e-5):
        return None
    return unexpected("`total` is not your `c` plus your `d`, entry by entry.")


EXERCISE = Exercise(
    key="1.1",
    page="tensors",
    tests="Makes tensors, draws from an initializer, multiplies matrices, minds shapes.",
    minutes=15,
    answers=dict.fromkeys(("x", "y", "z", "A", "b", "c", "d", "total"), "any"),
    hints=(
        "Every part is one line. Print the `.shape` of what you made after each of them.",
        "`torch.empty` makes a tensor with room for numbers, and `torch.nn.init` has functions "
        "that fill one in place. Look up which ends the uniform one takes if you name none.",
        "`*` multiplies entry by entry, also between shapes that differ; the matrix product "
        "has an operator of its own. A column of three has two axes: write both down.",
    ),
    mistakes={
        "python-number": "`{name}` is {given}, not a tensor: a tensor with one number in it "
        "has a shape, `()`, and a dtype. Which function makes a tensor of a number?",
        "sum-for-product": "`z` is 10, which is the sum of `x` and `y`. The product is asked for.",
        "flat-b": "`b` has shape (3,): that is a row of numbers with one axis, not a column. "
        "`A @ b` still runs, and when you add a (3, 1) column to it, the sum silently becomes "
        "3x3. Give `b` two axes.",
        "row-b": "`b` has shape (1, 3): one row. A column has three rows of one number each.",
        "unit-interval": "No entry of `A` is negative. `uniform_` draws from [0, 1] if you name "
        "no ends. If you did name -1 and 1, you met the one draw in 512 without a minus sign: "
        "draw again.",
        "beyond-the-ends": "`{name}` holds {value}, which U(-1, 1) never gives. Numbers beyond "
        "the ends come from a normal distribution, or from a range scaled too far.",
        "constant": "All entries of `{name}` are {value}: nothing was drawn.",
        "whole-numbers": "All entries of `{name}` are whole numbers. The uniform distribution "
        "on an interval gives every number in between, too.",
        "star-for-matmul": "`c` is a 3x3 table: `A * b` multiplies every column of `A` by `b`, "
        "entry by entry. The matrix product has three numbers, and another operator.",
        "transposed": "`c` is the product of the transpose of `A` with `b`: rows and columns "
        "of `A` have changed places on the way.",
        "added-in-place": "`c` already has 1, 2, 3 added to it. An operation such as `c += ...` "
        "changes `c` itself; keep the product, and let `total` be a new tensor.",
        "not-numpy": "`d` is {given}. The column is asked for as a NumPy array; convert it "
        "only when you add it.",
        "flat-d": "`d` has shape (3,). Added to a column of shape (3, 1), it is laid out as a "
        "row, and the sum is a 3x3 table. Write `d` with two axes.",
        "sum-became-a-table": "`total` is a 3x3 table: one of the two that you added had one "
        "axis only, and broadcasting filled in the rest. Look at both shapes.",
    },
    right="A product of (3, 3) and (3, 1) is a column, and a column plus a column stays one.",
    verdict=verdict,
)
