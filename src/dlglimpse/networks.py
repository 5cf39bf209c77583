"""Networks of the kind the book looks into: layers in a row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from dlglimpse.errors import GlimpseError, one_of
from dlglimpse.initializers import initialize
from dlglimpse.schemes import Scheme, scheme_of

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softsign": nn.Softsign,
    "identity": nn.Identity,
}
"""The activation functions by name."""

Activation = str | type[nn.Module] | nn.Module


def activation_module(activation: Activation) -> nn.Module:
    """A module for an activation given by name, class or instance.

    An instance is returned as it is, so that whoever asks twice shares it.

    Raises
    ------
    GlimpseError
        If the name is unknown, or what is given is not a module.

    Examples
    --------
    >>> activation_module("tanh"), activation_module(nn.ReLU)
    (Tanh(), ReLU())
    """
    if isinstance(activation, nn.Module):
        return activation
    if isinstance(activation, type) and issubclass(activation, nn.Module):
        return activation()
    if isinstance(activation, str):
        return ACTIVATIONS[one_of(activation, ACTIVATIONS, "activation")]()
    raise GlimpseError(
        "an activation is a name, a module class or a module",
        given=repr(activation),
        hint='try `"tanh"`, `nn.Tanh` or `nn.Tanh()`',
    )


def checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """The sizes as a tuple, if they are two or more positive integers."""
    # A bare number is what people pass who count layers instead of units.
    listed = tuple(sizes) if isinstance(sizes, list | tuple) else ()
    good = all(isinstance(s, int) and not isinstance(s, bool) and s > 0 for s in listed)
    if len(listed) < 2 or not good:
        raise GlimpseError(
            "`sizes` lists the number of units of each layer, inputs first",
            given=f"sizes={sizes!r}",
            hint="try `sizes=(4, 2, 2, 1)`",
        )
    return listed


def mlp(
    sizes: Sequence[int],
    activation: Activation = "sigmoid",
    initializer: str | Scheme | None = None,
    *,
    seed: int | None = None,
) -> nn.Sequential:
    """Build layers in a row: linear, activation, linear, activation, ..., linear.

    `a(l) = phi(W(l) a(l-1) + b(l))` for every layer l but the last, which has no
    activation. The linear layers are named "0", "2", "4", ..., as `nn.Sequential` does.

    Parameters
    ----------
    sizes
        Units per layer, inputs first and outputs last; at least two numbers.
    activation
        A name in `ACTIVATIONS` (`"sigmoid"`, `"tanh"`, `"relu"`, `"leaky_relu"`,
        `"elu"`, `"selu"`, `"gelu"`, `"silu"`, `"softsign"`, `"identity"`), a module
        class, or a module. Of a name or a class every layer gets a module of its own.
        One module given is used after every layer: legal, and harmless as long as it has
        no parameters or state; the parameter of one `nn.PReLU()` would be shared by all
        layers.
    initializer
        A scheme or its name, as for `initialize`; None means "default", which is
        PyTorch's.
    seed
        Seed of a generator of its own; None draws fresh entropy. The global random
        state is not touched, which `nn.Linear` alone would do.

    Returns
    -------
    nn.Sequential
        A float32 model on the CPU in training mode.

    Raises
    ------
    GlimpseError
        If sizes, activation or initializer are not as said above.

    Examples
    --------
    >>> mlp((4, 2, 1), "tanh", "glorot_normal", seed=0)
    Sequential(
      (0): Linear(in_features=4, out_features=2, bias=True)
      (1): Tanh()
      (2): Linear(in_features=2, out_features=1, bias=True)
    )
    """
    sizes = checked_sizes(sizes)
    scheme = scheme_of("default" if initializer is None else initializer)
    modules: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        # On the meta device the constructor does not draw from the global random state.
        linear = nn.Linear(fan_in, fan_out, device="meta", dtype=torch.float32)
        modules.append(linear.to_empty(device="cpu"))
        modules.append(activation_module(activation))
    model = nn.Sequential(*modules[:-1])
    initialize(model, scheme, seed=seed)
    return model
