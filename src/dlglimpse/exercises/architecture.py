"""What a network that a student built is made of, seen in a forward pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described

MISTAKES = {
    "returns-none": "`{name}` returns None: what it built is lost when it ends. "
    "Is there a `return`?",
    "returns-a-list": "`{name}` returns the layers in {given}. A list of layers is no network "
    "that can be called; put them into one.",
    "layers-in-a-list": "{hidden} of the linear layers compute, but `parameters()` does not "
    "know them: they are kept in a plain list or dictionary, which `nn.Module` does not look "
    "into.",
    "one-layer-repeated": "One and the same linear layer stands in several places, and so its "
    "weights are shared: `[layer] * 3` makes three names for one thing.",
    "one-layer-too-few": "There are {found} linear layers, and {wanted} are asked for. "
    "Between every two neighbors in the list of sizes stands one layer.",
    "one-layer-too-many": "There are {found} linear layers, and {wanted} are asked for. "
    "Count the steps between the sizes, not the sizes.",
    "activation-after-last": "The network ends with the activation, so its outputs are "
    "squeezed into the activation's range. The last layer is linear.",
    "activation-missing": "Two linear layers follow one another with no activation between "
    "them; together they are no more than one.",
    "activation-hard-coded": "`{name}` was given {given}, and the network does not use it: an "
    "activation is written into your function in place of its argument.",
    "activation-called": "`activation` is a module already, not a class: it needs no "
    "parentheses behind it when you put it into the network.",
}

ERRORS = {
    # What calling a module with nothing says.
    r"forward\(\) missing 1 required positional argument": "activation-called",
    # What calling a list says.
    r"'(list|tuple)' object is not callable": "returns-a-list",
}


@dataclass(frozen=True)
class Step:
    """A module without modules of its own that took part in a forward pass."""

    module: nn.Module
    output: Tensor

    @property
    def linear(self) -> bool:
        return isinstance(self.module, nn.Linear)


def steps(model: nn.Module, inputs: Tensor) -> list[Step]:
    """The leaves of a network in the order in which they compute, registered or not."""
    seen: list[Step] = []

    def note(module: nn.Module, _: Any, output: Any) -> None:
        if not list(module.children()) and isinstance(output, Tensor) and module is not model:
            seen.append(Step(module, output))

    handle = register_module_forward_hook(note)
    try:
        call(model, inputs, name="your network")
    finally:
        handle.remove()
    return seen


def judged(
    build: Callable[..., Any], sizes: Sequence[int], *, name: str, arguments: dict[str, Any]
) -> Verdict:
    """What is wrong with the architecture that a function builds, or None.

    `arguments` go to the function beside the activation. Two activations are tried, so
    that one which is written into the function does not pass for the argument.
    """
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(5, sizes[0], generator=generator)
    for activation in (nn.Softsign(), nn.ELU()):
        model = call(build, activation, name=name, **arguments)
        if model is None:
            return mistaken("returns-none", name=name)
        if isinstance(model, list | tuple):
            return mistaken("returns-a-list", name=name, given=f"a {type(model).__name__}")
        if not isinstance(model, nn.Module):
            return unexpected(f"`{name}` returns {described(model)}, which is no network.")
        wrong = _layers(model, sizes, inputs) or _activations(model, activation, inputs, name)
        if wrong is not None:
            return wrong
    return None


def _layers(model: nn.Module, sizes: Sequence[int], inputs: Tensor) -> Verdict:
    registered = [m for m in model.modules() if isinstance(m, nn.Linear)]
    shapes = [(m.in_features, m.out_features) for m in registered]
    wanted = list(itertools.pairwise(sizes))
    if shapes and shapes[0][0] != sizes[0]:
        return unexpected(
            f"The first layer takes {shapes[0][0]} inputs, and {sizes[0]} are asked for."
        )
    used = [step.module for step in steps(model, inputs) if step.linear]
    hidden = [module for module in used if not any(module is known for known in registered)]
    if hidden:
        return mistaken("layers-in-a-list", hidden=len(hidden))
    if len({id(module) for module in used}) < len(used):
        return mistaken("one-layer-repeated")
    if len(used) < len(wanted):
        return mistaken("one-layer-too-few", found=len(used), wanted=len(wanted))
    if len(used) > len(wanted):
        return mistaken("one-layer-too-many", found=len(used), wanted=len(wanted))
    if shapes != wanted:
        return unexpected(f"The layers lead through {_path(shapes)}, not {_path(wanted)}.")
    return None


def _path(shapes: Sequence[tuple[int, int]]) -> str:
    return ", ".join(f"{n_in} to {n_out}" for n_in, n_out in shapes)


def _activations(model: nn.Module, activation: nn.Module, inputs: Tensor, name: str) -> Verdict:
    """Whether the activation asked for stands where it should, and nothing else does."""
    seen = steps(model, inputs)
    expected: list[type[nn.Module]] = [nn.Linear]
    for _ in range(sum(step.linear for step in seen) - 1):
        expected += [type(activation), nn.Linear]
    found = [type(step.module) for step in seen]
    outputs = call(model, inputs, name="your network")
    if found == expected and computes(seen, inputs, activation, outputs):
        return None
    if found == [*expected, type(activation)]:
        return mistaken("activation-after-last")
    given = described(activation)
    if type(activation) not in found:
        linear = computes(seen, inputs, nn.Identity(), outputs)
        return (
            mistaken("activation-missing")
            if linear
            else mistaken("activation-hard-coded", name=name, given=given)
        )
    neighbors = itertools.pairwise(seen)
    if any(first.linear and second.linear for first, second in neighbors):
        return mistaken("activation-missing")
    names = ", ".join(kind.__name__ for kind in found)
    return unexpected(
        f"The network computes {names}, and something else may happen in its `forward`: it "
        f"is asked for linear layers with {given} between them."
    )


def computes(seen: Sequence[Step], inputs: Tensor, between: nn.Module, outputs: object) -> bool:
    """Whether linear layers with `between` between them give these outputs."""
    signal = inputs
    layers = [step.module for step in seen if step.linear]
    for number, layer in enumerate(layers):
        signal = layer(signal if number == 0 else between(signal))
    return (
        isinstance(outputs, Tensor)
        and outputs.shape == signal.shape
        and bool(torch.allclose(outputs, signal, atol=1e-5))
    )


def parameters_drawn(
    build: Callable[..., Any], n_builds: int, *, name: str, arguments: dict[str, Any]
) -> tuple[list[Tensor], list[Tensor]]:
    """Weights and biases of many networks: by layer, tensors (n_builds, out, in) and (…, out).

    Networks without biases give empty tensors.
    """
    weights, biases = [], []
    for _ in range(n_builds):
        model = call(build, nn.Tanh(), name=name, **arguments)
        layers = [m for m in model.modules() if isinstance(m, nn.Linear)]
        weights.append([layer.weight.detach().double() for layer in layers])
        biases.append(
            [
                torch.zeros(0) if layer.bias is None else layer.bias.detach().double()
                for layer in layers
            ]
        )
    return (
        [torch.stack(layer) for layer in zip(*weights, strict=True)],
        [torch.stack(layer) for layer in zip(*biases, strict=True)],
    )
