"""The missing layers: a network whose hidden layers PyTorch knows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.exercises.architecture import computes, steps
from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described

N_PARAMETERS = 4 * (2 * 2 + 2)


def verdict(*, Repaired: type[Any]) -> Verdict:
    """Build one; then its layers, its parameters, and what it computes."""
    if not issubclass(Repaired, nn.Module):
        return mistaken("no-module")
    model = call(Repaired, name="Repaired")
    inputs = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    outputs = call(model, inputs, name="Repaired()")
    if outputs is None:
        return mistaken("returns-none")
    if not isinstance(outputs, Tensor) or outputs.shape != (5, 2):
        return unexpected(f"For inputs of shape (5, 2) it returns {described(outputs)}.")
    return _layers(model, inputs) or _outputs(model, inputs, outputs)


def _layers(model: nn.Module, inputs: Tensor) -> Verdict:
    used = [step.module for step in steps(model, inputs) if step.linear]
    known = [module for module in model.modules() if isinstance(module, nn.Linear)]
    hidden = [module for module in used if not any(module is each for each in known)]
    if hidden:
        return mistaken("still-a-list", hidden=len(hidden))
    if len({id(module) for module in used}) < len(used):
        return mistaken("one-layer-three-times")
    if len(used) < len(known):
        return mistaken("layers-unused", used=len(used), known=len(known))
    count = sum(parameter.numel() for parameter in model.parameters())
    if len(used) != 4 or count != N_PARAMETERS:
        return mistaken("another-network", layers=len(used), count=count)
    return None


def _outputs(model: nn.Module, inputs: Tensor, outputs: Tensor) -> Verdict:
    seen = steps(model, inputs)
    if computes(seen, inputs, nn.Tanh(), outputs):
        return None
    if computes(seen, inputs, nn.Identity(), outputs):
        return mistaken("tanh-lost")
    if outputs.abs().max() <= 1 and computes(seen, inputs, nn.Tanh(), torch.atanh(outputs)):
        return mistaken("last-layer-bent")
    return unexpected("It has the right layers, but does not compute what `Listed` does.")


EXERCISE = Exercise(
    key="bug-list",
    page="sequential",
    tests="Registers layers so that parameters(), apply() and state_dict() find them.",
    minutes=10,
    answers={"Repaired": "class"},
    hints=(
        "Count: how many parameters should such a network have, and how many does "
        "`Listed().parameters()` give?",
        "`nn.Module` notices what is assigned to its attributes if it is a module. A list is "
        "none, whatever is in it.",
        "PyTorch has a list of its own that is a module. It can be looped over as before.",
    ),
    mistakes={
        "still-a-list": "{hidden} of the layers compute, but `parameters()` does not give "
        "theirs: they are still in a plain list, tuple or dictionary.",
        "one-layer-three-times": "One and the same layer computes three times, with the same "
        "weights. Writing `[layer] * 3` makes no copies.",
        "layers-unused": "The network holds {known} linear layers, and {used} of them take "
        "part in `forward`.",
        "another-network": "Your network has {layers} linear layers and {count} parameters. "
        "It should do what `Listed` was meant to: three hidden layers of two units, and a last.",
        "tanh-lost": "The layers are there, but nothing bends between them: the tanh of "
        "`Listed` got lost, and with it all but one matrix.",
        "last-layer-bent": "The outputs went through a tanh as well. In `Listed` the last "
        "layer is linear.",
        "no-module": "`Repaired` is no `nn.Module`. What does its first line inherit from?",
        "returns-none": "`forward` returns None.",
        "no-super": "The layers were assigned before `nn.Module` was ready for them: "
        "`super().__init__()` comes first.",
        "list-called": "A `nn.ModuleList` keeps modules, and does not say in which order they "
        "compute: it cannot be called. Loop over it.",
        "no-forward": "`Repaired` has no `forward`, so calling it does nothing.",
    },
    errors={
        r"before Module.__init__\(\) call|no attribute '_(modules|parameters)'": "no-super",
        r"Module \[ModuleList\] is missing the required": "list-called",
        r"Module \[\w+\] is missing the required": "no-forward",
    },
    right="What is registered is trained, saved, moved and counted.",
    verdict=verdict,
)
