"""Four books from one source: what is in each of them, and what must not be."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import nbformat
import pytest

from book.conftest import Book
from book.test_build import html

# Stands in the solution of the first page: in its prose, its code and its outputs.
MARK = "zyzzyva"
KEPT = {"book/one.html", "notebooks/teacher/one.ipynb"}


def leaks(site: Path) -> set[str]:
    """The files of a site in which the solution is found."""
    return {
        path.relative_to(site).as_posix()
        for path in site.rglob("*")
        if path.is_file() and MARK.encode() in _bytes(path).lower()
    }


def _bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if path.name == "objects.inv":
        content += zlib.decompress(content.split(b"\n", 4)[4])
    return content


def notebook(book: Book, edition: str, name: str) -> nbformat.NotebookNode:
    return nbformat.read(book.site / "notebooks" / edition / f"{name}.ipynb", as_version=4)


def sources(found: nbformat.NotebookNode, kind: str) -> list[str]:
    return [cell.source for cell in found.cells if cell.cell_type == kind]


def rebuilt(book: Book) -> Book:
    made = book.make()
    assert made.returncode == 0, made.stdout + made.stderr
    return book


def test_only_the_page_and_the_teacher_have_the_solution(finished: Book) -> None:
    assert leaks(finished.site) == KEPT
    assert not (finished.site / "_sources").exists()
    assert "download-source" not in html(finished, "one")


def test_a_leak_is_found_wherever_it_is(built: Book) -> None:
    """The test above can fail: here, solutions get out in three ways."""
    ways = {
        "_config.yml": ("html_copy_source: false", "html_copy_source: true"),
        "book/_ext/bookmaker/notebooks.py": ("p.solving or p.unseen", "p.unseen"),
        "book/_ext/bookmaker/solutions.py": ("        drop(shorn)\n", ""),
    }
    for name, (old, new) in ways.items():
        path = built.root / name
        assert path.read_text().count(old) == 1
        path.write_text(path.read_text().replace(old, new))
    found = leaks(rebuilt(built).site) - KEPT
    served = {"_sources/book/one.md", "_sources/book/one.ipynb"}
    assert found == {*served, "notebooks/student/one.ipynb", "searchindex.js"}


def test_a_teacher_can_build_without_solutions(built: Book) -> None:
    config = built.root / "_config.yml"
    config.write_text(config.read_text().replace("book_solutions: true", "book_solutions: false"))
    top = built.page("index")
    top.write_text(top.read_text() + "\n```{notebooks}\n```\n")
    rebuilt(built)
    assert leaks(built.site) == set()
    found = re.findall(r'href="(../notebooks/[^"]*)"', html(built, "index"))
    assert found == ["../notebooks/student/one.ipynb", "../notebooks/worksheet/one.html"]
    assert "Add one and one." in html(built, "one")
    assert not (built.site / "notebooks" / "teacher").exists()
    assert not (built.root / "_build" / "notebooks" / "teacher").exists()


@pytest.mark.parametrize("edition", ["student", "teacher", "worksheet"])
def test_same_source_same_bytes(finished: Book, built: Book, edition: str) -> None:
    made = built.run("bookmaker", "book", "--force")
    assert made.returncode == 0, made.stdout + made.stderr
    for name in ("one", "two")[: 2 - (edition == "worksheet")]:
        paths = [
            book.root / "_build" / folder / "notebooks"[: 9 * (folder == "html")] / edition
            for book in (finished, built)
            for folder in ("html", "notebooks")
        ]
        contents = {(path / f"{name}.ipynb").read_bytes() for path in paths}
        assert len(contents) == 1


@pytest.mark.parametrize("edition", ["student", "teacher", "worksheet"])
def test_notebooks_are_valid_and_carry_nothing_of_their_making(finished, edition) -> None:
    found = notebook(finished, edition, "one")
    nbformat.validate(found)
    assert set(found.metadata) == {"kernelspec", "language_info"}
    assert len({cell.id for cell in found.cells}) == len(found.cells)
    if edition != "teacher":
        for cell in found.cells:
            assert cell.metadata == {} and not cell.get("outputs") and "attachments" not in cell


def test_the_student_gets_what_a_reader_sees(finished: Book) -> None:
    found = notebook(finished, "student", "one")
    first, *_ = prose = sources(found, "markdown")
    assert first.startswith("# One\n\n")
    assert "github.io/deep-learning-glimpse/book/one.html)" in first
    assert "The value is 41." in prose
    assert "#### Exercise: 1.1 Add\n\nAdd one and one." in prose
    install, plot = sources(found, "code")
    assert re.search(r'^# %pip install .*"dlglimpse @ https://.*/main.zip"$', install, re.M)
    assert plot.startswith("import matplotlib.pyplot as plt")


def test_the_teacher_gets_all_of_it_executed(finished: Book) -> None:
    found = notebook(finished, "teacher", "one")
    assert any(text.startswith("#### Solution: 1.1 Add") for text in sources(found, "markdown"))
    tagged = [cell for cell in found.cells if "solution" in cell.metadata.get("tags", [])]
    assert tagged[0].outputs[0].text == "Zyzzyva: 2\n"
    assert "papermill" not in json.dumps(found)


def test_nothing_asked_no_worksheet(finished: Book) -> None:
    made = {path.name for path in finished.site.glob("notebooks/worksheet/*")}
    assert made == {"one.ipynb", "one.html"}
    assert "notebooks/worksheet" not in html(finished, "two")


def test_the_worksheet_asks_and_leaves_room(finished: Book) -> None:
    text = "\n".join(sources(notebook(finished, "worksheet", "one"), "markdown"))
    assert "Add one and one." in text and "<br>\n<br>" in text
    assert "The value is" not in text
    page = (finished.site / "notebooks" / "worksheet" / "one.html").read_text()
    assert "Add one and one." in page and 'class="room"' in page


def test_a_page_that_runs_links_its_notebook(finished: Book) -> None:
    page = html(finished, "one")
    assert 'href="../notebooks/student/one.ipynb"' in page
    assert "Download for students" in page
    assert "notebooks/" not in html(finished, "index")


def test_what_has_no_form_in_a_notebook_fails_with_page_and_line(built: Book) -> None:
    new = "# Two\n\n```{margin}\nAside.\n```\n\nPress {kbd}`q`.\n"
    line = built.edit("two", "# Two\n", new)
    made = built.make()
    assert made.returncode == 1
    assert f"book/two.md:{line + 2}: WARNING: the directive `margin` has no form" in made.stdout
    assert f"book/two.md:{line + 6}: WARNING: the role `kbd` has no form" in made.stdout
    assert not built.site.exists()


NUMBERED = """# {title}

```{{math}}
:label: eq-{name}
a = b
```

$$ c = d $$

{{eq}}`eq-{name}` and {{numref}}`fig-{name}`.

```{{code-cell}} ipython3
---
mystnb:
  image:
    alt: "A line."
  figure:
    name: fig-{name}
    caption: "Look at the line of {name}."
---
import matplotlib.pyplot as plt

_ = plt.subplots(figsize=(2, 1))
```
"""


def test_numbers_are_those_of_the_site(built: Book) -> None:
    built.edit("one", "# One\n", NUMBERED.format(title="One", name="one"))
    built.edit("two", "# Two\n", NUMBERED.format(title="Two", name="two"))
    rebuilt(built)
    for number, name in enumerate(("one", "two"), 1):
        page = html(built, name)
        assert f'caption-number">Fig. {number} <' in page
        assert f'eqno">({number})' in page
        text = "\n".join(sources(notebook(built, "student", name), "markdown"))
        assert f"\\tag{{{number}}}" in text and "$$\nc = d\n$$" in text
        assert f"*Fig. {number}.* Look at the line of {name}." in text
        assert f"[({number})](" in text and f"[Fig. {number}](" in text


def test_a_link_of_a_notebook_into_nowhere_fails(built: Book) -> None:
    module = built.root / "book" / "_ext" / "bookmaker" / "plain.py"
    text = module.read_text()
    module.write_text(text.replace("equation-{target}", "equations-{target}"))
    built.edit("one", "# One\n", NUMBERED.format(title="One", name="one"))
    made = built.make()
    assert made.returncode == 1
    assert "notebooks/student/one.ipynb:1: leads to book/one.html#equations-eq-one" in made.stdout
