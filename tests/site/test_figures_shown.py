"""Every figure of the site, as readers see it: measured in a browser."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from bookmaker.colors import MARKS, TEXT, contrast, luminance, mixed
from bookmaker.site import SITE
from browser import ROOT, SLUGS, THEMES, shown, window

# Pages are found by what was built, so that a figure on a new page is looked at, too.
PAGES = [
    slug
    for slug in SLUGS
    if (ROOT / SITE / f"{slug}.html").exists()
    and 'class="drawing"' in (ROOT / SITE / f"{slug}.html").read_text(encoding="utf-8")
]
QUICK = {"book/activations", "book/autograd", "book/index"}

# What a figure looks like: the drawing that shows, its texts and its marks, with the
# colors and the boxes that the browser computed.
LOOK = r"""() => {
  const opened = document.querySelectorAll("details:not([open])");
  for (const one of opened) one.open = true;
  for (const one of document.querySelectorAll(".toggle-hidden")) {
    one.classList.remove("toggle-hidden");
  }
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (!/, 0\)$|transparent/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const box = (e) => {
    const b = e.getBoundingClientRect();
    return [b.left, b.top, b.right, b.bottom];
  };
  return [...document.querySelectorAll(".drawing")].map((drawing) => {
    const svg = [...drawing.querySelectorAll("svg")].find((s) => s.getClientRects().length);
    if (!svg) return { hidden: true, texts: [], marks: [] };
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const read = (e) => {
      const s = getComputedStyle(e);
      return {
        fill: s.fill, stroke: s.stroke, dash: s.strokeDasharray, width: s.strokeWidth,
        opacity: Number(s.opacity), fillOpacity: Number(s.fillOpacity),
        strokeOpacity: Number(s.strokeOpacity), box: box(e),
      };
    };
    const texts = [...svg.querySelectorAll("text")].map((t) => ({
      ...read(t), text: t.textContent, size: parseFloat(getComputedStyle(t).fontSize) * scale,
      slanted: Math.abs(t.getCTM().a * t.getCTM().b) > 1e-6,
    }));
    const seen = (e) => !e.closest("defs") && !e.closest("clipPath");
    const marks = [...svg.querySelectorAll("path, use")].filter(seen).map((m) => {
      const shape = m.tagName === "use" ? document.querySelector(m.getAttribute("href")) : m;
      const own = read(m);
      // A shape keeps its own stroke wherever it is used.
      if (shape !== m && shape.style.stroke) own.stroke = getComputedStyle(shape).stroke;
      return {
        ...own, shape: shape.getAttribute("d"), used: shape !== m,
        legend: [...svg.querySelectorAll("g.legend")].indexOf(m.closest("g.legend")),
      };
    });
    return {
      label: svg.getAttribute("aria-label"), ground: ground(drawing), box: box(svg),
      room: box(drawing), texts, marks,
    };
  });
}"""


@pytest.fixture(
    params=[(w, t) for w in (390, 1280) for t in THEMES], ids=lambda p: f"{p[0]}-{p[1]}"
)
def view(request: pytest.FixtureRequest) -> tuple[int, str]:
    return request.param  # type: ignore[no-any-return]


def color(css: str) -> tuple[str, float] | None:
    """A computed color as hex and opacity; None if nothing is painted."""
    numbers = re.findall(r"[\d.]+", css)
    if css == "none" or len(numbers) < 3:
        return None
    red, green, blue = (round(float(n)) for n in numbers[:3])
    return f"#{red:02x}{green:02x}{blue:02x}", float(numbers[3]) if len(numbers) > 3 else 1.0


def strength(css: str, opacity: float, ground: str) -> float:
    """The contrast of a paint on the ground of its figure; 1 if there is none."""
    found, paper = color(css), color(ground)
    assert paper is not None
    if found is None:
        return 1.0
    return contrast(mixed(found[0], paper[0], found[1] * opacity), paper[0])


def faint(figure: dict[str, Any]) -> Iterator[str]:
    """What of a figure has too little contrast."""
    ground = figure["ground"]
    for text in figure["texts"]:
        found = strength(text["fill"], text["opacity"] * text["fillOpacity"], ground)
        if found < TEXT:
            yield f"text {text['text']!r} has contrast {found:.2f}"
    for mark in figure["marks"]:
        if color(mark["fill"]) is None and color(mark["stroke"]) is None:
            continue
        fill = strength(mark["fill"], mark["opacity"] * mark["fillOpacity"], ground)
        stroke = strength(mark["stroke"], mark["opacity"] * mark["strokeOpacity"], ground)
        if max(fill, stroke) < MARKS and not (fill == stroke == 1):
            paints = f"{mark['fill']} and {mark['stroke']}"
            yield f"a mark of {paints} has contrast {max(fill, stroke):.2f}"


def crowded(figure: dict[str, Any]) -> Iterator[str]:
    """Texts that lie on each other, or stick out of the figure."""
    for one, other in itertools.combinations(figure["texts"], 2):
        (a, b, c, d), (e, f, g, h) = one["box"], other["box"]
        wide, high = min(c, g) - max(a, e), min(d, h) - max(b, f)
        if one["slanted"] or other["slanted"] or one["text"] == other["text"] == "0":
            # A box says little of a slanted text; zeros at one place are marks, not words.
            continue
        # Boxes of text have room above and below the letters.
        if wide > 1.5 and high > 6:
            yield f"{one['text']!r} lies on {other['text']!r}"
    left, top, right, bottom = figure["box"]
    for text in figure["texts"]:
        a, b, c, d = text["box"]
        if a < left - 4 or c > right + 4 or b < top - 4 or d > bottom + 4:
            yield f"{text['text']!r} sticks out"


def small(figure: dict[str, Any]) -> Iterator[str]:
    for text in figure["texts"]:
        if text["size"] < 15.99:
            yield f"{text['text']!r} has {text['size']:.1f} px"


def gray(css: str) -> float:
    found = color(css)
    return luminance(found[0]) ** (1 / 2.2) if found else 1.0


def seen_by(css: str, weak: str) -> tuple[float, float, float]:
    """What is left of a color for an eye without red or green receptors.

    Source: F. Viénot, H. Brettel and J. D. Mollon (1999), "Digital Video Colourmaps
    for Checking the Legibility of Displays by Dichromats", Color Research and
    Application 24(4), in linear RGB.
    """
    found = color(css)
    assert found is not None
    red, green, blue = (int(found[0][k : k + 2], 16) / 255 for k in (1, 3, 5))
    r, g, b = red**2.2, green**2.2, blue**2.2
    mix = (0.1124, 0.8876) if weak == "red" else (0.2928, 0.7072)
    yellow = mix[0] * r + mix[1] * g
    rest = 0.0040 * r - 0.0040 * g + b if weak == "red" else -0.0223 * r + 0.0223 * g + b
    return yellow ** (1 / 2.2), yellow ** (1 / 2.2), max(rest, 0.0) ** (1 / 2.2)


def alike(figure: dict[str, Any]) -> Iterator[str]:
    """Entries of a legend that only an eye for colors can tell apart."""
    for legend in sorted({mark["legend"] for mark in figure["marks"]} - {-1}):
        looks = entries([mark for mark in figure["marks"] if mark["legend"] == legend])
        for one, other in itertools.combinations(looks, 2):
            if one[:2] == other[:2] and abs(one[2] - other[2]) < 0.08:
                yield f"two entries of a legend look alike in gray: {one}"


def entries(marks: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    """The marker, the dash and the gray of each entry of a legend."""
    lines = [mark for mark in marks if not mark["used"]]
    markers = [mark for mark in marks if mark["used"]]
    if len(lines) != len(markers):
        # Lines without markers, or markers without lines.
        lines, markers = (lines, lines) if len(lines) > 1 else (markers, markers)
    return [
        # The path of a line says where it runs, not what it looks like.
        (marker["shape"] if marker["used"] else "", line["dash"], gray(ink(line)))
        for line, marker in zip(lines, markers, strict=True)
    ]


def ink(mark: dict[str, Any]) -> str:
    """What a mark is seen by: a filled one by its filling, a line by its stroke."""
    filled = mark["used"] and color(mark["fill"]) is not None
    return str(mark["fill"] if filled or color(mark["stroke"]) is None else mark["stroke"])


def test_there_are_figures() -> None:
    assert len(PAGES) >= 8


@pytest.mark.parametrize(
    "slug", [s if s in QUICK else pytest.param(s, marks=pytest.mark.thorough) for s in PAGES]
)
def test_figures_are_seen_and_read(browser: Browser, slug: str, view: tuple[int, str]) -> None:
    width, theme = view
    with window(browser, theme=theme, width=width) as context:
        page = shown(context, slug)
        figures = page.evaluate(LOOK)
        assert figures
        wrong: list[str] = []
        for number, figure in enumerate(figures, 1):
            assert not figure.get("hidden"), f"figure {number} does not show"
            assert figure["label"]
            found = [*faint(figure), *crowded(figure), *alike(figure)]
            found += small(figure) if width == 390 else ()
            assert figure["box"][2] <= figure["room"][2] + 1, f"figure {number} is too wide"
            wrong += [f"figure {number}: {words}" for words in found]
        assert wrong == []


def test_what_is_wrong_with_a_figure_is_seen(browser: Browser) -> None:
    with window(browser, width=390) as context:
        page = shown(context, "book/activations")
        page.evaluate(
            """() => {
              const svg = [...document.querySelectorAll(".drawing svg")]
                .find((s) => s.getClientRects().length);
              const [one, two] = svg.querySelectorAll("text");
              two.setAttribute("x", one.getAttribute("x"));
              two.setAttribute("y", one.getAttribute("y"));
              one.style.fontSize = "9px";
              two.style.fill = "#999";
              for (const path of svg.querySelectorAll("g.axes > path")) path.style.stroke = "#ddd";
              for (const part of svg.querySelectorAll("g.legend :is(path, use)")) {
                part.style.strokeDasharray = "none";
                part.style.stroke = "#c04f0a";
              }
              const [first, ...others] = svg.querySelectorAll("g.legend use");
              for (const other of others) other.setAttribute("href", first.getAttribute("href"));
            }"""
        )
        figure = page.evaluate(LOOK)[0]
        assert any("has contrast 2.8" in words for words in faint(figure))
        assert any("a mark" in words for words in faint(figure))
        assert any("lies on" in words for words in crowded(figure))
        assert any("13.1 px" in words for words in small(figure))
        assert any("look alike" in words for words in alike(figure))


@pytest.mark.parametrize("weak", ["red", "green"])
@pytest.mark.parametrize("theme", THEMES)
def test_the_palette_serves_color_blind_eyes(browser: Browser, theme: str, weak: str) -> None:
    with window(browser, theme=theme) as context:
        page = shown(context, "book/index")
        # Pages get the variables that they use; here all are looked at.
        page.add_style_tag(path=ROOT / "book" / "_ext" / "bookmaker" / "assets" / "figures.css")
        colors = page.evaluate(
            """() => ["1", "2", "3", "4"].map((name) => {
              const probe = document.createElement("i");
              probe.style.color = `var(--fig-${name})`;
              document.querySelector(".drawing").append(probe);
              return getComputedStyle(probe).color;
            })"""
        )
        looks = [seen_by(css, weak) for css in colors]
        for one, other in itertools.combinations(looks, 2):
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.12, (colors, looks)


def drawn_wide(page: Page) -> float:
    box = page.locator(".drawing svg:visible").first.bounding_box()
    assert box is not None
    return box["width"]


@pytest.mark.parametrize("width", [390, 1280])
def test_a_figure_is_enlarged_by_keyboard(browser: Browser, width: int) -> None:
    with window(browser, width=width) as context:
        page = shown(context, "book/activations")
        opener = page.locator(".drawing button", has_text="Enlarge").first
        before, height = drawn_wide(page), page.evaluate("document.body.scrollHeight")
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog.enlarged")
        assert dialog.get_attribute("open") is not None
        large = dialog.locator("svg:visible").bounding_box()
        assert large is not None
        assert large["width"] >= before
        page.keyboard.press("+")
        larger = dialog.locator("svg:visible").bounding_box()
        assert larger is not None
        assert larger["width"] > 1.4 * large["width"]
        page.keyboard.press("Escape")
        assert dialog.get_attribute("open") is None
        assert opener.evaluate("e => e === document.activeElement")
        assert drawn_wide(page) == before
        assert page.evaluate("document.body.scrollHeight") == height


@pytest.mark.parametrize("opened", [False, True])
def test_a_figure_is_enlarged_by_pinch(browser: Browser, opened: bool) -> None:
    with window(browser, width=390, has_touch=True, is_mobile=True) as context:
        page = shown(context, "book/activations")
        figure = page.locator(".drawing").first
        figure.scroll_into_view_if_needed()
        if opened:
            figure.locator("button", has_text="Enlarge").tap()
        box = page.locator(
            "dialog.enlarged .sheet" if opened else ".drawing >> nth=0"
        ).bounding_box()
        assert box is not None
        middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        assert page.evaluate("visualViewport.scale") == 1
        fingers = context.new_cdp_session(page)
        fingers.send("Input.synthesizePinchGesture", {**middle, "scaleFactor": 2})
        assert page.evaluate("visualViewport.scale") > 1.5


def test_without_a_script_figures_are_there_and_no_button_is(browser: Browser) -> None:
    with window(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((ROOT / SITE / "book" / "activations.html").as_uri())
        assert page.locator(".drawing svg:visible").count() > 5
        assert page.locator(".drawing button").count() == 0


def test_nothing_shifts_when_figures_come(browser: Browser) -> None:
    heights = []
    for script in (False, True):
        with window(browser, width=390, java_script_enabled=script) as context:
            page = context.new_page()
            page.goto((ROOT / SITE / "book" / "activations.html").as_uri())
            # Further down, what folds is shut only once the script has run.
            boxes = [page.locator(".drawing").nth(k).bounding_box() for k in range(3)]
            heights.append([round(box["height"]) for box in boxes if box])
            for svg in page.locator(".drawing svg").all():
                assert svg.get_attribute("width") and svg.get_attribute("height")
    assert heights[0] == heights[1] != []


def test_on_paper_figures_are_dark_on_white(browser: Browser) -> None:
    with window(browser, theme="dark") as context:
        page = shown(context, "book/activations")
        page.emulate_media(media="print")
        figure = page.evaluate(LOOK)[0]
        inks = {text["fill"] for text in figure["texts"]}
        assert all(contrast(found[0], "#ffffff") > TEXT for ink in inks if (found := color(ink)))
