"""Answers to the exercise on counting parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from exercises.answers import Answers

ANSWERS = Answers("count-parameters")


def given(count: Callable[[Sequence[int]], Any]) -> dict[str, Any]:
    return {"count": count}


@ANSWERS.passes("a generator in a sum")
def _() -> dict[str, Any]:
    return given(lambda sizes: sum(a * b + b for a, b in pairwise(sizes)))


@ANSWERS.passes("a loop with an index, plus one for the bias")
def _() -> dict[str, Any]:
    def count(sizes: Sequence[int]) -> int:
        total = 0
        for k in range(1, len(sizes)):
            total += (sizes[k - 1] + 1) * sizes[k]
        return total

    return given(count)


@ANSWERS.passes("with NumPy")
def _() -> dict[str, Any]:
    return given(lambda sizes: np.dot(sizes[:-1], sizes[1:]) + np.sum(sizes[1:]))


@ANSWERS.passes("as a tensor")
def _() -> dict[str, Any]:
    def count(sizes: Sequence[int]) -> torch.Tensor:
        s = torch.tensor(sizes)
        return (s[:-1] * s[1:]).sum() + s[1:].sum()

    return given(count)


@ANSWERS.passes("by building the layers after all")
def _() -> dict[str, Any]:
    def count(sizes: Sequence[int]) -> int:
        layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        return sum(p.numel() for layer in layers for p in layer.parameters())

    return given(count)


def right(sizes: Sequence[int]) -> int:
    return sum(a * b + b for a, b in pairwise(sizes))


@ANSWERS.shows("no-biases")
def _() -> dict[str, Any]:
    return given(lambda sizes: sum(a * b for a, b in pairwise(sizes)))


@ANSWERS.shows("biases-of-inputs")
def _() -> dict[str, Any]:
    return given(lambda sizes: sum(a * b for a, b in pairwise(sizes)) + sum(sizes))


@ANSWERS.shows("biases-on-the-wrong-side")
def _() -> dict[str, Any]:
    return given(lambda sizes: sum(a * b + a for a, b in pairwise(sizes)))


@ANSWERS.shows("one-bias-per-layer")
def _() -> dict[str, Any]:
    return given(lambda sizes: sum(a * b for a, b in pairwise(sizes)) + len(sizes) - 1)


@ANSWERS.shows("units")
def _() -> dict[str, Any]:
    return given(sum)


@ANSWERS.shows("all-multiplied")
def _() -> dict[str, Any]:
    return given(math.prod)


@ANSWERS.shows("last-layer-forgotten")
def _() -> dict[str, Any]:
    def count(sizes: Sequence[int]) -> int:
        return sum(sizes[k] * sizes[k + 1] + sizes[k + 1] for k in range(len(sizes) - 2))

    return given(count)


@ANSWERS.shows("first-layer-forgotten")
def _() -> dict[str, Any]:
    return given(lambda sizes: right(sizes[1:]))


@ANSWERS.shows("sums-for-products")
def _() -> dict[str, Any]:
    return given(lambda sizes: sum(a + b + b for a, b in pairwise(sizes)))


@ANSWERS.shows("one-number")
def _() -> dict[str, Any]:
    return given(lambda sizes: 19)


@ANSWERS.shows("layer-by-layer")
def _() -> dict[str, Any]:
    return given(lambda sizes: [a * b + b for a, b in pairwise(sizes)])


@ANSWERS.shows("returns-none")
def _() -> dict[str, Any]:
    return given(lambda sizes: print(right(sizes)))


@ANSWERS.shows("off-the-end")
def _() -> dict[str, Any]:
    def count(sizes: Sequence[int]) -> int:
        total = 0
        for k in range(len(sizes)):
            total += sizes[k] * sizes[k + 1] + sizes[k + 1]
        return total

    return given(count)
