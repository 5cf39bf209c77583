"""Reading any page, and clicking anything, asks nobody but the book, and logs no complaint."""

from __future__ import annotations

import pytest
from compressing import compressing
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from bookmaker.site import SITE
from browser import ROOT, SLUGS, strangers, window

# The pages that every reader meets; the others are made of the same parts.
PAGES = [
    slug if slug.endswith(("index", "initialization")) else pytest.param(slug, marks=mark)
    for mark in [pytest.mark.thorough]
    for slug in [*SLUGS, "genindex"]
]


class Watched:
    """What a window asked for, and what its console said."""

    def __init__(self, context: BrowserContext) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _request(self, request: Request) -> None:
        if strangers(request):
            self.asked.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location})")


def click_everything(page: Page) -> None:
    """Scroll, open all menus and folds, and change the theme, as a curious reader does."""
    page.evaluate("() => { window.print = () => {}; }")
    page.mouse.wheel(0, 1e6)
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate("() => document.querySelectorAll('button.toggle-button').forEach(b => b.click())")
    for button in page.locator(":is(button, [role=button]):visible").all():
        if button.get_attribute("data-bs-toggle") == "dropdown":
            button.click()
            page.keyboard.press("Escape")
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
    for copy in page.locator("button.copybtn").all()[:1]:
        copy.click(force=True)


def search(page: Page, word: str) -> None:
    """Look a word up as the keyboard does, and wait for what is found."""
    page.keyboard.press("Control+k")
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html#q=*")
    page.wait_for_selector(".search-places li > a")


@pytest.mark.parametrize("slug", PAGES)
def test_nobody_else_is_asked(browser: Browser, slug: str) -> None:
    site = ROOT / SITE
    with compressing(site) as served:
        for address in (served.address, site.as_uri()):
            with window(browser) as context:
                watched = Watched(context)
                page = context.new_page()
                page.goto(f"{address}/{slug}.html")
                page.wait_for_load_state("load")
                click_everything(page)
                search(page, "gradient")
                assert watched.asked == []
                assert watched.complaints == []
                assert context.cookies() == []
        assert [each for each in served.answers if each[0] >= 400] == []


def test_a_stranger_would_be_seen(browser: Browser) -> None:
    with window(browser) as context:
        watched = Watched(context)
        page = context.new_page()
        page.goto((ROOT / SITE / f"{SLUGS[0]}.html").as_uri())
        page.evaluate("() => fetch('https://example.org/x').catch(() => {})")
        page.evaluate("() => console.warn('careful')")
        page.wait_for_timeout(100)
        assert watched.asked == ["https://example.org/x"]
        assert any(text.startswith("careful") for text in watched.complaints)
