"""Words of a page as print sets them, and what stays on one line."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from dlglimpse.wording import WHOLE, typeset

_AS_WRITTEN = (
    nodes.literal,
    nodes.math,
    nodes.FixedTextElement,
    nodes.raw,
    addnodes.desc_signature,
)
# Longer pieces of code leave a hole where they do not fit into a line.
_SHORT = 24


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_transform(TypesAreCode)
    app.connect("doctree-resolved", keep_together)


class TypesAreCode(SphinxTransform):
    """The type of an attribute is code, before anything bends its quotation marks."""

    default_priority = 740

    def apply(self, **_: Any) -> None:
        """Make literals of all types in the reference."""
        for field in self.document.findall(nodes.field):
            name, body = field.children
            if name.astext() == "Type":
                text = body.astext()
                body.children = []
                body += nodes.paragraph("", "", nodes.literal(text, text))


def keep_together(app: Sphinx, document: nodes.document, page: str) -> None:
    """Let no line of a page end within a number or a short piece of code."""
    for text in list(document.findall(nodes.Text)):
        if isinstance(text.parent, nodes.literal):
            if " " in text and len(text) <= _SHORT:
                text.parent["classes"].append("whole")
        elif not (_as_written(text.parent) or _leads_out(text.parent)):
            text.parent.replace(text, pieces(text))


def _as_written(node: nodes.Node | None) -> bool:
    """Whether a node is code, a formula or a signature, or within one."""
    while node is not None and not isinstance(node, _AS_WRITTEN):
        node = node.parent
    return node is not None


def _leads_out(node: nodes.Node) -> bool:
    """Whether the text of a node may be an address, which has to be able to break."""
    return isinstance(node, nodes.reference) and not node.get("internal")


def pieces(text: str) -> list[nodes.Node]:
    """The text in pieces, of which those that are `whole` stay on one line.

    >>> [piece.astext() for piece in pieces("A net 2-2-2, 1–5 % of it")]
    ['A net ', '2-2-2', ', ', '1–5\\xa0%', ' of it']
    """
    return [
        nodes.inline("", piece, classes=["whole"]) if k % 2 else nodes.Text(piece)
        for k, piece in enumerate(WHOLE.split(typeset(text)))
        if piece
    ]
