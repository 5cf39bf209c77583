"""`mlp` and its activations."""

import itertools
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlglimpse import ACTIVATIONS, GlimpseError, GlorotNormal, mlp

FORMULAS = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "gelu": lambda x: x * normal_cdf(x),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "identity": lambda x: x,
}


def normal_cdf(x: np.ndarray) -> np.ndarray:
    """Integrate the normal density by the trapezoid rule: no erf involved."""
    grid = np.linspace(-12, 12, 240_001)
    density = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
    steps = (density[1:] + density[:-1]) / 2 * (grid[1] - grid[0])
    return np.interp(x, grid, np.concatenate([[0], np.cumsum(steps)]))


def plain_layers(sizes, seed):
    """What PyTorch alone builds after ``torch.manual_seed(seed)``."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return [nn.Linear(i, o) for i, o in itertools.pairwise(sizes)]


def parameters(model):
    return torch.cat([p.detach().ravel() for p in model.parameters()])


def test_the_vocabulary_is_the_books():
    assert set(ACTIVATIONS) == set(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_each_activation_follows_its_formula(name):
    x = torch.linspace(-6, 6, 201, dtype=torch.float64)
    value = ACTIVATIONS[name]()(x).numpy()
    np.testing.assert_allclose(value, FORMULAS[name](x.numpy()), atol=1e-9)
    functional = x if name == "identity" else getattr(F, name)(x)
    np.testing.assert_allclose(value, functional.numpy(), rtol=0, atol=1e-15)


@pytest.mark.parametrize("sizes", [(3, 2), (4, 2, 2, 1), [2, 5, 3, 7, 2]])
def test_layers_alternate_and_the_last_is_linear(sizes):
    model = mlp(sizes, "tanh")
    assert type(model) is nn.Sequential
    linear = [name for name, m in model.named_children() if isinstance(m, nn.Linear)]
    assert linear == [str(2 * k) for k in range(len(sizes) - 1)]
    assert [type(m) for m in model[1::2]] == [nn.Tanh] * (len(sizes) - 2)
    shapes = [tuple(m.weight.shape) for m in model[::2]]
    assert shapes == [(o, i) for i, o in itertools.pairwise(sizes)]
    assert all(p.dtype == torch.float32 for p in model.parameters())
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert model.training


def test_the_network_of_the_book_has_19_parameters():
    assert sum(p.numel() for p in mlp((4, 2, 2, 1)).parameters()) == 19


def test_the_default_activation_is_the_sigmoid():
    assert isinstance(mlp((2, 2, 2))[1], nn.Sigmoid)


def test_forward_equals_the_formula():
    model = mlp((3, 4, 2), "tanh", seed=0).double()
    x = np.random.default_rng(0).normal(size=(5, 3))
    w0, b0, w1, b1 = (p.detach().numpy() for p in model.parameters())
    expected = np.tanh(x @ w0.T + b0) @ w1.T + b1
    got = model(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(got, expected, atol=1e-14)


@pytest.mark.parametrize("name", FORMULAS)
def test_name_class_and_instance_make_the_same_network(name):
    kinds = [name, ACTIVATIONS[name], ACTIVATIONS[name]()]
    models = [mlp((2, 5, 5, 2), kind, seed=1) for kind in kinds]
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    first, *others = (model(x) for model in models)
    assert all(torch.equal(first, other) for other in others)
    assert all(type(m[1]) is type(m[3]) is ACTIVATIONS[name] for m in models)


def test_a_class_or_a_name_gives_each_layer_its_own_module():
    for activation in ("tanh", nn.PReLU):
        model = mlp((2, 2, 2, 2), activation)
        assert model[1] is not model[3]


def test_an_instance_is_shared_and_so_are_its_parameters():
    shared = nn.PReLU()
    model = mlp((2, 2, 2, 2), shared)
    assert model[1] is model[3] is shared
    assert sum(p.numel() for p in model.parameters()) == 3 * 6 + 1


@pytest.mark.parametrize("seed", [0, 1, 2**31, 123456789])
def test_the_default_draw_is_pytorchs_own(seed):
    model = mlp((3, 7, 2), seed=seed)
    for ours, theirs in zip(model[::2], plain_layers((3, 7, 2), seed), strict=True):
        assert torch.equal(ours.weight, theirs.weight)
        assert torch.equal(ours.bias, theirs.bias)


@pytest.mark.parametrize("initializer", [None, "glorot_normal", GlorotNormal()])
def test_the_seed_decides(initializer):
    first, again, other = (
        parameters(mlp((3, 4, 2), "tanh", initializer, seed=s)) for s in (5, 5, 6)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("initializer", [None, "he_uniform"])
def test_no_seed_draws_fresh_entropy(initializer):
    draws = []
    for _ in range(3):
        torch.manual_seed(0), np.random.seed(0), random.seed(0)
        draws.append(parameters(mlp((3, 4, 2), initializer=initializer)))
    assert len({tuple(draw.tolist()) for draw in draws}) == 3


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize("initializer", [None, "default", "orthogonal", "zeros"])
def test_the_global_random_state_is_untouched(untouched, initializer, seed):
    with untouched():
        mlp((3, 4, 2), "relu", initializer, seed=seed)


def test_the_global_random_state_does_not_matter():
    torch.manual_seed(1)
    first = parameters(mlp((3, 4, 2), seed=0))
    torch.manual_seed(2)
    assert torch.equal(first, parameters(mlp((3, 4, 2), seed=0)))


def test_layers_are_drawn_independently():
    model = mlp((40, 40, 40), seed=0)
    w, v = (model[k].weight.detach().ravel() for k in (0, 2))
    correlation = torch.corrcoef(torch.stack([w, v]))[0, 1]
    assert abs(correlation) < 4 / 40


@pytest.mark.parametrize("sizes", [(), (3,), (3, 0), (3, -1, 2), (2, 2.5), "22", 3])
def test_wrong_sizes_are_refused(untouched, sizes):
    with untouched(), pytest.raises(GlimpseError) as caught:
        mlp(sizes)
    assert "size" in str(caught.value)


@pytest.mark.parametrize("activation", ["sigmoyd", "", "Sigmoid "])
def test_an_unknown_activation_lists_the_choices(untouched, activation):
    with untouched(), pytest.raises(GlimpseError) as caught:
        mlp((2, 2, 2), activation)
    text = str(caught.value)
    assert repr(activation) in text
    assert all(name in text for name in ACTIVATIONS)


@pytest.mark.parametrize("activation", [torch.tanh, 3, int, None])
def test_what_is_no_module_is_refused(activation):
    with pytest.raises(GlimpseError):
        mlp((2, 2, 2), activation)


@pytest.mark.parametrize("seed", [1.5, "0", -1, True, torch.tensor(1.0)])
def test_a_wrong_seed_is_refused(untouched, seed):
    with untouched(), pytest.raises(GlimpseError, match="seed"):
        mlp((2, 2), seed=seed)
