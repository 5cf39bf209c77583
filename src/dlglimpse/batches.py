"""What is refused at the border before any network is looked into, and why."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from dlglimpse.errors import GlimpseError

T = TypeVar("T")

Loss = Callable[[Tensor, Tensor], Tensor]
"""A callable that takes outputs and targets and returns a scalar tensor."""


def check_model(model: nn.Module) -> torch.dtype:
    """Return the floating-point type of a model's parameters.

    Raises
    ------
    GlimpseError
        If `model` is not a module, has no floating-point parameter, or has lazy ones.
    """
    if not isinstance(model, nn.Module):
        raise GlimpseError(
            "`model` must be an `nn.Module`",
            given=type(model).__name__,
            hint="try `mlp((2, 2, 2))`",
        )
    for name, parameter in model.named_parameters():
        if is_lazy(parameter):
            raise GlimpseError(
                "a lazy layer has no weights before it saw its first batch",
                given=f"the parameter {name!r}",
                hint="try to run the model once, as in `model(inputs)`",
            )
        if parameter.is_floating_point():
            return parameter.dtype
    raise GlimpseError(
        "the model has no parameters, so there is no gradient to look at",
        given=type(model).__name__,
        hint="try a model with at least one `nn.Linear`",
    )


def checked_inputs(
    model: nn.Module, inputs: Tensor | Sequence[Tensor], targets: Tensor
) -> tuple[Tensor, ...]:
    """The inputs of a model as a tuple, one or several, each of which fits.

    Raises
    ------
    GlimpseError
        As `check_batch` does, or if there is none.
    """
    several = (inputs,) if isinstance(inputs, Tensor) else inputs
    if not isinstance(several, list | tuple) or not several:
        raise GlimpseError(
            "`inputs` must be a tensor, or a sequence of them for a model with several inputs",
            given=_shape(inputs),
            hint="try `torch.from_numpy(inputs)` if it is an array of shape (n, ...)",
        )
    for part in several:
        check_batch(model, part, targets)
    return tuple(several)


def check_batch(model: nn.Module, inputs: Tensor, targets: Tensor) -> None:
    """Check that a batch fits a model, before anything is computed.

    Raises
    ------
    GlimpseError
        If the batch is empty, its two parts differ in length, its dtype is none of the
        model's, or it holds nan or infinite values.
    """
    dtype = check_model(model)
    for name, tensor in (("inputs", inputs), ("targets", targets)):
        if not isinstance(tensor, Tensor) or tensor.ndim == 0:
            raise GlimpseError(
                f"`{name}` must be a tensor whose first axis counts the examples",
                given=_shape(tensor),
                hint=f"try `torch.from_numpy({name})` if it is an array of shape (n, ...)",
            )
    if len(inputs) == 0 or len(inputs) != len(targets):
        empty = "the batch is empty" if len(inputs) == 0 else "a part is missing"
        raise GlimpseError(
            f"inputs and targets need the same number of examples, at least one, and {empty}",
            given=f"inputs {tuple(inputs.shape)} and targets {tuple(targets.shape)}",
            hint="try `inputs, targets = waves(100)`, which have shape (n, 2)",
        )
    # Normalizations often stay in single precision when the rest is in half.
    dtypes = {parameter.dtype for parameter in model.parameters()}
    if targets.is_floating_point() and targets.dtype not in dtypes:
        raise GlimpseError(
            f"the model's parameters are {_name(dtype)}, and the targets are not",
            given=f"targets of dtype {_name(targets.dtype)}",
            hint=f"try `targets.to(torch.{_name(dtype)})`",
        )
    embeds = any(isinstance(m, nn.Embedding | nn.EmbeddingBag) for m in model.modules())
    indices = embeds and not inputs.is_floating_point()
    # A mask has no gradient, and no dtype but its own.
    if inputs.dtype not in dtypes and inputs.dtype != torch.bool and not indices:
        raise GlimpseError(
            f"the model's parameters are {_name(dtype)}, and the inputs are not",
            given=f"inputs of dtype {_name(inputs.dtype)}",
            hint=f"try `inputs.to(torch.{_name(dtype)})`",
        )
    for name, tensor in (("inputs", inputs), ("targets", targets)):
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            count = int((~tensor.isfinite()).sum())
            raise GlimpseError(
                f"`{name}` must be finite",
                given=f"{count} nan or infinite of {tensor.numel()} values",
                hint=f"try to look at `{name}.isfinite()`",
            )


def check_outputs(outputs: object, targets: Tensor) -> Tensor:
    """Return the model's outputs if a loss can compare them with the targets.

    Raises
    ------
    GlimpseError
        If the outputs are not a tensor, or would be broadcast against the targets.
    """
    if not isinstance(outputs, Tensor):
        raise GlimpseError(
            "the model must return one tensor",
            given=type(outputs).__name__,
            hint="try to wrap it in a module that returns the tensor the loss needs",
        )
    numbers = targets.is_floating_point()
    # Class numbers have one axis less: (n,) beside outputs (n, c).
    classes = targets.ndim + 1 == outputs.ndim and outputs.shape[1] > 1
    if not numbers and not classes:
        raise GlimpseError(
            "whole-number targets are taken for class numbers, and these are not",
            given=f"outputs {tuple(outputs.shape)} and {_name(targets.dtype)} targets "
            f"{tuple(targets.shape)}",
            hint=f"try `targets.to(torch.{_name(outputs.dtype)})`",
        )
    if numbers and outputs.shape != targets.shape:
        raise GlimpseError(
            "outputs and targets differ in shape, and a loss would silently broadcast "
            "one against the other",
            given=f"outputs {tuple(outputs.shape)} and targets {tuple(targets.shape)}",
            hint=f"try `targets.reshape({tuple(outputs.shape)})` if they belong together",
        )
    return outputs


def check_loss(loss: Loss, outputs: Tensor, targets: Tensor) -> None:
    """Try a loss on the first example alone, outside of any graph or mapping."""
    with torch.enable_grad():
        one = outputs[:1].detach().requires_grad_()
        check_scalar(loss(one, targets[:1]))


def check_scalar(value: object) -> Tensor:
    """Return a loss if it is a scalar that depends on the model.

    Raises
    ------
    GlimpseError
        If it is not a scalar tensor, or has no gradient.
    """
    if not isinstance(value, Tensor) or value.ndim != 0:
        raise GlimpseError(
            "the loss must be a scalar tensor",
            given=_shape(value),
            hint='try `loss(...).mean()`, or a loss with `reduction="mean"`',
        )
    if not value.requires_grad:
        raise GlimpseError(
            "the loss does not depend on the model, so it has no gradient",
            given=f"a loss of {value.item():.4g} without `grad_fn`",
            hint="try a loss that neither detaches nor rounds the outputs",
        )
    return value


def forward(run: Callable[[], T], *inputs: Tensor) -> T:
    """Run a forward pass, and say in plain words when the model refuses the inputs."""
    try:
        return run()
    except GlimpseError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        shapes = " and ".join(str(tuple(part.shape)) for part in inputs)
        raise GlimpseError(
            "the model cannot take these inputs",
            given=f"inputs of shape {shapes} ({str(error).splitlines()[0]})",
            hint="try `model(inputs)` alone",
        ) from error


def reduction_of(loss: Loss, outputs: Tensor, targets: Tensor) -> str:
    """Whether a loss is the "mean" or the "sum" over examples, or "other".

    What the loss says of itself is believed; otherwise it is shown the batch in two
    parts: a mean is their weighted mean, a sum is their sum.
    """
    declared = getattr(loss, "reduction", None)
    if declared is None:
        try:
            declared = inspect.signature(loss).parameters["reduction"].default
        except (KeyError, TypeError, ValueError):
            declared = None
    if isinstance(declared, str):
        return declared if declared in ("mean", "sum") else "other"
    if len(outputs) == 1:
        outputs, targets = torch.cat([outputs] * 2), torch.cat([targets] * 2)
    n = len(outputs)
    with torch.no_grad():
        whole = loss(outputs, targets)
        first, rest = loss(outputs[:1], targets[:1]), loss(outputs[1:], targets[1:])
    candidates = {"mean": (first + (n - 1) * rest) / n, "sum": first + rest}
    for name, expected in candidates.items():
        if whole != 0 and torch.isclose(whole, expected, rtol=1e-3, atol=0.0):
            return name
    return "other"


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _shape(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return f"a {type(value).__name__}"
