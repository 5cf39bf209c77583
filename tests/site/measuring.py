"""How heavy a page is, and how steady, measured as a reader's browser meets it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from compressing import STALE, Served, compressing
from playwright.sync_api import Browser, Page

# Shifts within half a second of a click are the reader's own doing; scrolling is not.
WATCH = """() => {
    window.seen = {shift: 0, shifted: [], tasks: []};
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            window.seen.shift += entry.value;
            for (const {node} of entry.sources)
                window.seen.shifted.push(node?.outerHTML?.slice(0, 120) ?? "text");
        }
    }).observe({type: "layout-shift", buffered: true});
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.seen.tasks.push(entry.duration);
    }).observe({type: "longtask", buffered: true});
}"""
SCROLL = """async () => {
    for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
        scrollTo({top, behavior: "instant"});
        await new Promise(done => requestAnimationFrame(() => setTimeout(done, 20)));
    }
}"""


@dataclass(frozen=True)
class Visit:
    """What one visit to a page moved, from its address to its end."""

    bytes: int
    requests: int
    statuses: frozenset[int]
    shift: float
    shifted: tuple[str, ...]
    tasks: tuple[float, ...]
    nodes: int
    hosts: frozenset[str]
    heaviest: tuple[tuple[str, int], ...]


def visits(browser: Browser, site: Path, slug: str, *, width: int = 1280) -> tuple[Visit, Visit]:
    """A first visit, and a second when all that the browser kept has to be asked for again."""
    with compressing(site, kept=STALE) as served:
        # Not `window`: a browser that lets requests be stopped keeps nothing.
        page = browser.new_page(viewport={"width": width, "height": 844 if width < 600 else 900})
        hosts: set[str] = set()
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        # A window that opens has work of its own for a moment, and so has the process of a
        # site's first file; neither is the page's.
        page.goto(f"{served.address}/robots.txt")
        page.wait_for_timeout(1000)
        page.add_init_script(f"({WATCH})()")
        first = _visit(page, served, slug, hosts)
        page.goto("about:blank")
        second = _visit(page, served, slug, hosts)
        page.close()
        return first, second


def _visit(page: Page, served: Served, slug: str, hosts: set[str]) -> Visit:
    served.forget()
    hosts.clear()
    page.goto(f"{served.address}/{slug}.html")
    page.wait_for_load_state("networkidle")
    # Before scrolling: what a page does later is not part of loading it.
    tasks = page.evaluate("window.seen.tasks")
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    seen = page.evaluate("window.seen")
    heaviest = sorted(served.sent.items(), key=lambda item: -item[1])[:5]
    return Visit(
        bytes=served.bytes,
        requests=len(served.answers),
        statuses=frozenset(status for status, _ in served.answers),
        shift=seen["shift"],
        shifted=tuple(seen["shifted"]),
        tasks=tuple(tasks),
        nodes=page.evaluate("document.querySelectorAll('*').length"),
        hosts=frozenset(hosts),
        heaviest=tuple(heaviest),
    )
