"""The exercises of the book: an answer in, a typed result with a hint out.

Each exercise is one module, `ex_1_1` for exercise 1.1, with one `EXERCISE`. Nobody but
`dlglimpse` itself imports from here.
"""

from dlglimpse.exercises.checking import check, exercises, hint
from dlglimpse.exercises.exercise import Exercise
from dlglimpse.exercises.results import Result

__all__ = ["Exercise", "Result", "check", "exercises", "hint"]
