"""Build the site, strictly, from the outputs that are there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jupyter_book.sphinx import build_sphinx

from bookmaker.execute import environment

SITE = Path("_build") / "html"
PARTIAL = Path("_build") / "html.partial"


def build(root: Path, *, fresh: bool = False) -> bool:
    """Build `_build/html`; it is there afterwards only if nothing was wrong.

    While a build runs, and after it failed, the site lies in `_build/html.partial`,
    where the next build goes on.
    """
    site, partial = root / SITE, root / PARTIAL
    if fresh:
        for folder in (site, partial, root / "_build" / ".doctrees"):
            shutil.rmtree(folder, ignore_errors=True)
    if site.exists():
        shutil.rmtree(partial, ignore_errors=True)
        site.rename(partial)
    os.environ.update(environment(root))
    status = build_sphinx(
        root,
        partial,
        path_config=root / "_config.yml",
        doctreedir=root / "_build" / ".doctrees",
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    if status:
        if isinstance(status, Exception):
            print(f"{type(status).__name__}: {status}")
        return False
    partial.rename(site)
    return True
