"""The theme's pages are mended, and the build says when a repair no longer fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bookmaker.repairs import REPAIRS, Repair
from bookmaker.theme import mend, repeated_ids

from .conftest import Book

WHERE = Path("book/_ext/bookmaker/repairs.py")


def written(site: Path, text: str, name: str = "page.html") -> Path:
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_repair_mends_every_page_but_not_what_others_wrote(tmp_path: Path) -> None:
    paths = [written(tmp_path, "<i>old</i>", name) for name in ("page.html", "book/one.html")]
    alone = written(tmp_path, "<i>old</i>", "notebooks/worksheet/one.html")
    assert mend(tmp_path, [Repair("why", "<i>old</i>", "<b>new</b>")]) == []
    assert [path.read_text() for path in paths] == ["<b>new</b>"] * 2
    assert alone.read_text() == "<i>old</i>"


def test_a_repair_that_no_longer_fits_is_told(tmp_path: Path) -> None:
    written(tmp_path, "<i>other</i>")
    problems = mend(
        tmp_path,
        [Repair("old is hard to read", "<i>old</i>", "new"), Repair("", "gone", "", always=False)],
    )
    assert [str(problem) for problem in problems] == [
        f"{WHERE}:1: the theme no longer writes '<i>old</i>' in **/*.html: see how it writes "
        "that now, or drop the repair, if this is true without it: old is hard to read"
    ]


def test_an_id_that_stands_twice_is_told_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, '<p id="one">\n<p id="two">\n<p data-id="one"><a\n id="one">', "book/x.html")
    assert [str(problem) for problem in repeated_ids(tmp_path)] == [
        "book/x.html:4: the id one stands on this page already: rename one of the two"
    ]


@pytest.mark.parametrize("each", REPAIRS, ids=lambda each: each.why)
def test_a_repair_is_done_once_and_for_all(finished: Book, each: Repair) -> None:
    for path in finished.site.glob(each.files):
        if "notebooks" not in path.parts:
            assert each.applied(path.read_text(encoding="utf-8"))[1] == 0, path


def test_the_build_tells_of_a_theme_that_changed(built: Book) -> None:
    """The repairs run again on a site that is mended already."""
    problems = mend(built.site, REPAIRS)
    assert {problem.path for problem in problems} == {WHERE}
    assert len(problems) >= 10


def dialogs(text: str) -> list[str]:
    return re.findall("<dialog[^>]*>", text)


def named(dialog: str) -> bool:
    return " id=" in dialog and " aria-label=" in dialog


MENDED: list[tuple[str, Callable[[str], bool]]] = [
    ("the skip link leads to the text", lambda text: 'href="#article"' in text),
    ("no empty landmark", lambda text: "<header" not in text and 'bd-footer">' not in text),
    ("named dialogs", lambda text: len(dialogs(text)) >= 2 and all(map(named, dialogs(text)))),
    ("named drawers", lambda text: sum("sidebar-modal" in each for each in dialogs(text)) >= 1),
    ("the current page is told", lambda text: 'aria-current="page"' in text),
]


@pytest.mark.parametrize(("told", "holds"), MENDED, ids=[told for told, _ in MENDED])
def test_a_page_is_mended(finished: Book, told: str, holds: Callable[[str], bool]) -> None:
    assert holds((finished.site / "book" / "one.html").read_text(encoding="utf-8"))
