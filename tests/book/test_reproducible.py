"""What the comparison of two builds tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookmaker import reproducible


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("first", "second"):
        (tmp_path / name / "book").mkdir(parents=True)
        (tmp_path / name / "book" / "page.html").write_text("<p id='same'>made on Monday</p>")
    return tmp_path / "first", tmp_path / "second"


def test_equal_builds_do_not_differ(twins: tuple[Path, Path]) -> None:
    assert reproducible.differences(*twins) == []


def test_a_planted_date_is_shown(twins: tuple[Path, Path]) -> None:
    (twins[1] / "book" / "page.html").write_text("<p id='same'>made on Tuesday</p>")
    (line,) = reproducible.differences(*twins)
    assert line.startswith("book/page.html: differs from byte 21: ")
    assert "Monday" in line and "Tuesday" in line


def test_a_file_of_one_build_alone_is_named(twins: tuple[Path, Path]) -> None:
    (twins[0] / "new.css").write_text("")
    (twins[1] / "new.js").write_text("")
    assert reproducible.differences(*twins) == [
        "new.css: only in the first build",
        "new.js: only in the second build",
    ]
