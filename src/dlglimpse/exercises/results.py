"""What a check says: a typed result that reads well in a terminal and in a notebook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Literal

Status = Literal["not attempted", "wrong", "right", "error"]

_HEADINGS: dict[Status, tuple[str, str]] = {
    "not attempted": ("○", "Not attempted yet."),
    "wrong": ("✗", "Not yet."),
    "right": ("✓", "Right."),
    "error": ("!", "Your code raised an error."),
}
# A middle tone of its own for each status, told apart from white and from black.
_COLORS: dict[Status, str] = {
    "not attempted": "#808080",
    "wrong": "#c2701a",
    "right": "#2e8b57",
    "error": "#cc4455",
}
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, repr=False)
class Result:
    """The answer of `check` to an answer.

    Attributes
    ----------
    exercise
        The key of the exercise, such as "1.1".
    status
        "not attempted", "wrong", "right" or "error".
    mistake
        The id of the misconception that was recognized, or None.
    hint
        What to look at next, in words; what was learned, if the answer is right.

    Examples
    --------
    >>> Result("1.1", "wrong", "star-for-matmul", "`c` is a 3x3 table.")
    1.1 ✗ Not yet. `c` is a 3x3 table.
    """

    exercise: str
    status: Status
    mistake: str | None
    hint: str

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    def __repr__(self) -> str:
        sign, heading = _HEADINGS[self.status]
        return f"{self.exercise} {sign} {heading} {self.hint}".rstrip()

    def _repr_html_(self) -> str:
        """Without script; colors and font are those of the notebook around it."""
        sign, heading = _HEADINGS[self.status]
        lines = _CODE.sub(r"<code>\1</code>", escape(self.hint)).replace("\n", "<br>")
        name = escape(self.exercise)
        if not name[0].isdigit():  # a slug, as `check` and `hint` take it
            name = f'<code style="white-space: nowrap">{name}</code>'
        return (
            f'<div role="status" class="dlglimpse-check" style="border-left: 0.3rem solid '
            f'{_COLORS[self.status]}; padding: 0.3rem 0.8rem; margin: 0.3rem 0">'
            f'<strong><span aria-hidden="true">{sign}</span> '
            f"Exercise {name}: {heading}</strong> {lines}</div>"
        )


class Hint(str):
    """A hint, shown without quotes where a cell ends with it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
