"""Build the site, strictly, from the outputs that are there."""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

from jupyter_book.config import get_final_config
from sphinx.cmd.build import main as sphinx

from bookmaker import (
    addresses,
    codelinks,
    explained,
    finding,
    heads,
    lost,
    permalinks,
    progress,
    theme,
)
from bookmaker.burdens import check_burdens
from bookmaker.checks import check_notebooks, check_site
from bookmaker.execute import environment
from bookmaker.fingerprint import CACHE
from bookmaker.light import lighten
from bookmaker.sources import Problem
from bookmaker.strangers import check_strangers

_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"^(?P<path>/[^:]+)(:docstring of [^:]+)?:(?P<line>\d*):? (?P<what>.*)")
_LEVEL = re.compile(r"^(WARNING|ERROR|CRITICAL|SEVERE): ")
SITE = Path("_build") / "html"
CONFIGURATION = Path("_build") / "conf"
PARTIAL = Path("_build") / "html.partial"
# Not the folder of plain `jupyter-book build`, which reads pages without being strict.
DOCTREES = Path("_build") / "doctrees"
# What finishes or checks the written pages, in this order: each step gets the root of
# the book and the folder of the site, and returns what is wrong.
STEPS: tuple[Callable[[Path, Path], list[Problem]], ...] = (
    lost.bring_near,
    codelinks.mark_links,
    explained.explain_words,
    finding.load_search,
    permalinks.link_places,
    progress.show_times,
    heads.keep_one_viewport,
    # After all that adds to pages, and before what looks at the files readers get.
    lighten,
    lost.address_the_lost,
    theme.check_repairs,
    check_strangers,
    check_burdens,
    heads.check_heads,
    lambda root, site: check_site(site, lost.prefix(root)),
    lambda root, site: check_notebooks(site, addresses.site(root)),
)
# Stands among the doctrees if the pages in them were read without a warning.
_CLEAN = "clean"


def write_configuration(root: Path) -> Path:
    """Write a `conf.py` that says what `_config.yml` says, for plain Sphinx."""
    folder = root / CONFIGURATION
    folder.mkdir(parents=True, exist_ok=True)
    toc = {"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False}
    final, _ = get_final_config(
        user_yaml=root / "_config.yml", sourcedir=root, cli_config=toc, use_external_toc=True
    )
    # Relative paths would start from the folder of conf.py.
    final["html_static_path"] = [str(root / path) for path in final["html_static_path"]]
    final["bibtex_bibfiles"] = [str(root / path) for path in final["bibtex_bibfiles"]]
    final["nb_execution_cache_path"] = str(root / CACHE)
    lines = ["import sys", f"sys.path.insert(0, {str(root / 'book' / '_ext')!r})"]
    lines += [f"{key} = {value!r}" for key, value in final.items()]
    (folder / "conf.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _warnings(root: Path, text: str) -> list[Problem]:
    """What Sphinx warned of, as problems with page and line where it knows them."""
    found: list[Problem] = []
    for line in _COLORS.sub("", text).splitlines():
        place = _PLACE.match(line)
        if place:
            path = Path(place["path"])
            where = path.relative_to(root) if path.is_relative_to(root) else path
            found.append(Problem(where, int(place["line"] or 1), place["what"]))
        elif _LEVEL.match(line) or not found:
            found.append(Problem(Path("_config.yml"), 1, line.strip()))
        elif line.strip():
            more = f"{found[-1].message} {line.strip()}"
            found[-1] = Problem(found[-1].path, found[-1].line, more)
    return found or [Problem(Path("_config.yml"), 1, "Sphinx failed without a warning")]


def retire(root: Path) -> None:
    """Take the site away, so that it is there only if the last build was finished."""
    for folder in (SITE, PARTIAL):
        shutil.rmtree(root / folder, ignore_errors=True)


def _sphinx(root: Path) -> list[Problem]:
    """Write all pages into an empty folder, reading only those that changed.

    Navigation, references and styles of a page change with those of others, so
    Sphinx's guess of which pages to write again is not good enough. A warning met
    while reading is not repeated for a page that is kept: so pages are kept only
    from a build that had none.
    """
    clean = root / DOCTREES / _CLEAN
    if clean.exists():
        clean.unlink()
    else:
        shutil.rmtree(root / DOCTREES, ignore_errors=True)
    os.environ.update(environment(root))
    # Sphinx asks every object in memory what it is, and torch's old ones complain.
    warnings.filterwarnings("ignore", message=".*reduce_op.*", category=FutureWarning)
    warned = root / "_build" / "warnings.txt"
    options = ["-W", "--keep-going", "-q", "-a", "-b", "html", "-w", str(warned)]
    options += ["-c", str(write_configuration(root)), "-d", str(root / DOCTREES)]
    if sphinx([*options, str(root), str(root / PARTIAL)]):
        return _warnings(root, warned.read_text(encoding="utf-8"))
    clean.touch()
    return []


def build(root: Path) -> list[Problem]:
    """Build and check `_build/html`; it is there afterwards only if nothing was wrong.

    While a build runs, and after it failed, the site lies in `_build/html.partial`.
    """
    retire(root)
    problems = _sphinx(root)
    for step in () if problems else STEPS:
        problems += step(root, root / PARTIAL)
    if not problems:
        (root / PARTIAL).rename(root / SITE)
    return problems
