"""Drawings in the page itself, in the colors of its theme."""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from bookmaker.colors import MARKS, TEXT, palette
from bookmaker.svg import drawings

LOGGER = logging.getLogger(__name__)
_OURS = '<svg xmlns="http://www.w3.org/2000/svg">\n<svg'


class drawing_node(nodes.General, nodes.Inline, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """A figure as it stands in the page; its words are in no text node: search has no use."""


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_node(drawing_node, html=(_write, _leave))
    app.add_post_transform(InlineDrawings)
    app.connect("html-page-context", load_assets)


class InlineDrawings(SphinxPostTransform):
    """Put what cells drew into the page, and refuse colors that nobody sees."""

    default_priority = 200
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for picture in list(self.document.findall(nodes.image)):
            path = Path(self.env.srcdir) / picture["uri"]
            if path.suffix != ".svg" or not path.exists():
                continue
            svg = path.read_text(encoding="utf-8")
            if svg.startswith(_OURS):
                self._replace(picture, svg)

    def _replace(self, picture: nodes.image, svg: str) -> None:
        # Two cells may draw the same; the count keeps their ids apart.
        count = sum(1 for _ in self.document.findall(drawing_node))
        page = hashlib.sha256(self.env.docname.encode()).hexdigest()[:3]
        found = drawings(svg, f"d{page}{count}-", picture.get("alt", ""))
        for words in dict.fromkeys(word for one in found for word in one.faint):
            LOGGER.warning(f"{words}: use {_choices()}", location=_place(picture, self.env.docname))
        markup = "".join(one.markup for one in found)
        node = drawing_node("", markup=markup, ids=picture["ids"], names=picture["names"])
        picture.replace_self(node)


def _choices() -> str:
    colors = [light for name, (light, _) in palette().items() if name[0].isdigit()]
    return f"{', '.join(colors)}, or gray 0.45 and darker ({MARKS:g} for marks, {TEXT} for text)"


def _place(node: nodes.Node | None, page: str) -> tuple[str, int | None]:
    while node is not None:
        if node.line:
            return page, int(node.line)
        node = node.parent
    return page, None


def load_assets(app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
    """Load script and style on pages that have a drawing."""
    if document is not None and next(iter(document.findall(drawing_node)), None):
        app.add_css_file("figures.css")
        app.add_js_file("figures.js", loading_method="defer")


def _write(self: HTML5Translator, node: drawing_node) -> None:
    named = f' id="{escape(node["ids"][0])}"' if node["ids"] else ""
    self.body.append(f'<div class="drawing"{named}>{node["markup"]}</div>\n')


def _leave(self: HTML5Translator, node: drawing_node) -> None:
    """Nothing is left to close: opening it writes all of it."""
