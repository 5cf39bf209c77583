"""Views and copies: which guesses go together with which belief."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlglimpse.exercises.calling import NotAttemptedError
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import array, described

SHARES = {
    "slice": True,
    "mask": False,
    "transpose": True,
    "sum": False,
    "reshape of the transpose": False,
}
BELIEFS = {
    frozenset(SHARES): "reversed",
    frozenset({"slice", "transpose"}): "everything-copies",
    frozenset({"mask", "sum", "reshape of the transpose"}): "everything-shares",
    frozenset({"mask", "reshape of the transpose"}): "only-arithmetic-copies",
    frozenset({"slice", "mask"}): "brackets-the-other-way",
    frozenset({"transpose", "reshape of the transpose"}): "shapes-the-other-way",
}
"""Several wrong guesses at once that come from one belief."""
SINGLE = {
    "slice": "slice-copies",
    "mask": "mask-is-a-view",
    "transpose": "transpose-moves",
    "sum": "zero-adds-nothing",
    "reshape of the transpose": "reshape-never-copies",
}


def verdict(*, my_guess: Mapping[str, Any]) -> Verdict:
    """Look for a belief behind all wrong guesses, then talk about the first of them."""
    for name in SHARES:
        if my_guess.get(name) is None or my_guess[name] is ...:
            raise NotAttemptedError(f'my_guess["{name}"]')
    guesses = {name: _truth(my_guess[name]) for name in SHARES}
    for name, guess in guesses.items():
        if guess is None:
            given = described(my_guess[name])
            return unexpected(f'`my_guess["{name}"]` should be True or False, and is {given}.')
    wrong = frozenset(name for name, shares in SHARES.items() if guesses[name] != shares)
    if not wrong:
        return None
    if wrong in BELIEFS:
        return mistaken(BELIEFS[wrong])
    return mistaken(next(SINGLE[name] for name in SHARES if name in wrong))


def _truth(value: Any) -> bool | None:
    """True or False from Python, NumPy or torch; None for anything else."""
    found = None if isinstance(value, str) else array(value)
    if found is None or found.size != 1 or found.item() not in (0, 1):
        return None
    return bool(found.item())


EXERCISE = Exercise(
    key="share-memory",
    page="tensors",
    tests="Tells views from copies, and says what strides can describe.",
    minutes=6,
    answers={"my_guess": "dict"},
    hints=(
        "For each of the five ask: could start, shape and strides over the numbers of `base` "
        "describe it, so that no number has to be moved or computed?",
        "You can find out: write into a tensor in place, with `+=` or `[...] =`, and look at "
        "`base`. Print the `.stride()` of those that you are not sure about.",
        "A stride is one jump, the same all along its axis. Write down at which places of "
        "`base` the entries of each tensor lie, in order, and look at the jumps.",
    ),
    mistakes={
        "reversed": "All five guesses are turned around. Read again what is asked: True for a "
        "tensor in which `base` would show what you write.",
        "everything-copies": "You say that nothing shares memory, as if each new name came with "
        "numbers of its own. PyTorch avoids moving numbers where a new shape and new strides "
        "over the old ones will do. For which of the five will they do?",
        "everything-shares": "You say that all five share memory, because all come from `base`. "
        "A tensor that comes from another one shares its numbers only if strides can describe "
        "where they lie. Which of the five hold numbers in irregular places, or new ones?",
        "only-arithmetic-copies": "You say that only the sum copies, because only there something "
        "is computed. Choosing or rearranging numbers can need a copy as well: some choices lie "
        "at places that no stride reaches.",
        "brackets-the-other-way": "Both guesses about square brackets are the wrong way around. "
        "One of the two picks at regular distances, the other wherever a condition holds. "
        "Which one can strides describe?",
        "shapes-the-other-way": "You say that the transpose copies and that reshaping it does "
        "not. Try it with a 2x2 table: which of the two only swaps strides, and which one wants "
        "the numbers in another order along one axis?",
        "slice-copies": "Slices of Python lists are copies, and you expect the same here. A slice "
        "of a tensor is read with the same strides from another start: does that need a copy?",
        "mask-is-a-view": "You say that a mask gives a view, as a slice does. The entries for "
        "which a condition holds can lie anywhere: which strides would jump from one to the "
        "next?",
        "transpose-moves": "You say that the transpose is a block of its own, as if its numbers "
        "had been moved. Compare `base.stride()` with `base.T.stride()`.",
        "zero-adds-nothing": "You say that `base + 0` shares memory, because no number changes. "
        "An operator does not look at numbers: does it write its result into its inputs, or "
        "somewhere else?",
        "reshape-never-copies": "You say that `reshape` gives a view. It does where it can. Write "
        "down at which places of `base` the twelve entries lie: is it the same jump each time?",
    },
    right="What strides can describe is a view; what they cannot, or what is computed, is new.",
    verdict=verdict,
)
