"""What a student hands over: whether it is there, of the right kind, and a copy of it."""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlglimpse.exercises.exercise import Kind

_KINDS: dict[Kind, tuple[str, Callable[[Any], bool]]] = {
    "any": ("anything", lambda value: True),
    "class": ("a class", lambda value: isinstance(value, type)),
    "dict": ("a dictionary", lambda value: isinstance(value, Mapping)),
    "function": ("a function", callable),
    "list": (
        "a list",
        lambda value: isinstance(value, Sequence) and not isinstance(value, str),
    ),
    "model": ("a network, an instance of `nn.Module`", lambda v: isinstance(v, nn.Module)),
    "number": ("a number", lambda value: _is_number(value)),
    "numbers": ("a tensor or an array of numbers", lambda value: array(value) is not None),
    "tensor": ("a tensor", lambda value: isinstance(value, Tensor)),
}


def missing(value: object) -> bool:
    """Whether an answer is still blank: None, `...`, or a function or class nobody wrote."""
    if value is None or value is ...:
        return True
    if isinstance(value, type):
        return not any(callable(item) for item in vars(value).values())
    return inspect.isfunction(value) and _is_stub(value)


def _is_stub(written: Callable[..., object]) -> bool:
    """Whether the body says nothing but `...`, `pass`, a docstring or NotImplementedError.

    Notebooks keep the source of functions, but not that of classes.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(written)))
    except (OSError, TypeError, SyntaxError, IndentationError):
        return False
    body = getattr(tree.body[0], "body", None)
    if not isinstance(body, list):
        return False
    return all(_says_nothing(statement) for statement in body)


def _says_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def complaint(name: str, value: object, kind: Kind) -> str | None:
    """What is wrong with the kind of an answer, or None."""
    wanted, fits = _KINDS[kind]
    if fits(value):
        return None
    text = f"`{name}` should be {wanted}, and is {described(value)}."
    if kind == "function":
        text += f" Hand over the function itself, `{name}={name}`, without calling it."
    return text


def private(value: Any) -> Any:
    """A copy on which the check may do what it likes; functions and classes as they are."""
    match value:
        case Tensor():
            # A copy of a tensor in the middle of a graph is a leaf of its own.
            return value.detach().clone().requires_grad_(value.requires_grad)
        case dict():
            return {key: private(item) for key, item in value.items()}
        case list() | tuple() if type(value) in (list, tuple):
            return type(value)(private(item) for item in value)
        case np.ndarray() | nn.Module():
            return copy.deepcopy(value)
    return value


def array(value: object) -> np.ndarray | None:
    """Numbers as an array of float64, from a tensor, an array, a list or a number.

    Returns None for what holds no numbers.
    """
    try:
        if isinstance(value, Tensor):
            if value.is_complex():
                return None
            return value.detach().cpu().to(torch.float64).numpy().copy()
        if isinstance(value, str | bytes):
            return None
        if isinstance(value, list | tuple):
            value = [item.detach().cpu() if isinstance(item, Tensor) else item for item in value]
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        return None


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, Real):
        return True
    found = array(value) if isinstance(value, Tensor | np.ndarray | np.generic) else None
    return found is not None and found.size == 1


def described(value: object) -> str:
    """A value in a few words: small ones as they are, large ones by type and shape.

    >>> described(torch.zeros(2)), described(torch.zeros(3, 4)), described(0.5)
    ('tensor([0., 0.])', 'a tensor of shape (3, 4) and dtype float32', '0.5')
    """
    if isinstance(value, Tensor | np.ndarray):
        size = value.numel() if isinstance(value, Tensor) else value.size
        if size <= 4 and value.ndim <= 1:
            text = repr(value.detach() if isinstance(value, Tensor) else value)
            return " ".join(text.split())
        what = "a tensor" if isinstance(value, Tensor) else "an array"
        dtype = str(value.dtype).removeprefix("torch.")
        return f"{what} of shape {tuple(value.shape)} and dtype {dtype}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if inspect.isroutine(value):
        return f"the function {getattr(value, '__name__', 'without a name')}"
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
