"""Build the site, strictly, from the outputs that are there."""

from __future__ import annotations

import os
import re
import shutil
import warnings
from pathlib import Path

from jupyter_book.config import get_final_config
from sphinx.cmd.build import main as sphinx

from bookmaker.checks import check_site
from bookmaker.execute import environment
from bookmaker.fingerprint import CACHE
from bookmaker.sources import Problem

_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_WARNING = re.compile(r"^(?P<path>/[^:]+)(:docstring of [^:]+)?:(?P<line>\d*):? (?P<what>.*)")
SITE = Path("_build") / "html"
CONFIGURATION = Path("_build") / "conf"
DOCTREES = Path("_build") / ".doctrees"
PARTIAL = Path("_build") / "html.partial"


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
    found = []
    for line in _COLORS.sub("", text).splitlines():
        place = _WARNING.match(line)
        if place:
            path = Path(place["path"])
            where = path.relative_to(root) if path.is_relative_to(root) else path
            found.append(Problem(where, int(place["line"] or 1), place["what"]))
        elif line.strip():
            found.append(Problem(Path("_config.yml"), 1, line.strip()))
    return found or [Problem(Path("_config.yml"), 1, "Sphinx failed without a warning")]


def retire(root: Path) -> None:
    """Take the finished site away, to where the next build goes on from it."""
    if (root / SITE).exists():
        shutil.rmtree(root / PARTIAL, ignore_errors=True)
        (root / SITE).rename(root / PARTIAL)


def build(root: Path) -> list[Problem]:
    """Build and check `_build/html`; it is there afterwards only if nothing was wrong.

    While a build runs, and after it failed, the site lies in `_build/html.partial`,
    where the next build goes on.
    """
    site, partial = root / SITE, root / PARTIAL
    retire(root)
    os.environ.update(environment(root))
    # Sphinx asks every object in memory what it is, and torch's old ones complain.
    warnings.filterwarnings("ignore", message=".*reduce_op.*", category=FutureWarning)
    options = ["-W", "--keep-going", "-q", "-b", "html"]
    options += ["-c", str(write_configuration(root)), "-d", str(root / DOCTREES)]
    warned = root / "_build" / "warnings.txt"
    if sphinx([*options, "-w", str(warned), str(root), str(partial)]):
        return _warnings(root, warned.read_text(encoding="utf-8"))
    problems = check_site(partial)
    if not problems:
        partial.rename(site)
    return problems
