"""One browser for all tests of the site, and a clear word if there is none."""

from __future__ import annotations

import pytest

from browser import HINT, browser, program

__all__ = ["browser"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last, where it is seen, that the site was not looked at."""
    if program() is None:
        terminalreporter.section("The site was NOT tested in a browser")
        terminalreporter.line(f"{HINT}.")
