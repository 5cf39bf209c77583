"""On a narrow phone, and with letters twice as large, nothing scrolls sideways or is cut off."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from browser import SLUGS, shown, window
from unfolding import unfold

PAGES = [*SLUGS, "search", "genindex"]
# The width of the window, and the size of letters beside the usual one.
SIZES = [(320, 100), (640, 200)]
# Words of the page, not of formulas or figures, which are laid out by other rules.
_WORDS = """() => {
    const found = [];
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const shown = { opacityProperty: true, visibilityProperty: true };
    const others = "svg, math, .math, script, style, .visually-hidden, .skip-link";
    while (words.nextNode()) {
        const node = words.currentNode;
        const parent = node.parentElement;
        if (!node.data.trim() || !parent.checkVisibility(shown)) continue;
        if (parent.closest(others)) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        found.push([node, parent, [...range.getClientRects()].filter(box => box.width > 1)]);
    }
    return found;
}"""
_PROBLEMS = """() => {
    const words = (WORDS)();
    const width = document.documentElement.clientWidth;
    const told = (node) => `${node.data.trim().slice(0, 40)} in <${node.parentElement.localName}>`;
    const style = (each) => getComputedStyle(each);
    const parents = (each) => each ? [each, ...parents(each.parentElement)] : [];
    const scrolls = (each) => /auto|scroll/.test(style(each).overflowX) && each !== document.body
        && each !== document.documentElement;
    const cuts = (each) => /hidden|clip/.test(style(each).overflowX) && each !== document.body
        && each !== document.documentElement;
    const floats = (each) => /fixed|sticky/.test(style(each).position);
    const problems = [];
    if (document.scrollingElement.scrollWidth > width + 1)
        problems.push(`the page scrolls sideways: ${document.scrollingElement.scrollWidth}`);
    const boxes = [];
    for (const [node, parent, rectangles] of words) {
        const around = parents(parent);
        if (around.some(scrolls)) continue;
        if (rectangles.some(box => box.left < -1 || box.right > width + 1))
            problems.push("beyond the edge: " + told(node));
        const cut = around.find(cuts)?.getBoundingClientRect();
        if (cut && rectangles.some(box => box.right > cut.right + 1 || box.bottom > cut.bottom + 1))
            problems.push("cut off: " + told(node));
        if (!around.some(floats))
            boxes.push(...rectangles.map(box => [box, node, parent]));
    }
    boxes.sort(([one], [two]) => one.top - two.top);
    boxes.forEach(([one, node, parent], index) => {
        for (const [two, other, its] of boxes.slice(index + 1)) {
            if (two.top > one.bottom - 4) break;
            const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
            const down = Math.min(one.bottom, two.bottom) - two.top;
            if (across > 4 && down > 8 && !parent.contains(its) && !its.contains(parent))
                problems.push(`${told(node)} lies on ${told(other)}`);
        }
    });
    return problems;
}""".replace("WORDS", _WORDS)
_STUCK = """() => [...document.querySelectorAll("article *")].filter(box =>
    /auto|scroll/.test(getComputedStyle(box).overflowX) && box.checkVisibility()
    && box.scrollWidth > box.clientWidth && box.clientWidth
    && !(box.tabIndex == 0 && box.role && box.ariaLabel)
).map(box => box.outerHTML.slice(0, 80))"""


def problems(page: Page) -> list[str]:
    """What a reader of a page sees crooked, clipped or covered."""
    found: list[str] = page.evaluate(_PROBLEMS)
    return found


def sized(context: BrowserContext, slug: str, letters: int) -> Page:
    """A page with all open, in letters of a size."""
    page = shown(context, slug)
    page.add_style_tag(content=f"html {{ font-size: {letters}% !important; }}")
    unfold(page)
    return page


@pytest.mark.parametrize(("width", "letters"), SIZES)
@pytest.mark.parametrize("slug", PAGES)
def test_a_page_fits(browser: Browser, slug: str, width: int, letters: int) -> None:
    with window(browser, width=width) as context:
        page = sized(context, slug, letters)
        assert problems(page) == []
        # What scrolls in a box of its own is scrolled by key, and has a name.
        assert page.evaluate(_STUCK) == []


# Bad cases: what is planted into a page, and the words that must tell of it.
PLANTED: list[tuple[str, str]] = [
    ("scrolls sideways", "<div style='width: 700px; height: 1px'></div>"),
    (
        "beyond the edge",
        "<p style='white-space: nowrap'>Zyzzyva, and much else that is longer than wide.</p>",
    ),
    ("cut off", "<p style='overflow: hidden; height: 1rem'>Zyzzyva<br>one<br>two</p>"),
    ("lies on", "<p>Zyzzyva was here.</p><p style='margin-top: -2.4rem'>It was there.</p>"),
]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Any:
    with window(browser, width=320) as context:
        yield sized(context, "book/tensors", 100)


@pytest.mark.parametrize(("told", "planted"), PLANTED)
def test_what_does_not_fit_is_told(page: Page, told: str, planted: str) -> None:
    page.evaluate(
        "html => { document.querySelector('article h1').insertAdjacentHTML('afterend',"
        " `<div id=planted>${html}</div>`); }",
        planted,
    )
    assert any(told in problem for problem in problems(page)), problems(page)
    page.evaluate("() => planted.remove()")


def test_a_box_that_no_key_scrolls_is_told(page: Page) -> None:
    page.evaluate(
        "() => { document.querySelector('article h1').insertAdjacentHTML('afterend',"
        ' \'<div id=box style="overflow: auto"><div style="width: 99rem">x</div></div>\'); }'
    )
    assert len(page.evaluate(_STUCK)) == 1
    page.evaluate("() => box.remove()")
