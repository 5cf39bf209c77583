"""No figure outlives the code that drew it, and no prose edit runs a cell."""

from __future__ import annotations

import fcntl
import re
import sys
from pathlib import Path

import pytest

from book.conftest import ROOT, Book, write_package
from book.test_build import html
from bookmaker import fingerprint

JUPYTER_BOOK = str(Path(sys.executable).with_name("jupyter-book"))
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
    write_package(built.root, 17)
    assert ran(built) == ["one", "two"]
    assert re.search(r"The value is\s*(<span[^>]*>)*17", html(built, "one"))
    assert 'aria-label="A line up to 17."' in html(built, "one")


@pytest.mark.parametrize("name", ["requirements.txt", "src/dlglimpse/_data/numbers.json"])
def test_an_edit_of_what_pages_rest_on_runs_all_pages(built: Book, name: str) -> None:
    path = built.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n")
    assert ran(built) == ["one", "two"]


def test_another_environment_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.fingerprint(ROOT)
    assert "torch-" in " ".join(fingerprint.installed())
    monkeypatch.setattr(fingerprint, "installed", lambda: ["torch-2.14.0.dist-info"])
    assert fingerprint.fingerprint(ROOT) != before


def test_plain_jupyter_book_is_fresh_too(built: Book) -> None:
    write_package(built.root, 23)
    made = built.command(JUPYTER_BOOK, "build", ".")
    assert made.returncode == 0, made.stdout + made.stderr
    assert re.search(r"The value is\s*(<span[^>]*>)*23", html(built, "one"))


def test_a_changed_cell_is_seen_before_it_is_built(built: Book) -> None:
    """This test can fail: without the fingerprint the old number would be shown."""
    module = built.root / "book" / "_ext" / "bookmaker" / "fingerprint.py"
    text = module.read_text()
    module.write_text(text.replace('"src/dlglimpse/**/*.py",', ""))
    assert built.make().returncode == 0
    write_package(built.root, 17)
    assert ran(built) == []
    assert re.search(r"The value is\s*(<span[^>]*>)*41", html(built, "one"))


def test_a_warning_is_not_forgotten(built: Book) -> None:
    """Sphinx warns while it reads, and reads a page only when it changed."""
    for broken in ("{ref}`nowhere`", "{page-time}`sleeping`"):
        built.edit("two", "# Two\n", f"# Two\n\n{broken}\n")
        assert [built.make().returncode for _ in range(2)] == [1, 1]
        built.edit("two", f"\n{broken}\n", "")
    assert built.make().returncode == 0


def test_plain_jupyter_book_hides_no_warning(built: Book) -> None:
    built.edit("two", "# Two\n", "# Two\n\n{page-time}`sleeping`\n")
    assert built.command(JUPYTER_BOOK, "build", ".").returncode == 0
    assert built.make().returncode == 1


def test_every_page_follows_the_others(built: Book) -> None:
    built.page("three").write_text(
        "---\ndescription: A third page, which comes and is renamed and goes again.\n---\n# Three\n"
    )
    contents = built.root / "_toc.yml"
    before = contents.read_text()
    contents.write_text(before + "- file: book/three\n")
    styles = built.root / "book" / "_static" / "custom.css"
    styles.write_text("main { color: teal; }\n")
    assert ran(built) == []
    assert 'href="three.html"' in html(built, "one")
    assert "teal" in built.loaded("one", "css")

    built.edit("three", "# Three", "# The third page")
    assert ran(built) == []
    assert "The third page" in html(built, "one")

    built.page("three").unlink()
    contents.write_text(before)
    assert ran(built) == []
    assert not (built.site / "book" / "three.html").exists()
    assert 'href="three.html"' not in html(built, "one")


def test_a_change_while_pages_run_is_noticed(built: Book) -> None:
    package = "../src/dlglimpse/__init__.py"
    code = f"with open('{package}', 'a') as f:\n    f.write('VALUE = 5')"
    built.edit("two", "print(6 * 7)", code)
    made = built.make()
    assert made.returncode == 1
    assert "changed while pages ran: run again" in made.stdout.strip().splitlines()[-1]
    built.edit("two", code, "print(6 * 7)")
    assert ran(built) == ["one", "two"]
    assert re.search(r"The value is\s*(<span[^>]*>)*5", html(built, "one"))


def test_two_builds_wait_for_each_other(built: Book) -> None:
    with (built.root / "_build" / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = built.start("bookmaker", "book")
        assert second.stdout is not None
        assert second.stdout.readline() == "Waiting for another build of this book to end.\n"
    assert second.wait() == 0
    second.stdout.close()
