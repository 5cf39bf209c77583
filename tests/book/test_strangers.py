"""Requests to other hosts, cookies, heavy pictures, skipped headings: planted and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from book.conftest import Book
from bookmaker import burdens
from bookmaker.burdens import check_burdens
from bookmaker.sources import Problem
from bookmaker.strangers import check_strangers

PAGE = """<html><head>
<link rel="canonical" href="https://example.org/one.html">
<link rel="icon" href="data:image/svg+xml,<svg/>">
</head><body><h4>Menu</h4><article>
<h1>One</h1>
<p>See <a href="https://example.org/x">out</a>, <code>fetch("https://example.org")</code>.</p>
<h2>Two</h2>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"></svg>
<script>const names = "http://www.w3.org/2000/svg"; say("It is at https://example.org/x.");</script></article>
</body></html>
"""
# What reaches another host, from line 10 of a page.
AWAY = [
    '<script src="https://x.org/y"></script>',
    '<link rel="stylesheet" href="//x.org/y">',
    '<link rel="preconnect dns-prefetch" href="https://x.org/y">',
    '<img alt="" src="HTTPS://x.org/y">',
    '<img alt="" src="a.png" srcset="b.png 1x, https://x.org/y 2x">',
    '<video poster="https://x.org/y"></video>',
    '<object data="https://x.org/y"></object>',
    '<iframe src="https://x.org/y"></iframe>',
    '<form action="https://x.org/y"></form>',
    '<a href="a" ping="https://x.org/y">a</a>',
    '<base href="https://x.org/y">',
    '<meta http-equiv="refresh" content="0; url=https://x.org/y">',
    '<svg><use xlink:href="https://x.org/y"/></svg>',
    '<svg><image href="https://x.org/y"/></svg>',
    '<p style="background: url(https://x.org/y)"></p>',
    "<style>p { background: url('https://x.org/y') }</style>",
    "<style>@import '//x.org/y';</style>",
    '<script>fetch("https://x.org/y")</script>',
    "<script>new WebSocket('wss://x.org/y')</script>",
    '<script type="module">import a from "https://x.org/y"</script>',
    "<p onclick=\"open('https://x.org/y')\"></p>",
]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "one.html").write_text(PAGE)
    return tmp_path


def told(check: Callable[[Path, Path], list[Problem]], site: Path) -> list[str]:
    return [str(problem) for problem in check(site, site)]


def test_a_site_without_fault(site: Path) -> None:
    assert told(check_strangers, site) == told(check_burdens, site) == []


@pytest.mark.parametrize("planted", AWAY)
def test_a_page_that_asks_another_host_is_named(site: Path, planted: str) -> None:
    page = site / "book" / "one.html"
    page.write_text(page.read_text().replace("</body>", f"{planted}</body>"))
    [problem] = told(check_strangers, site)
    assert problem.startswith("book/one.html:10: loads ")
    assert problem.lower().endswith("//x.org/y from somebody else: keep a copy with the book")


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.css", "/* url(https://x.org/z) */\np { color: red }\n@import url(https://x.org/y);", 3),
        ("a.css", "\n@font-face { src: url('//x.org/y') }", 2),
        ("a.js", "/* 'https://x.org/z' */\nnew Image().src = 'https://x.org/y';", 2),
        ("a.js", "import(`https://x.org/y`)", 1),
        ("a.svg", '<svg>\n\n<image xlink:href="https://x.org/y"/></svg>', 3),
    ],
)
def test_other_files_that_ask_another_host_are_named(
    site: Path, name: str, text: str, line: int
) -> None:
    (site / name).write_text(text)
    [problem] = told(check_strangers, site)
    assert problem.startswith(f"{name}:{line}: loads ")


@pytest.mark.parametrize("code", ["document.cookie = 'a=b'", "document['cookie']", "cookieStore"])
def test_cookies_are_refused(site: Path, code: str) -> None:
    (site / "a.js").write_text(f"\n{code}")
    [problem] = told(check_strangers, site)
    assert problem == "a.js:2: a script uses cookies: this book sets none"


def test_a_skipped_level_is_named(site: Path) -> None:
    page = site / "book" / "one.html"
    page.write_text(page.read_text().replace("h2>", "h3>"))
    assert told(check_burdens, site) == [
        "book/one.html:7: the heading 'Two' (h3) follows h1: use h2"
    ]


def test_the_first_heading_is_of_the_first_level(site: Path) -> None:
    page = site / "book" / "one.html"
    page.write_text("<h4>Menu</h4><article><h2>Two</h2></article>")
    assert told(check_burdens, site) == [
        "book/one.html:1: the heading 'Two' (h2) follows no heading: use h1"
    ]


def test_heavy_pictures_and_pages_are_named_where_the_source_has_them(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(burdens, "HEAVY_IMAGE", 100_000)
    monkeypatch.setattr(burdens, "HEAVY_PAGE", 200_000)
    page = site / "book" / "one.html"
    (page.parent / "big one.png").write_bytes(bytes(150_000))
    shown = '<img alt="" src="big%20one.png">\n<img alt="" src="data:image/png;base64,'
    page.write_text(PAGE + shown + "A" * 260_000 + '">')
    limit = "more than 0.1 MB: draw it as SVG, or scale it down"
    heavy, picture, inside = told(check_burdens, site)
    assert heavy == "book/one.html:1: the page has 0.3 MB, more than 0.2 MB: divide it"
    assert picture == f"book/one.html:11: the picture big one.png has 0.1 MB, {limit}"
    assert "book/one.html:12: the picture a picture in the page itself has 0.3 MB" in inside
    (site / "book" / "one.md").write_text("\n\n# One\n![A](big one.png)\n")
    heavy, picture, _ = told(check_burdens, site)
    assert heavy.startswith("book/one.md:3: ") and picture.startswith("book/one.md:4: ")


def test_what_is_planted_in_a_page_fails_the_build_at_its_line(built: Book) -> None:
    (built.root / "book" / "big.png").write_bytes(_picture(1000, 1000))
    end = len(built.page("index").read_text().splitlines())
    planted = ["", '<script src="https://x.org/y.js"></script>', "", "![Noise](big.png)"]
    planted += ["", "<h4>Deep</h4>", ""]
    built.page("index").write_text(built.page("index").read_text() + "\n".join(planted))
    made = built.make()
    assert made.returncode == 1
    loads = "loads https://x.org/y.js from somebody else: keep a copy with the book"
    assert f"book/index.md:{end + 2}: {loads}" in made.stdout
    assert f"book/index.md:{end + 4}: the picture big.png has 3." in made.stdout
    assert f"book/index.md:{end + 6}: the heading 'Deep' (h4) follows h1: use h2" in made.stdout
    assert not built.site.exists()


def test_a_missing_label_and_a_skipped_level_fail_the_build_at_their_lines(built: Book) -> None:
    end = len(built.page("two").read_text().splitlines())
    planted = ["", "See {ref}`ch-nowhere`.", "", "### Too deep", ""]
    built.page("two").write_text(built.page("two").read_text() + "\n".join(planted))
    made = built.make()
    assert made.returncode == 1
    assert f"book/two.md:{end + 2}: WARNING: undefined label: 'ch-nowhere'" in made.stdout
    assert f"book/two.md:{end + 4}: WARNING: Non-consecutive header level" in made.stdout
    assert not built.site.exists()


def _picture(width: int, height: int) -> bytes:
    """A picture of noise, which nothing compresses, three bytes a point."""
    from io import BytesIO

    import numpy as np
    from matplotlib import image

    written = BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    image.imsave(written, noise, format="png")
    return written.getvalue()
