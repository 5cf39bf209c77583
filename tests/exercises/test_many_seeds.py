"""Answers that draw weights: ten thousand seeds, and not one right answer refused."""

from __future__ import annotations

import pytest
import torch

from dlglimpse import check
from exercises.answers import known_answers

N_SEEDS, CHUNK = 10_000, 500
DRAWN = ("1.4", "2.8")
USUAL = [
    ("1.4", "normal-weights"),
    ("1.4", "unit-interval"),
    ("1.4", "biases-too"),
    ("2.8", "variance-for-std"),
    ("2.8", "fan-in-only"),
    ("2.8", "gain-added"),
    ("2.8", "bound-for-std"),
    ("2.8", "biases-too (by the layer's formula)"),
]


@pytest.mark.parametrize("first", range(0, N_SEEDS, CHUNK))
@pytest.mark.parametrize("key", DRAWN)
def test_no_right_answer_is_refused(key: str, first: int) -> None:
    answer = next(iter(known_answers()[key].right.values()))()
    for seed in range(first, first + CHUNK):
        torch.manual_seed(seed)
        assert check(key, **answer).passed, f"seed {seed}"


@pytest.mark.parametrize(("key", "name"), USUAL)
def test_usual_mistakes_are_told_apart(key: str, name: str) -> None:
    answers = known_answers()[key]
    mistake, seeds = answers.mistakes[name], range(500)
    recognized = 0
    for seed in seeds:
        torch.manual_seed(seed)
        result = check(key, **answers.wrong[name]())
        assert not result.passed, f"seed {seed}"
        recognized += result.mistake == mistake
    assert recognized >= 0.99 * len(seeds)
