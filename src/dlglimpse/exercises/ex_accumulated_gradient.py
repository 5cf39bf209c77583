"""Gradient descent that arrives: gradients have to be set back at the right place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

GOAL = 3.0
RUNS = ((30, 0.1), (7, 0.05), (12, 0.2))
"""Numbers of steps and rates: one alone would fit a function that ignores both."""


def verdict(*, descend: Callable[..., Any]) -> Verdict:
    """Compare with the exact path, and with the paths that usual mistakes take."""
    found = []
    for steps, rate in RUNS:
        last = call(descend, steps, rate, name="descend")
        wrong = _form(last)
        if wrong is not None:
            return wrong
        found.append(_number(last))
    if _close(found, _plain):
        return None
    return _look_alike(found)


def _form(last: Any) -> Verdict:
    if last is None:
        return mistaken("returns-nothing")
    if isinstance(last, list | tuple):
        return mistaken("returns-the-path")
    numbers = array(last)
    if numbers is None or numbers.size != 1:
        return unexpected(f"`descend` should return one number, and returns {described(last)}.")
    if not math.isfinite(numbers.item()):
        return unexpected("`descend` returns a number that is not finite.")
    return None


def _number(last: Any) -> float:
    numbers = array(last)
    assert numbers is not None, "the form was judged before"
    return float(numbers.item())


def _plain(steps: int, rate: float) -> float:
    """Where n steps of gradient descent lead: the rest shrinks by a factor each."""
    return GOAL - GOAL * (1 - 2 * rate) ** steps


def _summed(steps: int, rate: float) -> float:
    """The path of the page: each step follows the sum of all gradients so far."""
    v = total = 0.0
    for _ in range(steps):
        total += 2 * (v - GOAL)
        v -= rate * total
    return v


PATHS: dict[str, Callable[[int, float], float]] = {
    "still-adds-up": _summed,
    "never-moves": lambda steps, rate: 0.0,
    "uphill": lambda steps, rate: GOAL - GOAL * (1 + 2 * rate) ** steps,
    "loss-only-once": lambda steps, rate: 2 * GOAL * rate * steps,
    "starts-over": lambda steps, rate: _plain(1, rate),
    "one-step-off": lambda steps, rate: _plain(steps - 1, rate),
    "returns-the-gradient": lambda steps, rate: 2 * (_plain(steps - 1, rate) - GOAL),
}


def _look_alike(found: list[float]) -> Verdict:
    for mistake, path in PATHS.items():
        if _close(found, path):
            return mistaken(mistake)
    if _close(found, lambda steps, rate: _plain(steps + 1, rate)):
        return mistaken("one-step-off")
    if max(found) - min(found) < 1e-4 or _close(found, lambda steps, rate: _plain(30, rate)):
        return mistaken("arguments-ignored", given=f"{found[-1]:.3g}")
    steps, rate = RUNS[1]
    return unexpected(
        f"`descend({steps}, {rate})` returns {found[1]:.4g}. After {steps} steps against the "
        "gradient of the last point only, `v` is somewhere else."
    )


def _close(found: list[float], path: Callable[[int, float], float]) -> bool:
    # Wide enough for an answer rounded to two digits.
    return all(
        math.isclose(value, path(*run), abs_tol=0.006)
        for value, run in zip(found, RUNS, strict=True)
    )


EXERCISE = Exercise(
    key="accumulated-gradient",
    page="autograd",
    tests="Sets gradients back at the right place, and updates a leaf without notes.",
    minutes=10,
    answers={"descend": "function"},
    hints=(
        "Print `v.grad` in each turn of the loop, and compare it with 2 (v - 3). From which "
        "turn on do the two differ?",
        "A turn has four parts: forget the old gradient, compute, walk back, update. The first "
        "one is missing in the loop of the page.",
        "`v` has to stay the leaf that it was: made once, before the loop, inside the function, "
        "and changed in place where no notes are taken.",
    ),
    mistakes={
        "still-adds-up": "`v` takes the path of the loop in the page: each step still follows the "
        "sum of all gradients so far. Nothing sets `v.grad` back between two steps.",
        "never-moves": "`v` never leaves 0: at the update the gradient is zero or gone. It was "
        "set back between `backward()` and the step that needs it.",
        "cleared-too-early": "At the update `v.grad` is None. It was set back after `backward()`, "
        "or it is read from a tensor that is no leaf. In which order do things happen?",
        "not-a-leaf": "The new `v` was computed from the old one, so it is no leaf, and "
        "`backward()` fills the gradients of leaves only. Change `v` in place instead.",
        "new-v-without-notes": "`backward()` finds no notes, for `v` asks for no gradient. It was "
        "made without `requires_grad`, or made anew under `no_grad`, where you should change "
        "the old one in place.",
        "loss-only-once": "The loss was computed once, before the loop, so every step follows the "
        "gradient at the starting point. A graph serves one walk: compute it anew in each turn.",
        "nothing-to-clear": "In the first turn `v.grad` is None, since nothing was added to it "
        "yet: there is no tensor to set to zero. What else does 'no gradient' look like?",
        "update-is-noted": "The update changes a leaf in place while PyTorch takes notes. An "
        "update is no part of the function: where should notes be off?",
        "v-from-outside": "The function changes a `v` that it never made. Make it inside the "
        "function, so that every call starts from 0.",
        "zero-grad-on-tensor": "A tensor has no `zero_grad`: that is a method of optimizers and "
        "networks. What can you do with the tensor's own `.grad`?",
        "uphill": "`v` runs away from 3: your steps go along the gradient, which points uphill.",
        "starts-over": "After all the steps `v` is where one step leads. Either it is made anew "
        "inside the loop, or `return` stands in the loop and ends it in the first turn.",
        "one-step-off": "Your path is the right one, and one step too long or too short. How "
        "often does the loop turn, and is `v` read before or after the last update?",
        "returns-the-gradient": "`descend` returns the last gradient. Asked for is the last `v`.",
        "returns-the-path": "`descend` returns a list or a tuple. The last `v` alone is asked for.",
        "returns-nothing": "`descend` returns None. Does it print its result, or end without "
        "`return`?",
        "arguments-ignored": "`descend` returns {given} for different numbers of steps or for "
        "different rates alike. Do `steps` and `rate` occur in its body?",
    },
    errors={
        r"`(\w+) = \1 ?[-+].*\n.*NoneType": "not-a-leaf",
        r"'NoneType' object has no attribute 'zero_'": "nothing-to-clear",
        r"NoneType": "cleared-too-early",
        r"backward through the graph a second time": "loss-only-once",
        r"does not require grad": "new-v-without-notes",
        r"leaf Variable that requires grad": "update-is-noted",
        r"UnboundLocalError": "v-from-outside",
        r"has no attribute 'zero_grad'": "zero-grad-on-tensor",
    },
    right="With the old gradient forgotten, each step multiplies the rest of the way by the same "
    "factor, 1 minus twice the rate.",
    verdict=verdict,
)
