"""What is wrong with built pages, each fault planted and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookmaker.checks import check_site

PAGE = """<html><body>
<h1 id="top">One</h1>
<a href="two.html#there">two</a> <a href="#top">up</a> <a href="https://example.org/x">out</a>
<img src="a%20b.svg" alt="A line.">
</body></html>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "one.html").write_text(PAGE)
    (tmp_path / "two.html").write_text('<p id="there"></p>')
    (tmp_path / "a b.svg").write_text("<svg/>")
    return tmp_path


def test_a_site_without_fault(site: Path) -> None:
    assert check_site(site) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("two.html#there", "three.html", "one.html:3: leads to three.html, which is not there"),
        (
            "two.html#there",
            "two.html#where",
            "one.html:3: leads to two.html#where, and that page has no such place",
        ),
        ("#top", "#bottom", "one.html:3: leads to #bottom, and that page has no such place"),
        (' alt="A line."', "", "one.html:4: the picture a%20b.svg has no alternative text"),
        ("a%20b.svg", "c.svg", "one.html:4: leads to c.svg, which is not there"),
        ("</body>", '<div class="output traceback">', "one.html:5: shows a traceback"),
    ],
)
def test_a_planted_fault_is_named(site: Path, old: str, new: str, message: str) -> None:
    page = site / "one.html"
    page.write_text(page.read_text().replace(old, new, 1))
    assert [str(problem) for problem in check_site(site)] == [message]
