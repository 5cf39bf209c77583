"""Plant wrong formulas one at a time, and see what notices: `make mutants`.

    PYTHONPATH=book/_ext:tests python tests/mutants/run.py [--only NAME] [--half unit|pages]
        [--all] [--jobs N]

Each mutant is planted in a copy of the package. First the unit tests that rest on the
changed module run, until one fails; then the pages that call what was changed, the fastest
first, until a claim or an assert fails. The table says who caught what. The exit status is
1 if a mutant survives all unit tests, or all pages that run it. Results are kept in
_build/mutants.json until the mutant, the package, the tests or the page changes, so that
a run goes on where the last one was stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bookmaker.fingerprint import fingerprint
from bookmaker.sources import contents
from mutants.catalogue import named
from mutants.catching import Caught, by_page, by_unit_tests, called_by, unit_tests
from mutants.planting import ROOT, Mutant, plant

KEPT = ROOT / "_build" / "mutants.json"


class Results:
    """What is known already, by a hash of everything that it depends on."""

    def __init__(self, path: Path = KEPT) -> None:
        self.path = path
        self.known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        self._lock = threading.Lock()

    def get(self, depends_on: Sequence[str], compute: Callable[[], Any]) -> Any:
        """The kept result, or a new one, which is kept at once."""
        key = hashlib.sha256("\0".join(depends_on).encode()).hexdigest()[:20]
        if key not in self.known:
            result = compute()
            with self._lock:
                self.known[key] = result
                self._save()
        return self.known[key]

    def _save(self) -> None:
        self.path.parent.mkdir(exist_ok=True)
        # A run that is stopped while it writes would lose everything.
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(self.known))
        draft.replace(self.path)


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant; a half that was not asked for is None."""

    mutant: Mutant
    unit: Caught | None = None
    pages: dict[str, Caught] | None = None

    @property
    def survives(self) -> list[str]:
        """The halves that should have caught it and did not."""
        found = []
        if self.unit is not None and not self.unit.by and not self.mutant.in_page:
            found.append("unit tests")
        if self.pages and not self.by_pages and not self.mutant.unclaimed:
            found.append("pages")
        return found

    @property
    def by_pages(self) -> list[str]:
        """The claims and asserts that caught it, each after the name of its page."""
        return [f"{name}: {by}" for name, page in (self.pages or {}).items() for by in page.by]

    @property
    def row(self) -> tuple[str, str, str]:
        """What the table says: mutant, unit test, pages."""
        return self.mutant.name, self._said_by_tests, self._said_by_pages

    @property
    def _said_by_tests(self) -> str:
        if self.mutant.in_page:
            return "(a page's own formula)"
        if self.unit is None:
            return ""
        return "; ".join(self.unit.by) or "SURVIVES"

    @property
    def _said_by_pages(self) -> str:
        if self.by_pages:
            return "; ".join(self.by_pages)
        if self.pages is None:
            return ""
        if not self.pages:
            return "(no page calls it)"
        crashes = [f"{name} crashed: {p.crashed}" for name, p in self.pages.items() if p.crashed]
        if self.mutant.unclaimed:
            return f"(no claim: {self.mutant.unclaimed})"
        return "; ".join([f"SURVIVES {', '.join(self.pages)}", *crashes])


@dataclass
class Judge:
    """Plants mutants and asks unit tests and pages about them."""

    results: Results
    halves: Sequence[str] = ("unit", "pages")
    go_on: bool = False
    root: Path = ROOT
    surroundings: str = field(init=False)

    def __post_init__(self) -> None:
        self.surroundings = fingerprint(self.root)

    def page_text(self, name: str) -> str:
        return (self.root / "book" / f"{name}.md").read_text(encoding="utf-8")

    def calls(self, name: str) -> list[str]:
        """The functions that a page calls when nothing is planted."""

        def compute() -> list[str]:
            print(f"looking at what {name} calls", file=sys.stderr, flush=True)
            with TemporaryDirectory() as folder:
                return called_by(plant(None, Path(folder), self.root), name)

        found: list[str] = self.results.get(
            ["calls", self.surroundings, self.page_text(name)], compute
        )
        return found

    def pages(self) -> list[str]:
        """All pages with cells, the fastest first, as far as the last times tell."""
        times = json.loads((self.root / "book" / "times.json").read_text())
        names = [page.name for page in contents(self.root) if page.runs]
        return sorted(names, key=lambda name: times.get(name, {}).get("running", 1e9))

    def pages_of(self, mutant: Mutant) -> list[str]:
        """The pages whose code calls what a mutant changes."""
        if mutant.in_page:
            return [mutant.path.stem]
        return [page for page in self.pages() if any(map(mutant.affects, self.calls(page)))]

    def verdict(self, mutant: Mutant) -> Verdict:
        """Plant one mutant and ask the halves that are wanted."""
        with TemporaryDirectory() as name:
            folder = plant(mutant, Path(name).resolve(), self.root)
            unit = self._unit(mutant, folder) if "unit" in self.halves else None
            pages = self._pages(mutant, folder) if "pages" in self.halves else None
        return Verdict(mutant, unit, pages)

    def _unit(self, mutant: Mutant, folder: Path) -> Caught:
        if mutant.in_page:
            return Caught()
        tests = unit_tests(mutant, self.root)
        texts = [path.read_text(encoding="utf-8") for path in tests]
        return self._caught(
            ["unit", *self._planted(mutant), *texts],
            lambda: by_unit_tests(mutant, folder, tests, self.root),
        )

    def _pages(self, mutant: Mutant, folder: Path) -> dict[str, Caught]:
        found = {}
        for name in self.pages_of(mutant):
            found[name] = self._caught(
                ["page", str(self.go_on), *self._planted(mutant), self.page_text(name)],
                lambda name=name: by_page(folder, name, go_on=self.go_on),  # type: ignore[misc]
            )
            if found[name].by and not self.go_on:
                break
        return found

    def _planted(self, mutant: Mutant) -> list[str]:
        formula = [mutant.file, mutant.scope, mutant.old, mutant.new]
        return [*formula, self.surroundings]

    def _caught(self, depends_on: Sequence[str], ask: Callable[[], Caught]) -> Caught:
        kept = self.results.get(depends_on, lambda: vars(ask()))
        return Caught(tuple(kept["by"]), kept["crashed"])


def table(verdicts: Sequence[Verdict]) -> str:
    """The rows with aligned columns, and what survived below them."""
    rows = [("mutant", "caught by unit test", "caught by page"), *(v.row for v in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in rows]
    survivors = [v for v in verdicts if v.survives]
    lines.append(f"\n{len(verdicts)} mutants, {len(survivors)} of them survived")
    lines += [f"  {v.mutant.name!r} survives {' and '.join(v.survives)}" for v in survivors]
    return "\n".join(lines)


def main() -> int:
    """Judge the mutants asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", metavar="NAME", help="mutants whose name contains this")
    parser.add_argument("--half", choices=("unit", "pages"), help="one half instead of both")
    parser.add_argument("--all", action="store_true", help="list all claims that fail, not one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    chosen = named(asked.only)
    if not chosen:
        parser.error(f"no mutant is called {asked.only!r}")
    judge = Judge(Results(), (asked.half,) if asked.half else ("unit", "pages"), asked.all)
    with ThreadPoolExecutor(asked.jobs) as pool:
        if "pages" in judge.halves:
            list(pool.map(judge.calls, reversed(judge.pages())))
        verdicts = []
        for k, found in enumerate(pool.map(judge.verdict, chosen), 1):
            verdicts.append(found)
            print(f"{k} of {len(chosen)}: {found.mutant.name}", file=sys.stderr, flush=True)
    print(table(verdicts))
    return int(any(found.survives for found in verdicts))


if __name__ == "__main__":
    sys.exit(main())
