"""Files with the whole book: what they are called, and which day they are of."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import yaml

from bookmaker.commit import commit

# Zip files know no earlier day; a book that came without git gets it.
_LONG_AGO = "1980-01-01"


def settings(root: Path) -> dict[str, str]:
    """What `_config.yml` says."""
    loaded: dict[str, str] = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return loaded


def name(root: Path) -> str:
    """How the files are called, without their ending."""
    return re.sub(r"[^a-z0-9]+", "-", settings(root)["title"].lower()).strip("-")


def date(root: Path) -> datetime:
    """The day of the commit, at its beginning."""
    found = commit(root)
    return datetime.fromisoformat(found.date if found else _LONG_AGO).replace(tzinfo=UTC)
