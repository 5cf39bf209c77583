"""Build the site, strictly, from the outputs that are there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jupyter_book.config import get_final_config
from sphinx.cmd.build import main as sphinx

from bookmaker.checks import check_site
from bookmaker.execute import environment
from bookmaker.fingerprint import CACHE
from bookmaker.sources import Problem

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


def build(root: Path) -> list[Problem]:
    """Build and check `_build/html`; it is there afterwards only if nothing was wrong.

    While a build runs, and after it failed, the site lies in `_build/html.partial`,
    where the next build goes on.
    """
    site, partial = root / SITE, root / PARTIAL
    if site.exists():
        shutil.rmtree(partial, ignore_errors=True)
        site.rename(partial)
    os.environ.update(environment(root))
    options = ["-W", "--keep-going", "-q", "-b", "html"]
    options += ["-c", str(write_configuration(root)), "-d", str(root / DOCTREES)]
    if sphinx([*options, str(root), str(partial)]):
        advice = "the site was not built: each warning above names its page and line"
        return [Problem(Path("_config.yml"), 1, advice)]
    problems = check_site(partial)
    if not problems:
        partial.rename(site)
    return problems
