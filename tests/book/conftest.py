"""A tiny book with the real settings, in a folder of its own, to break in every way."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = """jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
"""
HEAD = """---
description: A page at the top of a tiny book, from where two links lead on.
---
"""
TOP = (
    HEAD
    + """# Top

See {doc}`one` and {doc}`two`.
"""
)
ONE = (
    f"---\ndescription: A page with a figure, an exercise, and its solution.\n{NOTEBOOK}---\n"
    + """
(ch-one)=
# One

The value is {glue:text}`one-value`.

```{code-cell} ipython3
:tags: [remove-cell]
from dlglimpse import VALUE, glue

glue("one-value", f"{VALUE}", display=False)
```

```{code-cell} ipython3
---
mystnb:
  image:
    alt: "A line up to {{one-value}}."
---
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(2, 1))
ax.plot([0, VALUE]);
```

```{exercise-start} 1.1 Add
:label: ex-1-1
:nonumber:
```
Add one and one.
```{exercise-end}
```

```{solution-start} ex-1-1
:class: dropdown
```
The sum, of which any zyzzyva has heard, is short.

```{code-cell} ipython3
print("Zyzzy" + "va:", 1 + 1)  # zyzzyva
```

```{code-cell} ipython3
:tags: [remove-cell]
glue("zyzzyva", "zyzzyva")
```

Two, says the {glue:text}`zyzzyva`.
```{solution-end}
```
"""
)
SECOND = f"---\ndescription: A second page, on which six and seven get multiplied.\n{NOTEBOOK}---\n"
TWO = SECOND + "\n# Two\n\n```{code-cell} ipython3\nprint(6 * 7)\n```\n"


@dataclass
class Book:
    """A copy of the book's machinery around two small pages."""

    root: Path

    def page(self, name: str) -> Path:
        return self.root / "book" / f"{name}.md"

    def edit(self, name: str, old: str, new: str) -> int:
        """Replace text in a page and return the line where the new text begins."""
        path = self.page(name)
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a module in the copy, whose package comes before the installed one."""
        return self.command(sys.executable, "-m", *command)

    def command(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.root, env=self.env, capture_output=True, text=True, check=False
        )

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a module in the copy and go on."""
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.root,
            env=self.env,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def env(self) -> dict[str, str]:
        path = [str(self.root / "src"), str(self.root / "book" / "_ext")]
        env = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
        return env | {"PYTHONPATH": os.pathsep.join(path)}

    def make(self) -> subprocess.CompletedProcess[str]:
        return self.run("bookmaker", "book")

    def loaded(self, name: str, kind: str) -> str:
        """All that a page loads of a kind, `css` or `js`, as one text."""
        page = self.site / "book" / f"{name}.html"
        found = re.findall(rf'(?:href|src)="([^":?]+\.{kind})[?"]', page.read_text())
        return "\n".join((page.parent / path).read_text() for path in found)

    @property
    def site(self) -> Path:
        return self.root / "_build" / "html"


def write_package(root: Path, value: int) -> None:
    """Write a package of one number, and of the means to quote it."""
    text = f"from dlglimpse.glue import glue\n\nVALUE = {value}\n"
    (root / "src" / "dlglimpse" / "__init__.py").write_text(text)


def write_book(root: Path) -> Book:
    """Write the tiny book into an empty folder."""
    for name in ("_config.yml", "requirements.txt"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "book" / "_ext", root / "book" / "_ext")
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    package = root / "src" / "dlglimpse"
    package.mkdir(parents=True)
    for name in ("glue.py", "notebook.py", "wording.py"):
        shutil.copy(ROOT / "src" / "dlglimpse" / name, package)
    write_package(package.parent.parent, 41)
    (root / "book" / "references.bib").write_text("")
    (root / "book" / "index.md").write_text(TOP)
    (root / "book" / "one.md").write_text(ONE)
    (root / "book" / "two.md").write_text(TWO)
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n- file: book/one\n- file: book/two\n"
    )
    return Book(root)


@pytest.fixture
def unbuilt(tmp_path: Path) -> Book:
    return write_book(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The tiny book, built once."""
    book = write_book(tmp_path_factory.mktemp("finished"))
    made = book.make()
    assert made.returncode == 0, made.stdout + made.stderr
    return book


@pytest.fixture
def built(finished: Book, tmp_path: Path) -> Book:
    """A copy of the built book, with its cache."""
    shutil.copytree(finished.root, tmp_path / "copy", symlinks=True)
    return Book(tmp_path / "copy")
