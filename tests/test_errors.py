"""Errors say what was wrong, what was given and what to try."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlglimpse import (
    GlimpseError,
    glimpse,
    mlp,
    per_example_densities,
    per_example_gradients,
    per_example_norms,
    waves,
)
from dlglimpse.errors import one_of

INPUTS, TARGETS = waves(6)
LOOKS = [glimpse, per_example_gradients, per_example_norms, per_example_densities]


def column():
    """A network with one output: the place of the classical trap."""
    return mlp((2, 3, 1), seed=0)


def network():
    return mlp((2, 3, 2), seed=0)


class Wrapped(nn.Module):
    """Not an `nn.Sequential`: another way through the code, the same messages."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return self.body(x)


def nan_in(tensor, value=torch.nan):
    tensor = tensor.clone()
    tensor[3, 1] = value
    return tensor


def case(words, model=network, inputs=INPUTS, targets=TARGETS, loss=F.mse_loss):
    return words, model, inputs, targets, loss


# each with the words that say: what was wrong, what was given, what to try
CASES = {
    "int64 inputs": case(["int64", "float32", "float"], inputs=INPUTS.long()),
    "float64 inputs": case(["float64", "float32"], inputs=INPUTS.double()),
    "float64 targets": case(["float64", "float32"], targets=TARGETS.double()),
    "int64 targets": case(["int64", "float32"], targets=TARGETS.long()),
    "wrong width": case(["(6, 3)", "2"], inputs=torch.zeros(6, 3)),
    "one example without its axis": case(["(2,)"], inputs=INPUTS[0], targets=TARGETS[0]),
    "targets of shape (n,)": case(["(6,)", "(6, 1)", "broadcast"], column, targets=TARGETS[:, 0]),
    "targets of shape (1, n)": case(
        ["number of examples", "(1, 6)"], column, targets=TARGETS[:, 0][None]
    ),
    "whole numbers of shape (n,)": case(
        ["(6,)", "(6, 1)"], column, targets=torch.tensor([0, 1, 0, 1, 1, 0])
    ),
    "targets of shape (n, 1)": case(["(6, 1)", "(6, 2)"], targets=TARGETS[:, :1]),
    "lengths differ": case(["number of examples", "(6, 2)", "(4, 2)"], targets=TARGETS[:4]),
    "empty batch": case(["empty", "(0, 2)"], inputs=INPUTS[:0], targets=TARGETS[:0]),
    "loss of every value": case(
        ["scalar", "(6, 2)"], loss=lambda o, t: F.mse_loss(o, t, reduction="none")
    ),
    "loss of every example": case(["scalar", "(6,)"], loss=lambda o, t: ((o - t) ** 2).mean(dim=1)),
    "loss that is a number": case(["scalar"], loss=lambda o, t: 1.0),
    "loss that left the graph": case(["loss"], loss=lambda o, t: F.mse_loss(o.detach(), t)),
    "no parameters": case(["parameter"], nn.ReLU),
    "nan in the inputs": case(["nan", "inputs"], inputs=nan_in(INPUTS)),
    "inf in the inputs": case(["inf", "inputs"], inputs=nan_in(INPUTS, torch.inf)),
    "nan in the targets": case(["nan", "targets"], targets=nan_in(TARGETS)),
    "a list of inputs": case(["list", "tensor"], inputs=INPUTS.tolist()),
    "an array of inputs": case(["ndarray", "from_numpy"], inputs=INPUTS.numpy()),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("wrap", [nn.Sequential, Wrapped])
@pytest.mark.parametrize("name", CASES)
def test_the_message_says_what_was_wrong_what_was_given_what_to_try(name, wrap, look):
    words, model, inputs, targets, loss = CASES[name]
    if name.startswith("loss of every") and look is not glimpse:
        words = ["scalar"]  # one example at a time, the shape given is another
    with pytest.raises(GlimpseError) as caught:
        look(wrap(model()), inputs, targets, loss=loss)
    text = str(caught.value)
    assert [word for word in words if word.lower() not in text.lower()] == []
    assert re.fullmatch(r"[^;]+; given: .+; (try|choose) .+\.", text)
    assert text.count("given:") == 1  # not an error inside another


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("model", ["a string", mlp, None])
def test_what_is_no_module_is_refused(look, model):
    with pytest.raises(GlimpseError, match="(?i)module"):
        look(model, INPUTS, TARGETS)


@pytest.mark.parametrize("look", LOOKS)
def test_class_numbers_are_not_taken_for_a_mistake(look):
    classes = torch.tensor([0, 1, 0, 1, 0, 1])
    assert look(network(), INPUTS, classes, loss=F.cross_entropy)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", [ValueError, RuntimeError, TypeError])
def test_an_error_of_the_loss_does_not_blame_the_model(look, kind):
    def loss(outputs, targets):
        raise kind("this loss is unhappy")

    with pytest.raises((kind, GlimpseError)) as caught:
        look(network(), INPUTS, TARGETS, loss=loss)
    text = str(caught.value)
    assert "unhappy" in text
    assert "model cannot" not in text


def test_a_glimpse_error_is_a_value_error():
    assert issubclass(GlimpseError, ValueError)


def test_one_of_returns_a_known_name():
    assert one_of("tanh", ["relu", "tanh"], "activation") == "tanh"


@pytest.mark.parametrize("wrong", ["tanhh", 3, None])
def test_one_of_names_the_thing_the_value_and_the_choices(wrong):
    with pytest.raises(GlimpseError) as caught:
        one_of(wrong, ["relu", "tanh"], "activation")
    text = str(caught.value)
    for word in ("activation", repr(wrong), "relu", "tanh"):
        assert word in text
