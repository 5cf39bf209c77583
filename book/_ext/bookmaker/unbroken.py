"""Numbers that stay on one line with their percent sign, and with their power of ten."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

_APART = re.compile(r"(?<=\d) (?=[%×])|(?<=×) (?=\d)")
_AS_WRITTEN = (nodes.literal, nodes.math, nodes.FixedTextElement, nodes.raw)


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.connect("doctree-resolved", keep_together)


def keep_together(app: Sphinx, document: nodes.document, page: str) -> None:
    """Let no line of a page end between a number and what belongs to it."""
    for text in list(document.findall(nodes.Text)):
        kept = unbroken(text)
        if kept != text and not isinstance(text.parent, _AS_WRITTEN):
            text.parent.replace(text, nodes.Text(kept))


def unbroken(text: str) -> str:
    """The text with no-break spaces where a number goes on.

    >>> unbroken("Of 5 % to 3 × 10⁻⁶ units").replace("\\u00a0", "~")
    'Of 5~% to 3~×~10⁻⁶ units'
    """
    return _APART.sub("\u00a0", text)
