"""Which modules of a model are layers, and which of its parameters are their weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import Tensor, nn

from dlglimpse.errors import GlimpseError


def unwrapped(model: nn.Module) -> nn.Module:
    """The model inside `torch.compile` or `nn.DataParallel`, whose names are the reader's."""
    wrapped = getattr(model, "_orig_mod", None)
    if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        wrapped = model.module
    return unwrapped(wrapped) if isinstance(wrapped, nn.Module) else model


def layer_name(parameter: str, model: nn.Module, kind: str = "weight") -> str:
    """The name of the layer whose `weight` this is, or that of the parameter itself.

    Examples
    --------
    >>> layer_name("0.weight", nn.Sequential()), layer_name("0.weight_ih_l0", nn.Sequential())
    ('0', '0.weight_ih_l0')
    """
    for ending in (f".{kind}", f".parametrizations.{kind}.original"):
        if f".{parameter}".endswith(ending):
            return parameter[: -len(ending)] or type(model).__name__
    return parameter


def layers_of(model: nn.Module) -> dict[str, nn.Module]:
    """The modules that own a `weight` with two or more axes, by name.

    Raises
    ------
    GlimpseError
        If there is none.

    Examples
    --------
    >>> list(layers_of(nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))))
    ['0', '2']
    """
    layers = {
        name or type(module).__name__: module
        for name, module in model.named_modules()
        if any(_is_matrix(p) for p in own_parameters(module, "weight").values())
    }
    if not layers:
        raise GlimpseError(
            "the model has no layer with a `weight` matrix to look at",
            given=type(model).__name__,
            hint="try a model made of layers such as `nn.Linear`, or call your matrix `weight`",
        )
    return layers


def own_parameters(module: nn.Module, kind: str) -> dict[str, Tensor]:
    """A module's own parameters of a kind, "weight" or "bias", or what they are made of.

    An attention has an `in_proj_weight`, a recurrent layer a `weight_ih_l0`; a weight
    that is normalized is made of an `original`, or of `weight_g` and `weight_v`.
    """
    found: dict[str, Tensor] = {
        name: parameter
        for name, parameter in module._parameters.items()
        if parameter is not None and kind in name
    }
    behind = getattr(module, "parametrizations", None)
    if isinstance(behind, nn.ModuleDict) and kind in behind:
        prefix = f"parametrizations.{kind}"
        found |= behind[kind].named_parameters(prefix)
    return found


def parameters_of(layers: Mapping[str, nn.Module], kind: str) -> dict[str, dict[str, Tensor]]:
    """For each layer its matrices ("weight") or the vectors added to them ("bias").

    The keys are names of parameters from the layer on; a tied weight belongs to each
    layer that owns it.
    """
    return {
        name: {
            own: parameter
            for own, parameter in own_parameters(layer, kind).items()
            if parameter.is_floating_point() and (kind == "bias" or _is_matrix(parameter))
        }
        for name, layer in layers.items()
    }


def in_order(layers: Iterable[str], seen: Iterable[str]) -> list[str]:
    """The uses of layers in the order in which a forward pass came to them.

    What it did not call stands behind what it is a part of: an attention uses the
    weights of its last layer itself. The rest comes last.
    """
    names = list(seen)
    for name in layers:
        if name not in names:
            parents = [k for k, other in enumerate(names) if name.startswith(f"{other}.")]
            names.insert(parents[-1] + 1 if parents else len(names), name)
    return names


def _is_matrix(parameter: Tensor) -> bool:
    return parameter.ndim >= 2 and parameter.is_floating_point()
