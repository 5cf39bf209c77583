"""Answers that students give: right ones, written differently, and wrong ones with a name.

Each exercise has one module beside this one, `answers_1_1.py` for exercise 1.1, with one
`ANSWERS`. An answer is a function that takes nothing and returns the answers by name; it
is called right after the global generator got a seed, so what it draws varies with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

Answer = Callable[[], dict[str, Any]]


@dataclass
class Answers:
    """The known answers to one exercise, by name."""

    key: str
    right: dict[str, Answer] = field(default_factory=dict)
    wrong: dict[str, Answer] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)
    """The mistake that each wrong answer shows."""

    def passes(self, name: str) -> Callable[[Answer], Answer]:
        """Note a right answer; `name` says how it is written."""

        def note(answer: Answer) -> Answer:
            assert name not in self.right, f"two right answers are called {name!r}"
            self.right[name] = answer
            return answer

        return note

    def shows(self, mistake: str, name: str = "") -> Callable[[Answer], Answer]:
        """Note a wrong answer that shows this mistake; `name` tells several apart."""

        def note(answer: Answer) -> Answer:
            title = f"{mistake} ({name})" if name else mistake
            assert title not in self.wrong, f"two wrong answers are called {title!r}"
            self.wrong[title], self.mistakes[title] = answer, mistake
            return answer

        return note


@cache
def known_answers() -> dict[str, Answers]:
    """All known answers by the key of their exercise."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("answers_*.py"))
    found = [import_module(f"exercises.{name}").ANSWERS for name in names]
    return {answers.key: answers for answers in found}
