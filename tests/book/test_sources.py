"""Mistakes in the sources, each planted and named with its page and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from book.conftest import NOTEBOOK, Book
from bookmaker import pagetimes
from bookmaker.checks import check_sources
from bookmaker.sources import contents

ROOT = Path(__file__).parents[2]


def problems(book: Book) -> list[str]:
    return [str(problem) for problem in check_sources(book.root)]


def test_the_tiny_book_has_no_problem(unbuilt: Book) -> None:
    assert problems(unbuilt) == []


def test_the_book_has_no_problem() -> None:
    assert [str(problem) for problem in check_sources(ROOT)] == []


def test_a_page_missing_from_the_contents(unbuilt: Book) -> None:
    unbuilt.page("three").write_text("# Three\n")
    (found,) = problems(unbuilt)
    assert found.startswith("book/three.md:1: is missing from _toc.yml")


def test_a_page_that_the_contents_name_and_nobody_wrote(unbuilt: Book) -> None:
    unbuilt.page("two").unlink()
    assert problems(unbuilt) == ["_toc.yml:1: names book/two.md, which does not exist"]


def test_a_page_without_a_header(unbuilt: Book) -> None:
    unbuilt.edit("two", NOTEBOOK, "")
    found = problems(unbuilt)
    assert len(found) == 2
    assert found[0].startswith("book/two.md:1: has code cells (line 7) but no `jupytext`")
    assert "`kernelspec`" in found[1]


def test_an_exercise_without_a_solution(unbuilt: Book) -> None:
    text = unbuilt.page("one").read_text()
    unbuilt.page("one").write_text(text[: text.index("```{solution-start}")])
    line = text[: text.index("```{exercise-start}")].count("\n") + 1
    (found,) = problems(unbuilt)
    assert found.startswith(f"book/one.md:{line}: exercise 'ex-1-1' has no solution")


def test_an_exercise_in_one_piece_needs_a_solution_too(unbuilt: Book) -> None:
    exercise = "```{exercise} Think\n:label: ex-think\nWhy?\n```\n"
    line = unbuilt.edit("two", "# Two\n", f"# Two\n\n{exercise}") + 2
    (found,) = problems(unbuilt)
    assert found.startswith(f"book/two.md:{line}: exercise 'ex-think' has no solution")
    unbuilt.edit("two", exercise, f"{exercise}\n```{{solution}} ex-think\nSo.\n```\n")
    assert problems(unbuilt) == []


def test_an_exercise_without_a_label(unbuilt: Book) -> None:
    line = unbuilt.edit("one", ":label: ex-1-1\n", "")
    assert f"book/one.md:{line - 1}: an exercise needs a `:label:` such as ex-1-1" in problems(
        unbuilt
    )


def test_a_solution_of_nothing(unbuilt: Book) -> None:
    line = unbuilt.edit("one", "```{solution-start} ex-1-1", "```{solution-start} ex-9-9")
    assert f"book/one.md:{line}: solves 'ex-9-9', and no exercise above has it" in problems(unbuilt)


@pytest.mark.parametrize("outer", ["exercise", "solution", "admonition"])
def test_a_cell_that_would_never_run(unbuilt: Book, outer: str) -> None:
    cell = f"````{{{outer}}} x\n```{{code-cell}} ipython3\n1\n```\n````\n\n# Two\n"
    line = unbuilt.edit("two", "# Two\n", cell)
    found = [problem for problem in problems(unbuilt) if "is not run" in problem]
    wanted = f"book/two.md:{line + 1}: a code-cell inside `{outer}` is not run: use `{outer}-start`"
    assert found == [wanted]


def test_code_that_scrolls_on_a_phone(unbuilt: Book) -> None:
    line = unbuilt.edit("two", "print(6 * 7)", "print(6 * 7)  # " + "x" * 60)
    (found,) = problems(unbuilt)
    assert found.startswith(f"book/two.md:{line}: code of 76 characters")


def test_options_of_a_cell_are_not_code(unbuilt: Book) -> None:
    unbuilt.edit("one", '"A line up to {{one-value}}."', '"' + "A line. " * 20 + '"')
    assert problems(unbuilt) == []


def test_contents_are_in_reading_order() -> None:
    names = [page.name for page in contents(ROOT)]
    chapters = ["tensors", "autograd", "sequential", "activations", "initialization", "training"]
    assert names[:7] == ["index", *chapters]


def test_reading_time_grows_with_the_text(unbuilt: Book) -> None:
    page = next(page for page in contents(unbuilt.root) if page.name == "two")
    short = pagetimes.reading_minutes(page)
    unbuilt.page("two").write_text(unbuilt.page("two").read_text() + "word " * 1500)
    assert (short, pagetimes.reading_minutes(page)) == (5, 10)


def test_every_page_that_runs_has_a_measured_time() -> None:
    runs = {page.name for page in contents(ROOT) if page.runs}
    assert runs == set(pagetimes.load(ROOT)), "run `make times`"


def test_known_reading_times_fit_the_pages() -> None:
    known = pagetimes.load(ROOT)
    counted = {page.name: pagetimes.reading_minutes(page) for page in contents(ROOT) if page.runs}
    off = {
        name: (known[name]["reading"], minutes)
        for name, minutes in counted.items()
        if abs(known[name]["reading"] - minutes) > max(5, 0.15 * minutes)
    }
    assert off == {}, "run `make times`"
