"""Where readers get to who come to an address where no page is, or none any more."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from book.conftest import Book
from book.test_heads import ADDRESS, told
from bookmaker.lost import LOST, check_redirects

MOVED = "book/old-one: book/one\n"


def test_the_page_for_lost_readers_leads_on_from_any_depth(finished: Book) -> None:
    page = (finished.site / f"{LOST}.html").read_text()
    prefix = urlsplit(ADDRESS).path
    for target in re.findall(r'(?:href|src|action)="([^"]*)"', page):
        assert target.startswith((prefix, "https://", "#")), target
        if target.startswith(prefix):
            path = target.removeprefix(prefix).split("?")[0]
            assert (finished.site / path).exists(), target
    assert f'action="{prefix}search.html"' in page
    assert f'<li><a href="{prefix}book/two.html">Two</a></li>' in page
    assert 'rel="canonical"' not in page


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("# moved\nbook/old: book/three\n", 2, "book/old leads to book/three, which is no page"),
        (f"{MOVED}book/older: book/old-one\n", 2, "book/older leads to book/old-one, which is no"),
        (f"{MOVED}book/two: book/one\n", 2, "book/two is a page, which the redirect would hide"),
        ("index: book/one\n", 1, "index is a page, which the redirect would hide"),
        (f"{MOVED}{MOVED}", 2, "book/old-one has moved already, in line 1"),
    ],
)
def test_a_bad_redirect_is_refused(unbuilt: Book, table: str, line: int, message: str) -> None:
    (unbuilt.root / "book" / "redirects.yml").write_text(table)
    (found,) = told(unbuilt)
    assert found.startswith(f"book/redirects.yml:{line}: {message}")


def test_a_table_with_nothing_but_a_comment(unbuilt: Book) -> None:
    (unbuilt.root / "book" / "redirects.yml").write_text("# Nothing has moved.\n")
    assert check_redirects(unbuilt.root) == []


def test_who_comes_to_an_old_address_is_led_on(built: Book) -> None:
    (built.root / "book" / "redirects.yml").write_text(f"{MOVED}very/deep/two: book/two\n")
    made = built.make()
    assert made.returncode == 0, made.stdout + made.stderr
    assert 'url=../book/one.html"' in (built.site / "book" / "old-one.html").read_text()
    deep = (built.site / "very" / "deep" / "two.html").read_text()
    assert 'href="../../book/two.html"' in deep
    assert "${" not in deep
    assert "old-one" not in (built.site / "sitemap.xml").read_text()
