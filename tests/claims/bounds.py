"""Where the statistics of a page's claims lie in runs with other seeds: `make bounds`.

    python tests/claims/bounds.py PAGE... [--runs 20]

For each claim on a median or a share: the smallest and the largest value in the runs, the
bounds that the next run passes but once in 10,000, and the bounds that the page stated
when the book was last made. Runs are kept until the page's code or the package changes,
so that one can write other bounds into a page without running it 20 times again. The exit
status is 1 if a stated bound is tighter than that, or a claim failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binom, t

from bookmaker.claims import claims
from bookmaker.fingerprint import fingerprint
from bookmaker.sources import Page
from claims.seeds import ROOT, claiming_pages, shifted
from dlglimpse.claims import FALSE_ALARM

RUNS = ROOT / "_build" / "bounds"
Bounds = tuple[float | None, float | None]
# What a claim says besides what it measures.
_STATED = re.compile(r"\b(low|high|because)=[^,\n]+")


def prediction(values: Sequence[float], false_alarm: float = FALSE_ALARM) -> tuple[float, float]:
    """Where a statistic lies in one more run, but for `false_alarm`, half on each side.

    mean ± t s sqrt(1 + 1/k) over k runs, on a logarithmic scale where all values are
    positive and they span more than a fifth of their mean. What can mislead: it takes the
    statistic, a median of many draws, to be normal over runs.

    >>> low, high = prediction([0.9, 1.1] * 10)
    >>> f"{low:.2f} {high:.2f}"
    '0.59 1.67'
    """
    array = np.asarray(values, dtype=float)
    log = bool((array > 0).all()) and float(np.ptp(array)) > 0.2 * float(array.mean())
    scaled = np.log(array) if log else array
    reach = float(t.isf(false_alarm / 2, array.size - 1) * scaled.std(ddof=1))
    reach *= math.sqrt(1 + 1 / array.size)
    ends = (float(scaled.mean()) - reach, float(scaled.mean()) + reach)
    return (math.exp(ends[0]), math.exp(ends[1])) if log else ends


def share_prediction(
    shares: Sequence[float], draws: int, false_alarm: float = FALSE_ALARM
) -> tuple[float, float]:
    """The same for a share: binomial, at both ends of what the runs leave open.

    >>> share_prediction([0.0] * 20, 200)
    (0.0, 0.01)
    """
    total = draws * len(shares)
    count = round(sum(shares) * draws)
    # One success and one failure more than were seen: the share itself is uncertain.
    low = max(0, count - 1) / total
    high = min(total, count + 1) / total
    return (
        float(binom.ppf(false_alarm / 2, draws, low)) / draws,
        float(binom.isf(false_alarm / 2, draws, high)) / draws,
    )


def bounds(records: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """The bounds for one claim, from its records in all runs."""
    values = [record["value"] for record in records]
    if records[0]["of"] == "share":
        return share_prediction(values, records[0]["measured"]["n"])
    return prediction(values)


def runs(page: str, count: int) -> list[list[dict[str, Any]]]:
    """The claims of a page in `count` runs, each kept, so that the next call goes on."""
    cells = [c.source for c in Page(ROOT, f"book/{page}").notebook().cells if c.cell_type == "code"]
    told = fingerprint(ROOT) + _STATED.sub("", "\n".join(cells))
    folder = RUNS / f"{page}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for k in range(1, count + 1):
        path = folder / f"{k}.json"
        if not path.exists():
            path.write_text(json.dumps(shifted(page, 1000 * k)))
        found.append(json.loads(path.read_text()))
        print(f"\r{page}: {k} of {count} runs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def stated() -> dict[str, Bounds]:
    """The bounds of all claims, as the pages stated them when the book was last made."""
    return {made.slug: (made.record["low"], made.record["high"]) for made in claims(ROOT)}


def report(records: Sequence[dict[str, Any]], says: Bounds) -> bool:
    """Print where one claim lies, and return whether its bounds are wide enough."""
    failed = sum(not _keeps(record, says) for record in records)
    values = [record["value"] for record in records]
    line = f"  {records[0]['slug']:<28}{min(values):10.4g} to {max(values):9.4g}"
    tight = False
    if records[0]["of"] != "every":
        low, high = bounds(records)
        tight = (says[0] or -math.inf) > low or (math.inf if says[1] is None else says[1]) < high
        line += f"   next {low:9.4g} to {high:9.4g}"
    line += f"   stated {says[0]} to {says[1]}"
    print(line + "   TOO TIGHT" * tight + f"   {failed} FAILED" * bool(failed))
    return not (tight or failed)


def _keeps(record: dict[str, Any], says: Bounds) -> bool:
    ends = record["extremes"] if record["of"] == "every" else (record["value"],) * 2
    low, high = says
    return (low is None or ends[0] >= low) and (high is None or ends[1] <= high)


def main() -> int:
    """Report on the pages named, or on all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", help="pages by name, all that claim something if none")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    known, good = stated(), True
    for page in arguments.pages or claiming_pages():
        for records in zip(*runs(page, arguments.runs), strict=True):
            good &= report(records, known[records[0]["slug"]])
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
