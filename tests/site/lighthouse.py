"""Lighthouse's four scores for a page."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

from browser import ARGUMENTS, ROOT, program

PROGRAM = ROOT / ".venv" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FORMS = ("mobile", "desktop")


def scores(address: str, form: str, runs: int) -> dict[str, int]:
    """Each score, of 100: performance is the median of several runs, the others never vary."""
    found = [_run(address, form, CATEGORIES)]
    found += [_run(address, form, CATEGORIES[:1]) for _ in range(runs - 1)]
    return {
        name: round(median(each[name] for each in found if name in each)) for name in CATEGORIES
    }


def _run(address: str, form: str, categories: tuple[str, ...]) -> dict[str, float]:
    flags = " ".join(["--headless=new", *ARGUMENTS])
    command = [str(PROGRAM), address, "--quiet", "--output=json", f"--chrome-flags={flags}"]
    command += [f"--only-categories={','.join(categories)}", "--disable-full-page-screenshot"]
    command += ["--preset=desktop"] if form == "desktop" else []
    env = os.environ | {"CHROME_PATH": str(program())}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Lighthouse failed on {address}: {done.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout)["categories"]
    return {name: 100 * (found[name]["score"] or 0) for name in categories}


def missing() -> str | None:
    """What to do before Lighthouse can run, if anything."""
    if program() is None:
        return "no Chromium was found: install Debian's `chromium`, or Chrome"
    return None if Path(PROGRAM).exists() else "run `make site-report`, which installs Lighthouse"
