"""Figures as pages hold them: drawn twice, small, in colors that are seen in both themes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from lxml import etree
from matplotlib.figure import Figure

from book.conftest import Book
from bookmaker import colors
from bookmaker.colors import MARKS, TEXT, contrast, paint, palette
from bookmaker.narrow import WIDTH
from bookmaker.paths import shortened
from bookmaker.svg import PIXELS, Drawing, drawings
from bookmaker.svg_text import runs

XML = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def figure_of_three() -> Figure:
    figure, axes = plt.subplots(1, 3, figsize=(6.4, 3), sharey=True, layout="constrained")
    for place, ax in enumerate(axes):
        ax.plot([1, 2, 3], [1e-3, 1e-2, 1], "C0-o", label="first")
        ax.plot([1, 2, 3], [1e-2, 1e-3, 1e-3], "C0--", label="second")
        ax.set(yscale="log", title=f"panel {place}", xlabel="$x_1$")
    axes[0].set_ylabel("a measured quantity")
    axes[0].legend(fontsize="small")
    return figure


def svg_of(figure: Figure) -> str:
    page = io.BytesIO()
    with plt.rc_context({"axes.facecolor": "none", "figure.facecolor": "none"}):
        figure.canvas.print_figure(
            page,
            format="svg",
            backend="module://bookmaker.drawing",
            bbox_inches=None,
            facecolor="none",
        )
    return page.getvalue().decode()


def drawn(figure: Figure) -> list[Drawing]:
    return drawings(svg_of(figure), "d", "A figure.")


def texts(drawing: Drawing) -> list[str]:
    root = etree.fromstring(drawing.markup)
    return ["".join(text.itertext()) for text in root.iter("text")]


def one_line(**look: Any) -> Figure:
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.plot([1, 2], **look)
    return figure


def test_a_wide_figure_is_drawn_twice_and_stays_as_it_was() -> None:
    figure = figure_of_three()
    size = list(figure.get_size_inches())
    wide, narrow = drawn(figure)
    assert list(figure.get_size_inches()) == size
    assert float(re.search(r'width="(\d+)"', wide.markup)[1]) > 550  # type: ignore[index]
    assert float(re.search(r'width="(\d+)"', narrow.markup)[1]) < 358  # type: ignore[index]
    assert plt.get_fignums() == [figure.number]  # type: ignore[attr-defined]


def test_a_figure_that_fits_a_phone_is_drawn_once() -> None:
    assert len(drawn(one_line())) == 1


def test_on_a_phone_no_text_is_smaller_than_that_of_the_page() -> None:
    root = etree.fromstring(svg_of(figure_of_three()))
    narrow = root[1]
    sizes = [
        float(re.search(r"font-size: ([\d.]+)px", t.get("style"))[1])
        for t in narrow.iter(f"{XML}text")
    ]  # type: ignore[index]
    assert min(sizes) * PIXELS >= 16
    assert float(narrow.get("viewBox").split()[2]) <= WIDTH * 72 + 10


def test_on_a_phone_every_panel_has_its_words() -> None:
    _, narrow = drawn(figure_of_three())
    found = texts(narrow)
    assert found.count("a measured quantity") == 3
    assert found.count("10⁻³") == 3
    assert found.count("x₁") == 3
    # One legend holds for all.
    assert found.count("first") == found.count("second") == 1


def test_formulas_become_words_or_are_refused() -> None:
    assert runs(r"$\mathdefault{10^{-12}}$") == [("10⁻¹²", False)]
    assert runs("$y_2$ of") == [("y", True), ("₂ of", False)]
    with pytest.raises(ValueError, match=r"cannot show the formula \$\\frac12\$"):
        runs(r"$\frac12$")


def test_names_of_figures_in_a_page_do_not_meet() -> None:
    figures = [drawings(svg_of(figure_of_three()), f"d{k}", "A figure.") for k in range(2)]
    ids = [name for f in figures for one in f for name in re.findall(r' id="([^"]+)"', one.markup)]
    assert ids and len(ids) == len(set(ids))
    for one in figures[0]:
        for target in re.findall(r'(?:href="#|url\(#)([^")]+)', one.markup):
            assert f'id="{target}"' in one.markup


def test_the_same_figure_is_drawn_the_same() -> None:
    first, second = (svg_of(figure_of_three()) for _ in range(2))
    names = re.compile(r"(?<=#|\")[mp][0-9a-f]{10}")
    assert names.sub("", first) == names.sub("", second)
    assert "dc:date" not in first


def test_words_for_those_who_do_not_see_it() -> None:
    (one,) = drawings(svg_of(one_line()), "d", 'Up & "on".')
    assert 'role="img"' in one.markup
    assert 'aria-label="Up &amp; &quot;on&quot;."' in one.markup


def points(path: str) -> list[tuple[float, float]]:
    """The corners of a path of lines, in absolute places."""
    here = np.zeros(2)
    found = []
    for kind, numbers in re.findall(r"([MLlhv])([^MLlhvz]*)", path.replace("-", " -")):
        place = np.array([float(x) for x in numbers.split()])
        if kind in "hv":
            place = np.array([place[0], 0.0] if kind == "h" else [0.0, place[0]])
        here = here + place if kind in "lhv" else place
        found.append((float(here[0]), float(here[1])))
    return found


def test_shorter_paths_go_where_the_long_ones_went() -> None:
    x = np.linspace(20, 400, 500)
    y = 100 + 60 * np.sin(x / 20)
    path = " L ".join(f"{a:.6f} {b:.6f}" for a, b in zip(x, y, strict=True))
    short = shortened(f"M {path}")
    assert len(short) < len(path) / 4
    kept = np.array(points(short))
    between = np.interp(x, kept[:, 0], kept[:, 1])
    # How far off a point is, not along y but to the nearest point of the line.
    away = abs(between - y) / np.hypot(1, 3 * np.cos(x / 20))
    assert away.max() < 0.2
    assert kept[0] == pytest.approx([20, y[0]], abs=0.06)


def test_the_palette_is_seen_in_both_themes() -> None:
    for name, both in palette().items():
        least = TEXT if name in ("text", "quiet") or name.isdigit() else 1.0
        for color, paper in zip(both, palette()["paper"], strict=True):
            assert contrast(color, paper) >= least, name


def test_the_colors_of_the_package_are_those_of_the_style() -> None:
    from dlglimpse.figures.style import INK, LOOKS, QUIET

    for color in (INK, QUIET, *(look.color for look in LOOKS)):
        assert paint(color).css.startswith("var(--fig-"), color


@pytest.mark.parametrize("color", ["#22a884", "#414487", "#440154", "#808000"])
def test_a_color_of_its_own_is_as_strong_on_dark_pages(color: str) -> None:
    white, black = palette()["paper"]
    found = paint(color)
    assert contrast(found.dark, black) == pytest.approx(contrast(color, white), rel=0.1)


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ({"color": "#cccccc"}, "the color #cccccc of a mark has contrast 1.6 on the page"),
        ({"color": "C0", "alpha": 0.2}, "with opacity 0.2 of a mark has contrast"),
        ({"color": "yellow"}, "the color #ffff00 of a mark has contrast 1.1"),
    ],
)
def test_a_color_too_faint_is_named(look: dict[str, Any], words: str) -> None:
    (one,) = drawn(one_line(**look))
    assert len(one.faint) == 1
    assert words in one.faint[0]


def test_what_is_dark_enough_for_a_mark_may_be_too_faint_for_text() -> None:
    figure = one_line(color="#888888")
    assert [one.faint for one in drawn(figure)] == [[]]
    figure.axes[0].set_title("pale", color="#888888")
    assert "of text has contrast 3.5" in drawn(figure)[0].faint[0]


def test_a_see_through_band_gets_an_edge() -> None:
    figure = one_line()
    figure.axes[0].fill_between([0, 1], [1, 1], [2, 3], alpha=0.2)
    (one,) = drawn(figure)
    assert one.faint == []
    assert "fill-opacity" in one.markup


def test_the_contrast_of_black_on_white_is_the_one_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert colors.mixed("#ff0000", "#ffffff", 0.25) == "#ffbfbf"
    assert MARKS < TEXT


def test_the_page_holds_its_figure(finished: Book) -> None:
    page = (finished.site / "book" / "one.html").read_text()
    assert re.search(r'<div class="drawing"[^>]*><svg [^>]*aria-label="A line up to 41\."', page)
    assert "--fig-1" in finished.loaded("one", "css")
    assert "Enlarge" in finished.loaded("one", "js")
    assert not re.search(r"<img[^>]*/_images/", page)
    assert "#08306b" not in page
    # A page without a figure needs neither.
    assert "--fig-1" not in finished.loaded("two", "css")
    assert "Enlarge" not in finished.loaded("two", "js")


def test_faint_colors_and_missing_words_fail_the_build_at_their_line(built: Book) -> None:
    line = built.edit("one", "ax.plot([0, VALUE]);", 'ax.plot([0, VALUE], color="#cccccc");')
    made = built.make()
    assert made.returncode != 0
    told = re.search(
        r"book/one\.md:(\d+): .*the color #cccccc of a mark .*", made.stdout + made.stderr
    )
    assert told, made.stdout + made.stderr
    assert abs(int(told[1]) - line) < 12
    assert "use #08306b" in told[0]


def test_a_figure_without_words_fails_the_build_at_its_line(built: Book) -> None:
    start = '---\nmystnb:\n  image:\n    alt: "A line up to {{one-value}}."\n---\n'
    line = built.edit("one", start, "")
    made = built.make()
    assert made.returncode != 0
    told = re.search(r"book/one\.md:(\d+): .*no alternative text", made.stdout + made.stderr)
    assert told, made.stdout + made.stderr
    assert abs(int(told[1]) - line) <= 3
