"""Train the networks of a plan side by side, in steps that can be kept and taken up again."""

from __future__ import annotations

from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dlglimpse.errors import GlimpseError
from dlglimpse.reproduce.plans import BLOCK, Plan, Run, error, stream


class Training:
    """All networks of a plan after some number of updates.

    Attributes
    ----------
    plan
        What is trained.
    done
        How many updates each network has had.
    measured, errors
        After how many updates the error was measured, and for each run what it was then,
        as shares from 0 to 1.
    """

    def __init__(self, plan: Plan, device: str = "cpu") -> None:
        self.plan, self.device, self.done = plan, device, 0
        self.networks = {run: plan.network(run).to(device) for run in plan.runs}
        self.optimizers = {
            run: torch.optim.SGD(model.parameters(), lr=run.rate)
            for run, model in self.networks.items()
        }
        self._held_out = tuple(part.to(device) for part in plan.held_out())
        self.measured: list[int] = []
        self.errors: dict[Run, list[float]] = {run: [] for run in plan.runs}
        self._measure()

    def advance(self) -> int:
        """Give each network up to 100 updates, and return how many it were.

        The error is measured on the way, whenever the plan says so.
        """
        every = self.plan.every
        steps = min(BLOCK - self.done % BLOCK, every - self.done % every)
        for seed in dict.fromkeys(run.seed for run in self.plan.runs):
            drawn = islice(stream(seed, self.plan.batch, start=self.done), steps)
            batches = [(x.to(self.device), y.to(self.device)) for x, y in drawn]
            for run in self.plan.runs:
                if run.seed == seed:
                    descend(self.networks[run], self.optimizers[run], batches)
        self.done += steps
        if self.done % every == 0:
            self._measure()
        return steps

    def state(self) -> dict[str, Any]:
        """Everything that a later call of `take_up` needs, as plain data and tensors."""
        return {
            "done": self.done,
            "measured": self.measured,
            "errors": list(self.errors.values()),
            "networks": [model.state_dict() for model in self.networks.values()],
            "optimizers": [o.state_dict() for o in self.optimizers.values()],
        }

    def take_up(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        self.done, self.measured = state["done"], list(state["measured"])
        self.errors = {
            run: list(kept) for run, kept in zip(self.plan.runs, state["errors"], strict=True)
        }
        for run, model, optimizer in zip(
            self.plan.runs, state["networks"], state["optimizers"], strict=True
        ):
            self.networks[run].load_state_dict(model)
            self.optimizers[run].load_state_dict(optimizer)

    def _measure(self) -> None:
        self.measured.append(self.done)
        for run, model in self.networks.items():
            self.errors[run].append(error(model, *self._held_out))


def descend(
    model: nn.Module, optimizer: torch.optim.Optimizer, batches: list[tuple[Tensor, Tensor]]
) -> None:
    """One step of gradient descent on the cross-entropy for each batch."""
    for images, classes in batches:
        optimizer.zero_grad()
        torch.autograd.backward(F.cross_entropy(model(images), classes))
        optimizer.step()


def train(plan: Plan, device: str = "cpu") -> Training:
    """Train all networks of a plan to its end.

    Parameters
    ----------
    plan
        Which networks, and for how many updates.
    device
        Where: "cpu", "cuda" or another one that PyTorch knows.

    Returns
    -------
    Training
        Its `errors` have one list per run: before the first update, and then as often as
        the plan says, at the numbers of updates in `measured`.

    Notes
    -----
    What can mislead: after a bounded number of updates, a configuration may be ahead
    because it starts faster, not because it gets further.

    References
    ----------
    X. Glorot and Y. Bengio (2010), sections 2.3 and 4.3: stochastic gradient descent in
    batches of 10, five hidden layers of 1000 units, 5 million updates.

    Examples
    --------
    >>> from dlglimpse.reproduce import Plan, paired
    >>> runs = paired({"tanh": 0.03, "tanh N": 0.03}, seeds=[0])
    >>> result = train(Plan(runs, updates=40, every=20, width=20, test_size=100))
    >>> result.measured, len(result.errors[runs[0]])
    ([0, 20, 40], 3)
    """
    training = Training(plan, device)
    while training.done < plan.updates:
        training.advance()
    return training


def device_of(name: str) -> str:
    """The device of that name, or for "auto" a GPU if there is one.

    Raises
    ------
    GlimpseError
        If PyTorch does not know the device, or has no access to one.

    Examples
    --------
    >>> device_of("cpu")
    'cpu'
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as problem:
        raise GlimpseError(
            "that device cannot be used here", given=repr(name), hint="try `cpu` or `auto`"
        ) from problem
    return name
