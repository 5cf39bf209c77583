"""Formulas and paper, on the pages of the built site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html
from playwright.sync_api import Browser

from bookmaker.site import SITE
from browser import ROOT, shown, window

PAGES = sorted(
    path for path in (ROOT / SITE).rglob("*.html") if "_static" not in path.relative_to(ROOT).parts
)
# What TeX would look like if it reached a reader.
_RAW = re.compile(r"\\[(\[]|\$\$|\\(?:t?frac|begin|operatorname|mathcal|sum|partial|sigma|delta)\b")
_SAID = "//script | //style | //pre | //code | //*[@class='katex-mathml']"


def raw(text: str) -> list[str]:
    """Pieces of TeX in what a page shows, code aside."""
    page = html.document_fromstring(text)
    for element in page.xpath(_SAID):
        element.drop_tree()
    return _RAW.findall(page.text_content())


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT / SITE)))
def test_no_page_shows_tex_or_asks_for_mathjax(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert raw(text) == []
    assert "mathjax" not in text.lower() and "jsdelivr" not in text
    shows = 'class="katex"' in text
    assert not shows or "<math " in text


def test_raw_tex_would_be_seen() -> None:
    assert raw(r"<p>so \(a\) and $$b$$ and \tfrac14</p><pre>\begin</pre>") != []
    assert raw(r"<p>costs $5</p><pre>\begin{a}</pre><code>\(</code>") == []


def test_long_formulas_scroll_in_their_own_box(browser: Browser) -> None:
    with window(browser, width=320) as context:
        page = shown(context, "book/initialization")
        boxes = page.locator("div.formula")
        wide, right = boxes.evaluate_all(
            "found => [found.filter(f => f.scrollWidth > f.clientWidth).length,"
            " Math.max(...found.map(f => f.getBoundingClientRect().right))]"
        )
    assert wide > 0
    assert right <= 320


def test_paper_is_white_and_nothing_on_it_is_folded(browser: Browser) -> None:
    with window(browser, theme="dark") as context:
        page = shown(context, "book/tensors")
        page.emulate_media(media="print")
        page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
        assert page.locator("html").get_attribute("data-theme") == "light"
        assert page.locator("article details:not([open])").count() == 0
        hidden = page.locator(".bd-header, .bd-sidebar-primary, .bd-footer-content, .headerlink")
        assert not any(each.is_visible() for each in hidden.all())
        solution = page.locator(".solution.dropdown p:not(.admonition-title)").first
        assert solution.is_visible()
        ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        assert ground in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
        spelled = page.locator("article a.reference.external:not(.spelled)").first
        after = "link => getComputedStyle(link, '::after').content"
        assert "http" in spelled.evaluate(after)
        page.evaluate("() => dispatchEvent(new Event('afterprint'))")
        assert page.locator("html").get_attribute("data-theme") == "dark"
        assert page.locator("article details[open]").count() == 0
