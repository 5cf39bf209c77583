"""What a newcomer sees first, what a lost reader sees, and what a page keeps of either."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route
from test_whole_pages import violations

from bookmaker.lost import LOST, prefix
from bookmaker.site import SITE
from bookmaker.sources import contents
from browser import ROOT, THEMES, serving, shown, window

FIRST = contents(ROOT)[1]
PREFIX = prefix(ROOT)
# What the first screen must hold: the whole of it, or at least its top.
WHOLE = {
    "title": "h1",
    "what": "h1 ~ p",
    "for whom, how long, where to start": "h1 ~ dl",
    "start": f"h1 ~ dl a[href='{FIRST.name}.html']",
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_first_screen_says_what_for_whom_how_long_and_where(
    browser: Browser, width: int, theme: str
) -> None:
    with window(browser, theme=theme, width=width) as context:
        page = shown(context, "book/index")
        assert page.viewport_size is not None
        height = page.viewport_size["height"]
        for what, where in WHOLE.items():
            box = page.locator(f"article {where}").first.bounding_box()
            assert box is not None, what
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, what
            assert box["y"] >= 0 and box["y"] + box["height"] <= height, what
        figure = page.locator("article figure").first.bounding_box()
        picture = page.locator("article figure :is(img, svg):visible").first.bounding_box()
        assert figure is not None and picture is not None
        # A phone shows where it begins, and a wide screen all of it, words included.
        if width == 390:
            assert picture["y"] + 60 <= height
        else:
            assert figure["y"] + figure["height"] <= height
        assert re.search(r"takes about \d+½? hours", page.locator("h1 ~ dl").first.inner_text())


def test_the_map_has_every_chapter_with_a_question_and_a_time(browser: Browser) -> None:
    with window(browser) as context:
        page = shown(context, "book/index")
        rows = page.locator("#what-each-chapter-answers dl > dd")
        names = page.locator("#what-each-chapter-answers dl > dt a")
        linked = [str(link.get_attribute("href")) for link in names.all()]
        running = [each.name for each in contents(ROOT)[1:] if each.runs]
        assert linked == [f"{name}.html" for name in running]
        for row in rows.all():
            assert re.search(r"\?.*\(about \d+½? (minutes|hours)\)$", row.inner_text(), re.DOTALL)


# ---- lost readers ----------------------------------------------------------


@contextmanager
def lost(browser: Browser, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """The page for lost readers where GitHub Pages shows it, and what failed to load."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path.removeprefix(PREFIX)
        if path.startswith("nowhere/"):
            route.fulfill(status=404, path=ROOT / SITE / f"{LOST}.html", content_type="text/html")
        else:
            route.continue_(url=f"{base}/{path}")

    with serving(ROOT / SITE) as base, window(browser, **options) as context:
        page = context.new_page()
        failed: list[str] = []
        page.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.route(f"{base}{PREFIX}**", answer)
        page.goto(f"{base}{PREFIX}nowhere/at/all.html")
        page.wait_for_load_state("load")
        yield page, [url for url in failed if "/nowhere/" not in url]


@pytest.mark.parametrize("width", [390, 1280])
def test_a_lost_reader_finds_style_search_and_chapters(browser: Browser, width: int) -> None:
    with lost(browser, width=width) as (page, failed):
        assert failed == []
        assert page.locator(".lost-search").evaluate("f => getComputedStyle(f).display") == "flex"
        box = page.locator(".lost-search button").bounding_box()
        assert box is not None and box["x"] + box["width"] <= width
        page.locator("#lost-words").fill("sigmoid")
        page.locator("#lost-words").press("Enter")
        page.wait_for_url(f"**{PREFIX}search.html#q=sigmoid")
        page.go_back()
        page.get_by_role("main").get_by_role("link", name="Put layers in a row").click()
        page.wait_for_url(f"**{PREFIX}book/sequential.html")
        assert "Put layers in a row" in page.title()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_for_lost_readers(browser: Browser, theme: str, width: int) -> None:
    with lost(browser, width=width, theme=theme) as (page, _):
        assert page.locator("html").get_attribute("data-theme") == theme
        assert violations(page) == []


def test_a_dead_address_on_the_page_for_lost_readers_would_be_noticed(browser: Browser) -> None:
    path = ROOT / SITE / f"{LOST}.html"
    assert f"{PREFIX}_static/" in path.read_text()
    with lost(browser) as (page, _), page.expect_response("**/none.css") as got:
        page.evaluate(
            "prefix => { const link = document.createElement('link'); link.rel = 'stylesheet';"
            "link.href = prefix + '_static/none.css'; document.head.append(link); }",
            PREFIX,
        )
    assert got.value.status == 404


# ---- what is kept ----------------------------------------------------------

KEPT = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"


def test_the_privacy_page_names_all_that_is_kept(browser: Browser) -> None:
    with window(browser) as context:
        page = shown(context, "book/privacy")
        named = set(page.locator("table code").all_inner_texts())
        page = shown(context, FIRST.slug)
        page.locator(".question .choice > summary").first.click()
        page.locator(".theme-switch-button").first.click()
        kept = set(page.evaluate(KEPT))
        page.goto((ROOT / SITE / "search.html").as_uri() + "#q=sigmoid")
        page.locator("#search-results li a").first.click()
        page.wait_for_load_state("load")
        kept |= set(page.evaluate(KEPT))
        assert {"dlglimpse-answers", "mode", "theme"} <= kept <= named
        assert context.cookies() == []
        assert page.evaluate("document.cookie") == ""
