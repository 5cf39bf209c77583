"""Fingerprints: the same for equal work in every process, another for other work."""

import functools
import subprocess
import sys
from types import FunctionType

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlglimpse import Constant, GlimpseError, GlorotNormal, Uniform
from dlglimpse.fingerprints import fingerprint, versions

THINGS = [
    None,
    True,
    1,
    1.0,
    "1",
    b"1",
    (1, 2),
    (12,),
    ((1,), 2),
    {"a": 1},
    {"a": 2},
    {"b": 1},
    torch.ones(2),
    torch.ones(2, 1),
    torch.ones(2, dtype=torch.float64),
    torch.zeros(2),
    np.ones(3),
    torch.float32,
    nn.Tanh,
    nn.Tanh(),
    nn.LeakyReLU(0.1),
    nn.LeakyReLU(0.2),
    nn.PReLU(),
    nn.PReLU(init=0.5),
    Uniform(),
    Uniform(bound=2.0),
    GlorotNormal(),
    GlorotNormal(bias="zeros"),
    Constant(),
    F.mse_loss,
    F.l1_loss,
    functools.partial(F.mse_loss, reduction="sum"),
    functools.partial(F.mse_loss, reduction="mean"),
    torch.tanh,
]


def test_different_things_differ():
    found = [fingerprint(thing) for thing in THINGS]
    assert len(set(found)) == len(found)
    assert found == [fingerprint(thing) for thing in THINGS]


def test_the_order_of_options_and_the_kind_of_list_do_not_matter():
    assert fingerprint({"a": (1, 2), "b": 3}) == fingerprint({"b": 3, "a": [1, 2]})
    assert fingerprint((1, 2)) != fingerprint((2, 1))


def made(source: str, **names: object) -> FunctionType:
    """The function `f` of a module that consists of `source`."""
    module: dict[str, object] = {"__name__": "a_page", **names}
    exec(compile(source, "a_page.py", "exec"), module)
    function = module["f"]
    assert isinstance(function, FunctionType)
    return function


BEFORE = (
    "def g(x):\n    return x + 1\nc = 2\ndef f(x, y=3):\n    return g(x) * c + sum(v for v in x)"
)


def test_where_a_function_stands_does_not_matter():
    assert fingerprint(made(BEFORE)) == fingerprint(made("\n\nother = 5\n" + BEFORE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x + 1", "x + 2"),
        ("x + 1", "x - 1"),
        ("c = 2", "c = 3"),
        ("y=3", "y=4"),
        ("sum(", "max("),
        ("v for v", "-v for v"),
    ],
)
def test_a_changed_function_is_another_one(old, new):
    assert fingerprint(made(BEFORE)) != fingerprint(made(BEFORE.replace(old, new)))


def test_what_a_function_closes_over_counts():
    def times(factor):
        return lambda x: x * factor

    assert fingerprint(times(2)) == fingerprint(times(2)) != fingerprint(times(3))


def test_a_function_that_calls_itself_has_a_fingerprint():
    loop = "def f(x):\n    return g(x)\ndef g(x):\n    return f(x) if x else 0"
    assert fingerprint(made(loop)) == fingerprint(made(loop))


def test_another_process_finds_the_same():
    code = (
        "from dlglimpse.fingerprints import fingerprint\n"
        "def measure(look):\n    return {'a', 'b', 'c'}, look.loss.mean()\n"
        "print(fingerprint({'x': 1}, measure))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1 and len(found.pop()) == 65


def test_what_has_no_content_to_tell_is_refused():
    with pytest.raises(GlimpseError, match=r"recognized.*builtins\.object.*dataclass"):
        fingerprint([object()])


def test_versions_are_those_of_all_that_computes():
    code, *others = versions()
    assert len(code) == 64
    assert others == [torch.__version__, np.__version__, sys.version.split()[0]]
