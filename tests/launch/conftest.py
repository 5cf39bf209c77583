"""The browser in which notebooks are opened."""

from __future__ import annotations

from browser import browser

__all__ = ["browser"]
