"""The browser on this machine, which prints the book and in which tests read it."""

from __future__ import annotations

import shutil

# Debian's name, and those under which others install the same browser or Chrome.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"]
ARGUMENTS += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
HINT = "no Chromium was found: install Debian's `chromium`, or Chrome"


def program() -> str | None:
    """The path of a browser on this machine, if it has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)
