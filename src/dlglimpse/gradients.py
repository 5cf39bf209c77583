"""Look inside one network: what one forward and one backward pass leave in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.overrides import TorchFunctionMode

from dlglimpse.batches import (
    Loss,
    check_batch,
    check_model,
    check_outputs,
    check_scalar,
    copies,
    forward,
    reduction_of,
    undisturbed,
)
from dlglimpse.errors import GlimpseError
from dlglimpse.records import FIELDS, Glimpse

# fmt: off
_ACTIVATION_FUNCTIONS = frozenset({
    "celu", "elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "leaky_relu", "logsigmoid", "mish", "prelu", "relu", "relu6", "rrelu",
    "selu", "sigmoid", "silu", "softplus", "softshrink", "softsign", "tanh",
    "tanhshrink", "threshold",
})
# fmt: on
_PASSES_ON = (
    nn.modules.batchnorm._NormBase,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.modules.dropout._DropoutNd,
    nn.AlphaDropout,
)


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
    layers = {}
    for name, module in model.named_modules():
        if any(w.ndim >= 2 and w.is_floating_point() for w in _weights(module)):
            layers[name or type(module).__name__] = module
    if not layers:
        raise GlimpseError(
            "the model has no layer with a `weight` matrix to look at",
            given=type(model).__name__,
            hint="try a model made of layers such as `nn.Linear`",
        )
    return layers


def _weights(module: nn.Module) -> list[Tensor]:
    """A module's weight, or what it is computed from."""
    # To compute a spectrally normalized weight writes into the module's buffers.
    if parametrize.is_parametrized(module, "weight"):
        prefix = "parametrizations.weight."
        return [p for name, p in module.named_parameters() if name.startswith(prefix)]
    weight = getattr(module, "weight", None)
    return [weight] if isinstance(weight, Tensor) else []


class _Watch(TorchFunctionMode):
    """Notes what layers put out, and what activation functions make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.preactivations: dict[str, Tensor] = {}
        self.activations: dict[str, Tensor] = {}
        # Tensors are kept beside their layer's name, so that no id is used again.
        self._handed_on: dict[int, tuple[str, Tensor]] = {}

    def note_layer(self, name: str, given: Tensor, output: Tensor) -> Tensor:
        """Keep a layer's output, and hand on a copy that may change in place."""
        if output.ndim < 2:
            raise GlimpseError(
                f"layer {name!r} was given one example without the axis of examples",
                given=f"what goes into it has the shape {tuple(given.shape)}",
                hint="try `inputs.unsqueeze(0)` and `targets.unsqueeze(0)`",
            )
        uses = sum(key == name or key.startswith(f"{name} (") for key in self.preactivations)
        key = f"{name} ({uses + 1})" if uses else name
        self.preactivations[key] = self.activations[key] = output
        handed_on = output.clone()
        self._handed_on[id(handed_on)] = key, handed_on
        return handed_on

    def note_activation(self, value: object, output: object) -> None:
        """If `value` comes from a layer, `output` is that layer's activation."""
        if id(value) in self._handed_on and isinstance(output, Tensor):
            key, _ = self._handed_on[id(value)]
            self.activations[key] = output.detach().clone()

    def pass_on(self, value: object, output: object) -> None:
        """Let an activation behind a normalization count for the layer before it."""
        if id(value) in self._handed_on and isinstance(output, Tensor):
            key, _ = self._handed_on[id(value)]
            self._handed_on[id(output)] = key, output

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        if getattr(func, "__name__", "").rstrip("_") in _ACTIVATION_FUNCTIONS:
            self.note_activation(args[0] if args else kwargs.get("input"), output)
        return output


@contextmanager
def _watching(model: nn.Module, layers: Mapping[str, nn.Module]) -> Iterator[_Watch]:
    """Hooks on every module while it lasts, and none afterwards."""
    watch = _Watch()
    names = {module: name for name, module in layers.items()}

    def hook(module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        if module in names and isinstance(output, Tensor):
            return watch.note_layer(names[module], args[0] if args else output, output)
        if isinstance(module, _PASSES_ON):
            watch.pass_on(args[0] if args else None, output)
        elif module not in names and not any(module.children()):
            watch.note_activation(args[0] if args else None, output)
        return None

    handles = [module.register_forward_hook(hook) for module in model.modules()]
    try:
        with watch:
            yield watch
    finally:
        for handle in handles:
            handle.remove()


def forward_order(model: nn.Module, inputs: Tensor) -> tuple[dict[str, nn.Module], object]:
    """The layers of a model in the order in which a forward pass first uses them, and
    what it puts out."""
    layers = layers_of(model)
    state = copies(model)
    with undisturbed(model), torch.no_grad(), _watching(model, layers) as watch:
        outputs = forward(
            lambda: torch.func.functional_call(model, state, (inputs.detach().clone(),)), inputs
        )
    return _ordered(layers, watch), outputs


def _ordered(layers: Mapping[str, nn.Module], watch: _Watch) -> dict[str, nn.Module]:
    seen = [name for name in watch.preactivations if name in layers]
    return {name: layers[name] for name in [*seen, *(n for n in layers if n not in seen)]}


def counts(
    fields: Mapping[str, Mapping[str, Tensor]], of: Callable[[Tensor], Tensor]
) -> dict[str, dict[str, int]]:
    """For each field and each layer, how many values `of` finds true."""
    return {
        field: {name: int(of(value).sum()) for name, value in layers.items()}
        for field, layers in fields.items()
    }


def _gradients(loss: Tensor, of: list[Tensor]) -> Iterator[Tensor]:
    """Gradients of the loss with respect to each tensor; zeros where none arrives."""
    reached = [tensor for tensor in of if tensor.requires_grad]
    found = iter(torch.autograd.grad(loss, reached, allow_unused=True))
    for tensor in of:
        gradient = next(found) if tensor.requires_grad else None
        yield torch.zeros_like(tensor) if gradient is None else gradient.detach()


def _owned(
    layers: Mapping[str, nn.Module], kind: str, stand_ins: Mapping[int, Tensor]
) -> dict[str, Tensor]:
    """The stand-in of each layer's parameter called `kind`, tied ones included."""
    own = {name: layer._parameters.get(kind) for name, layer in layers.items()}
    return {n: stand_ins[id(p)] for n, p in own.items() if id(p) in stand_ins}


def glimpse(
    model: nn.Module, inputs: Tensor, targets: Tensor, *, loss: Loss = F.mse_loss
) -> Glimpse:
    """Look at every layer during one forward and one backward pass.

    A layer is a module that owns a `weight` with two or more axes. With
    z(l) = W(l) a(l-1) + b(l) and a(l) = phi(z(l)), the record holds z(l), a(l),
    dL/dz(l), dL/dW(l) and dL/db(l). Nothing in the model changes: not `.grad`, nor
    `requires_grad`, the mode, the buffers, the hooks or any random state.

    Parameters
    ----------
    model
        Any `nn.Module`; it runs in the mode (training or evaluation) it is in, and
        frozen layers are looked at like the others.
    inputs, targets
        A batch: the first axis counts the n examples; dtype that of the model.
    loss
        A callable `loss(outputs, targets)` that returns a scalar.

    Returns
    -------
    Glimpse
        Mappings from layer name to tensor, in forward order. A layer that is used
        twice appears as "name" and "name (2)"; its weight has one gradient, the sum.

    Raises
    ------
    GlimpseError
        If the batch does not fit the model, outputs and targets would be broadcast,
        the loss is not a scalar, or the model has no layer to look at.

    Notes
    -----
    What misleads: a mean loss makes each gradient smaller by n. And an activation is
    recognized where a module or a function such as `torch.tanh` is applied to what
    the layer puts out; anything else between the two counts as no activation.

    Examples
    --------
    >>> from dlglimpse import mlp, waves
    >>> look = glimpse(mlp((2, 2, 2), seed=0), *waves(100))
    >>> look.weight_gradients["0"].shape, look.backpropagated["2"].shape
    (torch.Size([2, 2]), torch.Size([100, 2]))
    """
    check_batch(model, inputs, targets)
    layers = layers_of(model)
    # The model runs on stand-ins, so that its own parameters and buffers stay as
    # they are, and frozen ones get a gradient as well.
    state = copies(model)
    stand_ins = {
        name: state[name].requires_grad_(parameter.is_floating_point())
        for name, parameter in model.named_parameters()
    }
    with undisturbed(model), torch.enable_grad():
        with _watching(model, layers) as watch:
            result = forward(
                lambda: torch.func.functional_call(model, state, (inputs.detach().clone(),)),
                inputs,
            )
        outputs = check_outputs(result, targets)
        value = check_scalar(loss(outputs, targets))
        reduction = reduction_of(loss, outputs.detach(), targets)

    z = watch.preactivations
    layers = _ordered(layers, watch)
    by_identity = {id(p): stand_ins[name] for name, p in model.named_parameters()}
    weights, biases = (_owned(layers, kind, by_identity) for kind in ("weight", "bias"))
    found = _gradients(value, [*z.values(), *weights.values(), *biases.values()])
    gradients = [{name: next(found) for name in part} for part in (z, weights, biases)]
    activations = {
        name: a.detach().clone() if a is z[name] else a for name, a in watch.activations.items()
    }
    signals = [{name: t.detach() for name, t in z.items()}, activations]
    fields = dict(zip(FIELDS, [*signals, *gradients], strict=True))
    return Glimpse(
        **fields,
        loss=value.item(),
        n=len(inputs),
        reduction=reduction,
        dtype=str(check_model(model)).removeprefix("torch."),
        zeros=counts(fields, lambda t: t == 0),
        non_finite=counts(fields, lambda t: ~t.isfinite()),
    )
