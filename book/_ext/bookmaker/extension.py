"""The Sphinx extension of the book: what Jupyter Book alone leaves undone."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from bookmaker import (
    addresses,
    claims,
    codelinks,
    downloads,
    execute,
    explained,
    figures,
    finding,
    formulas,
    heads,
    light,
    lost,
    pagetimes,
    printing,
    progress,
    question_directives,
    solutions,
    theme,
    typesetting,
)
from bookmaker.fingerprint import drop_stale_outputs, reading
from bookmaker.glued import glued
from bookmaker.sources import contents
from bookmaker.teaching import ExerciseList

LOGGER = logging.getLogger(__name__)
# Each connects itself to the build, in this order.
PARTS = (
    formulas,
    typesetting,
    solutions,
    downloads,
    question_directives,
    claims,
    codelinks,
    explained,
    finding,
    progress,
    heads,
    lost,
    figures,
    theme,
    light,
    printing,
)
_GLUED = re.compile(r"\{\{([A-Za-z0-9_-]+)\}\}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect everything to the build."""
    # Pages are read again when what their outputs depend on has changed.
    app.add_config_value("book_fingerprint", "", "env")
    for part in PARTS:
        part.setup(app)
    app.add_role("page-time", PageTime())
    app.add_directive("page-times", PageTimes)
    app.add_directive("exercise-list", ExerciseList)
    app.connect("config-inited", prepare)
    app.connect("doctree-read", describe_pictures)
    app.connect("autodoc-process-docstring", escape_bars)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def prepare(app: Sphinx, config: Config) -> None:
    """Drop stale outputs, run cells as the pipeline does, and know the repository."""
    root = Path(app.srcdir)
    drop_stale_outputs(root)
    config.book_fingerprint = reading(root)
    os.environ.update(execute.environment(root))
    url, branch = addresses.repository(root)
    config.html_theme_options |= {"repository_url": url, "repository_branch": branch}


def describe_pictures(app: Sphinx, document: nodes.document) -> None:
    """Require words for every picture, and fill in the numbers they quote."""
    texts = glued(app, app.env.docname)
    for picture in document.findall(nodes.image):
        text = picture.get("alt", "").strip()
        if not text:
            line = _line(picture)
            LOGGER.warning(
                "the picture drawn here has no alternative text: give the cell "
                "`mystnb: {image: {alt: ...}}` with what the picture shows",
                location=(app.env.docname, line),
            )
            continue
        for name in _GLUED.findall(text):
            if name not in texts:
                LOGGER.warning(
                    f"the alternative text quotes {{{{{name}}}}}, which no cell glues",
                    location=(app.env.docname, _line(picture)),
                )
        picture["alt"] = _GLUED.sub(lambda found: texts.get(found[1], found[0]), text)


def escape_bars(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Let |g| in a docstring be an absolute value, not a substitution.

    An example, from its prompt to the next empty line, is code and stays as it is.
    """
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if not example:
            lines[number] = line.replace("|", r"\|")


def _line(node: nodes.Node | None) -> int | None:
    while node is not None:
        if node.line:
            return int(node.line)
        node = node.parent
    return None


class PageTime(SphinxRole):
    """How long a page takes: `reading` or `running`, this page or the one named."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        kind, _, name = self.text.partition(" ")
        name = name or self.env.docname.split("/")[-1]
        self.env.note_dependency(str(Path(self.env.srcdir) / execute.TIMES))
        if kind not in ("reading", "running"):
            LOGGER.warning(
                f"page-time knows `reading` and `running`, not {kind!r}",
                location=self.get_location(),
            )
            return [], []
        words = pagetimes.spoken(Path(self.env.srcdir), kind, name)
        if words is None:
            LOGGER.warning(
                f"no times are known for the page {name!r}: run `make times`",
                location=self.get_location(),
            )
            return [], []
        return [nodes.Text(words)], []


class PageTimes(SphinxDirective):
    """A table of the times of all pages."""

    def run(self) -> list[nodes.Node]:
        env = self.env
        root = Path(env.srcdir)
        times = pagetimes.load(root)
        env.note_dependency(str(root / execute.TIMES))
        rows: list[list[str | nodes.Node]] = [
            [
                self._link(page.slug),
                f"{times[page.name]['reading']:.0f} min",
                f"{times[page.name]['running']:.1f} s",
            ]
            for page in contents(root)
            if page.name in times
        ]
        return [_table(["page", "reading", "running every cell"], rows)]

    def _link(self, slug: str) -> nodes.Node:
        """The title of a page, which leads to it."""
        link = addnodes.pending_xref(
            "", refdomain="std", reftype="doc", reftarget=f"/{slug}", refdoc=self.env.docname
        )
        link["refexplicit"] = link["refwarn"] = False
        link += nodes.inline("", slug)
        return link


def _table(head: list[str], rows: Sequence[Sequence[str | nodes.Node]]) -> nodes.table:
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *[_row(row) for row in rows])
    return nodes.table("", group)


def _row(cells: Sequence[str | nodes.Node]) -> nodes.row:
    row = nodes.row()
    for k, cell in enumerate(cells):
        words = nodes.Text(cell) if isinstance(cell, str) else cell
        # The theme sets columns of numbers so.
        classes = ["text-right"] if k else []
        row += nodes.entry("", nodes.paragraph("", "", words), classes=classes)
    return row
