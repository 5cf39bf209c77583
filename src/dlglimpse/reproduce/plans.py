"""What is trained for Table 1 of Glorot and Bengio (2010), and in how many updates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.ensembles import draw_seed
from dlglimpse.errors import GlimpseError, one_of
from dlglimpse.networks import mlp
from dlglimpse.schemes import Default, GlorotUniform, Scheme
from dlglimpse.shapeset import SHAPESET_CLASSES, SIDE, shapeset

_STANDARD, _NORMALIZED = Default(bias="zeros"), GlorotUniform(bias="zeros")

CONFIGURATIONS: dict[str, tuple[str, Scheme]] = {
    "softsign": ("softsign", _STANDARD),
    "softsign N": ("softsign", _NORMALIZED),
    "tanh": ("tanh", _STANDARD),
    "tanh N": ("tanh", _NORMALIZED),
    "sigmoid": ("sigmoid", _STANDARD),
    "sigmoid N": ("sigmoid", _NORMALIZED),
}
"""Activation and scheme by the name in the paper, where N is normalized; the last is ours."""

TABLE = ("softsign", "softsign N", "tanh", "tanh N", "sigmoid")
"""The rows of the paper's table that are trained without pretraining."""

BLOCK = 100
"""Updates for which images are drawn at once."""

# A seed has independent branches: for the weights, the stream and the images to measure on.
_WEIGHTS, _STREAM, _TEST, _VALIDATION = range(4)
_HELD_OUT = 2010


@dataclass(frozen=True)
class Run:
    """One network to train: its configuration, its learning rate and its seed."""

    configuration: str
    rate: float
    seed: int


@dataclass(frozen=True)
class Plan:
    """Which networks are trained, on what, and how long.

    Parameters
    ----------
    runs
        The networks. Those with one seed see the same images in the same order, and start
        from the same random numbers, scaled by their schemes.
    updates, every
        How many updates each gets, and after how many the error is measured.
    batch, width, depth
        Images in each update, units in each hidden layer, and how many of these there are.
    test_size, purpose
        How many images the error is measured on, and whether for a "test", or for
        "validation", when something is chosen by it: these are other images.

    Raises
    ------
    GlimpseError
        If a configuration is unknown, or a rate or a count is not positive.

    Examples
    --------
    >>> Plan((Run("tanh N", 0.1, seed=0),), updates=100, every=50, width=10).sizes
    (1024, 10, 10, 10, 10, 10, 9)
    """

    runs: tuple[Run, ...]
    updates: int
    every: int
    batch: int = 10
    width: int = 1000
    depth: int = 5
    test_size: int = 10_000
    purpose: str = "test"

    def __post_init__(self) -> None:
        for name in ("updates", "every", "batch", "width", "depth", "test_size"):
            _positive(name, getattr(self, name))
        if self.updates % self.every:
            raise GlimpseError(
                "the last error is measured after the last update, so one divides the other",
                given=f"updates={self.updates}, every={self.every}",
                hint=f"try `updates={-(-self.updates // self.every) * self.every}`",
            )
        if not self.runs or len(set(self.runs)) < len(self.runs):
            raise GlimpseError(
                "a plan needs networks, each of them once",
                given=f"{len(self.runs)} runs, {len(set(self.runs))} of them different",
                hint="try each configuration and each seed once",
            )
        one_of(self.purpose, ("test", "validation"), "purpose")
        for run in self.runs:
            one_of(run.configuration, CONFIGURATIONS, "configuration")
            if not run.rate > 0:
                raise GlimpseError(
                    "a learning rate is positive",
                    given=f"{run.rate} for {run.configuration}",
                    hint="try 0.1",
                )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of each layer, inputs first."""
        return (SIDE * SIDE, *[self.width] * self.depth, len(SHAPESET_CLASSES))

    def network(self, run: Run) -> nn.Sequential:
        """The network of a run before its first update, on the CPU."""
        activation, scheme = CONFIGURATIONS[run.configuration]
        return mlp(self.sizes, activation, scheme, seed=draw_seed(run.seed, _WEIGHTS))

    def held_out(self) -> tuple[Tensor, Tensor]:
        """Images of shape `(n, 1024)` on which the error is measured, and their classes."""
        branch = _TEST if self.purpose == "test" else _VALIDATION
        images, classes = shapeset(self.test_size, seed=draw_seed(_HELD_OUT, branch))
        return images.flatten(1), classes


def paired(rates: dict[str, float], seeds: Iterable[int]) -> tuple[Run, ...]:
    """Every configuration with its learning rate, for every seed.

    Examples
    --------
    >>> len(paired({"tanh": 0.1, "tanh N": 0.1}, seeds=range(3)))
    6
    """
    return tuple(Run(name, rate, seed) for seed in seeds for name, rate in rates.items())


def stream(seed: int, batch: int, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of images of shape `(n, 1024)` and their classes, without end.

    What belongs to update t depends on nothing but the seed and t: the number of updates
    done is all that must be kept to go on.

    Parameters
    ----------
    seed, batch
        Seed of the run and images in each batch, n.
    start
        The number of the first batch to draw.

    Examples
    --------
    >>> images, classes = next(stream(0, 10, start=250))
    >>> images.shape, classes.shape
    (torch.Size([10, 1024]), torch.Size([10]))
    """
    source = draw_seed(seed, _STREAM)
    block, skipped = divmod(start, BLOCK)
    while True:
        images, classes = shapeset(BLOCK * batch, seed=draw_seed(source, block))
        batches = zip(
            torch.split(images.flatten(1), batch), torch.split(classes, batch), strict=True
        )
        yield from islice(batches, skipped, None)
        block, skipped = block + 1, 0


def error(model: nn.Module, images: Tensor, classes: Tensor) -> float:
    """Which share of the images a model takes for something else, from 0 to 1."""
    with torch.no_grad():
        guesses = torch.cat([model(part).argmax(dim=1) for part in torch.split(images, 1000)])
    return (guesses != classes).float().mean().item()


def _positive(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise GlimpseError(
            f"`{name}` must be a positive integer",
            given=f"{name}={value!r}",
            hint=f"try `{name}=100`",
        )
