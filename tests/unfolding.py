"""Open in a page all that is folded, and answer all that is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

_UNFOLD = """() => {
    document.querySelectorAll("details:not(.choice, .measured)").forEach(each => each.open = true);
    document.querySelectorAll(".toggle-button-hidden").forEach(each => each.click());
}"""
# Everything that a reader can open has opened, and moved to where it stays.
_REST = "() => document.getAnimations().every(each => each.playState == 'finished')"


def settle(page: Page) -> None:
    """Wait until nothing moves any more."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    page.wait_for_function(_REST)


def unfold(page: Page, *, right: bool = False) -> None:
    """Open every cell, solution and remark, and answer every question."""
    page.evaluate(_UNFOLD)
    answer_all(page, right=right)
    settle(page)


def answer_all(page: Page, *, right: bool) -> None:
    """Answer every question of a page, and compare every guess."""
    for question in page.locator(".question:has(.choice)").all():
        marked = ".choice[data-right]" if right else ".choice:not([data-right])"
        question.locator(f"{marked} > summary").first.click()
    for question in page.locator(".question:has(form)").all():
        # The field comes when the reader does.
        question.scroll_into_view_if_needed()
        median = question.locator(".measured").get_attribute("data-median")
        question.locator("input").fill(str(median) if right else "1e9")
        question.locator("button").click()


@contextmanager
def searching(page: Page) -> Iterator[None]:
    """The search dialog is open."""
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog[open]").wait_for()
    yield
    page.keyboard.press("Escape")
    settle(page)


def drawers(page: Page) -> Iterator[str]:
    """Open one drawer of the phone's page after the other."""
    for name in ("primary", "secondary"):
        button = page.locator(f".{name}-toggle")
        if button.count() and button.is_visible():
            button.click()
            page.locator(f"#pst-{name}-sidebar-modal[open]").wait_for()
            settle(page)
            yield name
            page.keyboard.press("Escape")
            settle(page)


def menus(page: Page) -> Iterator[str]:
    """Open one menu after the other."""
    for button in page.locator(".article-header-buttons .dropdown > button").all():
        button.click()
        page.locator(".dropdown-menu.show").wait_for()
        settle(page)
        yield str(button.get_attribute("aria-label"))
        page.keyboard.press("Escape")
