"""A number stays on one line with what belongs to it; code stays as it is written."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils import new_document

from bookmaker.unbroken import keep_together


def test_text_is_kept_together_and_code_is_left_alone() -> None:
    document = new_document("page")
    document += nodes.paragraph(
        "",
        "",
        nodes.Text("Of 5–6 %, 3 × 10 times "),
        nodes.literal("", "7 % 2"),
        nodes.math("", "1 %"),
        nodes.reference("", "a-1-2", refuri="https://example.org/a-1-2"),
    )
    document += nodes.literal_block("", "8 % 3")
    app: Any = None
    keep_together(app, document, "page")
    assert document.astext() == "Of 5–6\u00a0%, 3\u00a0×\u00a010 times 7 % 21 %a-1-2\n\n8 % 3"
    whole = [
        node
        for node in document.findall()
        if "whole" in getattr(node, "attributes", {}).get("classes", ())
    ]
    assert [node.astext() for node in whole] == ["5–6\u00a0%", "7 % 2"]
