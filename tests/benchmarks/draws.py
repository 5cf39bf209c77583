"""Many draws at once: against a loop over networks, and against the products alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
import torch.nn.functional as F
from measure import Cost, compare, peak_memory, table, times
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from dlglimpse import Draws, draw_seed, draws, glimpse, mlp, waves
from dlglimpse.records import FIELDS

CASES = (
    ("2-2-2-2-2", (2, 2, 2, 2, 2), 1000),
    ("9 layers of width 64", (2, *[64] * 8, 2), 1000),
    ("9 layers of width 256", (2, *[256] * 8, 2), 100),
)
N = 100
LOOPED = 50
"""Draws of the two loops, whose time and memory are those of one draw, times the draws."""

Sizes = tuple[int, ...]
# What the profile tells apart, by the names that PyTorch gives to its calls.
PRODUCTS = ("aten::mm", "aten::addmm")
DRAWING = ("aten::uniform_", "aten::normal_")
ACTIVATION = ("aten::sigmoid", "aten::sigmoid_backward")
COPYING = ("aten::copy_",)


def at_once(sizes: Sizes, n_draws: int) -> Draws:
    """What is measured, with its default activation and weights."""
    inputs, targets = waves(N)
    return draws(sizes, n_draws=n_draws, inputs=inputs, targets=targets)


def plain_loop(sizes: Sizes, n_draws: int) -> list[list[Tensor | None]]:
    """As one would write it: a network, forward, backward; parameters' gradients only."""
    inputs, targets = waves(N)
    found = []
    for k in range(n_draws):
        model = mlp(sizes, "sigmoid", "default", seed=draw_seed(0, k))
        F.mse_loss(model(inputs), targets).backward()
        found.append([p.grad for p in model.parameters()])
    return found


def glimpse_loop(sizes: Sizes, n_draws: int) -> list[object]:
    """The same look at one network after the other."""
    batch = waves(N)
    return [glimpse(mlp(sizes, seed=draw_seed(0, k)), *batch) for k in range(n_draws)]


def products(sizes: Sizes) -> int:
    """Floating-point operations of one draw's products: forward, and twice backward."""
    forward = [2 * N * i * o for i, o in pairwise(sizes)]
    # The gradient of the inputs is not asked for.
    return 3 * sum(forward) - forward[0]


def square_product() -> tuple[Callable[[], Tensor], int]:
    """A large product, from which the machine's rate comes, and its operations."""
    a, b, out = (torch.randn(1024, 1024) for _ in range(3))
    return lambda: torch.mm(a, b, out=out), 2 * 1024**3


def record_bytes(sizes: Sizes, n_draws: int) -> int:
    """What the record itself takes."""
    return 4 * n_draws * sum(3 * N * o + i * o + o for i, o in pairwise(sizes))


def shares(sizes: Sizes, n_draws: int) -> list[float]:
    """Where the time of `draws` goes: products, drawing, activations, copies, the rest."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        at_once(sizes, n_draws)
    spent = {event.key: event.self_cpu_time_total for event in profiled.key_averages()}
    total = sum(spent.values())
    kinds = (PRODUCTS, DRAWING, ACTIVATION, COPYING)
    found = [sum(spent.get(name, 0.0) for name in kind) / total for kind in kinds]
    return [*found, 1 - sum(found)]


def agree(sizes: Sizes) -> None:
    """Stop unless all three find the same gradients, to the bit."""
    record, plain = at_once(sizes, 3), plain_loop(sizes, 3)
    for k in range(3):
        single = glimpse(mlp(sizes, seed=draw_seed(0, k)), *waves(N))
        for field in FIELDS:
            for name, tensor in getattr(single, field).items():
                if not torch.equal(tensor, getattr(record, field)[name][k]):
                    raise SystemExit(f"glimpse disagrees in {field}: nothing is timed")
        ours = [
            getattr(record, field)[name][k]
            for name in record.weight_gradients
            for field in ("weight_gradients", "bias_gradients")
        ]
        if not all(torch.equal(a, b) for a, b in zip(ours, plain[k], strict=True)):
            raise SystemExit("the loop disagrees: nothing is timed")


def measured(sizes: Sizes, n_draws: int) -> tuple[Cost, float, float, float]:
    """Our cost; and the time of both loops, and of the products alone, over or under ours."""
    product, operations = square_product()
    looped = min(LOOPED, n_draws)
    costs = compare(
        {
            "ours": lambda: at_once(sizes, n_draws),
            "loop": lambda: plain_loop(sizes, looped),
            "glimpse": lambda: glimpse_loop(sizes, looped),
            "product": product,
        }
    )
    ours = costs["ours"]
    loops = [costs[name].ratio(ours) * n_draws / looped for name in ("loop", "glimpse")]
    floor = min(costs["product"].seconds) * n_draws * products(sizes) / operations
    return ours, loops[0], loops[1], min(ours.seconds) / floor


def mebibytes(count: float | None) -> str:
    """Memory in a table."""
    return times(None) if count is None else f"{count / 2**20:,.0f} MiB"


def run() -> str:
    """Compare at every size, results first, and return the tables as Markdown."""
    torch.set_num_threads(1)
    rows, memory, profiles = [], [], []
    for name, sizes, n_draws in CASES:
        agree(sizes)
        peak = peak_memory(lambda s=sizes, d=n_draws: at_once(s, d))
        _, loop, looks, floor = measured(sizes, n_draws)
        size = f"{name}, {n_draws:,} draws"
        rows.append([size, times(loop), times(looks), times(floor)])
        print(" | ".join(rows[-1]), flush=True)
        record = record_bytes(sizes, n_draws)
        beyond = None if peak is None else max(peak - record, 0)
        memory.append([size, mebibytes(record), mebibytes(peak), mebibytes(beyond)])
        profiles.append([size, *(f"{100 * share:.0f} %" for share in shares(sizes, n_draws))])
    kinds = ["products", "drawing weights", "activations", "copies", "all else"]
    return (
        "Time of each over the time of `draws`, and of that over the floor:\n\n"
        + table(["network", "loop", "loop of `glimpse`", "ours / floor"], rows)
        + "\nPeak memory of `draws`, and how much of it is the record that it returns, "
        + "each rounded by itself:\n\n"
        + table(["network", "record", "peak", "beyond the record"], memory)
        + "\nWhere the time of `draws` goes, from PyTorch's profiler:\n\n"
        + table(["network", *kinds], profiles)
    )
