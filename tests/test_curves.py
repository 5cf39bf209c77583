"""Activation curves: derivatives against closed forms, and what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dlglimpse import ACTIVATIONS, GlimpseError, activation_curve


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


CLOSED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": lambda x: sigmoid(x) * (1 - sigmoid(x)),
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "relu": lambda x: (x > 0).astype(float),
    "leaky_relu": lambda x: np.where(x > 0, 1.0, 0.01),
    "elu": lambda x: np.where(x > 0, 1.0, np.exp(x)),
    "silu": lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    "softsign": lambda x: 1 / (1 + np.abs(x)) ** 2,
    "identity": np.ones_like,
}


@pytest.mark.parametrize("name", CLOSED)
def test_slopes_are_the_derivatives(name: str) -> None:
    curve = activation_curve(name, span=(-4, 4), points=801)
    assert np.allclose(curve.slopes, CLOSED[name](curve.inputs), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_agree_with_finite_differences(name: str) -> None:
    curve = activation_curve(name, span=(-3, 3), points=600)
    assert curve.name == name
    differences = np.gradient(curve.values, curve.inputs)
    away = np.abs(curve.inputs) > 0.02
    assert np.abs(differences - curve.slopes)[away].max() < 1e-2


def test_zero_is_among_the_inputs() -> None:
    curve = activation_curve("relu")
    assert (curve.inputs[0], curve.inputs[500], curve.inputs[-1]) == (-5.0, 0.0, 5.0)
    assert curve.slopes[500] == 0.0
    assert curve.slopes[501] == 1.0


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        (nn.Tanh, "Tanh"),
        (nn.ReLU(inplace=True), "ReLU"),
        (torch.tanh, "tanh"),
        (nn.PReLU(), "PReLU"),
        (torch.sign, "sign"),
    ],
)
def test_modules_and_functions_are_taken(activation: Any, name: str) -> None:
    curve = activation_curve(activation, points=11)
    assert curve.name == name
    assert curve.values.shape == curve.slopes.shape == (11,)


def test_modules_and_random_states_are_left_alone() -> None:
    module, state = nn.PReLU(), torch.random.get_rng_state()
    activation_curve(module)
    assert module.weight.dtype == torch.float32
    assert module.weight.grad is None
    with pytest.raises(GlimpseError):
        activation_curve(nn.Dropout())
    assert torch.equal(torch.random.get_rng_state(), state)


def test_no_grad_does_not_hide_the_derivative() -> None:
    with torch.no_grad():
        assert activation_curve("identity").slopes.tolist() == [1.0] * 1001


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (nn.Softmax(0), "given: Softmax, which makes other values of the same inputs"),
        (nn.RReLU(), "in other company"),
        (torch.sum, r"values of shape \(\) of 1-D inputs"),
        (nn.Linear(3, 3), "Linear, which makes the error 'mat1 and mat2"),
        (lambda x: 3, "which makes the error"),
        (3, "a name, a module class or a module; given: 3"),
        ("swish", "choose one of sigmoid, tanh"),
    ],
)
def test_what_is_no_activation_is_refused(activation: Any, message: str) -> None:
    with pytest.raises(GlimpseError, match=message):
        activation_curve(activation)
