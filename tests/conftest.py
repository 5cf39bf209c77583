"""What several test files share: the proof that nothing was left behind."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_module

torch.set_num_threads(1)  # the layers here are tiny: threads only cost

HOOKS = [name for name in vars(nn.Module()) if "hook" in name]
GLOBAL_HOOKS = [name for name in vars(torch_module) if name.startswith("_global")]


def freeze(value: Any) -> Any:
    """Return a copy that compares with ``==``, bit for bit."""
    if isinstance(value, Tensor):
        flat = value.detach().contiguous().reshape(-1)
        return (tuple(value.shape), str(value.dtype), flat.view(torch.uint8).numpy().tobytes())
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    if isinstance(value, dict):
        return {key: freeze(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [freeze(item) for item in value]
    return value


def random_states() -> Any:
    """Return the three global random states."""
    states = (torch.get_rng_state(), np.random.get_state(), random.getstate())
    return freeze(states)


def global_state() -> dict[str, Any]:
    """Return what a careless library could change in the whole process."""
    hooks = {name: freeze(getattr(torch_module, name)) for name in GLOBAL_HOOKS}
    return {
        "random states": random_states(),
        "grad enabled": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "default dtype": torch.get_default_dtype(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        **hooks,
    }


def tensor_state(tensor: Tensor) -> dict[str, Any]:
    """Return everything that an onlooker can change about a tensor."""
    return {
        "identity": id(tensor),
        "value": freeze(tensor),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "grad identity": id(tensor.grad) if tensor.is_leaf else None,
        "grad": freeze(tensor.grad) if tensor.is_leaf else None,
        "hooks": dict(tensor._backward_hooks or {}),
        "post hooks": dict(getattr(tensor, "_post_accumulate_grad_hooks", None) or {}),
    }


def module_state(model: nn.Module) -> dict[str, Any]:
    """Return modes, hooks, parameters, buffers and attributes of every module."""
    state: dict[str, Any] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        state[name] = {
            "identity": id(module),
            "class": type(module),
            "training": module.training,
            "attributes": {k: id(v) for k, v in vars(module).items()},
            "hooks": {
                k: dict(getattr(module, k) or {})
                for k in HOOKS
                if not isinstance(getattr(module, k), bool | type(None))
            },
            "parameters": {
                k: None if p is None else tensor_state(p) for k, p in module._parameters.items()
            },
            "buffers": {
                k: None if b is None else tensor_state(b) for k, b in module._buffers.items()
            },
        }
    return state


def differences(before: Any, after: Any, where: str = "") -> list[str]:
    """Return the paths at which two nested states differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = {**before, **after}
        missing = object()
        return [
            line
            for key in keys
            for line in differences(
                before.get(key, missing), after.get(key, missing), f"{where}/{key}"
            )
        ]
    return [] if before == after else [f"{where}: {before!r:.60} -> {after!r:.60}"]


@contextmanager
def untouched_(*things: nn.Module | Tensor) -> Iterator[None]:
    def now() -> dict[str, Any]:
        return {"process": global_state()} | {
            f"{k}": module_state(thing) if isinstance(thing, nn.Module) else tensor_state(thing)
            for k, thing in enumerate(things)
        }

    before = now()
    yield
    assert differences(before, now()) == []


@pytest.fixture(scope="session")
def untouched() -> Callable[..., AbstractContextManager[None]]:
    """``with untouched(model, inputs):`` fails if the block leaves a trace."""
    return untouched_
