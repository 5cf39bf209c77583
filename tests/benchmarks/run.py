"""Run the benchmarks and write their tables where the book's page includes them.

Run as `make bench`, or `python tests/benchmarks/run.py per_example` for one of them.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

import torch

ALL = ("per_example", "draws", "violins", "overhead", "shapeset", "build_speed")
TABLES = Path(__file__).parents[2] / "book" / "_data"


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all, and write one Markdown file for each."""
    unknown = set(names) - set(ALL)
    if unknown:
        raise SystemExit(f"unknown benchmark {', '.join(unknown)}: choose from {', '.join(ALL)}")
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    where = f"One run on {platform.machine()}, {os.cpu_count()} cores, {versions}."
    TABLES.mkdir(parents=True, exist_ok=True)
    for name in names or ALL:
        print(f"# {name}", flush=True)
        text = importlib.import_module(name).run()
        print(text, flush=True)
        (TABLES / f"bench-{name}.md").write_text(f"{text}\n{where}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
