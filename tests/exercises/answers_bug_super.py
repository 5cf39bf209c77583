"""Answers to the exercise on the constructor of `nn.Module`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from exercises.answers import Answers

ANSWERS = Answers("bug-super")


def scaled(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.factor * torch.tanh(x)


def patient(
    forward: Callable[[Any, torch.Tensor], Any] = scaled,
    begin: Callable[[Any, float], None] | None = None,
) -> dict[str, Any]:
    class Patient(nn.Module):
        def __init__(self, factor: float) -> None:
            if begin:
                begin(self, factor)
            else:
                super().__init__()
                self.factor = factor

        def forward(self, x: torch.Tensor) -> Any:
            return forward(self, x)

    return {"Patient": Patient}


@ANSWERS.passes("super first")
def _() -> dict[str, Any]:
    return patient()


@ANSWERS.passes("the old way to call it, and x.tanh()")
def _() -> dict[str, Any]:
    def begin(self: Any, factor: float) -> None:
        nn.Module.__init__(self)
        self.scale = factor

    return patient(lambda self, x: x.tanh() * self.scale, begin)


@ANSWERS.passes("plain attributes before super, a module for tanh")
def _() -> dict[str, Any]:
    class Patient(nn.Module):
        def __init__(self, factor: float) -> None:
            self.factor = factor
            super().__init__()
            self.bend = nn.Tanh()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.bend(x).mul(self.factor)

    return {"Patient": Patient}


@ANSWERS.passes("a buffer")
def _() -> dict[str, Any]:
    class Patient(nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.register_buffer("factor", torch.tensor(float(factor)))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.factor * torch.tanh(x)

    return {"Patient": Patient}


@ANSWERS.shows("no-super")
def _() -> dict[str, Any]:
    return patient(begin=lambda self, factor: setattr(self, "factor", factor))


@ANSWERS.shows("no-super", "without its parentheses")
def _() -> dict[str, Any]:
    class Patient(nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__  # noqa: B018
            self.factor = factor

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.factor * torch.tanh(x)

    return {"Patient": Patient}


@ANSWERS.shows("super-too-late")
def _() -> dict[str, Any]:
    def begin(self: Any, factor: float) -> None:
        self.factor = nn.Parameter(torch.tensor(float(factor)))
        nn.Module.__init__(self)

    return patient(begin=begin)


@ANSWERS.shows("factor-to-super")
def _() -> dict[str, Any]:
    class Patient(nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__(factor)
            self.factor = factor

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.factor * torch.tanh(x)

    return {"Patient": Patient}


@ANSWERS.shows("no-init")
def _() -> dict[str, Any]:
    class Patient(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 3 * torch.tanh(x)

    return {"Patient": Patient}


@ANSWERS.shows("no-module")
def _() -> dict[str, Any]:
    class Patient:
        def __init__(self, factor: float) -> None:
            self.factor = factor

        def __call__(self, x: torch.Tensor) -> torch.Tensor:
            return self.factor * torch.tanh(x)

    return {"Patient": Patient}


@ANSWERS.shows("factor-ignored")
def _() -> dict[str, Any]:
    return patient(lambda self, x: torch.tanh(x))


@ANSWERS.shows("factor-inside")
def _() -> dict[str, Any]:
    return patient(lambda self, x: torch.tanh(self.factor * x))


@ANSWERS.shows("factor-fixed")
def _() -> dict[str, Any]:
    return patient(lambda self, x: 3 * torch.tanh(x))


@ANSWERS.shows("tanh-lost")
def _() -> dict[str, Any]:
    return patient(lambda self, x: self.factor * x)


@ANSWERS.shows("returns-none")
def _() -> dict[str, Any]:
    return patient(lambda self, x: None)


@ANSWERS.shows("no-forward")
def _() -> dict[str, Any]:
    class Patient(nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = factor

    return {"Patient": Patient}
