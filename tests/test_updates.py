"""Watching a training: the ratios, what a step is, and that nothing is left behind."""

import copy
import gc
import math
import weakref
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.optim import SGD, Adam, AdamW, Optimizer

from dlglimpse import GlimpseError, glimpse, mlp, watch_updates, waves

INPUTS, TARGETS = waves(30)
SIZES = (2, 5, 5, 2)


def train(
    model: nn.Module,
    optimizer: Optimizer,
    n_steps: int = 1,
    then: Callable[[], Any] = lambda: None,
) -> None:
    """A loop such as a reader writes; `then` is called after every step."""
    for _ in range(n_steps):
        optimizer.zero_grad()
        F.mse_loss(model(INPUTS), TARGETS).backward()
        optimizer.step()
        then()


def matrices(model: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in model.parameters() if p.ndim >= 2]


def by_hand(before: list[Tensor], after: list[Tensor]) -> list[float]:
    """The ratios as NumPy computes them, in float64."""
    pairs = [(a.double().numpy(), b.double().numpy()) for a, b in zip(before, after, strict=True)]
    return [float(np.linalg.norm(b - a) / np.linalg.norm(a)) for a, b in pairs]


OPTIMIZERS: dict[str, Callable[[Any], Optimizer]] = {
    "SGD": lambda p: SGD(p, lr=0.1),
    "momentum": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "decay": lambda p: SGD(p, lr=0.1, weight_decay=0.1, foreach=True),
    "Adam": lambda p: Adam(p, lr=0.01),
    "AdamW": lambda p: AdamW(p, lr=0.01, fused=True),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_ratio_is_that_of_copies_made_by_hand(name: str) -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = OPTIMIZERS[name](model.parameters())
    kept = [matrices(model)]
    with watch_updates(model, optimizer) as updates:
        train(model, optimizer, 4, lambda: kept.append(matrices(model)))
    expected = [by_hand(a, b) for a, b in pairwise(kept)]
    assert list(updates.ratios) == ["0", "2", "4"]
    found = np.array(list(updates.ratios.values())).T
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert updates.steps == [1, 2, 3, 4]


def test_for_plain_descent_it_is_the_learning_rate_times_a_ratio_of_norms() -> None:
    model = mlp(SIZES, "tanh", seed=0).double()
    optimizer = SGD(model.parameters(), lr=0.3)
    look = glimpse(model, INPUTS.double(), TARGETS.double())
    expected = {
        name: 0.3 * float(gradient.norm() / model.get_submodule(name).weight.detach().norm())
        for name, gradient in look.weight_gradients.items()
    }
    with watch_updates(model, optimizer) as updates:
        F.mse_loss(model(INPUTS.double()), TARGETS.double()).backward()
        optimizer.step()
    assert {name: values[0] for name, values in updates.ratios.items()} == pytest.approx(
        expected, rel=1e-12
    )


def one_step(weight: Tensor, gradient: Tensor, optimizer: Any = SGD, **options: float) -> float:
    """The ratio of one step of a single layer whose gradient is given."""
    model = nn.Linear(weight.shape[1], weight.shape[0], bias=False, dtype=weight.dtype)
    with torch.no_grad():
        model.weight.copy_(weight)
    model.weight.grad = gradient
    optimizer = optimizer(model.parameters(), **options)
    with watch_updates(model, optimizer) as updates:
        optimizer.step()
    return updates.ratios["Linear"][0]


def test_steps_whose_ratio_is_known() -> None:
    one, zero = torch.ones(2, 2), torch.zeros(2, 2)
    # Weight decay alone makes all weights smaller by the same part.
    assert one_step(one, zero, lr=0.5, weight_decay=0.25) == 0.125
    assert one_step(one, one, lr=0.25) == 0.25
    assert one_step(2 * one, torch.diag(torch.ones(2)), lr=1.0) == pytest.approx(2**0.5 / 4)
    # Adam's first step is the learning rate in each weight, whatever the gradient.
    assert one_step(one, 1e-3 * one, Adam, lr=0.01, eps=1e-12) == pytest.approx(0.01, rel=1e-5)
    assert one_step(one, zero, lr=0.5) == 0


def test_ratios_at_the_ends_of_the_scale() -> None:
    one, zero = torch.ones(2, 2), torch.zeros(2, 2)
    assert one_step(zero, one, lr=0.1) == math.inf
    assert one_step(zero, zero, lr=0.1) == 0
    assert math.isnan(one_step(one, one * math.nan, lr=0.1))
    assert one_step(one, one * math.inf, lr=0.1) == math.inf
    assert math.isnan(one_step(one * math.inf, one, lr=0.1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_neither_overflows_nor_hides_what_rounding_swallowed(
    dtype: torch.dtype,
) -> None:
    weight = torch.full((256, 256), 300.0, dtype=dtype)
    assert one_step(weight, weight, lr=0.5) == 0.5
    # Half of the distance to the next number is lost, and so nothing moves.
    assert one_step(torch.ones(4, 4, dtype=dtype), torch.ones(4, 4, dtype=dtype), lr=1e-4) == 0


class Attention(nn.Module):
    """Weights under several names, of layers that are shared, reused or not held."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.again = self.twice = parametrizations.orthogonal(nn.Linear(4, 4))
        self.scale = nn.Parameter(torch.ones(1, 4))
        self.norm = nn.LayerNorm(4)
        self.out = nn.Linear(4, 7, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed(words)
        x = x + self.attention(x, x, x, need_weights=False)[0]
        return self.out(self.norm(self.twice(self.again(x)) * self.scale))


def test_layers_go_by_their_names_and_other_weights_keep_theirs() -> None:
    model = Attention()
    optimizer = SGD(model.parameters(), lr=0.1)
    words = torch.arange(14).reshape(2, 7) % 7
    with watch_updates(model, optimizer) as updates:
        model(words).square().mean().backward()
        optimizer.step()
    assert set(updates.ratios) == {
        "scale",
        "embed",
        "attention.in_proj_weight",
        "attention.out_proj",
        "again",
        "out",
    }
    assert updates.ratios["embed"] == updates.ratios["out"]
    assert all(values[0] > 0 for values in updates.ratios.values())


def test_convolutions_are_watched_under_the_names_that_glimpse_gives() -> None:
    model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    inputs = torch.linspace(-1, 1, 24).reshape(4, 1, 6)
    with watch_updates(model, SGD(model.parameters(), lr=0.1)) as updates:
        names = list(glimpse(model, inputs, torch.zeros(4, 2)).weight_gradients)
    assert list(updates.ratios) == names


def test_what_the_optimizer_does_not_hold_stands_still_until_it_does() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = SGD(model[4].parameters(), lr=0.1)
    with watch_updates(model, optimizer) as updates:
        train(model, optimizer, 2)
        optimizer.add_param_group({"params": [model[2].weight]})
        train(model, optimizer)
    assert updates.ratios["0"] == [0, 0, 0]
    assert updates.ratios["2"][:2] == [0, 0] and updates.ratios["2"][2] > 0
    assert min(updates.ratios["4"]) > 0


def test_a_frozen_layer_stands_still() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    model[2].requires_grad_(False)
    optimizer = Adam(model.parameters())
    with watch_updates(model, optimizer) as updates:
        train(model, optimizer, 2)
    assert updates.ratios["2"] == [0, 0]
    assert min(updates.ratios["0"]) > 0


def test_every_so_many_steps() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    twin = copy.deepcopy(model)
    optimizers = [Adam(m.parameters()) for m in (model, twin)]
    with watch_updates(model, optimizers[0], every=3) as some:
        train(model, optimizers[0], 8)
    with watch_updates(twin, optimizers[1]) as each:
        train(twin, optimizers[1], 8)
    assert (some.steps, some.n_steps, some.every) == ([1, 4, 7], 8, 3)
    assert some.ratios == {name: values[::3] for name, values in each.ratios.items()}


@pytest.mark.parametrize("most", [2, 5, 8])
@pytest.mark.parametrize("every", [1, 3])
def test_a_long_training_keeps_a_bounded_number_of_steps_evenly_spread(
    most: int, every: int
) -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.01)
    lengths = []
    with watch_updates(model, optimizer, every=every, most=most) as updates:
        train(model, optimizer, 100, lambda: lengths.append(len(updates.steps)))
    assert max(lengths) <= most
    assert len(updates.steps) >= most // 2
    assert updates.steps == list(range(1, 101, updates.every))
    assert updates.n_steps == 100
    assert {len(values) for values in updates.ratios.values()} == {len(updates.steps)}


def test_the_record_can_be_read_while_the_loop_runs() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    seen: list[str] = []
    with watch_updates(model, optimizer, every=2) as updates:
        train(model, optimizer, 3, lambda: seen.append(repr(updates)))
    assert seen[-1] == "Updates(layers: 0, 2, 4; n_steps=3, 2 measured, every=2)"
    assert "n_steps=1, 1 measured" in seen[0]


def test_a_watched_training_is_the_unwatched_one_to_the_bit() -> None:
    def result(watched: bool) -> list[Tensor]:
        model = nn.Sequential(*mlp(SIZES, "tanh", seed=0), nn.Dropout(0.3))
        optimizer = Adam(model.parameters(), lr=0.01, weight_decay=0.1)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            if watched:
                with watch_updates(model, optimizer, every=2) as updates:
                    train(model, optimizer, 5, scheduler.step)
                assert updates.n_steps == 5
            else:
                train(model, optimizer, 5, scheduler.step)
        return [*model.state_dict().values(), *(p.grad for p in model.parameters())]

    assert all(torch.equal(a, b) for a, b in zip(result(True), result(False), strict=True))


def hooks_of(optimizer: Optimizer) -> dict[str, Any]:
    return {name: copy.copy(value) for name, value in vars(optimizer).items() if "hook" in name}


def test_nothing_stays_behind(untouched: Callable[..., Any]) -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    optimizer.register_step_post_hook(lambda *_: None)
    before, attributes = hooks_of(optimizer), set(vars(optimizer))
    with untouched(model, INPUTS, TARGETS):
        with watch_updates(model, optimizer):
            assert hooks_of(optimizer) != before
        with pytest.raises(KeyError), watch_updates(model, optimizer):
            raise KeyError
    assert hooks_of(optimizer) == before and set(vars(optimizer)) == attributes


def tensors_of(*shape: int) -> int:
    gc.collect()
    shapes = [t.shape for t in gc.get_objects() if type(t) in (Tensor, nn.Parameter)]
    return shapes.count(torch.Size(shape))


def test_only_what_can_move_is_copied_and_only_during_a_measured_step() -> None:
    model = mlp((2, 71, 73, 2), "tanh", seed=0)
    optimizer = SGD([*model[0].parameters(), *model[4].parameters()], lr=0.1)
    found: list[tuple[int, int]] = []

    def count() -> float:
        found.append((tensors_of(71, 2), tensors_of(73, 71)))
        return 0.0

    with watch_updates(model, optimizer, every=2):
        for _ in range(3):
            optimizer.step(count)
            count()
    assert found == [(2, 1), (1, 1), (1, 1), (1, 1), (2, 1), (1, 1)]


def test_the_record_keeps_neither_the_model_nor_a_copy_alive() -> None:
    model = mlp((2, 77, 2), "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    with watch_updates(model, optimizer) as updates:
        train(model, optimizer, 2)
    # The weight and its gradient.
    assert tensors_of(77, 2) == 2
    gone = weakref.ref(model)
    del model, optimizer
    gc.collect()
    assert gone() is None and updates.n_steps == 2


class Averaged(SGD):
    """An optimizer whose step calls that of the class below, which has hooks, too."""

    def step(self, closure: Any = None) -> Any:
        return super().step(closure)


def test_a_step_within_a_step_counts_once() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    SGD(model.parameters(), lr=0.1)  # PyTorch puts hooks into a class at its first use
    optimizer = Averaged(model.parameters(), lr=0.1)
    kept = [matrices(model)]
    with watch_updates(model, optimizer) as updates:
        train(model, optimizer, 2, lambda: kept.append(matrices(model)))
    assert updates.n_steps == 2
    second = [values[1] for values in updates.ratios.values()]
    np.testing.assert_allclose(second, by_hand(kept[1], kept[2]), rtol=1e-4)


def test_a_closure_runs_within_the_step_and_one_that_fails_is_no_step() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.mse_loss(model(INPUTS), TARGETS)
        loss.backward()
        return loss

    def failing() -> Tensor:
        raise RuntimeError("out of data")

    with watch_updates(model, optimizer) as updates:
        with pytest.raises(RuntimeError, match="out of data"):
            optimizer.step(failing)
        with torch.no_grad():
            model[0].weight.mul_(3)  # what happens between steps is no step
        before = matrices(model)
        optimizer.step(closure)
    found = [values[0] for values in updates.ratios.values()]
    assert updates.n_steps == 1
    np.testing.assert_allclose(found, by_hand(before, matrices(model)), rtol=1e-4)


def test_a_step_that_a_gradient_scaler_skips_is_no_step() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    with watch_updates(model, optimizer) as updates:
        for factor in (math.inf, 1.0):
            optimizer.zero_grad()
            scaler.scale(factor * F.mse_loss(model(INPUTS), TARGETS)).backward()
            scaler.step(optimizer)
            scaler.update()
    assert updates.n_steps == 1
    assert 0 < updates.ratios["0"][0] < 1


def test_two_watchers_see_the_same() -> None:
    model = mlp(SIZES, "tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    with watch_updates(model, optimizer) as one, watch_updates(model, optimizer) as other:
        train(model, optimizer, 2)
    assert one.ratios == other.ratios


MODEL = mlp(SIZES, "tanh", seed=0)
HELD = SGD(MODEL.parameters(), lr=0.1)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            (MODEL, MODEL.parameters()),
            {},
            "`optimizer` must be a `torch.optim.Optimizer`; given: generator; try "
            "`torch.optim.SGD(model.parameters(), lr=0.1)`.",
        ),
        (
            (copy.deepcopy(MODEL), HELD),
            {},
            "the optimizer holds none of the model's weights, so no step will move them; given: "
            "SGD with 6 parameters; make the optimizer anew after the model was copied or "
            "replaced.",
        ),
        (
            (nn.LayerNorm(3), HELD),
            {},
            "the model has no weights with two or more axes to watch; given: LayerNorm; try a "
            "model made of layers such as `nn.Linear`.",
        ),
        (
            (nn.Sequential(nn.LazyLinear(3)), HELD),
            {},
            "a lazy layer has no weights before it saw its first batch; given: the parameter "
            "'0.weight'; try to run the model once, as in `model(inputs)`.",
        ),
        (
            (HELD, MODEL),
            {},
            "`model` must be an `nn.Module`; given: SGD; try `mlp((2, 2, 2))`.",
        ),
        (
            (MODEL, HELD),
            {"every": 0},
            "`every` counts steps and must be an integer of at least 1; given: every=0; leave "
            "`every` out.",
        ),
        (
            (MODEL, HELD),
            {"every": 1.5},
            "`every` counts steps and must be an integer of at least 1; given: every=1.5; leave "
            "`every` out.",
        ),
        (
            (MODEL, HELD),
            {"most": 1},
            "`most` counts steps and must be an integer of at least 2; given: most=1; leave "
            "`most` out.",
        ),
    ],
)
def test_errors_say_what_to_try(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(GlimpseError) as raised, watch_updates(*arguments, **options):
        pass
    assert str(raised.value) == message
    assert not HELD._optimizer_step_pre_hooks and not HELD._optimizer_step_post_hooks
