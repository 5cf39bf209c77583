"""Measure every page, and write the table that the book shows: `make site-report`.

`RUNS=1 make site-report` runs Lighthouse once a page instead of five times, and
`ONLY="book/tensors book/index"` measures some pages anew; what is known of the others stays.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from statistics import median

import lighthouse
from compressing import compressing
from measuring import visits
from playwright.sync_api import Browser, sync_playwright
from test_whole_pages import violations

from bookmaker.site import SITE
from browser import ROOT, SLUGS, THEMES, launched, shown, window
from unfolding import unfold

TABLE = ROOT / "book" / "_data" / "site-report.md"
KNOWN = ROOT / "_build" / "site-report.json"
WIDTHS = (390, 1280)
LONG = 50  # milliseconds
# What the scores have to reach, in the order of `lighthouse.CATEGORIES`.
BARS = {"mobile": (98, 100, 100, 100), "desktop": (100, 100, 100, 100)}


@dataclass(frozen=True)
class Row:
    """Everything measured of one page."""

    slug: str
    first: int
    """Bytes of the first visit, and then of the second."""
    second: int
    requests: int
    hosts: int
    nodes: int
    longest: float
    """The longest task while the page loads, in milliseconds, median of the runs."""
    shift: float
    scores: dict[str, list[int]]
    axe: dict[str, int]
    how: str

    def misses(self) -> list[str]:
        """What of the page is not at the bars that hold for every page."""
        found = [
            f"{form} {name} {score}, not {bar}"
            for form, bars in BARS.items()
            for name, score, bar in zip(lighthouse.CATEGORIES, self.scores[form], bars, strict=True)
            if score < bar
        ]
        found += [f"axe finds {n} ({look})" for look, n in self.axe.items() if n]
        found += [f"a task of {self.longest:.0f} ms"] if self.longest > LONG else []
        found += [f"shift {self.shift:.3f}"] if self.shift > 0.01 else []
        return found + ([f"{self.hosts} hosts"] if self.hosts > 1 else [])


def measured(browser: Browser, slug: str, runs: int) -> Row:
    """Measure one page."""
    site = ROOT / SITE
    pairs = [visits(browser, site, slug) for _ in range(runs)]
    first, second = pairs[0]
    with compressing(site) as served:
        scores = {
            form: list(lighthouse.scores(f"{served.address}/{slug}.html", form, runs).values())
            for form in lighthouse.FORMS
        }
    return Row(
        slug,
        first=first.bytes,
        second=second.bytes,
        requests=first.requests,
        hosts=len(first.hosts),
        nodes=first.nodes,
        longest=median(max(visit.tasks, default=0.0) for visit, _ in pairs),
        shift=max(visit.shift for pair in pairs for visit in pair),
        scores=scores,
        axe={
            f"{theme}, {width}": _axe(browser, slug, theme, width)
            for theme in THEMES
            for width in WIDTHS
        },
        how=f"Chromium {browser.version}, Lighthouse 12.8.2, median of {runs}",
    )


def _axe(browser: Browser, slug: str, theme: str, width: int) -> int:
    """How many elements axe complains of, folded and unfolded."""
    with window(browser, theme=theme, width=width) as context:
        page = shown(context, slug)
        found = set(violations(page))
        unfold(page)
        return len(found | set(violations(page)))


def table(rows: list[Row]) -> str:
    """All rows as Markdown, in two tables."""
    weights = ["page", "first visit", "second visit", "requests", "hosts", "nodes"]
    weights += ["long task", "shift"]
    scores = ["page", *lighthouse.FORMS, *(f"axe: {look}" for look in rows[0].axe)]
    first = [
        [
            row.slug.rpartition("/")[2],
            f"{row.first / 1000:.0f} KB",
            f"{row.second / 1000:.1f} KB",
            str(row.requests),
            str(row.hosts),
            f"{row.nodes:,}",
            f"{row.longest:.0f} ms" if row.longest > LONG else "none",
            f"{row.shift:.3f}",
        ]
        for row in rows
    ]
    second = [
        [
            row.slug.rpartition("/")[2],
            *("\u00a0·\u00a0".join(map(str, row.scores[form])) for form in lighthouse.FORMS),
            *map(str, row.axe.values()),
        ]
        for row in rows
    ]
    return f"{_markdown(weights, first)}\n\n{_markdown(scores, second)}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(rows: list[Row]) -> str:
    """Which pages are not well, in one sentence."""
    missing = [f"{row.slug}: {', '.join(row.misses())}" for row in rows if row.misses()]
    if not missing:
        return f"All {len(rows)} pages are well."
    return "Not well: " + "; ".join(missing) + "."


def main(only: list[str]) -> None:
    """Measure the pages named, or all; write the table as soon as all are known."""
    if problem := lighthouse.missing():
        raise SystemExit(f"The site was not measured: {problem}.")
    runs = int(os.environ.get("RUNS") or 5)
    known = json.loads(KNOWN.read_text(encoding="utf-8")) if only and KNOWN.exists() else {}
    with sync_playwright() as playwright:
        browser = launched(playwright)
        # The first page of a browser waits for the browser, too.
        visits(browser, ROOT / SITE, SLUGS[0])
        for slug in only or SLUGS:
            row = measured(browser, slug, runs)
            print(table([row]), *row.misses(), sep="\n", flush=True)
            known[slug] = asdict(row)
            KNOWN.write_text(json.dumps(known), encoding="utf-8")
        browser.close()
    rows = [Row(**known[slug]) for slug in SLUGS if slug in known]
    how = " and ".join(sorted({row.how for row in rows}))
    text = f"{table(rows)}\n\n{verdict(rows)}\n({how}.)\n"
    print(f"\n{text}")
    if len(rows) == len(SLUGS):
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
