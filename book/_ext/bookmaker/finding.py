"""Search: what each section says, beside Sphinx's index, so that results lead to sections.

Sphinx's index knows pages only, and fetches them to quote them, which a browser does not
allow on pages opened from disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx_exercise.nodes import solution_node

from bookmaker.formulas import words
from bookmaker.progress import chapters
from bookmaker.sources import Problem

SECTIONS = "sections.js"
_INDEX = re.compile(r'<script(?P<how>[^>]*?) src="(?P<up>[^"]*)searchindex\.js[^"]*"')
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,}")


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_js_file("searching.js", loading_method="defer")
    app.connect("html-page-context", Sections().collect)


class Sections:
    """What all pages say, as they are written one after the other."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[str, list[tuple[str, str, str, str]]]] = {}

    def collect(self, app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
        """Remember what a page says; write it all down with the page of results, the last."""
        if page == "search":
            self.write(app)
        elif document is not None and page in app.env.found_docs:
            self.of[page] = (app.env.titles[page].astext(), list(sections(document)))

    def write(self, app: Sphinx) -> None:
        """Write a script, for scripts load from disk where data do not."""
        first = set(chapters(Path(app.srcdir)))
        data = [
            [page, title, int(page in first), found]
            for page, (title, found) in sorted(self.of.items())
        ]
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        path = Path(app.outdir) / "_static" / SECTIONS
        path.write_text(f"var BOOK_SECTIONS = {text};\n", encoding="utf-8")


def load_search(root: Path, site: Path) -> list[Problem]:
    """Load what shows the results after Sphinx's search, and before the index starts it."""
    path = site / "search.html"
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    found = _INDEX.search(text)
    if not found:
        what = "does not load searchindex.js as before: see where search.js belongs"
        return [Problem(path.relative_to(site), 1, what)]
    ours = "".join(
        f'<script{found["how"]} src="{found["up"]}_static/{_named(site, name)}"></script>\n'
        for name in (SECTIONS, "search.js")
    )
    path.write_text(text[: found.start()] + ours + text[found.start() :], encoding="utf-8")
    return []


def _named(site: Path, name: str) -> str:
    """A name that changes with what is in the file, as Sphinx gives them."""
    digest = hashlib.sha256((site / "_static" / name).read_bytes()).hexdigest()
    return f"{name}?v={digest[:8]}"


def sections(document: nodes.document) -> Iterator[tuple[str, str, str, str]]:
    """The id, title, prose, and names in code of each section."""
    for section in document.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title is None or title.parent is not section or not section["ids"]:
            continue
        said: list[str] = []
        code: dict[str, None] = {}
        for part in section.children[1:]:
            if not (isinstance(part, nodes.section) and part.next_node(nodes.title)):
                _read(part, said, code)
        prose = re.sub(r"\s+", " ", " ".join(said)).strip()
        anchor = "" if isinstance(section.parent, nodes.document) else section["ids"][0]
        yield anchor, title.astext(), prose, " ".join(code)


def _read(node: nodes.Node, said: list[str], code: dict[str, None]) -> None:
    """Collect prose from a node, and names from its code; a page's data are neither.

    Whoever searches gets no solutions.
    """
    if isinstance(node, solution_node):
        return
    if isinstance(node, nodes.literal_block):
        if node.get("language", "").startswith(("ipython", "python")):
            code.update(dict.fromkeys(_NAME.findall(node.astext())))
    elif isinstance(node, nodes.math | nodes.math_block):
        said.append(words(node))
    elif isinstance(node, addnodes.desc_signature):
        said.append(node.astext())
    elif isinstance(node, nodes.TextElement) and not isinstance(node, nodes.raw):
        said.append(_sentence(node))
    elif not isinstance(node, nodes.raw | nodes.comment | nodes.Invisible):
        for child in node.children:
            _read(child, said, code)


def _sentence(node: nodes.Node) -> str:
    if isinstance(node, nodes.math):
        return words(node)
    if isinstance(node, nodes.Text):
        return str(node.astext())
    if isinstance(node, nodes.raw | nodes.Invisible | nodes.image):
        return ""
    return "".join(map(_sentence, node.children))
