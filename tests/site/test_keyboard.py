"""Everything by keyboard alone: each stop is reached in order, is seen, and lets go again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from browser import SLUGS, shown, window
from unfolding import settle, unfold

SHORT = [("book/index", 390), ("book/notation", 1280), ("book/tensors", 1280), ("search", 390)]
AROUND = 200  # more stops than the contents of any page have
LONG = [*SLUGS, "genindex"]
# All that Tab should reach, in the order of the page, but for the contents of the page,
# which unfold where the reader is.
_STOPS = """() => {
    const all = "a[href], button, input, select, textarea, summary, [tabindex]";
    const wanted = [...document.querySelectorAll(all)].filter(each =>
        each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true })
        && !each.closest("#pst-page-toc-nav"));
    wanted.forEach((each, number) => each.dataset.stop = number);
    return wanted.length;
}"""
# Tab goes on from the last place that was clicked or had the focus: here from the top.
_TOP = """() => {
    const top = document.createElement("span");
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
}"""
# Where the focus is, and what is wrong with how it is shown there.
_FOCUS = """() => {
    const each = document.activeElement;
    if (!each || each === document.body) return null;
    const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = (color) => rgb(color).slice(0, 3)
        .map(part => part / 255)
        .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, k) => sum + part * [0.2126, 0.7152, 0.0722][k], 0);
    const ground = (box) => {
        for (; box; box = box.parentElement) {
            const color = getComputedStyle(box).backgroundColor;
            if ((rgb(color)[3] ?? 1) > 0.5) return color;
        }
        return "rgb(255, 255, 255)";
    };
    const wrong = [];
    const style = getComputedStyle(each);
    const [one, two] = [light(style.outlineColor), light(ground(each.parentElement))].sort();
    const contrast = (two + 0.05) / (one + 0.05);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push("no frame");
    else if (contrast < 3) wrong.push(`a frame of contrast ${contrast.toFixed(1)}`);
    if (!each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        wrong.push("invisible");
    const boxes = [...each.getClientRects()];
    const parts = [0.1, 0.5, 0.9];
    const points = boxes.flatMap(box => parts.flatMap(across => parts.map(down =>
        [box.left + across * box.width, box.top + down * box.height])));
    const shows = ([x, y]) => {
        const top = document.elementFromPoint(x, y);
        return top && (each.contains(top) || top.contains(each));
    };
    if (!points.some(shows)) wrong.push("hidden behind something, or beyond the window");
    return [Number(each.dataset.stop ?? -1), wrong, each.outerHTML.slice(0, 90)];
}"""


def walk(page: Page) -> list[str]:
    """What is wrong on a walk through a page by Tab, from its top to its end."""
    page.evaluate("() => scrollTo(0, 0)")  # on the way up, a button back to the top shows
    settle(page)
    count = page.evaluate(_STOPS)
    page.evaluate(_TOP)
    page.mouse.move(0, 0)  # what it hovers over shows more links
    problems, reached = [], []
    for _ in range(count + AROUND):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None or (reached and focus[0] == 0):
            break
        stop, wrong, told = focus
        problems += [f"stop {stop}: {each}: {told}" for each in wrong]
        if stop < 0:
            continue
        if stop in reached:
            problems.append(f"stop {stop}: reached again: {told}")
            break
        reached.append(stop)
    if reached != list(range(count)):
        first = next((k for k, stop in enumerate(reached) if k != stop), len(reached))
        told = page.evaluate(
            "k => document.querySelector(`[data-stop='${k}']`)?.outerHTML.slice(0, 90)", first
        )
        problems.append(f"stop {first} of {count} was passed over: {told}")
    return problems


def walked(browser: Browser, slug: str, width: int, *, theme: str = "light") -> list[str]:
    with window(browser, theme=theme, width=width) as context:
        page = shown(context, slug)
        unfold(page)
        return walk(page)


@pytest.mark.parametrize(("slug", "width"), SHORT)
def test_tab_reaches_all_in_order_and_is_seen(browser: Browser, slug: str, width: int) -> None:
    assert walked(browser, slug, width, theme="dark" if width > 1000 else "light") == []


@pytest.mark.thorough
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("slug", LONG)
def test_on_long_pages_too(browser: Browser, slug: str, theme: str) -> None:
    assert walked(browser, slug, 390 if theme == "dark" else 1280, theme=theme) == []


PLANTED = [
    ("no frame", "button.style.setProperty('outline', 'none', 'important')"),
    ("contrast", "button.style.setProperty('outline-color', '#eee', 'important')"),
    ("invisible", "button.style.opacity = 0"),
    ("hidden behind", "document.body.insertAdjacentHTML('beforeend', cover)"),
    ("passed over", "button.addEventListener('focus', () => button.nextElementSibling.focus())"),
    ("reached again", "button.nextElementSibling.addEventListener('focus', () => button.focus())"),
]


@pytest.mark.parametrize(("told", "planted"), PLANTED)
def test_a_bad_stop_is_told(browser: Browser, told: str, planted: str) -> None:
    with window(browser) as context:
        page = context.new_page()
        page.set_content(
            "<style>:focus-visible { outline: 3px solid #b0b !important; }</style>"
            "<button>One</button><button>Two</button><button>Three</button>"
        )
        assert walk(page) == []
        page.reload()
        page.set_content(
            "<style>:focus-visible { outline: 3px solid #b0b !important; }</style>"
            "<button>One</button><button>Two</button><button>Three</button>"
        )
        page.evaluate(f"""() => {{
            const button = document.querySelectorAll("button")[1];
            const cover = "<div style='position: fixed; inset: 0'></div>";
            {planted};
        }}""")
        found = walk(page)
        assert any(told in problem for problem in found), found


@pytest.fixture
def phone(browser: Browser) -> Any:
    with window(browser, width=390) as context:
        yield shown(context, "book/tensors")


@pytest.fixture
def desk(browser: Browser) -> Any:
    with window(browser, width=1280) as context:
        yield shown(context, "book/tensors")


def focused(page: Page) -> str:
    """The class and the words of what has the focus."""
    told: str = page.evaluate(
        "() => `${document.activeElement.className} ${document.activeElement.textContent}`"
    )
    return " ".join(told.split())


def test_the_skip_link_leads_to_the_text(desk: Page) -> None:
    desk.keyboard.press("Tab")
    assert "Skip to the text" in focused(desk)
    assert desk.locator(".skip-link a").bounding_box()["y"] >= 0  # type: ignore[index]
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    assert desk.evaluate("() => document.activeElement.closest('article') !== null")


def test_search_opens_by_key_and_gives_the_focus_back(desk: Page) -> None:
    button = desk.locator(".search-button-field")
    button.focus()
    for key in ("Control+k", "Enter"):
        desk.keyboard.press(key)
        desk.locator("#pst-search-dialog[open]").wait_for()
        assert "form-control" in focused(desk)
        desk.keyboard.press("Escape")
        desk.locator("#pst-search-dialog[open]").wait_for(state="detached")
        assert "search-button-field" in focused(desk)


def test_colors_change_by_key_and_are_named(desk: Page) -> None:
    button = desk.locator(".theme-switch-button")
    button.focus()
    desk.keyboard.press("Tab")
    desk.keyboard.press("Shift+Tab")
    names = set()
    for _ in range(3):
        desk.keyboard.press("Enter")
        assert "theme-switch-button" in focused(desk)
        names.add(button.get_attribute("aria-label"))
    assert names == {f"Color mode: {mode}" for mode in ("auto", "light", "dark")}


@pytest.mark.parametrize("name", ["primary", "secondary"])
def test_drawers_open_and_close_by_key(phone: Page, name: str) -> None:
    phone.locator(f".{name}-toggle").focus()
    phone.keyboard.press("Shift+Tab")
    phone.keyboard.press("Tab")
    drawer = phone.locator(f"#pst-{name}-sidebar-modal[open]")
    for closing in ("Escape", "Enter"):
        phone.keyboard.press("Enter")
        drawer.wait_for()
        settle(phone)
        assert focused(phone) == "btn Close"
        phone.keyboard.press("Tab")
        assert phone.evaluate("() => document.activeElement.closest('dialog') !== null")
        phone.keyboard.press("Shift+Tab")
        phone.keyboard.press(closing)
        drawer.wait_for(state="detached")
        assert f"{name}-toggle" in focused(phone)


def test_menus_open_and_close_by_key(phone: Page) -> None:
    button = phone.locator(".dropdown-download-buttons > button")
    button.focus()
    phone.keyboard.press("Enter")
    phone.keyboard.press("ArrowDown")
    assert "Download for students" in focused(phone)
    phone.keyboard.press("Escape")
    assert "dropdown-toggle" in focused(phone)
    assert button.get_attribute("aria-expanded") == "false"


def test_the_contents_hide_and_show_by_key_on_a_wide_screen(desk: Page) -> None:
    button = desk.locator(".primary-toggle")
    assert button.get_attribute("aria-expanded") == "true"
    button.press("Enter")
    assert button.get_attribute("aria-expanded") == "false"
    assert not desk.locator("#pst-primary-sidebar").is_visible()


def test_a_solution_unfolds_by_key(desk: Page) -> None:
    button = desk.locator(".solution .toggle-button").first
    assert button.get_attribute("aria-label") == "Click to show"
    button.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert button.get_attribute("aria-label") == "Click to hide"
