"""1.2: the sigmoid, its derivative as a function of the value, and a stable sigmoid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described

SHAPES = ((7,), (2, 3), ())
TYPES = (torch.float32, torch.float64)
FAR = 1000.0


def verdict(
    *,
    my_sigmoid: Callable[..., Any],
    my_sigmoid_grad: Callable[..., Any],
    stable_sigmoid: Callable[..., Any] | None = None,
) -> Verdict:
    """Values first, then the derivative, then the large inputs."""
    wrong = _value("my_sigmoid", my_sigmoid) or _derivative(my_sigmoid_grad)
    if wrong is not None or stable_sigmoid is None:
        return wrong
    return _value("stable_sigmoid", stable_sigmoid) or _stable(stable_sigmoid)


def _points() -> Iterator[Tensor]:
    """Inputs that tell the look-alikes apart, of several shapes and types."""
    generator = torch.Generator().manual_seed(12)
    for dtype in TYPES:
        for shape in SHAPES:
            x = torch.empty(shape, dtype=dtype).uniform_(0.5, 4, generator=generator)
            x.view(-1)[::2] *= -1
            yield x


def _value(name: str, function: Callable[..., Any]) -> Verdict:
    for x in _points():
        value = call(function, x, name=name)
        wrong = _form(name, value, x) or _sigmoid_look_alike(name, value, x)
        if wrong is not None:
            return wrong
    # Not a leaf: a function that works in place is right as well.
    x = torch.linspace(-1, 1, 5, requires_grad=True).clone()
    value = call(function, x, name=name)
    if not (isinstance(value, Tensor) and value.requires_grad):
        return mistaken("cut-off", name=name)
    return None


def _form(name: str, value: Any, x: Tensor) -> Verdict:
    """Whether the result is a tensor of the shape of the input."""
    if value is None:
        return mistaken("returns-nothing", name=name)
    if isinstance(value, list | tuple):
        return mistaken("returns-a-list", name=name)
    if not isinstance(value, Tensor):
        return mistaken("leaves-torch", name=name, given=described(value))
    if value.shape != x.shape:
        return mistaken("other-shape", name=name, shape=tuple(x.shape), given=tuple(value.shape))
    if value.is_complex():
        return unexpected(f"`{name}` returns complex numbers.")
    return None


def _sigmoid_look_alike(name: str, value: Tensor, x: Tensor) -> Verdict:
    s = torch.sigmoid(x)
    if _close(value, s):
        return None
    look_alikes = {
        "missing-minus": torch.sigmoid(-x),
        "missing-parentheses": 1 + torch.exp(-x),
        "sigmoid-twice": torch.sigmoid(s),
        "tanh-for-sigmoid": torch.tanh(x),
        "derivative-for-value": s * (1 - s),
        "mirror-forgotten": torch.sigmoid(x.abs()),
    }
    for mistake, other in look_alikes.items():
        if _close(value, other):
            return mistaken(mistake, name=name)
    return unexpected(f"`{name}` differs from the sigmoid: {_gap(x, value)}.")


def _derivative(function: Callable[..., Any]) -> Verdict:
    for x in _points():
        s = torch.sigmoid(x)
        value = call(function, s, name="my_sigmoid_grad")
        wrong = _form("my_sigmoid_grad", value, s) or _derivative_look_alike(value, s)
        if wrong is not None:
            return wrong
    return None


def _derivative_look_alike(value: Tensor, s: Tensor) -> Verdict:
    right = s * (1 - s)
    if _close(value, right):
        return None
    again = torch.sigmoid(s)
    look_alikes = {
        "takes-x": again * (1 - again),
        "sign-turned": -right,
        "derivative-of-tanh": 1 - s**2,
        "one-factor-lost": 1 - s,
        "squared-value": s**2,
        "differentiated-again": 1 - 2 * s,
    }
    for mistake, other in look_alikes.items():
        if _close(value, other):
            return mistaken(mistake)
    return unexpected(f"`my_sigmoid_grad` is not the derivative: {_gap(s, value, 's')}.")


def _stable(function: Callable[..., Any]) -> Verdict:
    """Value and gradient at large inputs, and the gradient at small ones."""
    far = torch.tensor([-FAR, FAR])
    value, slope = _with_gradient(function, far)
    if value is None or slope is None:
        return mistaken("cut-off", name="stable_sigmoid")
    if not value.isfinite().all():
        worst = far[~value.isfinite()][0].item()
        return mistaken("nan-value", at=f"{worst:g}")
    if not _close(value, torch.tensor([0.0, 1.0])):
        return mistaken("wrong-far-out", given=described(value))
    broken = ~slope.isfinite()
    if broken.all():
        return mistaken("nan-behind-where")
    if broken.any():
        return mistaken("nan-gradient", at=f"{far[broken][0].item():g}")
    near = torch.tensor([-3.0, -0.5, 0.5, 3.0])
    s = torch.sigmoid(near)
    if not _close(slope, torch.zeros(2)) or not _close(
        _with_gradient(function, near)[1], s * (1 - s)
    ):
        return mistaken("other-gradient")
    return None


def _with_gradient(function: Callable[..., Any], at: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """Value and gradient of a student's function; None for a gradient that is not there."""
    leaf = at.clone().requires_grad_()

    def run(x: Tensor) -> tuple[Tensor, Tensor | None]:
        value = function(x)
        if not value.requires_grad:
            return value, None
        return value.detach(), torch.autograd.grad(value.sum(), leaf, allow_unused=True)[0]

    found: tuple[Tensor, Tensor | None] = call(run, leaf.clone(), name="stable_sigmoid")
    return found


def _close(value: Tensor | None, wanted: Tensor) -> bool:
    if value is None:
        return False
    return torch.allclose(value.detach().double(), wanted.double(), atol=2e-5, rtol=1e-4)


def _gap(x: Tensor, value: Tensor, name: str = "x") -> str:
    """An input, and what the student's function made of it."""
    at, got = x.flatten()[0].item(), value.detach().flatten()[0].item()
    return f"at {name} = {at:.3f} it returns {got:.4f}"


EXERCISE = Exercise(
    key="1.2",
    page="tensors",
    tests="Turns formulas into tensor code; keeps values apart from inputs; tests gradients.",
    minutes=20,
    answers={
        "my_sigmoid": "function",
        "my_sigmoid_grad": "function",
        "stable_sigmoid": "function",
    },
    optional=frozenset({"stable_sigmoid"}),
    hints=(
        "`torch.exp` takes a tensor of any shape, so no loop is needed. Try your functions at "
        "0, where you know the answers: the sigmoid is one half, its slope a quarter.",
        "`my_sigmoid_grad` is handed what the sigmoid returned. How much of the formula for the "
        "derivative can be written with that number alone?",
        "For the stable one, only one sign of the exponent is safe. Which function of x has "
        "that sign for every x, and how do the values at x and -x belong together?",
    ),
    mistakes={
        "missing-minus": "`{name}` falls where the sigmoid rises: at x it returns what belongs "
        "to -x. Look at the sign in the exponent.",
        "missing-parentheses": "`{name}` returns values above 1: it computes 1/1 first, and "
        "then adds the exponential. What is the denominator?",
        "sigmoid-twice": "`{name}` never goes below one half: the sigmoid of the sigmoid of x "
        "comes back. It is applied once too often.",
        "tanh-for-sigmoid": "`{name}` is the hyperbolic tangent, which runs from -1 to 1. The "
        "sigmoid runs from 0 to 1.",
        "derivative-for-value": "`{name}` returns the derivative of the sigmoid. Its value is "
        "asked for; the derivative has a function of its own.",
        "mirror-forgotten": "`{name}` is right for positive x, and returns the same for -x. "
        "The absolute value has lost the sign: where does the sign come back in?",
        "returns-nothing": "`{name}` returns None. Does it print its result, or end without "
        "`return`?",
        "returns-a-list": "`{name}` returns a Python list or tuple. A tensor is asked for: "
        "`torch.exp` works on all entries at once, without a loop.",
        "leaves-torch": "`{name}` returns {given}, not a tensor: on its way something turned "
        "the tensor into plain numbers or an array.",
        "other-shape": "`{name}` was given a tensor of shape {shape}, and returns one of shape "
        "{given}. One value is asked for per entry.",
        "cut-off": "`{name}` has the right values, but autograd cannot follow it: somewhere the "
        "tensor is detached, rebuilt with `torch.tensor`, or leaves PyTorch.",
        "math-exp": "`math.exp`, `float` and `.item()` want one number, and you have a tensor. "
        "PyTorch has an exponential of its own that works entry by entry.",
        "numpy-exp": "NumPy's functions do not follow a tensor that requires a gradient. Stay "
        "with PyTorch's function of the same name.",
        "number-into-torch": "PyTorch's function was handed a plain number. Hand it the whole "
        "tensor, and leave out the loop over its entries.",
        "if-on-a-tensor": "`if` wants one True or False, and a comparison of a tensor gives one "
        "per entry. Look for the function that chooses entry by entry.",
        "written-over": "Autograd needs a number that your code has written over: an operation "
        "with an underscore changed a result on which a slope depends. Make a new tensor there.",
        "takes-x": "`my_sigmoid_grad` is given s, the value of the sigmoid, and treats it as x: "
        "it runs the sigmoid, or its exponential, once more. The formula needs s alone.",
        "sign-turned": "`my_sigmoid_grad` has the right size and the wrong sign. The sigmoid "
        "rises everywhere, so no slope is negative.",
        "derivative-of-tanh": "`my_sigmoid_grad` is the derivative of tanh, 1 minus the square "
        "of its value. At s = 1/2 the sigmoid's slope is a quarter.",
        "one-factor-lost": "`my_sigmoid_grad` returns 1 - s, one of two factors. Which one is "
        "still missing? Test at s = 1/2, where a quarter is right.",
        "squared-value": "`my_sigmoid_grad` returns the square of s, which is steepest at s = 1. "
        "There the sigmoid is flat: the slope has to go to zero at both ends.",
        "differentiated-again": "`my_sigmoid_grad` differentiates once too often: the slope as "
        "a function of s is asked for, not the change of that slope with s.",
        "derivative-by-backward": "`my_sigmoid_grad` calls autograd on a tensor without a "
        "history. Use the formula: the value s is all that it needs.",
        "nan-value": "The value of `stable_sigmoid` at x = {at} is not finite: an exponential "
        "overflows to infinity there, and infinity over infinity is nan.",
        "nan-gradient": "The values of `stable_sigmoid` are right, but its gradient at x = {at} "
        "is not finite. An exponential overflows on the way; the value hides it, because "
        "something over infinity is zero, and the gradient multiplies infinity by zero.",
        "nan-behind-where": "The values of `stable_sigmoid` are right, and its gradients are "
        "not finite at -1000 and at 1000. If you choose with `torch.where`, both branches are "
        "computed and differentiated, also the one not chosen. Make the exponent safe first.",
        "wrong-far-out": "At x = -1000 and 1000 `stable_sigmoid` should be 0 and 1, and is "
        "{given}. Something was replaced or cut off that should not be.",
        "other-gradient": "The values of `stable_sigmoid` are right, and its gradients are "
        "finite but wrong. Which part of the formula counts as a constant for autograd?",
    },
    errors={
        r"math\.exp|only one element tensors can|cannot be converted to Scalar": "math-exp",
        r"Can't call numpy\(\)": "numpy-exp",
        r"must be Tensor, not (float|int)": "number-into-torch",
        r"Boolean value of Tensor": "if-on-a-tensor",
        r"modified by an inplace operation": "written-over",
        r"does not require grad": "derivative-by-backward",
    },
    right="Value and slope need one exponential between them, and the slope is never more than "
    "a quarter.",
    verdict=verdict,
)
