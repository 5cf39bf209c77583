"""1.3: the derivative of the sigmoid at many points, from one walk backward."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

Numbers = np.ndarray


def verdict(*, x: Any, pytorch_gradients: Any) -> Verdict:
    """The right answer first: with few points, a wrong one may look like several mistakes."""
    points, found = array(x), array(pytorch_gradients)
    if points is None or not points.size or not np.isfinite(points).all():
        return unexpected(f"`x` should hold the points, finite numbers, and is {described(x)}.")
    if found is None:
        return unexpected("`pytorch_gradients` holds no numbers.")
    eps = max(_eps(x), _eps(pytorch_gradients))
    if found.shape != points.shape:
        return _shapes(points, found)
    if not np.isfinite(found).all():
        return _not_finite(points, found)
    s = _sigmoid(points)
    if _close(found, s * (1 - s), eps):
        return None
    return _look_alike(points, found, eps) or _unknown(points, found)


def _eps(value: Any) -> float:
    """The relative rounding of the type in which something was computed."""
    if isinstance(value, Tensor) and value.dtype.is_floating_point:
        return torch.finfo(value.dtype).eps
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return float(np.finfo(value.dtype).eps)
    return torch.finfo(torch.float32).eps


def _sigmoid(x: Numbers) -> Numbers:
    value: Numbers = torch.sigmoid(torch.from_numpy(x)).numpy()
    return value


def _close(found: Numbers, wanted: Numbers, eps: float) -> bool:
    # Where s is near 1, the formula s (1 - s) has lost all digits but those of s.
    return bool(np.allclose(found, wanted, rtol=16 * eps, atol=8 * eps))


def _shapes(points: Numbers, found: Numbers) -> Verdict:
    if found.size == 1:
        return mistaken("one-number", given=f"{found.item():.4g}")
    return mistaken("other-shape", shape=points.shape, given=found.shape)


def _not_finite(points: Numbers, found: Numbers) -> Verdict:
    worst = points[~np.isfinite(found)].flat[0]
    return mistaken("not-finite", at=f"{worst:g}")


def _look_alike(x: Numbers, found: Numbers, eps: float) -> Verdict:
    s = _sigmoid(x)
    right, again = s * (1 - s), _sigmoid(s)
    times = _times(found, right, eps)
    if times is not None:
        return mistaken("accumulated", times=times)
    look_alikes = {
        "read-too-early": np.zeros_like(x),
        "mean-for-sum": right / x.size,
        "values-for-gradients": s,
        "gradient-of-the-sum": np.ones_like(x),
        "formula-of-x": x * (1 - x),
        "sign-turned": -right,
        "tanh-for-sigmoid": 1 - np.tanh(x) ** 2,
    }
    for mistake, other in look_alikes.items():
        if _close(found, other, eps):
            return mistaken(mistake)
    if any(_close(found, other, eps) for other in (again * (1 - again) * k for k in (1, right))):
        return mistaken("sigmoid-twice")
    return _few(found, right, eps)


def _times(found: Numbers, right: Numbers, eps: float) -> int | None:
    """How often the gradient was added up, if it was."""
    top = np.argmax(right)
    times = round(float(found.flat[top] / right.flat[top])) if right.flat[top] > 0 else 0
    return times if times > 1 and _close(found, times * right, times * eps) else None


def _few(found: Numbers, right: Numbers, eps: float) -> Verdict:
    """Some points have the right gradient, and all others none; or all have the same."""
    there = found != 0
    if 0 < there.sum() < found.size and _close(found[there], right[there], eps):
        return mistaken("some-points-only", count=int(there.sum()), size=found.size)
    if found.size > 1 and np.ptp(found) == 0:
        return mistaken("all-equal", given=f"{found.flat[0]:.4g}")
    return None


def _unknown(x: Numbers, found: Numbers) -> Verdict:
    s = _sigmoid(x)
    worst = np.argmax(np.abs(found - s * (1 - s)))
    at, got = x.flat[worst], found.flat[worst]
    return unexpected(
        f"At x = {at:.3g} you have {got:.4g}, which is not the slope of the sigmoid. Did you "
        "make a new `x` after the gradients were computed?"
    )


EXERCISE = Exercise(
    key="1.3",
    page="autograd",
    tests="Gets all pointwise derivatives from one `.sum().backward()`, and reads `.grad`.",
    minutes=15,
    answers={"x": "numbers", "pytorch_gradients": "numbers"},
    hints=(
        "The order counts: ask for gradients, compute, walk back, and only then read. If "
        "`pytorch_gradients` is still None, one of the four came too late.",
        "`backward()` starts from one number. The derivative of a sum with respect to one "
        "entry is that of the one term which contains it.",
        "`.grad` lives on the leaf: on the points themselves, which you made with "
        "`requires_grad=True`, not on what was computed from them.",
    ),
    mistakes={
        "accumulated": "Your gradients are {times} times what they should be: `.grad` still "
        "held those of an earlier run, and `backward()` adds. Begin with a new `x`.",
        "read-too-early": "Your gradients are all zero: they were read before `backward()` "
        "filled them in, or cleared after it.",
        "mean-for-sum": "Your gradients are too small by the number of points: that is what "
        "`.mean()` gives. Which reduction leaves each derivative as it is?",
        "values-for-gradients": "These are the values of the sigmoid, not its slopes. The "
        "slopes are in an attribute of `x`, after `backward()`.",
        "gradient-of-the-sum": "Your gradients are all 1: the sum was taken of `x`, or its "
        "gradient with respect to the sigmoid's values was read. What is differentiated with "
        "respect to what?",
        "formula-of-x": "That is x times (1 - x). The formula takes the value of the sigmoid, "
        "and here autograd should find the slope without any formula.",
        "sign-turned": "Your gradients have the wrong sign: the sigmoid rises everywhere. Look "
        "for a minus before the sum, or in the exponent.",
        "tanh-for-sigmoid": "These are the slopes of tanh, as steep as 1 at zero. The sigmoid "
        "is never steeper than a quarter.",
        "sigmoid-twice": "The sigmoid was applied twice, so that no slope is as large as a "
        "quarter, not even at zero. Was its value handed to it once more?",
        "some-points-only": "Only {count} of {size} points have a gradient, and it is right "
        "there. You walked back from a part of the result; the whole of it has to count.",
        "one-number": "`pytorch_gradients` is the single number {given}. One derivative is "
        "asked for per point: nothing may be summed after `backward()`.",
        "all-equal": "All your gradients are {given}. Points at different places have "
        "different slopes: was something averaged or repeated on the way?",
        "other-shape": "`x` has shape {shape}, and `pytorch_gradients` has {given}. The "
        "gradient of a tensor has that tensor's shape.",
        "not-finite": "The gradient at x = {at} is not a finite number. Far out, the "
        "exponential in the formula overflows: your sigmoid of exercise 1.2 has a stable form.",
    },
    nothing={
        "pytorch_gradients": "Did you compute it, and it is None? A `.grad` is None until "
        "`backward()` has run, and stays so if `x` did not require a gradient when the sigmoid "
        "was taken, or is no leaf.",
    },
    right="One walk back from the sum gives every point its own slope, since each term of the "
    "sum contains one point only.",
    verdict=verdict,
)
