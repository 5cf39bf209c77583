"""Numbers, ranges, names of networks and short pieces of code that stay on one line."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

_APART = re.compile(r"(?<=\d) (?=[%×])|(?<=×) (?=\d)")
_NUMBER = r"\d+(?:[.,]\d+)*"
# A range, a network such as 2-2-2, a distribution.
_WHOLE = re.compile(rf"({_NUMBER}(?:[-–]{_NUMBER})+(?:\u00a0%)?|U\(-1, 1\))")
_AS_WRITTEN = (nodes.literal, nodes.math, nodes.FixedTextElement, nodes.raw)
# Longer pieces of code leave a hole where they do not fit into a line.
_SHORT = 24


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.connect("doctree-resolved", keep_together)


def keep_together(app: Sphinx, document: nodes.document, page: str) -> None:
    """Let no line of a page end within a number or a short piece of code."""
    for text in list(document.findall(nodes.Text)):
        if isinstance(text.parent, nodes.literal):
            if " " in text and len(text) <= _SHORT:
                text.parent["classes"].append("whole")
        elif not isinstance(text.parent, _AS_WRITTEN) and not _leads_out(text.parent):
            text.parent.replace(text, pieces(text))


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
        for k, piece in enumerate(_WHOLE.split(unbroken(text)))
        if piece
    ]


def unbroken(text: str) -> str:
    """The text with no-break spaces where a number goes on.

    >>> unbroken("Of 5 % to 3 × 10⁻⁶ units").replace("\\u00a0", "~")
    'Of 5~% to 3~×~10⁻⁶ units'
    """
    return _APART.sub("\u00a0", text)
