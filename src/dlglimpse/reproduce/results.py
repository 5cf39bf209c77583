"""What a run found, with what one must know to judge it or to run it again."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from dlglimpse.errors import GlimpseError
from dlglimpse.files import replace
from dlglimpse.reproduce.keeping import described
from dlglimpse.reproduce.training import Training

Floats = npt.NDArray[np.float64]
_LONG_RUN = Path(__file__).parents[1] / "_data" / "table1.json"


@dataclass(frozen=True)
class Results:
    """The errors of a training along its way.

    Attributes
    ----------
    measured
        After how many updates, shape `(t,)`.
    errors
        For each configuration the test errors in percent, shape `(seeds, t)`.
    provenance
        What was run: commit, versions, plan, and how the learning rates were chosen.
    machine
        Where it ran and how long that took, which differs from run to run.
    """

    measured: list[int]
    errors: dict[str, list[list[float]]]
    provenance: dict[str, Any]
    machine: dict[str, Any]

    def final(self) -> dict[str, Floats]:
        """Test errors in percent after the last update, (seeds,) for each configuration."""
        return {name: np.array(found)[:, -1] for name, found in self.errors.items()}

    def write(self, path: Path) -> None:
        """Write the results as JSON, whole or not at all."""
        text = json.dumps(asdict(self), indent=1) + "\n"
        replace(path, lambda file: file.write(text.encode()))

    @classmethod
    def read(cls, path: str | Path) -> Results:
        """Read what `write` wrote.

        Raises
        ------
        GlimpseError
            If there is no such file.
        """
        path = Path(path)
        if not path.exists():
            raise GlimpseError(
                "there are no results to read",
                given=str(path),
                hint="try `python -m dlglimpse.reproduce` to make some",
            )
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def long_run() -> Results:
    """The results of a longer run than fits into a page, kept with the package.

    Read its provenance before its errors: it says which command made them, from which
    commit, and how many updates each network got.

    Examples
    --------
    >>> found = long_run()
    >>> sorted(found.errors) == sorted(found.provenance["rates"])
    True
    """
    return Results.read(_LONG_RUN)


def percentages(training: Training) -> dict[str, list[list[float]]]:
    """The errors of a training in percent, (seeds, t) for each configuration."""
    found: dict[str, list[list[float]]] = {}
    for run, errors in training.errors.items():
        # Whole hundredths of a percent are single images among 10,000.
        found.setdefault(run.configuration, []).append([round(100 * e, 4) for e in errors])
    return found


def results(
    training: Training,
    *,
    commits: Iterable[str],
    search: Mapping[str, Any] | None,
    seconds: float,
) -> Results:
    """What a training found so far, with its provenance."""
    plan = described(training.plan)
    del plan["runs"]
    rates = {run.configuration: run.rate for run in training.plan.runs}
    provenance = {
        "commits": list(commits),
        "versions": versions(),
        "device": torch.device(training.device).type,
        "seeds": sorted({run.seed for run in training.plan.runs}),
        "rates": rates,
        "search": dict(search) if search else None,
        "plan": plan | {"done": training.done},
    }
    machine = {"seconds": round(seconds), "processor": processor(training.device)}
    return Results(list(training.measured), percentages(training), provenance, machine)


def versions() -> dict[str, str]:
    """The versions that numbers depend on."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def processor(device: str) -> str:
    """The kind of processor a device is."""
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()}, {torch.get_num_threads()} threads"


def commit(file: Path = Path(__file__)) -> str:
    """The commit that a file of a package belongs to, with a plus sign after changes.

    "unknown" where the package was installed without its repository.
    """
    try:
        # An environment may lie in the repository of something else.
        _git(file.parent, "ls-files", "--error-unmatch", file.name)
        head = _git(file.parent, "rev-parse", "HEAD").strip()
        changed = _git(file.parent, "status", "--porcelain", "--", str(file.parents[1]))
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + "+" * bool(changed)


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
