"""Mend what the theme wrote, so that every reader can use every page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx

from bookmaker.repairs import REPAIRS, Repair
from bookmaker.sources import Problem

_ID = re.compile(r'<[a-z][^<>]*\sid="([^"]+)"')
# Written by us, in our own frame: the theme has no part in them.
_OTHERS = {"notebooks", "_static"}


# Before sphinx-codeautolink writes pages anew, with attributes in another order.
_EARLY = 400
# What could not be mended, until the step asks for it: Sphinx counts no warning so late.
_unmended: list[Problem] = []


def setup(app: Sphinx) -> None:
    """Mend pages once they are written; load style and script after those which they mend."""
    app.add_css_file("accessible.css", priority=900)
    app.add_js_file("accessible.js", loading_method="defer")
    app.connect("build-finished", repair, priority=_EARLY)


def repair(app: Sphinx, error: Exception | None) -> None:
    """Mend the written site, and keep in mind what could not be mended."""
    if error is None and app.builder.name == "html":
        _unmended[:] = mend(Path(app.outdir), REPAIRS)


def check_repairs(root: Path, site: Path) -> list[Problem]:
    """What no longer fits the theme, and ids that stand twice on a finished page."""
    return [*_unmended, *repeated_ids(site)]


def mend(site: Path, repairs: Iterable[Repair]) -> list[Problem]:
    """Apply repairs; one that finds nothing to do no longer fits the theme."""
    done: Counter[Repair] = Counter()
    for path, wanted in _files(site, repairs).items():
        text = path.read_text(encoding="utf-8")
        for each in wanted:
            text, count = each.applied(text)
            done[each] += count
        path.write_text(text, encoding="utf-8")
    return [
        Problem(
            Path("book/_ext/bookmaker/repairs.py"),
            1,
            f"the theme no longer writes {each.old!r} in {each.files}: see how it writes that "
            f"now, or drop the repair, if this is true without it: {each.why}",
        )
        for each in repairs
        if each.always and not done[each]
    ]


def _files(site: Path, repairs: Iterable[Repair]) -> dict[Path, list[Repair]]:
    """Which repairs each file is to get."""
    found: dict[Path, list[Repair]] = {}
    for each in repairs:
        for path in sorted(site.glob(each.files)):
            if "*" not in each.files or not _OTHERS & set(path.relative_to(site).parts):
                found.setdefault(path, []).append(each)
    return found


def repeated_ids(site: Path) -> list[Problem]:
    """Ids that stand twice on a page: labels and links find only the first."""
    problems = []
    for path in sorted(site.rglob("*.html")):
        if "_static" in path.parts:
            continue
        seen: set[str] = set()
        text = path.read_text(encoding="utf-8")
        for found in _ID.finditer(text):
            if found[1] in seen:
                line = text.count("\n", 0, found.start(1)) + 1
                message = f"the id {found[1]} stands on this page already: rename one of the two"
                problems.append(Problem(path.relative_to(site), line, message))
            seen.add(found[1])
    return problems
