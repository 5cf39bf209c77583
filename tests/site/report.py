"""Measure every page, and write the table that the book shows: `make site-report`.

`RUNS=1 make site-report` runs Lighthouse once a page instead of five times, and
`ONLY="book/tensors book/index"` measures some pages, for a look, and writes nothing.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import lighthouse
from compressing import compressing
from measuring import Visit, visits
from playwright.sync_api import Browser, sync_playwright
from test_whole_pages import violations

from bookmaker.site import SITE
from browser import ROOT, SLUGS, THEMES, launched, shown, window
from unfolding import unfold

TABLE = ROOT / "book" / "_data" / "site-report.md"
WIDTHS = (390, 1280)
LONG = 50  # milliseconds
# What the scores have to reach, in the order of `lighthouse.CATEGORIES`.
BARS = {"mobile": (98, 100, 100, 100), "desktop": (100, 100, 100, 100)}


@dataclass(frozen=True)
class Row:
    """Everything measured of one page."""

    slug: str
    first: Visit
    second: Visit
    scores: dict[str, tuple[int, ...]]
    axe: dict[tuple[str, int], int]

    @property
    def slow(self) -> list[float]:
        return [task for task in self.first.tasks if task > LONG]

    def misses(self) -> list[str]:
        """What of the page is not at the bars that hold for every page."""
        found = [
            f"{form} {name} {score} of {bar}"
            for form, bars in BARS.items()
            for name, score, bar in zip(lighthouse.CATEGORIES, self.scores[form], bars, strict=True)
            if score < bar
        ]
        found += [f"axe finds {n} ({theme}, {w})" for (theme, w), n in self.axe.items() if n]
        found += [f"a task of {max(self.slow):.0f} ms"] if self.slow else []
        found += [f"shift {self.first.shift:.3f}"] if self.first.shift > 0.01 else []
        return found + ([f"{len(self.first.hosts)} hosts"] if len(self.first.hosts) > 1 else [])


def measured(browser: Browser, slug: str, runs: int) -> Row:
    """Measure one page."""
    site = ROOT / SITE
    first, second = visits(browser, site, slug)
    scores = {}
    with compressing(site) as served:
        for form in lighthouse.FORMS:
            found = lighthouse.scores(f"{served.address}/{slug}.html", form, runs)
            scores[form] = tuple(found.values())
    axe = {
        (theme, width): _axe(browser, slug, theme, width) for theme in THEMES for width in WIDTHS
    }
    return Row(slug, first, second, scores, axe)


def _axe(browser: Browser, slug: str, theme: str, width: int) -> int:
    """How many elements axe complains of, folded and unfolded."""
    with window(browser, theme=theme, width=width) as context:
        page = shown(context, slug)
        found = set(violations(page))
        unfold(page)
        return len(found | set(violations(page)))


def table(rows: list[Row]) -> str:
    """All rows as Markdown, in two tables."""
    weights = ["page", "first visit", "second", "requests", "hosts", "nodes", "long tasks", "shift"]
    looks = [f"{theme}, {width}" for theme in THEMES for width in WIDTHS]
    scores = ["page", *lighthouse.FORMS, *(f"axe: {look}" for look in looks)]
    first = [
        [
            row.slug.rpartition("/")[2],
            f"{row.first.bytes / 1000:.0f} KB",
            f"{row.second.bytes / 1000:.1f} KB",
            str(row.first.requests),
            str(len(row.first.hosts)),
            str(row.first.nodes),
            f"{len(row.slow)}, {max(row.slow):.0f} ms" if row.slow else "0",
            f"{row.first.shift:.3f}",
        ]
        for row in rows
    ]
    second = [
        [
            row.slug.rpartition("/")[2],
            *(" · ".join(map(str, row.scores[form])) for form in lighthouse.FORMS),
            *(str(row.axe[theme, width]) for theme in THEMES for width in WIDTHS),
        ]
        for row in rows
    ]
    return f"{_markdown(weights, first)}\n\n{_markdown(scores, second)}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(rows: list[Row]) -> str:
    """Which pages are not at the bars, in one sentence."""
    missing = [f"{row.slug}: {', '.join(row.misses())}" for row in rows if row.misses()]
    if not missing:
        return f"All {len(rows)} pages are at the bars."
    return "Not at the bars: " + "; ".join(missing) + "."


def main(only: list[str]) -> None:
    """Measure the pages named, or all, and write the table if all were measured."""
    if problem := lighthouse.missing():
        raise SystemExit(f"The site was not measured: {problem}.")
    runs = int(os.environ.get("RUNS") or 5)
    rows = []
    with sync_playwright() as playwright:
        browser = launched(playwright)
        for slug in only or SLUGS:
            rows.append(measured(browser, slug, runs))
            print(table(rows[-1:]), *rows[-1].misses(), sep="\n", flush=True)
        version = browser.version
        browser.close()
    how = f"Chromium {version}, Lighthouse 12.8.2, median of {runs}" if runs > 1 else "one run"
    text = f"{table(rows)}\n\n{verdict(rows)}\n({how}.)\n"
    print(f"\n{text}")
    if not only:
        Path(TABLE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
