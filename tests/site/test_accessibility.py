"""Questions and the results of checks, as axe sees them, on every page, in both themes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bookmaker.site import SITE
from bookmaker.sources import contents
from browser import ROOT

PAGES = {page.name: page for page in contents(ROOT) if page.runs and page.name != "index"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What the text before a question is like is the page's business, not the question's.
OURS = ".question, .question-forget, .dlglimpse-check"


def opened(browser: Browser, name: str, theme: Any, width: int) -> Page:
    """A page from disk, with nobody else within reach."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    context.route(re.compile("^http"), lambda route: route.abort())
    page = context.new_page()
    page.goto((ROOT / SITE / f"{PAGES[name].slug}.html").as_uri())
    page.wait_for_selector(".question-forget")
    assert page.locator("html").get_attribute("data-theme") == theme
    return page


def violations(page: Page) -> list[str]:
    """What axe has to say about the questions, or about the results of checks."""
    found = Axe().run(
        page,
        context={"include": [[each] for each in OURS.split(", ") if page.locator(each).count()]},
        options={"runOnly": {"type": "tag", "values": RULES}},
    )
    return [
        f"{problem['id']}: {problem['help']}: {node['html'][:200]}"
        for problem in found.response["violations"]
        for node in problem["nodes"]
    ]


def answer_all(page: Page, *, right: bool) -> None:
    """Answer every question of a page, and compare every guess."""
    for question in page.locator(".question:has(.choice)").all():
        marked = ".choice[data-right]" if right else ".choice:not([data-right])"
        question.locator(f"{marked} > summary").first.click()
    for question in page.locator(".question:has(form)").all():
        median = question.locator(".measured").get_attribute("data-median")
        question.locator("input").fill(str(median) if right else "1e9")
        question.locator("button").click()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser: Browser, name: str, theme: str, width: int) -> None:
    page = opened(browser, name, theme, width)
    assert violations(page) == []
    answer_all(page, right=False)
    assert violations(page) == []
    page.locator(".question-forget button").click()
    answer_all(page, right=True)
    assert violations(page) == []
    page.context.close()


def test_axe_would_find_something(browser: Browser) -> None:
    page = opened(browser, "activations", "light", 1280)
    page.evaluate("() => document.querySelector('.guess-form label').remove()")
    page.evaluate("() => { document.querySelector('.question-title').style.color = '#ddd'; }")
    found = violations(page)
    assert any(problem.startswith("label:") for problem in found)
    assert any(problem.startswith("color-contrast:") for problem in found)
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_questions_fit_a_narrow_phone(browser: Browser, name: str) -> None:
    page = opened(browser, name, "light", 320)
    answer_all(page, right=False)
    for question in page.locator(".question").all():
        wide, room, slug = question.evaluate(
            "q => [q.scrollWidth, q.clientWidth, q.dataset.question]"
        )
        assert wide <= room + 1, slug
    for target in page.locator(".question summary, .question button, .question input").all():
        box = target.bounding_box()
        assert box is None or box["height"] >= 24
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_every_choice_is_reached_by_tab_in_reading_order(browser: Browser, name: str) -> None:
    page = opened(browser, name, "light", 1280)
    stops = page.locator(".question :is(summary, input, button), .question-forget button")
    wanted = stops.evaluate_all("found => found.map((each, k) => (each.dataset.stop = k))")
    seen: list[int] = []
    for _ in range(1500):
        page.keyboard.press("Tab")
        stop = page.evaluate("() => document.activeElement?.dataset?.stop ?? null")
        if stop is not None:
            seen.append(int(stop))
        if len(seen) == len(wanted):
            break
    assert seen == wanted
    page.context.close()
