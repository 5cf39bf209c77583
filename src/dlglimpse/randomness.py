"""Randomness as an argument: seeds at the border, global states left alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Generator

from dlglimpse.errors import GlimpseError


def seeded(seed: int | None) -> Generator:
    """A generator of its own: from `seed`, or from fresh entropy if that is None."""
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    elif isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise GlimpseError(
            "a seed is an integer that is not negative, or None for a fresh one",
            given=f"seed={seed!r}",
            hint="try `seed=0`",
        )
    else:
        generator.manual_seed(seed)
    return generator


@contextmanager
def undisturbed_randomness() -> Iterator[None]:
    """Put every global random state back as it was: torch, NumPy and Python."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
