"""Kill a ReLU and revive it: dead is said of a unit and a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.data import waves
from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described

WEIGHTS = ((0.75, -0.5), (-0.875, 0.25), (0.5, 0.75), (-0.25, -0.625))
"""Exact in any type, so that they are known again."""
DEAD = -20.0


def verdict(*, kill: Callable[..., Any], revive: Callable[..., Any]) -> Verdict:
    """Kill units of the check's own, then ask for a way back for each."""
    inputs = waves(100, seed=0)[0]
    for unit in _units():
        before = {name: value.clone() for name, value in unit.state_dict().items()}
        # Not a copy: what happens to this very unit is the question.
        returned = call(partial(kill, unit), inputs, name="kill")
        wrong = _killed(unit, before, returned, inputs)
        if wrong is not None:
            return wrong
    for dead in _units(bias=DEAD):
        wrong = _revived(call(partial(revive, dead), inputs, name="revive"))
        if wrong is not None:
            return wrong
    return None


def _units(bias: float = 0.1) -> Iterator[nn.Sequential]:
    """Units of two inputs whose weights all differ, in size and in sign."""
    for weights in WEIGHTS:
        layer = nn.Linear(2, 1)
        layer.load_state_dict({"weight": torch.tensor([weights]), "bias": torch.tensor([bias])})
        yield nn.Sequential(layer, nn.ReLU())


def _killed(unit: nn.Sequential, before: Mapping[str, Tensor], returned: Any, x: Tensor) -> Verdict:
    after = unit.state_dict()
    if not torch.equal(after["0.weight"], before["0.weight"]):
        return mistaken("weights-changed")
    if not isinstance(unit[1], nn.ReLU):
        return mistaken("relu-replaced")
    if torch.equal(after["0.bias"], before["0.bias"]):
        copied = isinstance(returned, nn.Module) and not bool(returned(x).any())
        return mistaken("killed-a-copy" if copied else "nothing-changed")
    on = int((unit(x) > 0).sum())
    if on == len(x):
        return mistaken("bias-upward")
    if on:
        return mistaken("still-on", on=on, count=len(x))
    return None


def _revived(answer: Any) -> Verdict:
    if answer is None:
        return mistaken("returns-none")
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return mistaken("no-pair", given=described(answer))
    network, x = answer
    if not isinstance(network, nn.Module) or not isinstance(x, Tensor):
        return mistaken("no-pair", given=f"{described(network)} and {described(x)}")
    layers = [module for module in network.modules() if isinstance(module, nn.Linear)]
    if len(layers) != 1:
        return unexpected(f"Your network has {len(layers)} linear layers, and one is asked for.")
    weight, bias = layers[0].weight, layers[0].bias
    if bias is None or bias.item() != DEAD:
        return mistaken("bias-moved")
    if tuple(weight.flatten().tolist()) not in WEIGHTS:
        return mistaken("weights-moved")
    return _gradient(network, weight, x)


def _gradient(network: nn.Module, weight: Tensor, x: Tensor) -> Verdict:
    outputs = call(lambda inputs: network(inputs), x, name="your network")
    weight.requires_grad_()
    if not (isinstance(outputs, Tensor) and outputs.requires_grad):
        return mistaken("still-dead")
    (gradient,) = torch.autograd.grad(outputs.sum(), [weight], allow_unused=True)
    if gradient is None or not gradient.any():
        return mistaken("still-dead")
    return None if torch.isfinite(gradient).all() else unexpected("The gradient is not finite.")


EXERCISE = Exercise(
    key="kill-relu",
    page="activations",
    tests="Knows that dead is a property of a unit and of the data it sees.",
    minutes=15,
    answers={"kill": "function", "revive": "function"},
    hints=(
        "A ReLU unit is off where its pre-activation is negative. Which number of the unit "
        "moves all pre-activations at once?",
        "A parameter is changed in place, under `torch.no_grad()`: its methods `fill_` and "
        "`copy_` do it.",
        "The weights and the bias are not to be touched, so two things are left: what goes in, "
        "and what stands behind the layer.",
    ),
    mistakes={
        "weights-changed": "`kill` changed the weights. The bias alone can keep a unit off.",
        "relu-replaced": "`kill` replaced the ReLU. Leave it: a ReLU dies by what goes into it.",
        "nothing-changed": "After `kill` the unit's bias is what it was before.",
        "killed-a-copy": "`kill` returns a dead unit, and the one it was given lives on. Change "
        "that one, in place.",
        "bias-upward": "After `kill` the unit is on for all inputs: the bias went the wrong way.",
        "still-on": "After `kill` the unit is still on for {on} of {count} inputs. Is the bias "
        "far enough for other weights, too?",
        "bias-is-a-parameter": "A number cannot take the place of a parameter. Change what is in "
        "the bias, not what the name `bias` stands for.",
        "no-no-grad": "PyTorch takes notes of a change in place to a leaf that requires a "
        "gradient, and so it refuses. Say that this is not to be noted.",
        "returns-none": "`revive` returns None. A network and inputs are asked for.",
        "no-pair": "`revive` returns {given}. A pair is asked for: a network, and the inputs "
        "on which it is alive.",
        "bias-moved": "The bias of the layer is not what it was. Find a way that leaves it.",
        "weights-moved": "The weights of the layer are not what they were. Find a way that "
        "leaves them.",
        "still-dead": "The weights still get no gradient with your network on your inputs. "
        "Your way may work for some weights and not for others: can the inputs point the "
        "other way?",
    },
    errors={
        r"cannot assign '[\w.]+' (object )?(as|to) parameter": "bias-is-a-parameter",
        r"leaf Variable that requires grad": "no-no-grad",
    },
    right="Dead is said of a unit and a data set; other inputs or another slope bring it back.",
    verdict=verdict,
)
