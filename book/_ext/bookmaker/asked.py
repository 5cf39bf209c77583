"""Questions in plain Markdown: choices as a list, explanations folded, or none on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import ascii_lowercase

from bookmaker.questions import Choice, Question

Spell = Callable[[str, int], str]
"""What puts a piece of the page, from a line of it, into plain Markdown."""


def folded(summary: str, inside: str) -> str:
    """Something to unfold; the empty lines let Markdown go on inside."""
    return f"<details>\n<summary>{summary}</summary>\n\n{inside}\n\n</details>"


def in_notebook(
    question: Question,
    spell: Spell,
    glued: Mapping[str, str],
    fold: Callable[[str, str], str] = folded,
) -> str:
    """A question with its explanations, each to unfold."""
    pieces = _asked(question, spell, "- **{letter})** {text}")
    pieces += [
        fold(f"If you say {letter}", _verdict(choice, spell))
        for letter, choice in zip(ascii_lowercase, question.choices, strict=False)
    ]
    if question.measured:
        band = glued.get(question.measured, "(not measured yet)")
        remarks = [
            f"**If you are {remark.words}:** {spell(remark.text, remark.line)}"
            for remark in question.remarks
        ]
        pieces.append(fold("What was measured", "\n\n".join([band, *remarks])))
    return "\n\n".join(pieces)


def on_paper(question: Question, spell: Spell) -> str:
    """A question with boxes to tick, or with a line for a number."""
    pieces = _asked(question, spell, "- ☐ **{letter})** {text}")
    if question.measured:
        pieces.append("My guess: ______________")
    return "\n\n".join(pieces)


def _asked(question: Question, spell: Spell, form: str) -> list[str]:
    choices = [
        form.format(letter=letter, text=spell(choice.text, choice.line))
        for letter, choice in zip(ascii_lowercase, question.choices, strict=False)
    ]
    pieces = [f"**{question.heading}**", spell(question.stem, question.stem_line)]
    return [*pieces, "\n".join(choices)] if choices else pieces


def _verdict(choice: Choice, spell: Spell) -> str:
    beginning = "**Right.**" if choice.right else "**Not so.**"
    return f"{beginning} {spell(choice.explanation, choice.explanation_line)}"
