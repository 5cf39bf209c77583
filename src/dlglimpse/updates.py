"""Watch a training from outside: how far each step of the optimizer moves each layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dlglimpse.batches import check_model
from dlglimpse.errors import GlimpseError
from dlglimpse.layers import layer_name
from dlglimpse.records import Updates


@contextmanager
def watch_updates(
    model: nn.Module, optimizer: Optimizer, *, every: int = 1, most: int = 1000
) -> Iterator[Updates]:
    """Measure how far each step of your own training loop moves each layer's weights.

    `r(l, t) = ‖W(l, t+1) - W(l, t)‖ / ‖W(l, t)‖`, with the Frobenius norm, around each
    call of `optimizer.step()` within the block. As a rule of thumb r is near 1e-3.
    The training goes on to the bit as if nobody watched, and nothing stays behind.

    Parameters
    ----------
    model
        Any `nn.Module`; each of its parameters with two or more axes is watched. A
        layer's `weight` goes by the layer's name, as in `glimpse`; others keep theirs.
    optimizer
        The optimizer of the loop, any that is a `torch.optim.Optimizer`. What it does
        not hold has a ratio of 0, for it does not move.
    every
        Measure the first step and then each `every`-th one.
    most
        How many steps to keep, at least 2. When there are more, every second one is
        forgotten and `every` doubles, so that a long training fills no memory.

    Yields
    ------
    Updates
        Fills while the loop runs, and may be looked at meanwhile.

    Raises
    ------
    GlimpseError
        If the model has no such parameter, the optimizer is none or holds none of
        them, or `every` or `most` is too small.

    Notes
    -----
    The weights are copied for the time of a measured step, so memory rises by about
    what they take. What misleads: weight decay and momentum are part of an update; the
    ratio says how far weights move, not whether they move the right way; and where a
    normalization follows a layer, the ratio falls by itself while its weights grow.

    References
    ----------
    A. Karpathy, Stanford CS231n, "Neural Networks Part 3: Learning and Evaluation",
    section "Ratio of weights:updates".

    Examples
    --------
    >>> import torch
    >>> from dlglimpse import mlp, waves
    >>> (inputs, targets), model = waves(100), mlp((2, 8, 2), "tanh", seed=0)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with watch_updates(model, optimizer) as updates:
    ...     for _ in range(20):
    ...         optimizer.zero_grad()
    ...         torch.nn.functional.mse_loss(model(inputs), targets).backward()
    ...         _ = optimizer.step()
    >>> updates
    Updates(layers: 0, 2; n_steps=20, 20 measured, every=1)
    >>> 0 < updates.ratios["0"][0] < 0.1
    True
    """
    for name, value, least in (("every", every, 1), ("most", most, 2)):
        _check_count(name, value, least)
    weights = _weights(model)
    _check_optimizer(optimizer, weights)
    watch = _Watch(weights, every, most)
    handles = [
        optimizer.register_step_pre_hook(watch.before_step),
        optimizer.register_step_post_hook(watch.after_step),
    ]
    try:
        yield watch.updates
    finally:
        for handle in handles:
            handle.remove()


class _Watch:
    """Copies the weights before a step, and compares them after it."""

    def __init__(self, weights: dict[str, Tensor], every: int, most: int) -> None:
        self.updates = Updates(
            steps=[], ratios={name: [] for name in weights}, n_steps=0, every=every
        )
        self._weights, self._most = weights, most
        self._copies: dict[int, Tensor] | None = None

    def before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Copy what this step may move, or nothing if it is not to be measured."""
        self._copies = {}
        if self.updates.n_steps % self.updates.every == 0:
            held = _held_by(optimizer)
            # By identity, so that a weight shared by two layers is copied once.
            wanted = {id(w): w for w in self._weights.values() if id(w) in held}
            self._copies = {key: w.detach().clone() for key, w in wanted.items()}

    def after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Note the ratios of this step."""
        # An optimizer whose step calls that of its base class comes here twice.
        if self._copies is None:
            return
        copies, self._copies = self._copies, None
        updates = self.updates
        if updates.n_steps % updates.every == 0:
            now = {id(w): w.detach() for w in self._weights.values()}
            ratios = _ratios(copies, {key: now[key] for key in copies})
            updates.steps.append(updates.n_steps + 1)
            for name, weight in self._weights.items():
                updates.ratios[name].append(ratios.get(id(weight), 0.0))
            if len(updates.steps) > self._most:
                self._forget_every_second()
        updates.n_steps += 1

    def _forget_every_second(self) -> None:
        del self.updates.steps[1::2]
        for ratios in self.updates.ratios.values():
            del ratios[1::2]
        self.updates.every *= 2


def _ratios(before: dict[int, Tensor], after: dict[int, Tensor]) -> dict[int, float]:
    """‖after - before‖ / ‖before‖ of each weight; `before` is used up."""
    if not before:
        return {}
    sizes = [_norm(weight) for weight in before.values()]
    moves = [_norm(weight.sub_(after[key])) for key, weight in before.items()]
    size, moved = _fetched(sizes), _fetched(moves)
    ratios = torch.where(moved == 0, moved, moved / size)
    return dict(zip(before, ratios.tolist(), strict=True))


def _norm(weight: Tensor) -> Tensor:
    # In half precision the sum of the squares would overflow.
    dtype = torch.float32 if weight.dtype.itemsize < 4 else weight.dtype
    norm: Tensor = torch.linalg.vector_norm(weight, dtype=dtype)
    return norm


def _fetched(scalars: list[Tensor]) -> Tensor:
    """Scalars as one tensor, brought from a device all at once; shape (l,)."""
    device = scalars[0].device
    return torch.stack([scalar.to(device) for scalar in scalars]).cpu().double()


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """The parameters with two or more axes, by the name of the layer they belong to."""
    check_model(model)
    found: dict[str, Tensor] = {}
    for prefix, module in model.named_modules():
        for name, parameter in module.named_parameters(prefix, recurse=False):
            if parameter.ndim >= 2 and parameter.is_floating_point():
                found[layer_name(name, model)] = parameter
    if not found:
        raise GlimpseError(
            "the model has no weights with two or more axes to watch",
            given=type(model).__name__,
            hint="try a model made of layers such as `nn.Linear`",
        )
    return found


def _held_by(optimizer: Optimizer) -> set[int]:
    return {id(p) for group in optimizer.param_groups for p in group["params"]}


def _check_optimizer(optimizer: object, weights: dict[str, Tensor]) -> None:
    if not isinstance(optimizer, Optimizer):
        raise GlimpseError(
            "`optimizer` must be a `torch.optim.Optimizer`",
            given=type(optimizer).__name__,
            hint="try `torch.optim.SGD(model.parameters(), lr=0.1)`",
        )
    if not _held_by(optimizer) & {id(weight) for weight in weights.values()}:
        raise GlimpseError(
            "the optimizer holds none of the model's weights, so no step will move them",
            given=f"{type(optimizer).__name__} with {len(_held_by(optimizer))} parameters",
            hint="make the optimizer anew after the model was copied or replaced",
        )


def _check_count(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise GlimpseError(
            f"`{name}` counts steps and must be an integer of at least {least}",
            given=f"{name}={value!r}",
            hint=f"leave `{name}` out",
        )
