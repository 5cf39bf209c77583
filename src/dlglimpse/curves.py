"""Activation functions as curves, with the derivative that autograd finds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlglimpse.errors import GlimpseError
from dlglimpse.networks import activation_module
from dlglimpse.records import Curve

Function = str | type[nn.Module] | nn.Module | Callable[[Tensor], Tensor]


def activation_curve(
    activation: Function, *, span: tuple[float, float] = (-5.0, 5.0), points: int = 1001
) -> Curve:
    """Measure an activation function and its derivative over a span of inputs.

    The derivative is autograd's: the gradient of the sum of all values.

    Parameters
    ----------
    activation
        A name such as "tanh", a module class, a module, or any function that works
        elementwise on a tensor.
    span
        First and last input.
    points
        How many inputs, evenly spaced, at least 2.

    Returns
    -------
    Curve
        Inputs, values and slopes of shape `(points,)`, float64.

    Raises
    ------
    GlimpseError
        If the name is unknown, the span is empty or not finite, or the function does
        not work elementwise.

    Notes
    -----
    What can mislead: at a kink there is no derivative. PyTorch returns one of the
    slopes beside it, or something between; for ReLU at 0 it returns 0.

    Examples
    --------
    >>> curve = activation_curve("sigmoid", span=(-1, 1), points=3)
    >>> curve.name, curve.values[1].item(), curve.slopes[1].item()
    ('sigmoid', 0.5, 0.25)
    """
    low, high = (float(end) for end in span)
    if not (math.isfinite(low) and math.isfinite(high) and low < high and points >= 2):
        raise GlimpseError(
            "`span` goes from a finite number up to a larger one, in two points or more",
            given=f"span={tuple(span)!r}, points={points}",
            hint="try `span=(-5, 5)`",
        )
    name, function = _named(activation)
    # Not torch.linspace, whose middle misses zero, where the kinks are.
    inputs = torch.from_numpy(np.linspace(low, high, points)).requires_grad_()
    # A random activation is refused, and even so leaves the random state alone.
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        values = _checked(name, function, inputs)
        slopes = _slopes(values, inputs)
    return Curve(name, *(_array(tensor) for tensor in (inputs, values, slopes)))


def _checked(name: str, function: Callable[[Tensor], Any], inputs: Tensor) -> Tensor:
    """The values, if each depends on its own input and on nothing else."""
    try:
        # Copies, because an in-place activation may not write to a leaf tensor.
        values, few = function(inputs.clone()), function(inputs[::2].clone())
        makes = f"values of shape {tuple(values.shape)} of 1-D inputs"
        if values.shape == inputs.shape:
            if torch.allclose(values[::2], few, equal_nan=True):
                return values  # type: ignore[no-any-return]
            makes = "other values of the same inputs in other company"
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        makes = f"the error {str(error).splitlines()[0]!r}"
    raise GlimpseError(
        "an activation gives one value for each input, which depends on nothing else",
        given=f"{name}, which makes {makes}",
        hint="try `torch.tanh`; a softmax looks at all inputs at once",
    )


def _slopes(values: Tensor, inputs: Tensor) -> Tensor:
    if not values.requires_grad:
        return torch.zeros_like(inputs)
    (slopes,) = torch.autograd.grad(values.sum(), inputs, allow_unused=True)
    return torch.zeros_like(inputs) if slopes is None else slopes


def _named(activation: Function) -> tuple[str, Callable[[Tensor], Any]]:
    if isinstance(activation, str):
        return activation, activation_module(activation)
    is_module = isinstance(activation, nn.Module | type)
    if is_module or not callable(activation):
        module = activation_module(activation)  # type: ignore[arg-type]
        return type(module).__name__, _in_double(module)
    return getattr(activation, "__name__", type(activation).__name__), activation


def _in_double(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """Call a module in float64 without changing its parameters, as PReLU has one."""
    state = {name: p.detach().double() for name, p in module.named_parameters()}
    return lambda inputs: torch.func.functional_call(module, state, (inputs,))


def _array(tensor: Tensor) -> np.ndarray[Any, np.dtype[np.float64]]:
    return tensor.detach().numpy().copy()
