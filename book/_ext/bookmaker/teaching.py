"""The exercises of the book as a teacher sees them: what each tests, and what it recognizes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from bookmaker.fences import blocks
from bookmaker.parts import parts
from bookmaker.questions import KINDS, Question, parse
from bookmaker.sources import Page, contents

if TYPE_CHECKING:
    from dlglimpse.exercises import Exercise

_NOTE = re.compile(r"^% (tests|minutes): (.+)$", re.MULTILINE)
_VALUE = re.compile(r"\{\w+(?:![ars])?(?::[^{}]*)?\}\.?")


@dataclass
class Task:
    """An exercise of a page, and the check that belongs to it, if it has one."""

    page: str
    label: str
    title: str
    line: int
    check: Exercise | None
    calls: set[str] = field(default_factory=set)
    """The names under which its cells ask for a check."""
    questions: list[Question] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def tests(self) -> str:
        """What it tests, from its check, or from a comment in the page."""
        return self.check.tests if self.check else self.notes.get("tests", "")

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return self.check.minutes if self.check else int(self.notes.get("minutes", 0))

    @property
    def recognized(self) -> dict[str, str]:
        """What a student reads, by mistake, or by wrong choice."""
        if self.check:
            return {
                f"`{name}`": _VALUE.sub("…", text) for name, text in self.check.mistakes.items()
            }
        return {
            choice.text: choice.explanation
            for question in self.questions
            for choice in question.choices
            if not choice.right
        }


def tasks(root: Path) -> list[Task]:
    """All exercises of the book, in its order."""
    # Imported late: the package needs torch, which takes seconds.
    from dlglimpse.exercises import exercises

    known = exercises()
    return [task for page in contents(root) if page.runs for task in _tasks(page, known)]


def _tasks(page: Page, known: Mapping[str, Exercise]) -> Iterator[Task]:
    task = None
    for part in parts(page):
        if part.kind == "exercise":
            check = known.get(part.label)
            task = Task(page.name, part.label, part.text, part.line, check)
            yield task
        elif part.kind in ("end", "solution"):
            task = None
        elif task and part.kind == "cell":
            task.calls |= set(re.findall(r'^check\(\s*"([^"]+)"', part.text, re.MULTILINE))
        elif task:
            task.notes |= dict(_NOTE.findall(part.text))
            for block in blocks(part.text.split("\n"), part.line):
                if block.name in KINDS:
                    task.questions.append(parse(block))


class ExerciseList(SphinxDirective):
    """For each exercise what it tests, how long it takes, and the mistakes it recognizes."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        for page in contents(root):
            self.env.note_dependency(str(page.path))
        lines, chapter = [], ""
        for task in tasks(root):
            if task.page != chapter:
                chapter = task.page
                lines += [f":::{{rubric}} {{doc}}`{chapter}`", ":::", ""]
            lines += [*_described(task), ""]
        found = nodes.container()
        self.state.nested_parse(
            StringList(lines, source=self.env.docname), self.content_offset, found
        )
        return list(found.children)


def _described(task: Task) -> list[str]:
    """An exercise as MyST: a line, a sentence, and a folded table."""
    count = len(task.recognized)
    rows = [f"| {_cell(name)} | {_cell(text)} |" for name, text in task.recognized.items()]
    return [
        f"**{{ref}}`{task.title} <{task.label}>`**, about {task.minutes} minutes.",
        task.tests,
        "",
        f"````{{admonition}} {count} mistakes it recognizes",
        ":class: dropdown",
        "| mistake | what the student reads |",
        "| --- | --- |",
        *rows,
        "````",
    ]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
