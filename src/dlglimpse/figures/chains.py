"""The linear layers of a model, read by their looks, so that torch is not needed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlglimpse.densities import as_array
from dlglimpse.errors import GlimpseError

Floats = npt.NDArray[np.float64]

_MAX_LAYERS = 12


@dataclass(frozen=True)
class LinearLayer:
    """A linear layer: its name, its weights (o, i), and what follows it."""

    name: str
    weight: Floats
    after: tuple[str, ...]


def linear_layers(model: Any) -> list[LinearLayer]:
    """The linear layers of an `nn.Sequential` in order, or an error that says why not."""
    layers: list[LinearLayer] = []
    for name, module in _flattened(model, ""):
        weight = getattr(module, "weight", None)
        if hasattr(module, "in_features") and getattr(weight, "ndim", 0) == 2:
            layers.append(LinearLayer(name, as_array(weight), ()))
        elif next(iter(module.parameters()), None) is not None:
            raise _refusal(f"layer {name!r} is a {type(module).__name__}")
        elif layers:
            last = layers[-1]
            layers[-1] = LinearLayer(last.name, last.weight, (*last.after, type(module).__name__))
    if not layers:
        raise _refusal("no linear layer in it")
    if len(layers) > _MAX_LAYERS:
        raise GlimpseError(
            f"a picture of more than {_MAX_LAYERS} linear layers cannot be read",
            given=f"{len(layers)} layers",
            hint="try a part of the model, such as `draw_network(model[:10])`",
        )
    for before, layer in itertools.pairwise(layers):
        if len(before.weight) != layer.weight.shape[1]:
            raise GlimpseError(
                f"layers {before.name!r} and {layer.name!r} do not fit together",
                given=f"{len(before.weight)} outputs into {layer.weight.shape[1]} inputs",
                hint="try `model(inputs)` to see what PyTorch says",
            )
    return layers


def _flattened(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """The modules of a sequence in order, sequences in it opened."""
    if not any(cls.__name__ == "Sequential" for cls in type(model).__mro__):
        # Only a sequence promises to run its parts in the order in which it lists them.
        raise _refusal(f"a {type(model).__name__}")
    for name, module in model.named_children():
        if any(cls.__name__ == "Sequential" for cls in type(module).__mro__):
            yield from _flattened(module, f"{prefix}{name}.")
        else:
            yield prefix + name, module


def _refusal(given: str) -> GlimpseError:
    return GlimpseError(
        "only an `nn.Sequential` of linear layers, and of modules without parameters "
        "between them, can be drawn",
        given=given,
        hint="try the `nn.Sequential` part of the model alone, or "
        "`draw_graph(model(inputs))` for any model",
    )
