"""What looking costs: each instrument over one plain forward and backward pass."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from contextlib import ExitStack

import torch
import torch.nn.functional as F
from measure import NOISE, Cost, compare, table, times
from torch import Tensor, nn

import dlglimpse
from dlglimpse import digits, mlp, watch_updates, waves

OURS = ("glimpse", "layer_statistics")
RIVALS = ("torchinfo", "skorch", "Cockpit")
Batch = tuple[nn.Sequential, Tensor, Tensor]
Gradients = dict[str, Tensor]
Rival = Callable[[], object]


def networks() -> dict[str, Batch]:
    """Networks from a few parameters to ten million, each with a batch."""
    images = digits()[0][:256].reshape(-1, 1, 8, 8)
    convolutional = nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 10)),
    )
    dlglimpse.initialize(convolutional, "he_normal", seed=0)
    found = {
        f"{len(hidden) + 1} layers of width {hidden[0]}, n = {n}": (
            mlp((2, *hidden, 2), "tanh", "glorot_normal", seed=0),
            *waves(n),
        )
        for hidden, n in (([2] * 3, 100), ([64] * 8, 100), ([256] * 4, 1000), ([1056] * 10, 256))
    }
    targets = torch.randn(len(images), 10, generator=torch.Generator().manual_seed(0))
    return {**found, f"convolutions, n = {len(images)}": (convolutional, images, targets)}


def plain(model: nn.Module, inputs: Tensor, targets: Tensor) -> Gradients:
    """One forward and one backward pass, for the gradients of all parameters."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(F.mse_loss(model(inputs), targets), parameters)
    return dict(zip(names, found, strict=True))


def torchinfo_rival(model: nn.Sequential, inputs: Tensor, targets: Tensor) -> Rival:
    """torchinfo's summary: a forward pass, shapes and counts, no gradients."""
    from torchinfo import summary

    if summary(model, input_data=inputs, verbose=0).total_params != _size(model):
        raise SystemExit("torchinfo counts other parameters: nothing is timed")
    return lambda: summary(model, input_data=inputs, verbose=0)


def skorch_rival(model: nn.Sequential, inputs: Tensor, targets: Tensor) -> Rival:
    """The hooks of skorch's doctor: activations, gradients and their size."""
    from skorch import NeuralNet
    from skorch.helper import SkorchDoctor

    twin = copy.deepcopy(model)
    doctor = SkorchDoctor(NeuralNet(twin, criterion=nn.MSELoss))
    doctor.initialize()
    records = (doctor.activation_recs_, doctor.gradient_recs_, doctor.param_update_recs_)

    def run() -> Gradients:
        plain(twin, inputs, targets)
        found = {n: torch.from_numpy(g) for n, g in doctor.gradient_recs_["module"][0].items()}
        # What a run left would be freed by the next one, and hide what that one takes.
        for kind in records:
            kind["module"].clear()
        return found

    _agree(plain(model, inputs, targets), run(), "skorch")
    return run


def cockpit_rival(model: nn.Sequential, inputs: Tensor, targets: Tensor) -> Rival:
    """Cockpit's cheapest gauge of gradients, their norm in each parameter."""
    from backpack import extend
    from cockpit import Cockpit, quantities

    twin, loss = extend(copy.deepcopy(model)), extend(nn.MSELoss())
    gauge = Cockpit(twin.parameters(), quantities=[quantities.GradNorm(lambda _: True)])
    names = [name for name, _ in twin.named_parameters()]

    def run() -> Gradients:
        value = loss(twin(inputs), targets)
        with gauge(0, info={"batch_size": len(inputs), "loss": value}):
            value.backward(create_graph=gauge.create_graph(0))
        twin.zero_grad()
        return dict(zip(names, gauge.get_output()[0]["GradNorm"], strict=True))

    expected = {name: g.norm() for name, g in plain(model, inputs, targets).items()}
    _agree(expected, {n: torch.as_tensor(v) for n, v in run().items()}, "Cockpit")
    return run


def _size(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def _agree(expected: Gradients, found: Gradients, who: str) -> None:
    if set(found) - set(expected) or not found:
        raise SystemExit(f"{who} looks at other parameters: nothing is timed")
    for name, other in found.items():
        scale = float(expected[name].abs().max())
        if not torch.allclose(expected[name], other, rtol=1e-3, atol=1e-5 * scale):
            raise SystemExit(f"{who} disagrees in {name}: nothing is timed")


def look_rivals(batch: Batch) -> dict[str, Rival]:
    """Every instrument on one network, checked against the plain pass."""
    found: dict[str, Rival] = {"plain": lambda: plain(*batch)}
    for name in OURS:
        # The streaming look is a part of the package of its own.
        if name in dlglimpse.__all__:
            look = getattr(dlglimpse, name)
            found[name] = lambda look=look: look(*batch)
    ours = dlglimpse.glimpse(*batch).weight_gradients
    _agree(plain(*batch), {f"{n}.weight": g for n, g in ours.items()}, "glimpse")
    for name, rival in zip(RIVALS, (torchinfo_rival, skorch_rival, cockpit_rival), strict=True):
        found[name] = rival(*batch)
    return found


def training_step(batch: Batch, adam: bool, stack: ExitStack | None) -> Callable[[], list[Tensor]]:
    """One step of a training; with a stack, a watched one until the stack closes."""
    model, inputs, targets = copy.deepcopy(batch[0]), *batch[1:]
    kind = torch.optim.Adam if adam else torch.optim.SGD
    optimizer = kind(model.parameters(), lr=1e-4)
    if stack is not None:
        stack.enter_context(watch_updates(model, optimizer))

    def step() -> list[Tensor]:
        optimizer.zero_grad()
        F.mse_loss(model(inputs), targets).backward()
        optimizer.step()
        return [p.detach() for p in model.parameters()]

    return step


def watched(batch: Batch) -> dict[str, tuple[Cost, Cost]]:
    """The cost of a step, unwatched and watched, with two optimizers."""
    found = {}
    for name, adam in (("SGD", False), ("Adam", True)):
        with ExitStack() as stack:
            alone, seen = (training_step(batch, adam, s) for s in (None, stack))
            if not all(torch.equal(a, b) for a, b in zip(alone(), seen(), strict=True)):
                raise SystemExit("watching changes the training: nothing is timed")
            costs = compare({"alone": alone, "seen": seen})
        found[name] = costs["alone"], costs["seen"]
    return found


def _in_weights(alone: Cost, seen: Cost, model: nn.Module) -> str:
    """The memory that watching adds, over what the parameters take."""
    taken = 4 * _size(model)
    if alone.peak is None or seen.peak is None or taken < NOISE:
        return times(None)
    return times((seen.peak - alone.peak) / taken)


def run() -> str:
    """Compare on every network, results first, and return the tables as Markdown."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rows, memory, updates = [], [], []
    for size, batch in networks().items():
        costs = compare(look_rivals(batch))
        base = costs.pop("plain")
        names = list(costs)
        rows.append([size, *(times(cost.ratio(base)) for cost in costs.values())])
        memory.append([size, *(times(cost.memory_ratio(base)) for cost in costs.values())])
        print(" | ".join(rows[-1]), flush=True)
        pairs = watched(batch)
        row = [times(seen.ratio(alone)) for alone, seen in pairs.values()]
        more = [_in_weights(alone, seen, batch[0]) for alone, seen in pairs.values()]
        updates.append([size, *row, *more])
        print(" | ".join(updates[-1]), flush=True)
    head = ["network", *(f"`{name}`" if name in OURS else name for name in names)]
    steps = ["network", "SGD", "Adam", "memory, SGD", "memory, Adam"]
    return (
        "Time of each over one plain forward and backward pass, which each includes (but "
        "torchinfo, which makes a forward pass only):\n\n"
        + table(head, rows)
        + "\nPeak memory of each over that of the plain pass (a dash: both below 4 MiB, lost "
        "in the noise):\n\n"
        + table(head, memory)
        + "\nTime of a training step within `watch_updates`, each step measured, over an "
        "unwatched one; and how far that raises the peak of memory, over what the parameters "
        "take (a dash: less than 4 MiB):\n\n" + table(steps, updates)
    )
