"""Networks trained side by side, against each of them trained alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlglimpse import ACTIVATIONS, GlimpseError, digits, draw_seed, mlp, train_together
from dlglimpse.trainings import BATCH

INPUTS, TARGETS, *_ = digits()
SIZES = (64, 12, 9, 10)


def networks(activation: Any = "tanh", count: int = 3) -> list[nn.Sequential]:
    return [mlp(SIZES, activation, "glorot_normal", seed=k) for k in range(count)]


def by_torch(model: nn.Sequential, rate: float, steps: int, seed: int) -> list[float]:
    """The same training by a plain loop and `torch.optim.SGD`."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for rows in torch.randint(len(INPUTS), (steps, BATCH), generator=generator):
        loss = F.cross_entropy(model(INPUTS[rows]), TARGETS[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_each_network_is_trained_as_if_it_were_alone(activation: str) -> None:
    together, rates = networks(activation), [0.01, 0.1, 0.3]
    alone = copy.deepcopy(together)
    losses = train_together(together, INPUTS, TARGETS, rates=rates, steps=30, seed=5)
    assert losses.shape == (30, 3)
    for k, model in enumerate(alone):
        expected = by_torch(model, rates[k], 30, draw_seed(5, k))
        torch.testing.assert_close(losses[:, k], torch.tensor(expected), rtol=1e-4, atol=1e-5)
        for ours, theirs in zip(together[k].parameters(), model.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


def test_a_network_in_a_crowd_takes_the_same_steps_as_alone() -> None:
    crowd, one = networks(count=6), networks(count=1)
    losses = train_together(crowd, INPUTS, TARGETS, rates=0.1, steps=20)
    alone = train_together(one, INPUTS, TARGETS, rates=0.1, steps=20)
    torch.testing.assert_close(losses[:, :1], alone, rtol=1e-5, atol=1e-6)
    assert not torch.equal(losses[:, 0], losses[:, 1])


def test_one_that_diverges_does_not_disturb_the_others() -> None:
    both = networks(count=2)
    both[0][0].weight.data[0, 0] = torch.nan
    losses = train_together(both, INPUTS, TARGETS, rates=0.1, steps=20)
    alone = networks(count=2)
    quiet = train_together(alone, INPUTS, TARGETS, rates=0.1, steps=20)
    assert losses[:, 0].isnan().all()
    torch.testing.assert_close(losses[:, 1], quiet[:, 1])
    assert not both[0][0].weight.isfinite().all()
    torch.testing.assert_close(both[1][0].weight, alone[1][0].weight)


def test_a_run_is_reproduced_and_another_seed_gives_another() -> None:
    runs = [
        train_together(networks(), INPUTS, TARGETS, rates=0.1, steps=5, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


def test_only_the_weights_change(untouched) -> None:
    models = networks()
    before = [copy.deepcopy(model) for model in models]
    for model in models:
        model[0].weight.requires_grad_(False)
    with untouched(), torch.no_grad():
        train_together(models, INPUTS, TARGETS, rates=0.1, steps=2)
    for model, old in zip(models, before, strict=True):
        assert not torch.equal(model[0].weight, old[0].weight)
        assert not torch.equal(model[-1].bias, old[-1].bias)
        assert not model[0].weight.requires_grad and model[2].weight.requires_grad
        assert all(p.grad is None for p in model.parameters())


TWIN = networks(count=1)[0]
OTHER = mlp((64, 12, 8, 10), "tanh", seed=0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"models": []}, ["no network", "no models"]),
        ({"models": [TWIN, TWIN]}, ["share their weights", "deepcopy"]),
        ({"models": [TWIN, OTHER]}, ["built alike", "model 1", "mlp"]),
        ({"models": [TWIN, mlp(SIZES, "relu", seed=0)]}, ["built alike", "ReLU"]),
        ({"models": [nn.Sequential(nn.Linear(64, 10))]}, ["built alike"]),
        ({"models": [nn.Linear(64, 10)]}, ["built alike", "Linear"]),
        ({"models": [mlp(SIZES, nn.PReLU(), seed=0)]}, ["built alike", "PReLU"]),
        ({"models": [nn.Sequential(nn.Linear(64, 9, bias=False), nn.Tanh(), nn.Linear(9, 10))]},
         ["built alike"]),
        ({"rates": 0.0}, ["rates", "0.0"]),
        ({"rates": [0.1, 0.1]}, ["rates", "1 networks"]),
        ({"rates": float("nan")}, ["rates", "nan"]),
        ({"steps": 0}, ["steps", "0"]),
        ({"steps": 2.5}, ["steps", "2.5"]),
        ({"targets": TARGETS[:5]}, ["number of examples"]),
        ({"inputs": INPUTS.double()}, ["float64"]),
        ({"targets": TARGETS.float()}, ["shape"]),
        ({"targets": TARGETS + 5}, ["class numbers", "14", "10"]),
    ],
)  # fmt: skip
def test_bad_input_is_refused_before_anything_is_trained(changes, words, untouched) -> None:
    given: dict[str, Any] = {
        "models": [TWIN], "inputs": INPUTS, "targets": TARGETS, "rates": 0.1, "steps": 2
    }  # fmt: skip
    given |= changes
    before = TWIN[0].weight.clone()
    with untouched(), pytest.raises(GlimpseError) as caught:
        train_together(given.pop("models"), given.pop("inputs"), given.pop("targets"), **given)
    assert torch.equal(TWIN[0].weight, before)
    text = str(caught.value)
    assert [word for word in words if word not in text] == []
