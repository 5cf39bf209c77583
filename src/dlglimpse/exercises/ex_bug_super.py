"""The attribute that nobody wrote: `super().__init__()` before anything else."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from dlglimpse.exercises.calling import call
from dlglimpse.exercises.exercise import Exercise, Verdict, mistaken, unexpected
from dlglimpse.exercises.given import described


def verdict(*, Patient: type[Any]) -> Verdict:
    """Call instances with several factors on several inputs."""
    if not issubclass(Patient, nn.Module):
        return mistaken("no-module")
    generator = torch.Generator().manual_seed(0)
    for factor, dtype in ((3, torch.float32), (-0.5, torch.float64), (10, torch.float32)):
        x = 2 * torch.randn(4, 2, generator=generator, dtype=dtype)
        outputs = call(call(Patient, factor, name="Patient"), x, name=f"Patient({factor})")
        wrong = _compared(outputs, x, factor)
        if wrong is not None:
            return wrong
    return None


def _compared(outputs: object, x: Tensor, factor: float) -> Verdict:
    if outputs is None:
        return mistaken("returns-none")
    if not isinstance(outputs, Tensor) or outputs.shape != x.shape:
        return unexpected(f"For x of shape (4, 2) it returns {described(outputs)}.")

    def is_like(wanted: Tensor) -> bool:
        return bool(torch.allclose(outputs.detach().to(wanted), wanted, atol=1e-5))

    if is_like(factor * torch.tanh(x)):
        return None
    if is_like(torch.tanh(x)):
        return mistaken("factor-ignored")
    if is_like(torch.tanh(factor * x)):
        return mistaken("factor-inside")
    if is_like(3 * torch.tanh(x)):
        return mistaken("factor-fixed", factor=f"{factor:g}")
    if is_like(factor * x):
        return mistaken("tanh-lost")
    return unexpected(f"`Patient({factor:g})` does not compute what `Hasty` was meant to.")


EXERCISE = Exercise(
    key="bug-super",
    page="sequential",
    tests="Knows what the constructor of nn.Module prepares, and calls it first.",
    minutes=5,
    answers={"Patient": "class"},
    hints=(
        "The attribute in the message begins with an underscore: it is one of PyTorch's own. "
        "Who should have made it, and when?",
        "`Hasty` has a constructor, and so that of `nn.Module` is not run unless somebody "
        "calls it.",
    ),
    mistakes={
        "no-super": "What `nn.Module` prepares for itself is still not there. Who prepares it, "
        "and was it asked to? One asks with a name and with parentheses.",
        "super-too-late": "A parameter or a module was assigned before the constructor of "
        "`nn.Module` ran. It must come first.",
        "factor-to-super": "The constructor of `nn.Module` takes no factor. Call it without, "
        "and keep the factor yourself.",
        "no-init": "`Patient` cannot be built with a factor: it needs an `__init__` that takes "
        "one.",
        "no-module": "`Patient` is no `nn.Module` any more. That silences the message, and "
        "takes away all that a module can do.",
        "factor-ignored": "The outputs are those of tanh alone: the factor is not used.",
        "factor-inside": "The factor stands inside of the tanh. `Hasty` was meant to multiply "
        "what comes out of it.",
        "factor-fixed": "Built with the factor {factor}, it multiplies by 3. Which number "
        "stands in your `forward`?",
        "tanh-lost": "The inputs are multiplied, and no tanh is taken.",
        "returns-none": "`forward` returns None.",
        "no-forward": "`Patient` has no `forward`, so calling it does nothing.",
    },
    errors={
        r"before Module.__init__\(\) call": "super-too-late",
        r"super\(.*\)\.__init__\(.*factor|Module\.__init__\(\) (got|takes)": "factor-to-super",
        r"Patient(\.__init__)?\(\) takes (1|no) ": "no-init",
        r"has no attribute '_\w+'": "no-super",
        r"Module \[\w+\] is missing the required": "no-forward",
    },
    right="First `nn.Module` gets ready, then your own attributes are assigned.",
    verdict=verdict,
)
