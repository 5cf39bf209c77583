"""The data of the book: a set that is made, a set that was collected, and a measurement.

The handwritten digits are the test set of "Optical Recognition of Handwritten Digits" by
E. Alpaydin and C. Kaynak (1998, UCI Machine Learning Repository), under the license
Creative Commons Attribution 4.0, https://creativecommons.org/licenses/by/4.0/; nothing
but the format was changed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dlglimpse.errors import GlimpseError
from dlglimpse.randomness import seeded

_FOLDER = Path(__file__).parent / "_data"


def waves(n: int = 100, *, seed: int = 0, noise: float = 0.05) -> tuple[Tensor, Tensor]:
    r"""Draw a training set of two waves: a sine and a cosine, shifted and a bit noisy.

    Inputs are `x1 ~ U(-pi, pi)` and `x2 ~ U(0, 1)`; targets are
    `y1 = sin(x1) + x2 + e1` and `y2 = cos(x1) + x2 + e2`. The noise of each target, `e1`
    or `e2`, is drawn anew for each example, from `N(0, noise²)`.

    Parameters
    ----------
    n
        Number of examples, at least 1.
    seed
        Seed of a generator of its own; the global random state is not touched.
    noise
        Standard deviation of the noise, in the unit of the targets, at least 0.

    Returns
    -------
    inputs : Tensor
        `x1` and `x2` of each example, float32 of shape `(n, 2)`.
    targets : Tensor
        `y1` and `y2` of each example, float32 of shape `(n, 2)`.

    Raises
    ------
    GlimpseError
        If `n` is not a positive integer, or `noise` is negative or not finite.

    Examples
    --------
    >>> inputs, targets = waves(100, seed=0)
    >>> inputs.shape, targets.shape, inputs.dtype
    (torch.Size([100, 2]), torch.Size([100, 2]), torch.float32)
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise GlimpseError(
            "`n` counts examples and must be a positive integer",
            given=f"n={n!r}",
            hint="try `waves(100)`",
        )
    if not (math.isfinite(noise) and noise >= 0):
        raise GlimpseError(
            "`noise` is a standard deviation and must be finite and not negative",
            given=f"noise={noise!r}",
            hint="try `noise=0.05`, or `noise=0` for none",
        )
    generator = seeded(seed)
    unit = torch.rand(n, 2, generator=generator, dtype=torch.float32)
    angle, shift = math.pi * (2 * unit[:, 0] - 1), unit[:, 1]
    curves = torch.stack([angle.sin() + shift, angle.cos() + shift], dim=1)
    targets = curves + noise * torch.randn(n, 2, generator=generator, dtype=torch.float32)
    return torch.stack([angle, shift], dim=1), targets


def digits(*, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Load 1,797 handwritten digits of 8 × 8 pixels.

    Pixels are standardized with the mean and the standard deviation of all training
    pixels; a fifth of the images, drawn at random, is kept for testing.

    Parameters
    ----------
    seed
        Seed of the split into training and test images.

    Returns
    -------
    train_inputs : Tensor
        Pixels, float32 of shape `(1438, 64)`.
    train_targets : Tensor
        Class numbers, which are the digits themselves, int64 of shape `(1438,)`.
    test_inputs : Tensor
        Pixels, float32 of shape `(359, 64)`.
    test_targets : Tensor
        Class numbers, int64 of shape `(359,)`.

    References
    ----------
    E. Alpaydin and C. Kaynak (1998), "Optical Recognition of Handwritten Digits",
    UCI Machine Learning Repository, https://doi.org/10.24432/C50P49.

    Examples
    --------
    >>> train_inputs, train_targets, test_inputs, test_targets = digits()
    >>> train_inputs.shape, test_inputs.shape
    (torch.Size([1438, 64]), torch.Size([359, 64]))
    """
    with np.load(_FOLDER / "digits.npz") as file:
        inputs = torch.from_numpy(file["images"]).flatten(1).float()
        targets = torch.from_numpy(file["labels"]).long()
    order = torch.randperm(len(inputs), generator=seeded(seed))
    test, train = order[: len(order) // 5], order[len(order) // 5 :]
    mean, std = inputs[train].mean(), inputs[train].std()
    inputs = (inputs - mean) / std
    return inputs[train], targets[train], inputs[test], targets[test]


def loop_times() -> dict[str, int]:
    """How many times as long as a library a Python loop took to add a million numbers.

    Times differ from machine to machine and from minute to minute, so these were measured
    once, as medians of several runs, and are kept with the package.

    Returns
    -------
    dict
        The ratio by the name of the library.

    Examples
    --------
    >>> list(loop_times())
    ['NumPy', 'PyTorch']
    """
    text = (_FOLDER / "loop_times.json").read_text(encoding="utf-8")
    measured: dict[str, int] = json.loads(text)
    return measured
