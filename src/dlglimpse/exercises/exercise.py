"""What an exercise knows: its answers, its hints, and the mistakes it recognizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["any", "class", "dict", "function", "list", "model", "number", "numbers", "tensor"]


@dataclass(frozen=True)
class Wrong:
    """An answer that is not right: a recognized mistake, or what was found instead."""

    mistake: str | None
    values: Mapping[str, object]
    found: str = ""


def mistaken(mistake: str, **values: object) -> Wrong:
    """A mistake from the exercise's table; `values` fill the braces of its hint."""
    return Wrong(mistake, values)


def unexpected(found: str) -> Wrong:
    """A wrong answer that shows no known mistake: say which property fails, and how."""
    return Wrong(None, {}, found)


Verdict = Wrong | None
"""What is wrong with an answer; None if it is right."""


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """An exercise of the book, as its checker sees it.

    Attributes
    ----------
    key
        How students name it: "1.1", or the slug of an extra one. Its label in the page is
        `ex-1-1`, its module `ex_1_1`.
    page
        The slug of its page.
    tests
        What it tests, in one sentence for teachers.
    minutes
        How long a student takes for it.
    answers
        The name of each answer, and its kind (see `given`).
    optional
        Names of answers that may be left out.
    hints
        In order; each says more than the last, none gives the solution away.
    mistakes
        Hint by id of the misconception, in the student's terms, with `{braces}` for values.
    errors
        Regular expressions, searched in what the student's code raised and in the line of
        code that did, and the mistakes they give away.
    nothing
        By answer: what to tell somebody whose answer is None, if computing it can end so.
    right
        What a right answer shows, in a sentence or two.
    verdict
        Takes the answers by name; returns None, `mistaken(...)` or `unexpected(...)`.
    """

    key: str
    page: str
    tests: str
    minutes: int
    answers: Mapping[str, Kind]
    hints: tuple[str, ...]
    mistakes: Mapping[str, str]
    right: str
    verdict: Callable[..., Verdict]
    optional: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)
    nothing: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The label of the exercise in its page."""
        return label(self.key)

    def words(self, wrong: Wrong) -> str:
        """The hint for a wrong answer, with its values filled in."""
        if wrong.mistake is None:
            return wrong.found
        values: dict[str, Any] = dict(wrong.values)
        return self.mistakes[wrong.mistake].format(**values)


def label(key: str) -> str:
    """The label of an exercise, from any of the names that people give it.

    >>> label("1.1"), label("ex-1-1"), label("share-memory")
    ('ex-1-1', 'ex-1-1', 'ex-share-memory')
    """
    slug = key.strip().lower().replace(".", "-").replace("_", "-")
    return slug if slug.startswith("ex-") else f"ex-{slug}"
