"""Tell from one run of Python to the next whether two pieces of work are the same."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlglimpse.errors import GlimpseError

_PLAIN = (type(None), type(...), bool, int, float, complex, str, bytes, torch.dtype, torch.device)


def fingerprint(*things: Any) -> str:
    """A hexadecimal number that two things share only if they are equal in content.

    Of a function it is the code that counts, with what the code closes over and the
    functions and numbers of its own module that it names; of what is imported from
    elsewhere, the name.

    Raises
    ------
    GlimpseError
        If a thing is of a kind whose content cannot be told.

    Examples
    --------
    >>> fingerprint({"sizes": (2, 2)}) == fingerprint({"sizes": [2, 2]})
    True
    >>> fingerprint(lambda x: x) == fingerprint(lambda x: -x)
    False
    """
    digest = hashlib.sha256()
    for part in _parts(things, frozenset()):
        # With its length, so that no two parts together look like one.
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@functools.cache
def versions() -> tuple[str, ...]:
    """What besides the arguments decides a result: the code of the package, and others'."""
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return code, torch.__version__, np.__version__, platform.python_version()


def _parts(thing: Any, seen: frozenset[int]) -> Iterator[bytes]:
    """The content of a thing, piece by piece; `seen` are the functions it lies in."""
    if isinstance(thing, _PLAIN):
        yield f"{type(thing).__name__} {thing!r}".encode()
    elif isinstance(thing, Tensor | np.ndarray | np.generic):
        array = thing.detach().cpu().numpy() if isinstance(thing, Tensor) else np.asarray(thing)
        yield f"array {array.dtype} {array.shape}".encode()
        yield array.tobytes()
    elif isinstance(thing, type | BuiltinFunctionType | ModuleType):
        yield f"name {getattr(thing, '__module__', '')}.{_name(thing)}".encode()
    elif isinstance(thing, FunctionType):
        yield from _function(thing, seen)
    else:
        kind, content = _opened(thing)
        yield f"{kind} {len(content)}".encode()
        for item in content:
            yield from _parts(item, seen)


def _opened(thing: Any) -> tuple[str, list[Any]]:
    """What a container or an object holds, and the name of its kind."""
    kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
    if isinstance(thing, tuple | list):
        return "sequence", list(thing)
    if isinstance(thing, Mapping):
        return "mapping", [list(pair) for pair in sorted(thing.items(), key=lambda p: str(p[0]))]
    if isinstance(thing, set | frozenset):
        return "set", sorted(fingerprint(item) for item in thing)
    if isinstance(thing, CodeType):
        return "code", [thing.co_code, thing.co_names, *thing.co_consts]
    if isinstance(thing, functools.partial):
        return kind, [thing.func, thing.args, thing.keywords]
    if isinstance(thing, nn.Module):
        return kind, [repr(thing), dict(thing.state_dict())]
    if dataclasses.is_dataclass(thing):
        return kind, [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    raise GlimpseError(
        "work can be kept only if it can be recognized, and this object cannot",
        given=f"a {kind}",
        hint="try a function, a number, a string, a tensor or a dataclass in its place",
    )


def _function(function: FunctionType, seen: frozenset[int]) -> Iterator[bytes]:
    yield f"function {function.__qualname__}".encode()
    if id(function) in seen:
        return
    code, names = function.__code__, function.__globals__
    closed = [cell.cell_contents for cell in function.__closure__ or ()]
    held = [code, function.__defaults__, function.__kwdefaults__, closed]
    held += [names[name] for name in _names(code) if _own(names.get(name), function)]
    for item in held:
        yield from _parts(item, seen | {id(function)})


def _names(code: CodeType) -> list[str]:
    """The global names in a function, and in the functions within it."""
    inner = [_names(const) for const in code.co_consts if isinstance(const, CodeType)]
    return sorted({*code.co_names, *(name for names in inner for name in names)})


def _own(value: Any, function: FunctionType) -> bool:
    """Whether a global value belongs to the function's own module, and may change with it."""
    if isinstance(value, FunctionType):
        return value.__module__ == function.__module__
    return value is not None and isinstance(value, (*_PLAIN, Tensor, np.ndarray))


def _name(thing: Any) -> str:
    return str(getattr(thing, "__qualname__", thing.__name__))
