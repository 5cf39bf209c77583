"""Whole pages, as axe sees them: folded, open, answered, with menus and drawers."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bookmaker.site import SITE
from browser import ROOT, SLUGS, shown, window
from unfolding import drawers, menus, searching, unfold

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Lighthouse judges by this rule; axe alone still calls it an experiment.
MORE = {"label-content-name-mismatch": {"enabled": True}}
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": MORE,
    "resultTypes": ["violations"],
}
PAGES = [*SLUGS, "search", "genindex"]
# Menus, drawers and dialogs are the same on all pages of a kind.
FRAMES = ["book/index", "book/tensors", "search", "genindex"]
LOOKS = [("light", 390), ("dark", 1280)]
OTHER_LOOKS = [("dark", 390), ("light", 1280)]


def violations(page: Page, within: str | None = None) -> list[str]:
    """What axe finds in a page, or within one element of it."""
    context = {"include": [[within]]} if within else None
    found = Axe().run(page, context=context, options=OPTIONS)
    return [
        f"{problem['id']}: {problem['help']}: {node['html'][:200]}"
        for problem in found.response["violations"]
        for node in problem["nodes"]
    ]


def of_the_frame(page: Page) -> dict[str, list[str]]:
    """What axe finds in the menus, the drawers and the search dialog of a page."""
    found = {f"menu {name}": violations(page, ".dropdown-menu.show") for name in menus(page)}
    if page.viewport_size and page.viewport_size["width"] < 992:
        for name in drawers(page):
            found[f"drawer {name}"] = violations(page, f"#pst-{name}-sidebar-modal")
    # On the page of the search itself the same keys lead to its own field.
    if not page.locator("main form.bd-search").count():
        with searching(page):
            found["search"] = violations(page, "#pst-search-dialog")
    return {state: problems for state, problems in found.items() if problems}


def of_the_text(page: Page, *, right: bool) -> dict[str, list[str]]:
    """What axe finds in a page that is folded, and then open, with all questions answered."""
    found = {"folded": violations(page)}
    unfold(page, right=right)
    found["open"] = violations(page)
    return {state: problems for state, problems in found.items() if problems}


def check(browser: Browser, slug: str, theme: str, width: int) -> None:
    with window(browser, theme=theme, width=width) as context:
        page = shown(context, slug)
        assert page.locator("html").get_attribute("data-theme") == theme
        # Half of the looks see what is said to right answers, the others to wrong ones.
        assert of_the_text(page, right=width > 1000) == {}


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize("slug", PAGES)
def test_axe_finds_nothing(browser: Browser, slug: str, theme: str, width: int) -> None:
    check(browser, slug, theme, width)


@pytest.mark.thorough
@pytest.mark.parametrize(("theme", "width"), OTHER_LOOKS)
@pytest.mark.parametrize("slug", PAGES)
def test_nor_in_the_other_themes(browser: Browser, slug: str, theme: str, width: int) -> None:
    check(browser, slug, theme, width)


@pytest.mark.parametrize(("theme", "width"), LOOKS + OTHER_LOOKS)
@pytest.mark.parametrize("slug", FRAMES)
def test_nor_in_what_opens(browser: Browser, slug: str, theme: str, width: int) -> None:
    with window(browser, theme=theme, width=width) as context:
        assert of_the_frame(shown(context, slug)) == {}


def test_axe_finds_nothing_on_the_page_that_leads_to_the_first(browser: Browser) -> None:
    text = (ROOT / SITE / "index.html").read_text(encoding="utf-8")
    with window(browser) as context:
        page = context.new_page()
        page.set_content(text.replace("http-equiv", "data-not-now"))
        assert violations(page) == []


# Bad cases, each planted into one page: where it is seen, and by which rule.
PLANTED: list[tuple[str, str, str]] = [
    ("folded", "region", "document.body.insertAdjacentHTML('beforeend', '<p>Stray.</p>')"),
    ("folded", "heading-order", "document.querySelector('article h2').outerHTML = '<h4>Deep</h4>'"),
    ("folded", "label-content-name-mismatch", "search.ariaLabel = 'Find'"),
    (
        "folded",
        "landmark-unique",
        "document.querySelectorAll('nav').forEach(n => n.ariaLabel = 'A')",
    ),
    ("open", "color-contrast", "document.querySelector('.solution p').style.color = '#ccc'"),
    ("search", "label", "document.querySelector('dialog input').removeAttribute('aria-label')"),
    ("menu Download this page", "image-alt", "menu.innerHTML += '<li><img src=x></li>'"),
    ("open", "label", "document.querySelector('.guess-form label').remove()"),
]


@pytest.fixture(scope="module")
def spoiled(browser: Browser) -> Any:
    with window(browser) as context:
        page = shown(context, "book/activations")
        page.locator(".guess-form").first.scroll_into_view_if_needed()
        page.locator(".guess-form label").first.wait_for()
        page.evaluate("""() => {
            window.search = document.querySelector(".search-button-field");
            window.menu = document.querySelector(".dropdown-download-buttons .dropdown-menu");
            document.querySelectorAll("dialog input").forEach(each => each.placeholder = "");
        }""")
        for _, _, planted in PLANTED:
            page.evaluate(f"() => {{ {planted} }}")
        yield of_the_frame(page) | of_the_text(page, right=False)


@pytest.mark.parametrize(("state", "rule"), [case[:2] for case in PLANTED])
def test_axe_would_find(spoiled: dict[str, list[str]], state: str, rule: str) -> None:
    assert any(problem.startswith(f"{rule}:") for problem in spoiled[state]), spoiled.get(state)
