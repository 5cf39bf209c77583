"""The site as one zip file that opens from disk, the same for the same commit."""

from __future__ import annotations

import zipfile
from pathlib import Path

from bookmaker.site import SITE
from bookmaker.sources import Problem
from bookmaker.whole_files import date, name

# For machines that read the published site, and what is a file to take along by itself.
_LEFT_OUT = ("sitemap.xml", "robots.txt", "objects.inv")
_ENDINGS = (".pdf", ".zip")


def write(root: Path) -> list[Problem]:
    """Pack `_build/html` into a zip that lies in it."""
    title = name(root)
    target = root / SITE / f"{title}.zip"
    when = date(root).timetuple()[:6]
    made = target.with_suffix(".partial")
    with zipfile.ZipFile(made, "w") as packed:
        for path in _files(root / SITE):
            named = f"{title}/{path.relative_to(root / SITE).as_posix()}"
            entry = zipfile.ZipInfo(named, date_time=when)
            # Otherwise the system, and the rights of files here, would be in it.
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    made.rename(target)
    return []


def _files(site: Path) -> list[Path]:
    """What a reader needs, in the order of its names."""
    return sorted(
        path
        for path in site.rglob("*")
        if path.is_file()
        and not path.name.startswith(".")
        and path.relative_to(site).as_posix() not in _LEFT_OUT
        and not (path.parent == site and path.suffix in (*_ENDINGS, ".partial"))
    )
