"""One browser for all tests of the site, and a clear word if there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from bookmaker.browsers import HINT, program
from browser import launched


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last, where it is seen, that the site was not looked at."""
    if program() is None:
        terminalreporter.section("The site was NOT tested in a browser")
        terminalreporter.line(f"{HINT}.")
