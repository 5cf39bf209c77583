"""Finding things as readers do: search, words, links to copy, links from code, progress."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bookmaker import codelinks, progress
from bookmaker.site import SITE
from bookmaker.sources import Page as Source
from bookmaker.sources import contents
from browser import ROOT, SLUGS, THEMES, WIDTHS, serving, shown, window
from names_in_code import names_used, visible_cells

BUILT = ROOT / SITE
CHAPTERS = progress.chapters(ROOT)
RUNNING = [page for page in contents(ROOT) if page.runs]
TERM = "a.term"
# One place of each kind, all on one page.
PLACES = {
    "heading": "h2",
    "figure": "figure",
    "exercise": ".exercise",
    "claim": ".dlglimpse-claim",
    "question": ".question-title",
    "equation": ".eqno",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(BUILT) as served:
        yield served


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with window(browser) as opened:
        yield opened


# ---- search --------------------------------------------------------------


def places(context: BrowserContext, site: str, query: str) -> list[str]:
    """Where the results of a search lead, best first."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.goto(f"{site}/search.html#q={query}")
    page.wait_for_selector("#search-results [role=status]")
    assert problems == []
    links = page.locator(".search-places li > a")
    return [str(link.get_attribute("href")) for link in links.all()]


def test_nobody_is_told_what_one_looks_for(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
    page.goto(f"{address}/book/tensors.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("dead+unit zyzzyva")
    page.keyboard.press("Enter")
    said = page.locator("#search-results [role=status]")
    said.wait_for()
    assert "“dead+unit zyzzyva”" in said.inner_text()
    page.locator("main input[name=q]").fill("vanishing zyzzyva")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html#q=vanishing*")
    page.locator("#search-results", has_text="“vanishing zyzzyva”").wait_for()
    assert any("search.html" in url for url in asked)
    assert not any("zyzzyva" in url for url in asked)


def test_search_finds_chapters_first_and_leads_to_sections(
    context: BrowserContext, address: str
) -> None:
    for query in ("vanishing", "Glorot", "Linear"):
        found = places(context, BUILT.as_uri(), query)
        assert found == places(context, address, query)
        slugs = [place.removeprefix("./").split(".html")[0] for place in found]
        assert set(slugs[:5]) <= set(CHAPTERS), query
        first = next((k for k, slug in enumerate(slugs) if slug not in CHAPTERS), len(slugs))
        assert not set(slugs[first:]) & set(CHAPTERS), query
        assert sum("#" in place for place in found) > len(found) / 2
        for place in found:
            slug, _, anchor = place.partition(".html")
            text = (BUILT / f"{slug}.html").read_text(encoding="utf-8")
            assert not anchor or f'id="{anchor[1:]}"' in text, place


def test_results_quote_what_was_found_once(context: BrowserContext) -> None:
    places(context, BUILT.as_uri(), "Glorot")
    page = context.pages[-1]
    for quoted in page.locator(".search-places p").all()[:5]:
        assert re.search("glorot", quoted.locator("mark").first.inner_text(), re.IGNORECASE)
        assert not re.search(r"\\[a-z]+|\$", quoted.inner_text())
    assert "places for “Glorot”" in page.locator("#search-results [role=status]").inner_text()
    assert page.locator("input[name=q]").last.input_value() == "Glorot"


def test_functions_are_found_by_name(context: BrowserContext) -> None:
    found = places(context, BUILT.as_uri(), "watch_updates")
    assert any(place.endswith("api.html#dlglimpse.watch_updates") for place in found)


def test_search_says_when_it_finds_nothing(context: BrowserContext) -> None:
    assert places(context, BUILT.as_uri(), "zyzzyva") == []
    assert "“zyzzyva”" in context.pages[-1].locator("#search-results [role=status]").inner_text()


# ---- words ---------------------------------------------------------------


def tips(page: Page) -> list[str]:
    """The explanations that can be seen."""
    return [tip.inner_text() for tip in page.locator(".term-tip").all() if tip.is_visible()]


def test_a_word_is_explained_on_focus_until_escape(context: BrowserContext) -> None:
    page = shown(context, "book/sequential")
    link = page.locator(TERM).first
    assert tips(page) == []
    link.focus()
    (tip,) = tips(page)
    described = page.locator(f"[id='{link.get_attribute('aria-describedby')}']")
    assert described.get_attribute("role") == "tooltip"
    assert tip == described.inner_text()
    page.keyboard.press("Escape")
    assert tips(page) == []
    assert link.evaluate("link => link === document.activeElement")
    page.locator(TERM).nth(1).focus()
    assert len(tips(page)) == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-*")


def test_a_word_is_explained_while_the_pointer_is_on_it_or_on_the_tip(
    context: BrowserContext,
) -> None:
    page = shown(context, "book/sequential")
    link = page.locator(TERM).first
    link.hover()
    page.wait_for_function("() => document.querySelector('.term-tip:not([hidden])')")
    page.locator(".term-tip:not([hidden])").hover()
    page.wait_for_timeout(500)
    assert len(tips(page)) == 1
    page.mouse.move(1, 1)
    page.wait_for_timeout(500)
    assert tips(page) == []


def test_a_first_tap_explains_and_a_second_leads(browser: Browser) -> None:
    with window(browser, width=390, has_touch=True, is_mobile=True) as context:
        page = shown(context, "book/sequential")
        link = page.locator(TERM).first
        link.tap()
        page.wait_for_timeout(300)
        assert len(tips(page)) == 1 and page.url.endswith("sequential.html")
        link.tap()
        page.wait_for_url("**/glossary.html#term-*")


@pytest.mark.parametrize("width", WIDTHS)
def test_tips_stay_in_the_window(browser: Browser, width: int) -> None:
    with window(browser, width=width) as context:
        page = shown(context, "book/sequential")
        for link in page.locator(TERM).all()[:8]:
            link.focus()
            box = page.locator(".term-tip:not([hidden])").bounding_box()
            word = link.bounding_box()
            assert box and word
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
            apart = box["y"] >= word["y"] + 10 or box["y"] + box["height"] <= word["y"] + 10
            assert apart, "the tip covers its word"


# ---- links to copy -------------------------------------------------------


def test_each_kind_of_place_has_a_link_that_is_copied(browser: Browser, address: str) -> None:
    with window(browser, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(f"{address}/book/sequential.html")
        for what, kind in PLACES.items():
            link = page.locator(f"{kind} a.headerlink").first
            assert link.get_attribute("aria-label") == f"Link to this {what}"
            assert link.evaluate("link => getComputedStyle(link).opacity") == "0"
            link.focus()
            assert link.evaluate("link => getComputedStyle(link).opacity") == "1"
            page.keyboard.press("Enter")
            page.wait_for_function("() => document.querySelector('.copied-word').textContent")
            assert page.locator(".copied-word").inner_text() == "Link copied"
            wanted = f"{address}/book/sequential.html{link.get_attribute('href')}"
            assert page.url == wanted
            assert page.evaluate("() => navigator.clipboard.readText()") == wanted
            page.evaluate("() => { document.querySelector('.copied-word').textContent = ''; }")


@pytest.mark.parametrize("slug", SLUGS)
def test_links_to_copy_lead_to_places_of_their_page(slug: str) -> None:
    text = (BUILT / f"{slug}.html").read_text(encoding="utf-8")
    links = re.findall(r'<a class="headerlink" href="#([^"]+)" aria-label="([^"]+)">#</a>', text)
    assert len(links) == text.count("headerlink")
    assert all(label.startswith("Link to this ") for _, label in links)
    # After a label, a heading's own id is no longer the first: both are there.
    assert [to for to, _ in links if f'id="{to}"' not in text] == []


# ---- links from code -----------------------------------------------------


@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.name)
def test_names_in_code_lead_to_their_documentation(page: Source) -> None:
    text = (BUILT / f"{page.slug}.html").read_text(encoding="utf-8")
    documented = codelinks.documented()
    addresses = {address for _, address in documented.values()}
    linked: set[str] = set()
    for attributes, code in re.findall(r'<a class="code-link"([^>]*)>(.*?)</a>', text, re.DOTALL):
        (to,) = re.findall(r'href="([^"]+)"', attributes)
        name = html.unescape(re.sub(r"<[^>]*>|\s", "", code)).split(".")[-1]
        linked.add(to)
        if 'rel="external"' in attributes:
            assert to in addresses
            assert "in the documentation of" in attributes
            assert name in to or "dtype" in to, (name, to)
        else:
            assert re.fullmatch(rf"(\.\./book/)?api\.html#dlglimpse\.(\w+\.)*{name}", to)
    used = {name for name in names_used(visible_cells(page)) if name in documented}
    assert {name for name in used if documented[name][1] not in linked} == set()
    assert used


def test_the_copy_button_copies_plain_code(browser: Browser, address: str) -> None:
    with window(browser, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(f"{address}/book/sequential.html")
        cell = page.locator(".cell_input:has(a.code-link[rel=external])").first
        cell.hover()
        cell.locator("button.copybtn").click()
        page.wait_for_function("() => navigator.clipboard.readText()")
        copied = page.evaluate("() => navigator.clipboard.readText()")
        assert copied.strip() == cell.locator("pre").evaluate("pre => pre.textContent").strip()
        assert "↗" not in copied


# ---- where am I ----------------------------------------------------------


def test_previous_next_and_the_list_of_pages_say_where_one_is(context: BrowserContext) -> None:
    page = shown(context, CHAPTERS[2])
    before, after = page.locator(".prev-next-area a").all()
    titles = [
        re.sub(r"\s+\d+ min$", "", page.locator(f".bd-sidenav a[href='{name}.html']").inner_text())
        for name in (CHAPTERS[1].split("/")[-1], CHAPTERS[3].split("/")[-1])
    ]
    assert titles[0] in before.inner_text() and titles[1] in after.inner_text()
    here = page.locator(".bd-sidenav [aria-current=page]")
    assert here.count() == 1
    title = page.locator("h1:visible").inner_text().split("#")[0].strip()
    assert re.fullmatch(rf"{re.escape(title)}\s+\d+ min", here.inner_text())
    heading = page.locator("article section > h2").nth(3)
    heading.evaluate("heading => heading.scrollIntoView()")
    page.wait_for_selector(".page-toc .nav-link.active", timeout=5000)
    active = page.locator(".page-toc .nav-link.active")
    assert active.inner_text() in heading.inner_text()
    assert active.get_attribute("aria-current")


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "book/index"])
def test_the_list_of_pages_scrolls_only_to_what_is_out_of_sight(
    context: BrowserContext, slug: str
) -> None:
    page = shown(context, slug)
    sidebar = page.locator(".bd-sidebar-primary")
    here = page.locator(".bd-sidenav [aria-current=page]")
    # As shares of the window: from where to where the page's own entry stands.
    place = "a => ['top', 'bottom'].map(k => a.getBoundingClientRect()[k] / innerHeight)"
    top, bottom = here.evaluate(place)
    assert top >= 0 and bottom <= 1
    if sidebar.evaluate("list => list.scrollTop"):
        sidebar.evaluate("list => list.scrollTo(0, 0)")
        assert here.evaluate(place)[0] > 0.9


def test_long_contents_follow_the_reader(context: BrowserContext) -> None:
    page = shown(context, "book/api")
    for share in (0.9, 0.4, 0.05):
        page.evaluate(f"scrollTo({{top: {share} * document.body.scrollHeight}})")
        page.wait_for_timeout(300)
        active = page.locator(".page-toc .nav-link.active")
        assert active.count() == 1
        box = active.bounding_box()
        assert box and 0 <= box["y"] <= 900 - box["height"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.3])
def test_who_jumps_to_a_place_is_told_where_it_is(browser: Browser, share: float) -> None:
    with window(browser) as context:
        page = shown(context, "book/activations")
        # There and back: the heading of where one was lies above, and then below.
        for to in (0.9, share):
            page.evaluate(f"scrollTo({{top: {to} * document.body.scrollHeight}})")
            page.wait_for_timeout(200)
        heading = page.evaluate("""() => [...document.querySelectorAll("article :is(h2, h3)")]
            .filter(each => each.closest("section[id]")
                && each.getBoundingClientRect().top < innerHeight / 3).at(-1).textContent""")
        assert heading.startswith(page.locator(".page-toc a.active").inner_text().strip())


# ---- progress ------------------------------------------------------------


def read_to_the_end(page: Page) -> None:
    page.locator(".prev-next-footer").scroll_into_view_if_needed()
    page.wait_for_function("() => localStorage.getItem('dlglimpse-read')", timeout=5000)


def test_progress_is_kept_and_forgotten(browser: Browser, address: str) -> None:
    with window(browser) as context:
        page = context.new_page()
        page.goto(f"{address}/{CHAPTERS[0]}.html")
        page.wait_for_timeout(2000)
        assert page.evaluate("() => localStorage.getItem('dlglimpse-read')") is None
        read_to_the_end(page)
        page.wait_for_selector(".bd-sidenav .read-mark")
        page.reload()
        assert page.locator(".bd-sidenav .read-mark").count() == 1
        page.goto(f"{address}/{SLUGS[0]}.html")
        marked = page.locator("article .read-mark").locator("..")
        assert marked.get_attribute("href") == f"{CHAPTERS[0].split('/')[-1]}.html"
        told = page.locator("article .read-summary")
        assert told.inner_text().startswith(f"1 of {len(CHAPTERS)} chapters read")
        told.get_by_role("button").focus()
        page.keyboard.press("Enter")
        assert page.locator(".read-mark").count() == 0
        assert "Forgotten" in told.inner_text()
        page.reload()
        assert page.locator(".read-mark").count() == 0
        assert not page.locator(".read-summary").first.is_visible()


def test_pages_work_where_nothing_is_kept(browser: Browser) -> None:
    with window(browser) as context:
        context.add_init_script(
            "for (const name of ['getItem', 'setItem', 'removeItem'])"
            "  Storage.prototype[name] = function (key) {"
            "    if (key.startsWith('dlglimpse')) throw new Error('kept from us');"
            "    return null; };"
        )
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto((BUILT / f"{CHAPTERS[0]}.html").as_uri())
        page.locator(".prev-next-footer").scroll_into_view_if_needed()
        page.wait_for_selector(".bd-sidenav .read-mark", timeout=5000)
        page.locator(TERM).first.focus()
        assert len(tips(page)) == 1
        assert problems == []


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_ours_has_contrast(browser: Browser, theme: str) -> None:
    """Computed for solid colors, as ours are."""
    with window(browser, theme=theme) as context:
        page = shown(context, "book/sequential")
        page.locator(TERM).first.focus()
        page.evaluate("() => localStorage.setItem('dlglimpse-read', '[\"tensors\"]')")
        for selector in (".term-tip:not([hidden])", ".bd-sidenav .page-minutes", "a.headerlink"):
            assert page.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector


CONTRAST = """element => {
    const channel = value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = color => color.match(/[\\d.]+/g).slice(0, 3).map(Number)
        .map(value => channel(value / 255))
        .reduce((sum, value, k) => sum + value * [0.2126, 0.7152, 0.0722][k], 0);
    let ground = element;
    while (/, 0\\)|transparent/.test(getComputedStyle(ground).backgroundColor)) {
        ground = ground.parentElement;
    }
    const pair = [light(getComputedStyle(element).color),
                  light(getComputedStyle(ground).backgroundColor)].sort((a, b) => a - b);
    return (pair[1] + 0.05) / (pair[0] + 0.05);
}"""


def test_without_a_script_words_and_places_are_plain_links(browser: Browser) -> None:
    with window(browser, java_script_enabled=False) as context:
        # Not `shown`: it waits for a frame, and without scripts none is ever told of.
        page = context.new_page()
        page.goto((ROOT / SITE / "book" / "sequential.html").as_uri())
        assert tips(page) == []
        link = page.locator(TERM).first
        assert Path(str(link.get_attribute("href"))).name.startswith("glossary.html#term-")
        link.click()
        page.wait_for_url("**/glossary.html#term-*")
