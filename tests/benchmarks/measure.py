"""Time and peak memory of rivals that compute the same, as ratios from one run.

Times are those of the processor, with one thread: what else the machine does counts
less then.
"""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5
LONG = 3.0
"""Seconds after which a rival gets no further round, once it had two."""

NOISE = 4 * 2**20
"""Bytes below which a peak of resident memory says nothing about a run."""


@dataclass(frozen=True)
class Cost:
    """Seconds of each round, and the peak of memory above the start, in bytes."""

    seconds: tuple[float, ...]
    peak: int | None

    def ratio(self, to: Cost) -> float:
        """The fastest round of this one over the fastest of the other: noise only adds."""
        return min(self.seconds) / min(to.seconds)

    def memory_ratio(self, to: Cost) -> float | None:
        """Peak memory over the other's, where this system tells it and it is no noise."""
        if self.peak is None or to.peak is None or max(self.peak, to.peak) < NOISE:
            return None
        return self.peak / to.peak


def compare(rivals: Mapping[str, Callable[[], Any]]) -> dict[str, Cost]:
    """Run the rivals in turn, round by round, so that noise hits them alike.

    The first round only warms up. Results are dropped before the next rival runs.
    """
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for run in rivals.values():
        run()
    for _ in range(ROUNDS):
        for name, run in rivals.items():
            if len(seconds[name]) >= 2 and sum(seconds[name]) > LONG:
                continue
            gc.collect()
            seconds[name].append(_timed(run))
    return {name: Cost(tuple(seconds[name]), peak_memory(run)) for name, run in rivals.items()}


def _timed(run: Callable[[], Any]) -> float:
    start = time.process_time()
    run()
    first = time.process_time() - start
    repeats = min(50, int(0.02 / first))
    if repeats < 2:
        return first
    start = time.process_time()
    for _ in range(repeats):
        run()
    return (time.process_time() - start) / repeats


def peak_memory(run: Callable[[], Any]) -> int | None:
    """How far the resident memory of this process rises during a run, in bytes.

    Linux keeps the high-water mark and can reset it; elsewhere the answer is None.
    """
    reset, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    if not reset.exists():
        return None
    gc.collect()
    # Freed memory that the allocator keeps would hide what a run takes from it.
    ctypes.CDLL(None).malloc_trim(0)
    reset.write_text("5")
    before = _kilobytes(status, "VmRSS:")
    result = run()
    after = _kilobytes(status, "VmHWM:")
    del result
    return max(after - before, 1) * 1024


def _kilobytes(status: Path, key: str) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith(key))
    return int(line.split()[1])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, numbers to the right."""
    align = ["---", *["--:"] * (len(head) - 1)]
    lines = [head, align, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def times(ratio: float | None) -> str:
    """A ratio in a table: two significant digits, or a dash where there is none."""
    if ratio is None:
        return "–"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"
