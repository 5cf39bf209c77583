"""Run a model on stand-ins, so that its own parameters and buffers stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.errors import GlimpseError
from dlglimpse.randomness import undisturbed_randomness

_WRITING_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *("setitem", "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow"),
        *("iand", "ior", "ixor", "ilshift", "irshift"),
    )
)


def may_write(name: str, kwargs: dict[str, Any]) -> bool:
    """Whether a call of PyTorch may change the tensors that it is given.

    Examples
    --------
    >>> may_write("relu", {"inplace": True}), may_write("relu_", {}), may_write("relu", {})
    (True, True, False)
    """
    if name.endswith("_"):
        return not name.endswith("__") or name in _WRITING_OPERATORS
    # An embedding with `max_norm` shortens the rows that it looks up.
    return bool(kwargs) and (
        bool(kwargs.get("inplace")) or any(kwargs.get(k) is not None for k in ("out", "max_norm"))
    )


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors in nested tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)


def storage_of(tensor: Tensor) -> int:
    """The address of what a tensor is a view of; 0 if it has no memory of its own."""
    return tensor.untyped_storage().data_ptr() if tensor.layout == torch.strided else 0


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Put back what a model is made of, and every global random state.

    A forward pass may set attributes (`torch.nn.utils.weight_norm` does), and stand-ins
    take the place of parameters and buffers.
    """
    kept = [
        (module, dict(vars(module)), dict(module._parameters), dict(module._buffers))
        for module in model.modules()
    ]
    try:
        with undisturbed_randomness():
            yield
    finally:
        for module, attributes, parameters, buffers in kept:
            for old, now in (
                (attributes, vars(module)),
                (parameters, attributes["_parameters"]),
                (buffers, attributes["_buffers"]),
            ):
                now.clear()
                now.update(old)


def copies(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers to run a model on instead of its own.

    Copies, because a forward pass may write into them: `nn.BatchNorm1d` does into its
    buffers, `nn.Embedding(max_norm=...)` into its weight.
    """
    tensors = [*model.named_parameters(), *model.named_buffers()]
    return {name: tensor.detach().clone() for name, tensor in tensors}


class StandIns:
    """What a model runs on in place of its own parameters and buffers.

    A parameter's stand-in shares its memory, so that ten million weights are not
    copied, and takes a gradient also where the parameter is frozen. Memory is copied
    just before something writes into it, and put back at the end. Buffers are copied.
    """

    def __init__(self, model: nn.Module) -> None:
        self._by_identity: dict[int, Tensor] = {}
        self._written: dict[int, tuple[torch.UntypedStorage, torch.UntypedStorage]] = {}
        for module in model.modules():
            for name, parameter in module._parameters.items():
                if parameter is not None:
                    module._parameters[name] = self._alias(parameter)  # type: ignore[assignment]
            for name, buffer in module._buffers.items():
                if buffer is not None:
                    copy = self._by_identity.setdefault(id(buffer), buffer.detach().clone())
                    module._buffers[name] = copy
            if isinstance(module, nn.RNNBase):
                # It keeps a list of its weights beside the weights.
                named = module._flat_weights_names
                module._flat_weights = [module._parameters.get(name) for name in named]
        self._shared = {storage_of(t) for t in self.parameters} - {0}

    @property
    def parameters(self) -> list[Tensor]:
        """All stand-ins that take a gradient."""
        return [tensor for tensor in self._by_identity.values() if tensor.requires_grad]

    def own(self, tensor: Tensor) -> bool:
        """Whether a tensor is a view of a parameter."""
        return storage_of(tensor) in self._shared

    def before_write(self, tensor: Tensor) -> None:
        """Copy the memory of a parameter, the first time that something may write there."""
        address = storage_of(tensor)
        if address in self._shared and address not in self._written:
            storage = tensor.untyped_storage()
            self._written[address] = storage, storage.clone()  # type: ignore[no-untyped-call]

    def put_back(self) -> None:
        """Undo what was written into the parameters."""
        for storage, before in self._written.values():
            storage.copy_(before)

    def _alias(self, parameter: Tensor) -> Tensor:
        """The stand-in of a parameter, one for all modules that share it."""
        if id(parameter) not in self._by_identity:
            # Unlike `detach`, `data` has its own count of what was written.
            alias = parameter.data
            alias.requires_grad_(parameter.is_floating_point() or parameter.is_complex())
            self._by_identity[id(parameter)] = alias
        return self._by_identity[id(parameter)]


@contextmanager
def standing_in(model: nn.Module) -> Iterator[StandIns]:
    """Let stand-ins take the place of parameters and buffers while it lasts.

    Raises
    ------
    GlimpseError
        If the model was scripted, for nobody can look into that.
    """
    if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
        raise GlimpseError(
            "a scripted model cannot be looked into",
            given=type(model).__name__,
            hint="try the model as it was before `torch.jit.script` or `torch.jit.trace`",
        )
    with undisturbed(model), _eager(model):
        stand_ins = StandIns(model)
        try:
            yield stand_ins
        finally:
            stand_ins.put_back()


def _eager(model: nn.Module) -> Any:
    """Run what is compiled as it was written, for a compiled pass calls no module."""
    compiled = any(
        hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None) is not None
        for module in model.modules()
    )
    return torch.compiler.set_stance("force_eager") if compiled else nullcontext()
