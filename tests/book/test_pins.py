"""requirements.txt is the whole environment, on every Python that the book supports."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYTHONS = ["3.11", "3.12", "3.13"]
# What pip installs for whoever takes the build of PyTorch with CUDA.
CUDA = ("nvidia-", "cuda-", "triton")


def pins(text: str) -> dict[str, str]:
    """Return version by name."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = [line.partition("==") for line in lines]
    return {canonicalize_name(name): pin for name, _, pin in found}


PINS = pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))


def needed(name: str, extras: set[str], python: str) -> Iterator[Requirement]:
    """Yield what a distribution asks for on a Python, with the extras that are wanted."""
    where = {"python_version": python, "python_full_version": f"{python}.9"}
    for text in distribution(name).requires or []:
        wanted = Requirement(text)
        marks = [{**where, "extra": extra} for extra in ("", *sorted(extras))]
        if wanted.marker is None or any(map(wanted.marker.evaluate, marks)):
            yield wanted


def unpinned(names: dict[str, str], python: str) -> set[str]:
    """Return who needs what that has no pin, or a pin that does not do."""
    extras: dict[str, set[str]] = {name: set() for name in names}
    queue, found = list(names), set()
    while queue:
        name = queue.pop()
        for wanted in needed(name, extras[name], python):
            other = canonicalize_name(wanted.name)
            if other.startswith(CUDA):
                continue
            if other not in names or not wanted.specifier.contains(names[other]):
                found.add(f"{name} needs {wanted.name}{wanted.specifier}")
            elif not wanted.extras <= extras[other]:
                extras[other] |= wanted.extras
                queue.append(other)
    return found


@pytest.mark.parametrize("python", PYTHONS)
def test_whatever_is_needed_is_pinned(python: str) -> None:
    assert unpinned(PINS, python) == set()


def test_a_missing_pin_is_found() -> None:
    without = {name: pin for name, pin in PINS.items() if name not in ("setuptools", "jinja2")}
    found = unpinned(without, "3.12")
    assert "myst-parser needs jinja2" in found
    assert any(line.startswith("torch needs setuptools") for line in found)
    old = unpinned({**PINS, "numpy": "1.20"}, "3.11")
    assert any(line.startswith("scipy needs numpy") for line in old)


def test_this_environment_is_the_pinned_one() -> None:
    found = {name: version(name).partition("+")[0] for name in PINS}
    assert found == PINS
