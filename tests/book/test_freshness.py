"""No figure outlives the code that drew it, and no prose edit runs a cell."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from book.conftest import Book
from book.test_build import html

RAN = re.compile(r"^  (\w+) +ran in", re.MULTILINE)


def ran(book: Book) -> list[str]:
    made = book.make()
    assert made.returncode == 0, made.stdout + made.stderr
    return sorted(RAN.findall(made.stdout))


def test_nothing_runs_when_nothing_changed(built: Book) -> None:
    assert ran(built) == []


def test_an_edit_of_prose_runs_no_cell_and_is_shown(built: Book) -> None:
    built.edit("two", "# Two", "# The second page")
    assert ran(built) == []
    assert "The second page" in html(built, "two")


def test_an_edit_of_code_runs_that_page_alone(built: Book) -> None:
    built.edit("two", "6 * 7", "6 * 9")
    assert ran(built) == ["two"]
    assert "54" in html(built, "two")


def test_an_edit_of_the_package_runs_all_pages(built: Book) -> None:
    (built.root / "src" / "dlglimpse" / "__init__.py").write_text("VALUE = 17\n")
    assert ran(built) == ["one", "two"]
    assert re.search(r"The value is\s*(<span[^>]*>)*17", html(built, "one"))
    assert 'alt="A line up to 17."' in html(built, "one")


@pytest.mark.parametrize("name", ["requirements.txt", "book/_data/numbers.json"])
def test_an_edit_of_what_pages_rest_on_runs_all_pages(built: Book, name: str) -> None:
    path = built.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n")
    assert ran(built) == ["one", "two"]


def test_plain_jupyter_book_is_fresh_too(built: Book) -> None:
    (built.root / "src" / "dlglimpse" / "__init__.py").write_text("VALUE = 23\n")
    made = built.command(str(Path(sys.executable).with_name("jupyter-book")), "build", ".")
    assert made.returncode == 0, made.stdout + made.stderr
    assert re.search(r"The value is\s*(<span[^>]*>)*23", html(built, "one"))


def test_a_changed_cell_is_seen_before_it_is_built(built: Book) -> None:
    """This test can fail: without the fingerprint the old number would be shown."""
    fingerprint = built.root / "book" / "_ext" / "bookmaker" / "fingerprint.py"
    text = fingerprint.read_text()
    fingerprint.write_text(text.replace('"src/dlglimpse/**/*.py",', ""))
    assert built.make().returncode == 0
    (built.root / "src" / "dlglimpse" / "__init__.py").write_text("VALUE = 17\n")
    assert ran(built) == []
    assert re.search(r"The value is\s*(<span[^>]*>)*41", html(built, "one"))
