"""Kernels that start at the same moment do not get into each other's way."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from book.conftest import Book
from bookmaker.kernels import client

TELL = "from ipykernel.connect import get_connection_info\nprint(get_connection_info())"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files whose name leaves room for that of a socket."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_no_two_kernels_ask_for_the_same(short: Path) -> None:
    told = []
    for _ in range(2):
        notebook = new_notebook(cells=[new_code_cell(TELL)])
        client(notebook, timeout=60, kernel_name="python3").execute()
        told.append(json.loads(notebook.cells[0].outputs[0].text))
    assert [kernel["transport"] for kernel in told] == ["ipc", "ipc"]
    assert told[0]["ip"] != told[1]["ip"]
    assert not list(short.iterdir())


def test_pages_run_in_such_kernels(built: Book) -> None:
    built.edit("two", "print(6 * 7)", TELL)
    made = built.make()
    assert made.returncode == 0, made.stdout + made.stderr
    page = (built.site / "book" / "two.html").read_text()
    assert "ipc" in re.sub(r"<[^>]+>", "", page.partition("cell_output")[2])
