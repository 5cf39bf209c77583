"""Watch one forward pass: what each layer puts out, and what is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from dlglimpse.batches import Loss, check_outputs, check_scalar, forward
from dlglimpse.errors import GlimpseError
from dlglimpse.layers import layers_of
from dlglimpse.stand_ins import StandIns, may_write, standing_in, tensors_in

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


class Watch(TorchFunctionMode):
    """Notes which layer is used when, and tells what it sees to a class derived from it."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.layers: dict[str, nn.Module] = {}
        self.stand_ins: StandIns | None = None
        self._uses: Counter[str] = Counter()
        # Weak, for to watch must not keep what the pass itself would drop.
        self._put_out_by = WeakTensorKeyDictionary()
        self._made = WeakTensorKeyDictionary()

    def see(self, key: str, output: Tensor) -> Tensor:
        """A layer puts this out; what is returned is what the model goes on with."""
        return output

    def see_activation(self, key: str, output: Tensor, function: str) -> None:
        """An activation function made this of what the layer put out."""

    def see_write(self, tensor: Tensor) -> None:
        """Something may write into this tensor, or another view of its memory."""

    def note_layer(self, name: str, given: object, output: Tensor) -> Tensor:
        """Name this use of a layer, and remember what it put out."""
        if output.ndim < 2:
            shape = tuple(given.shape) if isinstance(given, Tensor) else "unknown"
            raise GlimpseError(
                f"layer {name!r} was given one example without the axis of examples",
                given=f"what goes into it has the shape {shape}",
                hint="try `inputs.unsqueeze(0)` and `targets.unsqueeze(0)`",
            )
        self._uses[name] += 1
        key = f"{name} ({self._uses[name]})" if self._uses[name] > 1 else name
        self.keys.append(key)
        handed_on = self.see(key, output)
        self._put_out_by[handed_on] = key
        return handed_on

    def note_activation(self, value: object, output: object, function: str) -> None:
        """If `value` comes from a layer, `output` is that layer's activation."""
        if not isinstance(value, Tensor) or not isinstance(output, Tensor):
            return
        # A module such as `nn.Tanh` is seen twice, as itself and by what it calls.
        if value in self._put_out_by and output not in self._made:
            self._made[output] = True
            self.see_activation(self._put_out_by[value], output, function)

    def pass_on(self, value: object, output: object) -> None:
        """Let an activation behind a normalization count for the layer before it."""
        if isinstance(value, Tensor) and isinstance(output, Tensor) and value in self._put_out_by:
            self._put_out_by[output] = self._put_out_by[value]

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if may_write(name, kwargs):
            for tensor in tensors_in([args, kwargs]):
                if self.stand_ins is not None:
                    self.stand_ins.before_write(tensor)
                self.see_write(tensor)
        output = func(*args, **kwargs)
        name = name.rstrip("_")
        if name in _ACTIVATION_FUNCTIONS:
            self.note_activation(args[0] if args else kwargs.get("input"), output, name)
        return output


@contextmanager
def watching(model: nn.Module, layers: Mapping[str, nn.Module], watch: Watch) -> Iterator[None]:
    """Hooks on every module while it lasts, and none afterwards."""
    names = {module: name for name, module in layers.items()}

    def note(module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        first = output[0] if type(output) is tuple and output else output
        given = args[0] if args else None
        if module in names and isinstance(first, Tensor):
            handed_on = watch.note_layer(names[module], given, first)
            if handed_on is first:
                return None
            return (handed_on, *output[1:]) if type(output) is tuple else handed_on
        if isinstance(module, _PASSES_ON):
            watch.pass_on(given, output)
        elif module not in names and not any(module.children()):
            watch.note_activation(given, output, type(module).__name__.lower())
        return None

    def hook(module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        # What is done to look is not itself to be watched.
        with torch._C.DisableTorchFunction():
            return note(module, args, output)

    handles = [module.register_forward_hook(hook) for module in model.modules()]
    try:
        with watch:
            yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def one_pass(
    model: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, loss: Loss, watch: Watch
) -> Iterator[tuple[Tensor, Tensor]]:
    """A forward pass under a watch: outputs and loss, for a backward pass in the block.

    Within the block the model's parameters are their stand-ins.
    """
    watch.layers = layers_of(model)
    with torch.inference_mode(False), torch.enable_grad(), standing_in(model) as watch.stand_ins:
        given = tuple(part.detach().clone() for part in inputs)
        with watching(model, watch.layers, watch):
            result = forward(lambda: model(*given), *inputs)
        outputs = check_outputs(result, targets)
        yield outputs, check_scalar(loss(outputs, targets))
