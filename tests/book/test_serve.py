"""The live preview, as a contributor uses it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from book.conftest import Book, write_package

PATIENCE = 150


@pytest.fixture
def address(built: Book) -> Iterator[tuple[str, Path]]:
    """The preview of the tiny book, and the file with what it said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = [str(built.root / "src"), str(built.root / "book" / "_ext")]
    # Beside the pages, where it must not start builds.
    log = built.root / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "bookmaker", "serve", "--port", str(port)],
            cwd=built.root,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        yield f"http://127.0.0.1:{port}/book", log
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def wait_for(url: str, pattern: str, log: Path) -> None:
    """Ask for a page until it shows what it should."""
    shown = ""
    for _ in range(PATIENCE):
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                shown = page.read().decode()
        except OSError:
            shown = ""
        if re.search(pattern, shown):
            return
        time.sleep(1)
    raise AssertionError(f"{pattern} never shown; the server said: {log.read_text()[-2000:]}")


def test_edits_are_shown_and_run_only_what_they_concern(
    built: Book, address: tuple[str, Path]
) -> None:
    url, log = address
    wait_for(f"{url}/two.html", "42", log)
    time.sleep(3)
    # What the build and the log write starts no other build.
    assert log.read_text().count("pre-build") == 1
    built.edit("two", "# Two", "# The second page")
    wait_for(f"{url}/two.html", "The second page", log)
    assert "test session starts" not in log.read_text()

    built.edit("two", "6 * 7", "1 / 0")
    for _ in range(PATIENCE):
        if "ZeroDivisionError: division by zero" in log.read_text():
            break
        time.sleep(1)
    built.edit("two", "1 / 0", "6 * 9")
    wait_for(f"{url}/two.html", "54", log)
    assert "one.ipynb" not in log.read_text()

    write_package(built.root, 17)
    wait_for(f"{url}/one.html", r"The value is\s*(<span[^>]*>)*17", log)
