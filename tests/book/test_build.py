"""The build itself: what it shows when all is well, and how it fails."""

from __future__ import annotations

import json
import re

import nbformat

from book.conftest import Book
from bookmaker import execute
from bookmaker.addresses import pages_address


def html(book: Book, name: str) -> str:
    return (book.site / "book" / f"{name}.html").read_text()


def test_the_site_holds_what_the_pages_computed(finished: Book) -> None:
    page = html(finished, "one")
    assert re.search(r"The value is\s*(<span[^>]*>)*41", page)
    assert 'aria-label="A line up to 41."' in page
    assert "42" in html(finished, "two")
    assert "figcaption" in finished.loaded("one", "css")
    assert "THEBE_JS_URL" not in page
    assert 'url=book/index.html"' in (finished.site / "index.html").read_text()


def test_buttons_lead_to_the_page(finished: Book) -> None:
    page = html(finished, "one")
    assert "/edit/main/book/one.md" in page
    assert "https://mybinder.org/v2/gh/" in page
    assert "urlpath=lab/tree/book/one.md" in page


def test_a_fork_links_to_itself(built: Book) -> None:
    code = "\n".join(
        [
            "import os, runpy, sys",
            "os.environ |= {'GITHUB_REPOSITORY': 'me/fork', 'GITHUB_REF_NAME': 'mend'}",
            "sys.argv = ['bookmaker', 'book']",
            "runpy.run_module('bookmaker', run_name='__main__')",
        ]
    )
    (built.root / "fork.py").write_text(code)
    built.page("one").write_text(built.page("one").read_text() + "\nMore.\n")
    made = built.run("fork")
    assert made.returncode == 0, made.stdout + made.stderr
    page = html(built, "one")
    assert "https://github.com/me/fork/edit/mend/book/one.md" in page
    assert "v2/gh/me/fork/mend?urlpath" in page


def test_the_address_of_the_site_follows_from_the_repository() -> None:
    assert pages_address("https://github.com/a/b/") == "https://a.github.io/b/"


def test_a_page_that_fails_is_named_last_and_nothing_looks_finished(built: Book) -> None:
    line = built.edit("two", "print(6 * 7)", "print(6)\nprint(1 / 0)") + 1
    made = built.make()
    assert made.returncode == 1
    last = made.stdout.strip().splitlines()[-1].strip()
    assert last == f"book/two.md:{line}: code cell 1: ZeroDivisionError: division by zero"
    assert not built.site.exists()


def test_pictures_without_words_and_complaints_fail_with_page_and_line(built: Book) -> None:
    old = 'mystnb:\n  image:\n    alt: "A line up to {{one-value}}."\n'
    line = built.edit("one", old, "tags: []\n")
    shouting = "import sys\nsys.stderr.write('a library complains')\n"
    other = built.edit("two", "print(6 * 7)", shouting)
    made = built.make()
    assert made.returncode == 1
    found = re.search(r"one\.md:(\d+): WARNING: the picture drawn here has no alt", made.stdout)
    assert found, made.stdout
    assert abs(int(found[1]) - line) <= 3
    found = re.search(r"two\.md:(\d+): WARNING: stderr was found in .* cell 2", made.stdout)
    assert found, made.stdout
    assert abs(int(found[1]) - other) <= 3
    assert not built.site.exists()


def test_words_that_quote_an_unknown_number_fail(built: Book) -> None:
    built.edit("one", "{{one-value}}", "{{other-value}}")
    made = built.make()
    assert made.returncode == 1
    assert re.search(r"one\.md:\d+: WARNING: the alternative text quotes", made.stderr)


def test_links_to_nothing_fail_with_page_and_line(built: Book) -> None:
    broken = {
        "{ref}`nowhere`": "nowhere",
        "{doc}`nobody`": "nobody",
        "{cite:p}`none1999`": "none1999",
        "{page-time}`sleeping`": "sleeping",
        "{glue:text}`unknown`": "unknown",
    }
    line = built.edit("two", "# Two\n", "\n\n".join(["# Two", *broken]) + "\n")
    made = built.make()
    assert made.returncode == 1
    for number, words in enumerate(broken.values(), 1):
        assert re.search(rf"^  book/two\.md:{line + 2 * number}:.*{words}", made.stdout, re.M)
    assert not built.site.exists()


def test_what_is_printed_in_a_row_stays_in_a_row() -> None:
    def stream(text: str, name: str = "stdout") -> nbformat.NotebookNode:
        return nbformat.v4.new_output("stream", name=name, text=text)

    picture = nbformat.v4.new_output("display_data")
    pieces = [stream("1.0"), stream(" of 2\n"), picture, stream("a", "stderr"), stream("b")]
    texts = [piece.get("text") for piece in execute.joined(pieces)]
    assert texts == ["1.0 of 2\n", None, "a", "b"]


def test_a_mended_book_is_finished_again(built: Book) -> None:
    built.edit("two", "print(6 * 7)", "print(1 / 0)")
    assert built.make().returncode == 1
    built.edit("two", "print(1 / 0)", "print(6 * 7)")
    assert built.make().returncode == 0
    assert "42" in html(built, "two")


def test_times_are_measured_for_every_page_that_runs(built: Book) -> None:
    made = built.run("bookmaker", "times")
    assert made.returncode == 0, made.stdout + made.stderr
    times = json.loads((built.root / "book" / "times.json").read_text())
    assert list(times) == ["one", "two"]
    assert times["two"]["cells"] == 1


def test_a_cell_whose_kernel_dies_is_named(built: Book) -> None:
    line = built.edit("two", "print(6 * 7)", "import os\nos._exit(1)")
    made = built.make()
    assert made.returncode == 1
    last = made.stdout.strip().splitlines()[-1].strip()
    assert last.startswith(f"book/two.md:{line}: code cell 1 did not finish")
