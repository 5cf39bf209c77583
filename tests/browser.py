"""A browser in which tests read the built site as readers do."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

from bookmaker.browsers import ARGUMENTS, HINT, program
from bookmaker.site import SITE
from bookmaker.sources import contents

ROOT = Path(__file__).parents[1]
SLUGS = [page.slug for page in contents(ROOT)]
THEMES = ["light", "dark"]
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
WIDTHS = [320, 390, 768, 1280]


def required() -> bool:
    """Whether a missing browser is an error: so it is in continuous integration."""
    return os.environ.get("BOOK_BROWSER_REQUIRED") == "1"


def launched(playwright: Playwright) -> Browser:
    """The browser; without one the test is skipped, or fails where it must not be."""
    found = program()
    if found is None:
        (pytest.fail if required() else pytest.skip)(HINT)
    return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process, which bears no second Playwright."""
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


@contextmanager
def window(
    browser: Browser, *, theme: Any = "light", width: int = 1280, **options: Any
) -> Iterator[BrowserContext]:
    """A fresh window that reaches nobody but this machine."""
    height = 844 if width < 600 else 900
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        **{"reduced_motion": "reduce", **options},
    )
    context.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    try:
        yield context
    finally:
        context.close()


def shown(context: BrowserContext, slug: str, site: Path = ROOT / SITE) -> Page:
    """A page of the site, opened from disk, laid out to its end, and at rest.

    A browser lays out a long section when the reader comes near; tests look everywhere.
    """
    page = context.new_page()
    page.goto((site / f"{slug}.html").as_uri())
    page.wait_for_load_state("load")
    page.add_style_tag(content="section { content-visibility: visible !important; }")
    page.evaluate(TWO_FRAMES)
    return page


def strangers(request: Request) -> bool:
    """Whether a request leaves this machine."""
    return re.match(r"^(https?|wss?)://(?!127\.0\.0\.1)", request.url) is not None


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server of a folder, on this machine."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
