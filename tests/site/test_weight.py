"""Pages are light on the first visit, next to nothing on the second, and nothing shifts."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

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


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_field_that_comes_with_the_reader_has_its_place(browser: Browser, width: int) -> None:
    with window(browser, width=width) as context:
        page = shown(context, "book/activations")
        heights = page.evaluate("""async () => {
            const found = [];
            for (const form of document.querySelectorAll(".guess-form")) {
                const empty = form.children.length === 0 && form.offsetHeight;
                form.scrollIntoView();
                while (!form.children.length)
                    await new Promise(done => requestAnimationFrame(done));
                found.push([empty, form.offsetHeight]);
            }
            return found;
        }""")
    assert heights
    assert all(before == after for before, after in heights), heights


def test_a_shift_would_be_seen(browser: Browser) -> None:
    with compressing(ROOT / SITE) as served, window(browser) as context:
        page = context.new_page()
        page.add_init_script(f"({WATCH})()")
        page.goto(f"{served.address}/{SLUGS[1]}.html")
        page.wait_for_timeout(600)
        page.evaluate("() => { document.body.style.paddingTop = '300px'; }")
        page.wait_for_timeout(300)
        assert page.evaluate("window.seen.shift") > SHIFT


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_that_loads_lays_out_what_is_near(browser: Browser, slug: str) -> None:
    passes, near = laid_out(browser, slug)
    asked = forced(passes)
    assert sum(asked.values()) < 0.1 * near, f"scripts have the page laid out: {asked}"
    styled = sum(each["args"].get("elementCount", 0) for each in passes)
    assert styled < 2 * near, "what is far away was laid out, by the browser or for a script"


def test_a_script_that_lays_out_the_page_is_seen(browser: Browser) -> None:
    measuring = "document.querySelectorAll('article section').forEach(each => each.offsetHeight)"
    passes, near = laid_out(
        browser, "book/initialization", f"addEventListener('DOMContentLoaded', () => {measuring})"
    )
    assert sum(forced(passes).values()) > near
    assert sum(each["args"].get("elementCount", 0) for each in passes) > 2 * near


def laid_out(browser: Browser, slug: str, script: str = "") -> tuple[list[Any], int]:
    """What was styled and laid out while a page loaded, and how many elements are near its top."""
    with compressing(ROOT / SITE) as served, window(browser) as context:
        page = context.new_page()
        page.add_init_script(script)
        stacks = "disabled-by-default-devtools.timeline.stack"
        browser.start_tracing(page=page, categories=["devtools.timeline", stacks])
        page.goto(f"{served.address}/{slug}.html")
        page.wait_for_load_state("networkidle")
        events = json.loads(browser.stop_tracing())["traceEvents"]
        tree = page.context.new_cdp_session(page).send("Page.getFrameTree")
        near = page.evaluate("""() => [...document.querySelectorAll("body *")].filter(
            each => each.checkVisibility({contentVisibilityAuto: true})).length""")
    frame = tree["frameTree"]["frame"]["id"]
    return [
        event
        for event in events
        if event["name"] in ("UpdateLayoutTree", "Layout")
        and event["args"].get("beginData", {}).get("frame") == frame
    ], near


def forced(passes: list[Any]) -> Counter[str]:
    """How many boxes were laid out because a script asked, by the place in the script."""
    boxes: Counter[str] = Counter()
    for begun in (each["args"]["beginData"] for each in passes if each["name"] == "Layout"):
        for asker in begun.get("stackTrace", [])[:1]:
            file = asker["url"].rpartition("/")[2]
            place = f"{file}:{asker['lineNumber']}:{asker['columnNumber']}"
            boxes[place] += begun["dirtyObjects"]
    return boxes


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
