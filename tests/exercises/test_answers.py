"""Every wrong answer gets its own hint, and no right one is refused."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import torch

from bookmaker.parts import parts
from bookmaker.sources import contents
from dlglimpse import check, hint
from dlglimpse.exercises import exercises
from exercises.answers import Answer, known_answers

SEEDS = range(25)
RIGHT = [(a.key, name, f) for a in known_answers().values() for name, f in a.right.items()]
WRONG = [
    (a.key, a.mistakes[name], name, f)
    for a in known_answers().values()
    for name, f in a.wrong.items()
]


@pytest.mark.parametrize(("key", "name", "answer"), RIGHT, ids=[f"{k} {n}" for k, n, _ in RIGHT])
def test_right_answers_pass(key: str, name: str, answer: Answer) -> None:
    for seed in SEEDS:
        torch.manual_seed(seed)
        result = check(key, **answer())
        assert result.passed, f"seed {seed}: {result}"
        assert result.mistake is None
        assert result.hint


@pytest.mark.parametrize(
    ("key", "mistake", "name", "answer"), WRONG, ids=[f"{k} {n}" for k, _, n, _ in WRONG]
)
def test_wrong_answers_get_their_own_hint(
    key: str, mistake: str, name: str, answer: Answer
) -> None:
    for seed in SEEDS:
        torch.manual_seed(seed)
        result = check(key, **answer())
        assert result.mistake == mistake, f"seed {seed}: {result}"
        assert result.status in ("wrong", "error")
        assert not result.passed
        assert "{" not in result.hint.splitlines()[0], "a value was not filled in"


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.key)
def test_exercises_are_complete(exercise) -> None:
    answers = known_answers()[exercise.key]
    assert len(exercise.mistakes) >= 6
    assert len(answers.right) >= 3
    assert set(answers.mistakes.values()) == set(exercise.mistakes)
    assert len(exercise.hints) >= 2
    assert len(set(exercise.mistakes.values())) == len(exercise.mistakes)
    assert set(exercise.errors.values()) <= set(exercise.mistakes)
    for pattern in exercise.errors:
        re.compile(pattern)
    assert [hint(exercise.key, n + 1) for n in range(len(exercise.hints))] == [*exercise.hints]
    assert 1 <= exercise.minutes <= 60


def test_every_known_answer_has_its_exercise() -> None:
    assert known_answers().keys() == {exercise.key for exercise in exercises().values()}


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.key)
def test_blanks_are_not_attempted_and_named(exercise) -> None:
    needed = [name for name in exercise.answers if name not in exercise.optional]
    for blank in (None, ...):
        result = check(exercise.key, **dict.fromkeys(needed, blank))
        assert result.status == "not attempted"
        assert all(f"`{name}`" in result.hint for name in needed)
    assert check(exercise.key).status == "not attempted"


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.key)
def test_nothing_that_is_passed_in_raises(exercise) -> None:
    odd = [0, -1.5, "text", [], {}, (), object(), torch.nn, int, len, print, True, 1j]
    odd += [torch.tensor([]), torch.tensor(float("nan")), torch.zeros(2, 3, 4), lambda: None]
    odd += [lambda *a, **k: None, lambda *a, **k: a, torch.nn.Linear(2, 2), float("inf")]
    for value in odd:
        result = check(exercise.key, **dict.fromkeys(exercise.answers, value))
        assert result.status in ("wrong", "error", "not attempted"), repr(value)
        assert result.hint
        assert "cannot read this answer" not in result.hint, f"{value!r}: {result}"


@pytest.mark.parametrize(("key", "name", "answer"), RIGHT, ids=[f"{k} {n}" for k, n, _ in RIGHT])
def test_checks_leave_objects_and_random_states_alone(key, name, answer) -> None:
    torch.manual_seed(3)
    given = answer()
    tensors = {k: v for k, v in given.items() if isinstance(v, torch.Tensor)}
    before = {k: v.detach().clone() for k, v in tensors.items()}
    models = {k: v for k, v in given.items() if isinstance(v, torch.nn.Module)}
    states = {k: copy.deepcopy(v.state_dict()) for k, v in models.items()}
    state = torch.get_rng_state()
    check(key, **given)
    assert torch.equal(torch.get_rng_state(), state)
    for k, v in tensors.items():
        assert torch.equal(v.detach(), before[k])
    for k, v in models.items():
        assert all(torch.equal(v.state_dict()[n], states[k][n]) for n in states[k])


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.key)
def test_an_answer_that_came_out_as_none_is_told_why(exercise) -> None:
    for name, note in exercise.nothing.items():
        assert note in check(exercise.key, **{name: None}).hint
        assert note not in check(exercise.key, **{name: ...}).hint
        assert note not in check(exercise.key).hint


@pytest.mark.parametrize("exercise", exercises().values(), ids=lambda e: e.key)
def test_texts_read_well_in_a_terminal_and_in_a_notebook(exercise) -> None:
    texts = [*exercise.hints, *exercise.mistakes.values(), *exercise.nothing.values()]
    for text in [*texts, exercise.right, exercise.tests]:
        assert text.count("`") % 2 == 0
        assert not re.search(r"\*\w+\*", re.sub(r"`[^`]*`", "", text)), "code is all that is marked"
        assert text.endswith((".", "?", ".)", "?)")), text


def test_no_hint_says_what_the_solution_says() -> None:
    """No line of a solution's code stands in a hint."""
    root = Path(__file__).parents[2]
    for page in filter(lambda page: page.runs, contents(root)):
        cells = [part for part in parts(page) if part.label and part.kind == "cell"]
        started = {
            line.strip() for part in cells if not part.solving for line in part.text.split("\n")
        }
        for part in (part for part in cells if part.solving):
            exercise = exercises().get(part.label)
            lines = {line.strip() for line in part.text.split("\n")} - started
            told = [*exercise.hints, *exercise.mistakes.values()] if exercise else []
            for line in lines:
                assignment = line.partition(" = ")[2] or line.removeprefix("return ")
                if len(assignment) > 8 and not assignment.startswith(("print", "import", "for ")):
                    assert not any(assignment in text for text in told), f"{part.label}: {line}"
