"""How long a page takes to read and to run, from a committed file.

Times that a build measures would make every build differ, so `make times` writes them
down, and pages quote the file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from bookmaker import execute
from bookmaker.sources import Page, contents

WORDS_PER_MINUTE = 150
"""Reading with a pencil in hand; novels go faster."""
CODE_LINES_PER_MINUTE = 12
CHAPTERS = "chapters"


def reading_minutes(page: Page) -> int:
    """Minutes to read the prose and the visible code of a page, in fives.

    Solutions and the thinking that exercises take come on top.
    """
    words = lines = 0
    solving = False
    for cell in page.notebook().cells:
        if cell.cell_type == "code":
            hidden = solving or "remove-cell" in cell.metadata.get("tags", [])
            lines += 0 if hidden else sum(map(bool, cell.source.split("\n")))
            continue
        for line in cell.source.splitlines():
            if line.startswith("```{solution-"):
                solving = line.startswith("```{solution-start}")
            elif not solving:
                words += len(re.findall(r"[A-Za-z]{2,}", line))
    minutes = words / WORDS_PER_MINUTE + lines / CODE_LINES_PER_MINUTE
    return max(5, 5 * round(minutes / 5))


def measure(root: Path) -> int:
    """Run every page alone on the machine and write down what it took."""
    # Imports torch, which would cost every other verb seconds.
    from bookmaker import loop_times

    loop_times.measure(root)
    run = execute.execute(root, workers=1, force=True)
    for problem in run.problems:
        print(problem)
    if run.problems:
        return 1
    times = {
        page.name: {
            "reading": reading_minutes(page),
            "running": round(run.seconds[page.name], 1),
            "cells": sum(cell.cell_type == "code" for cell in page.notebook().cells),
        }
        for page in contents(root)
        if page.name in run.seconds
    }
    path = root / execute.TIMES
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(times, indent=1) + "\n", encoding="utf-8")
    print(f"Wrote {execute.TIMES}.")
    return 0


def load(root: Path) -> dict[str, dict[str, float]]:
    """The committed times by page, or nothing where none were measured yet."""
    path = root / execute.TIMES
    if not path.exists():
        return {}
    times: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    return times


def spoken(root: Path, kind: str, page: str) -> str | None:
    """How long `reading` or `running` a page takes, in words, where it was measured.

    `chapters` are all pages but the landing page together.
    """
    known = load(root)
    if page == CHAPTERS:
        landing = contents(root)[0].name
        wanted = [times[kind] for name, times in known.items() if name != landing]
    else:
        wanted = [known[page][kind]] if page in known else []
    if not wanted:
        return None
    return reading_words(sum(wanted)) if kind == "reading" else in_words(sum(wanted))


def reading_words(minutes: float) -> str:
    """A time for reading as one would say it, in hours and halves where it is long.

    >>> reading_words(75), reading_words(120), reading_words(385)
    ('about 75 minutes', 'about 2 hours', 'about 6½ hours')
    """
    if minutes < 110:
        return f"about {minutes:.0f} minutes"
    hours, half = divmod(round(minutes / 30), 2)
    return f"about {hours}{'½' if half else ''} hours"


def in_words(seconds: float) -> str:
    """A duration as a reader would say it.

    >>> in_words(3.2), in_words(48), in_words(95)
    ('about 5 seconds', 'about 50 seconds', 'about 2 minutes')
    """
    if seconds < 57:
        return f"about {max(5, 5 * round(seconds / 5))} seconds"
    minutes = max(1, round(seconds / 60))
    return f"about {minutes} minute{'s' if minutes > 1 else ''}"
