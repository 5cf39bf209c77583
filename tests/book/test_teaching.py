"""The exercises and questions of the real book, page and check against each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bookmaker.fences import blocks
from bookmaker.parts import parts
from bookmaker.questions import KINDS, Question, parse
from bookmaker.sources import contents
from bookmaker.teaching import tasks
from dlglimpse.exercises import exercises

ROOT = Path(__file__).parents[2]
TASKS = tasks(ROOT)


def questions() -> list[Question]:
    """All questions of the book."""
    found = [
        block
        for page in contents(ROOT)
        if page.runs
        for part in parts(page)
        for block in blocks(part.text.split("\n"), part.line)
        if part.kind == "prose" and block.name in KINDS
    ]
    return [parse(block) for block in found]


def test_every_check_has_its_exercise_and_names_its_page() -> None:
    pages = {task.label: task.page for task in TASKS}
    assert {each.label: each.page for each in exercises().values()}.items() <= pages.items()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.label)
def test_an_exercise_asks_for_its_own_check_or_asks_a_question(task) -> None:
    if task.check is None:
        assert task.questions
        assert not task.calls
    else:
        assert task.calls == {task.check.key}
    assert task.tests.endswith(".")
    assert 1 <= task.minutes <= 60
    assert task.recognized


def test_the_exercises_of_the_course_are_there() -> None:
    labels = {task.label for task in TASKS}
    assert {f"ex-1-{k}" for k in range(1, 5)} | {f"ex-2-{k}" for k in range(1, 12)} <= labels


def test_no_page_is_left_with_a_prediction_that_cannot_be_made() -> None:
    for page in contents(ROOT):
        assert "{admonition} Predict" not in page.path.read_text(encoding="utf-8"), page.slug


def test_no_position_gives_the_right_choice_away() -> None:
    asked = [question for question in questions() if question.choices]
    assert len(asked) >= 30
    assert [question.slug for question in asked if question.problems] == []
    positions = Counter(
        [choice.right for choice in question.choices].index(True) for question in asked
    )
    assert max(positions.values()) <= len(asked) / 2
    assert min(positions[k] for k in range(3)) >= len(asked) / 5
    longest = [
        question.slug
        for question in asked
        if len(next(c.text for c in question.choices if c.right))
        == max(len(c.text) for c in question.choices)
    ]
    assert len(longest) <= len(asked) / 3, "the right choice is too often as long as any"


def test_slugs_are_there_once() -> None:
    counts = Counter(question.slug for question in questions())
    assert [slug for slug, count in counts.items() if count > 1] == []
    assert sum(question.kind == "guess" for question in questions()) >= 4
