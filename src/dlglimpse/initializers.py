"""Draw the weights and biases of a model anew, by one of the schemes."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Generator, Tensor, nn

from dlglimpse.errors import GlimpseError
from dlglimpse.randomness import seeded
from dlglimpse.schemes import Place, Scheme, scheme_of

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
"""The kinds of layers that `initialize` fills; all others are left alone."""


def draw(
    shapes: list[tuple[Tensor, Tensor | None]], scheme: Scheme, *, generator: Generator
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Draw a weight and a bias for each layer in turn, first to last.

    Parameters
    ----------
    shapes
        For each layer a tensor with the shape (o, i, ...) and dtype of its weight,
        and one of its bias, shape (o,), or None where it has no bias.
    """
    for index, (weight, bias) in enumerate(shapes):
        place = Place(index, len(shapes))
        new = scheme.weight(weight, place=place, generator=generator)
        if bias is None:
            yield new, None
        else:
            yield new, scheme.biases(bias, new, place=place, generator=generator)


def initialize(model: nn.Module, scheme: str | Scheme, *, seed: int | None = None) -> nn.Module:
    """Draw the weights and biases of a model's layers anew, in place.

    All linear and convolutional layers are filled, in the order in which the model
    names them, which is taken for the forward order where a scheme needs it; other
    parameters stay as they are. Values are drawn on the CPU, so that a seed means
    the same on every device.

    Parameters
    ----------
    model
        Any `nn.Module` with at least one linear or convolutional layer.
    scheme
        One of the names in `SCHEMES`, which each scheme tells of itself, such as
        `"glorot_normal"`, or an object such as `GlorotNormal(bias="zeros")`.
    seed
        Seed of a generator of its own; None draws fresh entropy. The global random
        state is not touched.

    Returns
    -------
    nn.Module
        The same model.

    Raises
    ------
    GlimpseError
        If the scheme is unknown, the model has no layer to fill, or the scheme needs
        biases that a layer does not have. The model is then unchanged.

    Examples
    --------
    >>> layer = initialize(nn.Linear(3, 7), "glorot_uniform", seed=0)
    >>> bool(layer.weight.abs().max() <= (6 / 10) ** 0.5)
    True
    """
    scheme = scheme_of(scheme)
    layers = [(name, m) for name, m in model.named_modules() if isinstance(m, LAYERS)]
    if not layers:
        raise GlimpseError(
            "the model has no linear or convolutional layer to initialize",
            given=type(model).__name__,
            hint="try a model with at least one `nn.Linear`",
        )
    for index, (name, layer) in enumerate(layers):
        if "weight" not in layer._parameters:
            raise GlimpseError(
                "the weight of a layer is computed from other parameters, so it cannot be drawn",
                given=f"layer {name!r}, a {type(layer).__name__}",
                hint="try to initialize first and to parametrize afterwards",
            )
        if layer.bias is None and scheme.requires_bias(Place(index, len(layers))):
            raise GlimpseError(
                f"{scheme.name} sets biases, and a layer has none",
                given=f"layer {name!r} with `bias=False`",
                hint="try a layer with `bias=True`",
            )
    targets = [(layer.weight, layer.bias) for _, layer in layers]
    values = list(draw(targets, scheme, generator=seeded(seed)))
    with torch.no_grad():
        for (weight, bias), (new_weight, new_bias) in zip(targets, values, strict=True):
            weight.copy_(new_weight)
            if bias is not None and new_bias is not None:
                bias.copy_(new_bias)
    return model
