"""Per-example gradients: the closed form against everything else that computes them."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
import torch.nn.functional as F
from measure import compare, table, times
from torch import Tensor, nn

from dlglimpse import mlp, per_example_gradients, per_example_norms, waves

WIDTHS, SIZES = (2, 64, 256), (100, 2000)
Gradients = dict[str, Tensor]
Rival = Callable[[], Gradients]


def loop(model: nn.Module, inputs: Tensor, targets: Tensor) -> Gradients:
    """One backward pass for each example."""
    weights = {n: p for n, p in model.named_parameters() if n.endswith("weight")}
    rows = []
    for i in range(len(inputs)):
        value = F.mse_loss(model(inputs[i : i + 1]), targets[i : i + 1])
        rows.append(torch.autograd.grad(value, list(weights.values())))
    return dict(zip(weights, map(torch.stack, zip(*rows, strict=True)), strict=True))


def vmap(model: nn.Module, inputs: Tensor, targets: Tensor) -> Gradients:
    """`torch.func.vmap` of `torch.func.grad`, as PyTorch's tutorial has it."""
    state = {name: p.detach() for name, p in model.named_parameters()}
    weights = {n: p for n, p in state.items() if n.endswith("weight")}
    rest = {n: p for n, p in state.items() if n not in weights}

    def one(weights: Gradients, x: Tensor, y: Tensor) -> Tensor:
        out = torch.func.functional_call(model, {**rest, **weights}, (x[None],))
        return F.mse_loss(out, y[None])

    return torch.func.vmap(torch.func.grad(one), in_dims=(None, 0, 0))(weights, inputs, targets)


def backpack_rival(model: nn.Sequential, inputs: Tensor, targets: Tensor) -> Rival:
    """BackPACK's BatchGrad on the same weights."""
    from backpack import backpack, extend
    from backpack.extensions import BatchGrad

    twin = extend(_twin(model))
    loss = extend(nn.MSELoss(reduction="sum"))

    def run() -> Gradients:
        with backpack(BatchGrad()):
            (loss(twin(inputs), targets) / targets.shape[1]).backward()
        found = {n: p.grad_batch for n, p in twin.named_parameters() if n.endswith("weight")}
        for p in twin.parameters():
            p.grad = None
            del p.grad_batch
        return found

    return run


def opacus_rival(model: nn.Sequential, inputs: Tensor, targets: Tensor) -> Rival:
    """Opacus' GradSampleModule on the same weights."""
    from opacus import GradSampleModule

    twin = GradSampleModule(_twin(model), loss_reduction="mean")

    def run() -> Gradients:
        F.mse_loss(twin(inputs), targets).backward()
        named = {n.removeprefix("_module."): p for n, p in twin.named_parameters()}
        found = {n: p.grad_sample for n, p in named.items() if n.endswith("weight")}
        for p in twin.parameters():
            p.grad = p.grad_sample = None
        return found

    return run


def _twin(model: nn.Sequential) -> nn.Sequential:
    sizes = [model[0].in_features, *(m.out_features for m in model if isinstance(m, nn.Linear))]
    twin = mlp(sizes, "tanh")
    twin.load_state_dict(model.state_dict())
    return twin


def limit(model: nn.Module, inputs: Tensor, targets: Tensor) -> list[Tensor]:
    """What cannot be avoided: an ordinary batch gradient, and writing the result once."""
    value = F.mse_loss(model(inputs), targets)
    weights = [p for n, p in model.named_parameters() if n.endswith("weight")]
    torch.autograd.grad(value, weights)
    return [torch.empty(len(inputs), *w.shape).fill_(1.0) for w in weights]


def _agree(expected: Gradients, found: Gradients, who: str) -> None:
    for (name, right), other in zip(expected.items(), found.values(), strict=True):
        scale = right.abs().max()
        if not torch.allclose(right, other, rtol=1e-3, atol=1e-5 * scale):
            raise SystemExit(f"{who} disagrees in layer {name}: nothing is timed")


def run() -> str:
    """Compare at every size, results first, and return the table as Markdown."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    rows, memory = [], []
    for width in WIDTHS:
        for n in SIZES:
            model = mlp((2, width, width, width, width, 2), "tanh", "glorot_normal", seed=0)
            inputs, targets = waves(n)
            batch = (model, inputs, targets)
            rivals: dict[str, Callable[[], object]] = {
                "dlglimpse": lambda b=batch: per_example_gradients(*b),
                "loop": lambda b=batch: loop(*b),
                "vmap": lambda b=batch: vmap(*b),
                "BackPACK": backpack_rival(*batch),
                "Opacus": opacus_rival(*batch),
            }
            ours = per_example_gradients(*batch)
            for name, rival in rivals.items():
                _agree(ours, rival(), name)
            del ours
            rivals["limit"] = lambda b=batch: limit(*b)
            rivals["norms only"] = lambda b=batch: per_example_norms(*b)
            costs = compare(rivals)
            us = costs["dlglimpse"]
            size = f"2-{width}-{width}-{width}-{width}-2, n = {n}"
            names = ["loop", "vmap", "BackPACK", "Opacus"]
            row = [times(costs[name].ratio(us)) for name in names]
            rows.append([size, *row, times(us.ratio(costs["limit"]))])
            spent = [costs[name].memory_ratio(us) for name in [*names, "norms only"]]
            memory.append(
                [size, f"{max(us.peak or 0, 2**20) / 2**20:,.0f} MiB", *map(times, spent)]
            )
            print(" | ".join(rows[-1]), flush=True)
    head = ["network", "loop", "vmap", "BackPACK", "Opacus", "ours / limit"]
    head_memory = ["network", "ours", "loop", "vmap", "BackPACK", "Opacus", "norms only"]
    return (
        "Time of each over the time of `per_example_gradients`, and of that over the limit:\n\n"
        + table(head, rows)
        + "\nPeak memory of each over ours (a dash: both below 4 MiB, lost in the noise):\n\n"
        + table(head_memory, memory)
    )
