"""2.9 to 2.11: whether one network can be the 2-2-2-2-2 of Glorot that was asked for."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.exercises.architecture import MISTAKES as ARCHITECTURE
from dlglimpse.exercises.architecture import steps
from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described
from dlglimpse.records import Draws, Glimpse

SIZES = (2, 2, 2, 2, 2)
DEFAULT_BOUND = 1 / math.sqrt(2)
"""PyTorch's default draws weights and biases of layers with two inputs below this."""
LARGEST = 4.7
"""N(0, 1/2) goes beyond this once in a thousand million networks of sixteen weights."""
N_TRIALS = 8
"""How often the network is filled with weights of our own, to see what it computes."""

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": torch.relu,
}

MISTAKES = {
    "function-not-network": "`{name}` is {given}. A function that builds networks is not a "
    "network: call it with the activation, and keep what it returns.",
    "class-not-network": "`{name}` is {given}. A class is the plan of a module; the network is "
    "what you get when you build one.",
    "record-not-network": "`{name}` is what `{given}` saw in a network. Hand over the network "
    "itself, and look into it in the next line.",
    "list-not-network": "`{name}` is {given}: layers in a row are not yet a network that can "
    "be called.",
    "layers-in-a-list": ARCHITECTURE["layers-in-a-list"],
    "no-layers": "`{name}` is {given}, a module without a linear layer in it. It can stand "
    "between layers; where are they?",
    "wrong-activation": "Between its layers `{name}` computes {found}, and {wanted} is asked "
    "for. Is it the network of another exercise, or of a default you did not name?",
    "activation-missing": "There is no activation between the linear layers of `{name}`: "
    "four of them in a row compute what one could.",
    "activation-after-last": "`{name}` ends with the activation, so the outputs are squeezed "
    "into its range, and the last layer's gradient is multiplied once more on its way back. "
    "The last layer of our networks is linear.",
    "wrong-depth": "Linear layers found in `{name}`: {found}. From 2 to 2 to 2 to 2 to 2 units "
    "it takes four: count the steps, not the sizes.",
    "wrong-sizes": "The layers of `{name}` lead {path}. To be compared with the earlier "
    "picture, the network must have two units in every layer.",
    "one-layer-repeated": "The same weights stand in several layers of `{name}`: one layer "
    "was used, or copied, where each must be drawn on its own.",
    "constant-weights": "All weights of layer {layer} are {value}: nothing was drawn there.",
    "default-weights": "No weight is larger than 0.71, which is where `nn.Linear` ends when it "
    "draws on its own. Did anything reach the layers after they were made? (If you are sure "
    "that it did, you met the one draw in 450 that looks so: draw again.)",
    "no-minus-sign": "No weight is negative, and Glorot's distribution is centered at zero. "
    "(One draw in 65,536 looks so. If you are sure of yours, draw again.)",
    "too-large": "A weight of `{name}` is {value}. At two in, two out, Glorot's standard "
    "deviation is 0.71: what did you multiply by, or which number did you give as `std`?",
    "biases-too": "A bias of `{name}` is {value}. PyTorch draws them between -0.71 and 0.71, "
    "and Glorot's rule is about weights: was the initializer given all parameters, or has the "
    "network been trained?",
}


def judged(name: str, answer: Any, wanted: str) -> Verdict:
    """What one network cannot be if it was built as asked; the rest is the benefit of doubt."""
    if not isinstance(answer, nn.Module):
        return _no_network(name, answer)
    linear = [m for m in answer.modules() if isinstance(m, nn.Linear)]
    wrong = _layers(name, answer, linear)
    if wrong is not None:
        return wrong
    model = answer.double().eval()
    weights = [layer.weight.detach().clone() for layer in linear]
    biases = [layer.bias.detach().clone() for layer in linear if layer.bias is not None]
    return (
        _computes(name, model, linear, wanted) or _weights(name, weights) or _biases(name, biases)
    )


def _no_network(name: str, answer: Any) -> Verdict:
    if isinstance(answer, Glimpse | Draws):
        given = "glimpse" if isinstance(answer, Glimpse) else "draws"
        return mistaken("record-not-network", name=name, given=given)
    if isinstance(answer, type):
        return mistaken("class-not-network", name=name, given=described(answer))
    if inspect.isroutine(answer):
        return mistaken("function-not-network", name=name, given=described(answer))
    if isinstance(answer, list | tuple):
        return mistaken("list-not-network", name=name, given=f"a {type(answer).__name__}")
    return unexpected(f"`{name}` should be a network, and is {described(answer)}.")


def _layers(name: str, model: nn.Module, linear: Sequence[nn.Linear]) -> Verdict:
    shapes = [(layer.in_features, layer.out_features) for layer in linear]
    if any(shape != (2, 2) for shape in shapes):
        path = ", then ".join(f"from {n_in} to {n_out}" for n_in, n_out in shapes)
        return mistaken("wrong-sizes", name=name, path=path)
    if isinstance(model, nn.Linear):
        return mistaken("wrong-depth", name=name, found=1)
    # Layers in a plain list are not reached by `double`, so the input follows the network.
    dtype = next((p.dtype for p in model.parameters()), torch.float32)
    inputs = torch.zeros(1, 2, dtype=dtype)
    used = [step.module for step in steps(model, inputs) if step.linear]
    hidden = [layer for layer in used if not any(layer is known for known in linear)]
    if hidden:
        return mistaken("layers-in-a-list", hidden=len(hidden))
    if not linear:
        return mistaken("no-layers", name=name, given=described(model))
    if len({id(layer) for layer in used}) < len(used):
        return mistaken("one-layer-repeated", name=name)
    if len(used) != len(SIZES) - 1:
        return mistaken("wrong-depth", name=name, found=len(used))
    if [id(layer) for layer in used] != [id(layer) for layer in linear]:
        return unexpected(
            f"The layers of `{name}` do not compute in the order in which they stand in it."
        )
    return None


def _computes(name: str, model: nn.Module, linear: Sequence[nn.Linear], wanted: str) -> Verdict:
    """What stands between the layers, tried with weights of our own: no unit is dead in all."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(50, 2, generator=generator).double()
    possible = {"nothing": lambda z: z, **ACTIVATIONS}
    fits, fits_squeezed = set(possible), set(possible)
    for _ in range(N_TRIALS):
        _fill(linear, generator)
        outputs = call(model, inputs, name=name)
        for between, function in possible.items():
            expected = _chain(linear, inputs, function)
            if not _same(outputs, expected):
                fits.discard(between)
            if not any(_same(outputs, squeeze(expected)) for squeeze in ACTIVATIONS.values()):
                fits_squeezed.discard(between)
    if wanted in fits:
        return None
    if fits:
        return _between(name, fits.pop(), wanted)
    if fits_squeezed:
        return mistaken("activation-after-last", name=name)
    return unexpected(
        f"`{name}` does not compute linear layers with {wanted} between them and nothing else."
    )


def _fill(linear: Sequence[nn.Linear], generator: torch.Generator) -> None:
    for layer in linear:
        for parameter in layer.parameters():
            drawn = torch.randn(parameter.shape, generator=generator)
            parameter.data = drawn.to(parameter.dtype)


def _between(name: str, between: str, wanted: str) -> Verdict:
    if between == "nothing":
        return mistaken("activation-missing", name=name)
    return mistaken("wrong-activation", name=name, found=between, wanted=wanted)


@torch.no_grad()
def _chain(
    linear: Sequence[nn.Linear], signal: Tensor, between: Callable[[Tensor], Tensor]
) -> Tensor:
    for layer in linear[:-1]:
        signal = between(layer(signal))
    last: Tensor = linear[-1](signal)
    return last


def _same(outputs: Any, expected: Tensor) -> bool:
    return (
        isinstance(outputs, Tensor)
        and outputs.shape == expected.shape
        and torch.allclose(outputs.double(), expected, atol=1e-6)
    )


def _weights(name: str, weights: Sequence[Tensor]) -> Verdict:
    everything = torch.stack(list(weights))
    if not everything.isfinite().all():
        return unexpected(f"A weight of `{name}` is no number.")
    for layer, weight in enumerate(weights, start=1):
        if (weight == weight[0, 0]).all():
            return mistaken("constant-weights", layer=layer, value=f"{weight[0, 0].item():g}")
    if any(torch.equal(one, other) for one, other in itertools.combinations(weights, 2)):
        return mistaken("one-layer-repeated", name=name)
    largest = everything.abs().max().item()
    if largest > LARGEST:
        return mistaken("too-large", name=name, value=f"{largest:.1f}")
    if everything.min() >= 0:
        return mistaken("no-minus-sign")
    return mistaken("default-weights") if largest <= DEFAULT_BOUND else None


def _biases(name: str, biases: Sequence[Tensor]) -> Verdict:
    largest = max((bias.abs().max().item() for bias in biases), default=0.0)
    if largest <= DEFAULT_BOUND + 1e-6:
        return None
    return mistaken("biases-too", name=name, value=f"{largest:.2f}")


def comparison(key: str, name: str, wanted: str, tests: str, right: str) -> Exercise:
    """One of the three exercises; they differ in the activation only."""

    def verdict(**answers: Any) -> Verdict:
        return judged(name, answers[name], wanted)

    return Exercise(
        key=key,
        page="initialization",
        tests=tests,
        minutes=10,
        answers={name: "any"},
        hints=(
            "Two functions of this page return such a network: the one of exercise 2.8, and "
            "`mlp` with a scheme.",
            f"`{name}` is one network with five sizes, all of them 2, and {wanted} between its "
            "layers. Print it: are there four linear layers, and what comes last?",
            "The look at its gradients is taken by the lines below your answer. For the "
            "comparison, draw several networks, and put one scale on both pictures.",
        ),
        mistakes=MISTAKES,
        right=right,
        verdict=verdict,
    )
