"""Measure how much longer a Python loop takes than NumPy and PyTorch.

A ratio measured while a page runs would differ in every build, so `make times` writes
it down beside the package, and the chapter on tensors asks `dlglimpse.loop_times()`.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

FILE = Path("src") / "dlglimpse" / "_data" / "loop_times.json"
ROUNDS = 15


def _loop(numbers: list[float]) -> float:
    total = 0.0
    for number in numbers:
        total = total + number
    return total


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measure(root: Path) -> None:
    """Write the medians of the ratios, round by round, of summing a million numbers."""
    torch.set_num_threads(1)
    numbers = [0.5] * 1_000_000
    array, tensor = np.array(numbers), torch.tensor(numbers)
    rivals: dict[str, Callable[[], object]] = {"NumPy": array.sum, "PyTorch": tensor.sum}
    ratios: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(ROUNDS):
        loop = _seconds(lambda: _loop(numbers))
        for name, run in rivals.items():
            ratios[name].append(loop / _seconds(run))
    medians = {name: round(statistics.median(values)) for name, values in ratios.items()}
    (root / FILE).parent.mkdir(parents=True, exist_ok=True)
    (root / FILE).write_text(json.dumps(medians) + "\n", encoding="utf-8")
