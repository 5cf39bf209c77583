"""Pages are light on the first visit, next to nothing on the second, and nothing shifts."""

from __future__ import annotations

import pytest
from compressing import compressing
from measuring import WATCH, visits
from playwright.sync_api import Browser

from bookmaker.site import SITE
from browser import ROOT, SLUGS, shown, window

FIRST = 250_000  # bytes, compressed, with the heads of all answers
SECOND = 60_000
SHIFT = 0.01
REQUESTS = 25
CHAPTERS = ["tensors", "autograd", "sequential", "activations", "initialization"]
PAGES = [
    slug if slug.rpartition("/")[2] in CHAPTERS else pytest.param(slug, marks=mark)
    for mark in [pytest.mark.thorough]
    for slug in SLUGS
]


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_is_light_and_steady(browser: Browser, slug: str) -> None:
    first, second = visits(browser, ROOT / SITE, slug)
    assert first.bytes <= FIRST, first.heaviest
    assert first.requests <= REQUESTS
    assert second.bytes <= SECOND, second.heaviest
    assert second.statuses <= {304}
    for visit in (first, second):
        assert visit.shift <= SHIFT, visit.shifted


@pytest.mark.parametrize("slug", PAGES)
def test_nothing_shifts_on_a_phone(browser: Browser, slug: str) -> None:
    first, _ = visits(browser, ROOT / SITE, slug, width=390)
    assert first.shift <= SHIFT, first.shifted


def test_a_shift_would_be_seen(browser: Browser) -> None:
    with compressing(ROOT / SITE) as served, window(browser) as context:
        page = context.new_page()
        page.add_init_script(f"({WATCH})()")
        page.goto(f"{served.address}/{SLUGS[1]}.html")
        page.wait_for_timeout(600)
        page.evaluate("() => { document.body.style.paddingTop = '300px'; }")
        page.wait_for_timeout(300)
        assert page.evaluate("window.seen.shift") > SHIFT


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("slug", [f"book/{name}" for name in CHAPTERS])
def test_long_sections_know_how_tall_they_are(browser: Browser, slug: str, width: int) -> None:
    variable = "--on-phone" if width < 600 else "--on-wide"
    with window(browser, width=width) as context:
        found = shown(context, slug).evaluate(f"""() =>
            [...document.querySelectorAll("section[style^='--on-phone']")].map(each => [
                each.id, parseFloat(each.style.getPropertyValue("{variable}")), each.offsetHeight
            ])""")
    assert len(found) > 1
    assert {name: guess / true for name, guess, true in found if not 0.8 < guess / true < 1.2} == {}
