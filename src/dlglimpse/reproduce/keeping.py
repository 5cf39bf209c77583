"""Keep a training on disk, so that whoever kills it loses minutes and not hours."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from dlglimpse.errors import GlimpseError
from dlglimpse.files import replace
from dlglimpse.reproduce.plans import Plan
from dlglimpse.reproduce.training import Training

_MAY_GROW = "updates"


def described(plan: Plan) -> dict[str, Any]:
    """A plan as JSON keeps it."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(plan)))
    return plain


def keep(training: Training, path: Path, **facts: Any) -> None:
    """Write all that is needed to go on, and facts about the run so far, to a file."""
    kept = {"plan": described(training.plan), "state": training.state(), "facts": facts}
    replace(path, lambda file: torch.save(kept, file))


def take_up(training: Training, path: Path) -> dict[str, Any]:
    """Go on where a file was written, if there is one; returns the facts kept with it.

    Raises
    ------
    GlimpseError
        If the file belongs to another plan; only more updates than it has are allowed.
    """
    if not path.exists():
        return {}
    kept = torch.load(path, map_location=training.device, weights_only=True)
    now, then = described(training.plan), kept["plan"]
    differing = [
        f"{name} was {then.get(name)}, is {value}"
        for name, value in now.items()
        if name != _MAY_GROW and then.get(name) != value
    ]
    if training.plan.updates < kept["state"]["done"]:
        differing.append(f"{kept['state']['done']} updates are done already")
    if differing:
        raise GlimpseError(
            f"{path} was kept by a run with other options",
            given="; ".join(differing),
            hint="try the options of that run, or another `--output`",
        )
    training.take_up(kept["state"])
    facts: dict[str, Any] = kept["facts"]
    return facts
