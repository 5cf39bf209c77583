"""Gradients of a sum, a mean and one entry, by the vector that is pulled back."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array

X = np.array([1.0, 2.0, 3.0])
SLOPES = 3 * X**2
NAMES = ("same_as_sum", "same_as_mean", "only_second")
VECTORS = {
    "same_as_sum": np.ones(3),
    "same_as_mean": np.full(3, 1 / 3),
    "only_second": np.array([0.0, 1.0, 0.0]),
}


def verdict(**answers: Any) -> Verdict:
    """All three together first: several mistakes show only where one is beside another."""
    found: dict[str, np.ndarray] = {}
    for name in NAMES:
        numbers = array(answers[name])
        if numbers is None or not np.isfinite(numbers).all():
            return unexpected(f"`{name}` should hold three finite numbers.")
        found[name] = numbers
    for name, numbers in found.items():
        if numbers.size == 1:
            return mistaken("one-number", name=name, given=f"{numbers.item():g}")
        if numbers.shape != (3,):
            return mistaken("other-shape", name=name, given=numbers.shape)
    if all(_close(found[name], VECTORS[name] * SLOPES) for name in NAMES):
        return None
    return _together(found) or _each(found)


def _together(found: dict[str, np.ndarray]) -> Verdict:
    of_sum, of_mean, second = (found[name] for name in NAMES)
    right = {name: VECTORS[name] * SLOPES for name in NAMES}
    if _close(of_sum, of_mean) and _close(of_mean, second):
        return mistaken("same-tensor-three-times")
    if _close(of_sum, right["same_as_mean"]) and _close(of_mean, right["same_as_sum"]):
        return mistaken("sum-and-mean-swapped")
    for name in NAMES[1:]:
        others = [other for other in NAMES if other != name]
        sums = (right[name] + right[others[0]], right[name] + right[others[1]])
        if any(_close(found[name], total) for total in (*sums, sum(right.values()))):
            return mistaken("added-up", name=name)
    return None


def _each(found: dict[str, np.ndarray]) -> Verdict:
    """What the first wrong one of the three could be instead."""
    name = next(name for name in NAMES if not _close(found[name], VECTORS[name] * SLOPES))
    numbers, vector = found[name], VECTORS[name]
    look_alikes = {
        "vector-itself": vector,
        "values-for-gradients": vector * X**3,
        "x-as-the-vector": X * SLOPES,
    }
    if name == "same_as_mean":
        look_alikes |= {"mean-as-sum": SLOPES, "times-n": 3 * SLOPES}
    if name == "only_second":
        look_alikes |= {
            "counted-from-one": np.array([0, 0, SLOPES[2]]),
            "all-but-the-second": (1 - vector) * SLOPES,
            "everything-counts": SLOPES,
        }
    for mistake, other in look_alikes.items():
        if _close(numbers, other):
            return mistaken(mistake, name=name)
    if name == "same_as_mean" and np.allclose(numbers, SLOPES / 3, rtol=0.15):
        return mistaken("rounded-third", given=f"{numbers[0]:g}")
    told = ", ".join(f"{number:.4g}" for number in numbers)
    return unexpected(f"`{name}` is ({told}). How much should each entry of `u` count for it?")


def _close(found: np.ndarray, wanted: Any) -> bool:
    return bool(np.allclose(found, wanted, rtol=1e-4, atol=1e-4))


EXERCISE = Exercise(
    key="gradient-argument",
    page="autograd",
    tests="Chooses the vector of a vector-Jacobian product, and starts each walk afresh.",
    minutes=10,
    answers=dict.fromkeys(NAMES, "numbers"),
    hints=(
        "The vector has one number per entry of `u`. Ask of each entry: by how much does the "
        "sum, the mean, or the second entry change if this one grows a little?",
        "Every call of `backward` adds to `x.grad`, and throws the notes of `u` away. Make `x` "
        "and `u` anew for each of the three.",
        "The derivative of the cube is the same in all three parts; only what it is multiplied "
        "with, entry by entry, differs. For one entry alone, what must the others count?",
    ),
    mistakes={
        "added-up": "In `{name}` an earlier gradient is still contained: `backward` adds to "
        "`x.grad`. Start each of the three from a new `x`.",
        "same-tensor-three-times": "All three answers hold the same numbers. If you wrote "
        "`= x.grad` three times, you gave three names to one tensor, and what came later "
        "changed it. Copy it, or start from a new `x`.",
        "sum-and-mean-swapped": "`same_as_sum` and `same_as_mean` have changed places. Which of "
        "the two is the larger?",
        "mean-as-sum": "`same_as_mean` is the gradient of the sum. In a mean, how much does each "
        "of three entries count?",
        "times-n": "`same_as_mean` is three times the gradient of the sum: the number of entries "
        "should divide, not multiply.",
        "rounded-third": "`same_as_mean` begins with {given}: nearly right. Was the share of each "
        "entry typed with a few digits? Let Python compute it.",
        "one-number": "`{name}` is the single number {given}. A gradient with respect to `x` has "
        "an entry for each of the three entries of `x`, also where it is zero.",
        "other-shape": "`{name}` has shape {given}. The gradient of a tensor has that tensor's "
        "shape, here (3,).",
        "vector-itself": "`{name}` is the vector that goes into `backward`. What comes out of it, "
        "multiplied with the derivative, lies in `x.grad`.",
        "values-for-gradients": "`{name}` holds cubes, not slopes: values of `u` were taken "
        "where `x.grad` is asked for.",
        "x-as-the-vector": "For `{name}` the vector was `x` itself. The vector says how much each "
        "output counts, not where the function is evaluated. If you did it by hand, you kept the "
        "cube where the derivative has a square.",
        "counted-from-one": "`only_second` is the derivative of the third entry. Python counts "
        "from zero.",
        "all-but-the-second": "`only_second` leaves out the second entry, and keeps the others: "
        "ones and zeros have changed places.",
        "everything-counts": "`only_second` is the gradient of the sum: every entry of `u` "
        "counts. How much should the first and the third count?",
    },
    right="The vector is the derivative of whatever comes after `u`, and that is all that "
    "back-propagation hands on.",
    verdict=verdict,
)
