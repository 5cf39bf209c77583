"""Claims of pages, from the cell to the list, the file and the error."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from book.conftest import ROOT, TOP, Book

MODULES = ("claims", "densities", "errors", "kernels", "records", "summaries")
CELL = """
```{code-cell} ipython3
:tags: [remove-input]
from dlglimpse.claims import claim

claim(
    "sevens", "Sevens are & stay small.", [6, 7, 8], high=7.5,
    statistic="size of a seven", unit="ones",
    because="counting", mutant="a nine for a seven",
)
```
"""
PLACE = "\nprint(6 * 7)\n```\n"
LIST = f"{TOP}\n```{{claim-list}}\n```\n"


@pytest.fixture
def claiming(built: Book) -> Book:
    """The tiny book with a claim on its second page, listed on its first."""
    for name in MODULES:
        package = ROOT / "src" / "dlglimpse"
        shutil.copy(package / f"{name}.py", built.root / "src" / "dlglimpse")
    built.edit("two", PLACE, PLACE + CELL)
    built.page("index").write_text(LIST)
    return built


def test_a_claim_is_shown_listed_and_written_down(claiming: Book) -> None:
    made = claiming.make()
    assert made.returncode == 0, made.stdout + made.stderr
    shown = (claiming.site / "book" / "two.html").read_text()
    assert 'id="claim-sevens"' in shown
    whole = '<span style="white-space: nowrap">6.1–7.9</span>'
    assert f"size of a seven, 7.0 ({whole}) ones, 3 draws" in shown
    assert "a nine for a seven" in shown
    listed = (claiming.site / "book" / "index.html").read_text()
    assert 'class="reference internal" href="../book/two.html#claim-sevens"' in listed
    assert re.search(r'<section id="claims-of-two">\s*<h2>Two<', listed)
    assert "the median is at most 7.5 ones." in listed
    written = json.loads((claiming.root / "_build" / "measurements.json").read_text())
    assert written == json.loads((claiming.site / "measurements.json").read_text())
    [claim] = written["claims"]
    assert claim == {
        "page": "two",
        "claim": "claim-sevens",
        "statement": "Sevens are & stay small.",
        "statistic": "size of a seven",
        "unit": "ones",
        "of": "median",
        "value": 7,
        "draws": 3,
        "band": [pytest.approx(6.1), 7, pytest.approx(7.9)],
        "bound": [None, 7.5],
        "because": "counting",
        "mutant": "a nine for a seven",
    }
    assert set(written["versions"]) == {"python", "dlglimpse", "torch", "numpy"}


def test_a_claim_that_does_not_hold_stops_the_book(claiming: Book) -> None:
    line = claiming.edit("two", "[6, 7, 8]", "[6, 9, 9]")
    made = claiming.make()
    assert made.returncode == 1
    start = line - 1  # the call begins a line above
    assert f"book/two.md:{start}: code cell 2: ClaimError: claim 'sevens' does not hold" in (
        made.stdout
    )
    assert not claiming.site.exists()


def test_two_claims_of_one_name_are_found(claiming: Book) -> None:
    claiming.page("two").write_text(claiming.page("two").read_text() + CELL)
    made = claiming.make()
    assert made.returncode == 1
    assert "claim 'sevens' has the name of the claim at book/two.md:" in made.stdout
