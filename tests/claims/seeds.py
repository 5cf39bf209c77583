"""Run a page with every seed shifted, and print the claims it makes, as JSON.

    python tests/claims/seeds.py SHIFT

The cells of the page come in through stdin, as JSON, so that an environment that has
the package and nothing of the book can run them. Claims that do not hold are printed like
the others, so that a run with other seeds shows where their statistics lie; what else a
page asserts still stops it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def shift_seeds(shift: int) -> None:
    """Add `shift` to every seed that is given to torch or NumPy from now on."""
    import numpy as np
    import torch

    class Generator(torch.Generator):
        """torch's, with other seeds."""

        def manual_seed(self, seed: int) -> torch.Generator:
            return super().manual_seed(seed + shift)

    def shifted(function: Any) -> Any:
        def call(seed: Any = None, *arguments: Any, **options: Any) -> Any:
            return function(seed if seed is None else seed + shift, *arguments, **options)

        return call

    torch.Generator = Generator  # type: ignore[misc]
    torch.manual_seed = shifted(torch.manual_seed)
    np.random.default_rng = shifted(np.random.default_rng)
    np.random.SeedSequence = shifted(np.random.SeedSequence)  # type: ignore[misc]


def claims_of(sources: list[str]) -> list[dict[str, Any]]:
    """Run the cells of a page, and return the records of its claims."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    import dlglimpse.claims

    found: list[dict[str, Any]] = []
    dlglimpse.claims._show = lambda claim: found.append(  # type: ignore[assignment]
        claim.record() | {"holds": claim.holds}
    )
    names: dict[str, Any] = {"__name__": "__main__"}
    for source in sources:
        # A claim that fails has been shown before it is raised: the next one is wanted, too.
        for statement in _statements(source):
            try:
                exec(statement, names)
            except dlglimpse.claims.ClaimError:
                continue
        plt.close("all")
    return found


def _statements(source: str) -> list[Any]:
    import ast

    return [compile(ast.Module([node], []), "cell", "exec") for node in ast.parse(source).body]


def shifted(page: str, shift: int, python: str | Path = sys.executable) -> list[dict[str, Any]]:
    """The claims of a page with shifted seeds, from a process of its own."""
    from bookmaker.sources import Page

    cells = Page(ROOT, f"book/{page}").notebook().cells
    done = subprocess.run(
        [str(python), str(Path(__file__)), str(shift)],
        cwd=ROOT / "book",
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        input=json.dumps([cell.source for cell in cells if cell.cell_type == "code"]),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{page} with seeds shifted by {shift}: {done.stderr[-2000:]}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def claiming_pages() -> list[str]:
    """The pages that claim something, in the order of the book."""
    from bookmaker.sources import contents

    return [page.name for page in contents(ROOT) if page.runs and _cells_claim(page.lines)]


def _cells_claim(lines: list[str]) -> bool:
    return any(line.lstrip().startswith("claim(") for line in lines)


def main() -> None:
    """Run one page."""
    shift_seeds(int(sys.argv[1]))
    with redirect_stdout(sys.stderr):
        found = claims_of(json.load(sys.stdin))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
