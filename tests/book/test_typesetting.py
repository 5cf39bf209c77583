"""Words are set as print sets them; code stays as it is written."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes

from bookmaker.typesetting import TypesAreCode, keep_together


def test_text_is_kept_together_and_code_is_left_alone() -> None:
    document = new_document("page")
    document += nodes.paragraph(
        "",
        "",
        nodes.Text("Of 5–6 %, 3 × 10 times -2 "),
        nodes.literal("", "7 % 2"),
        nodes.math("", "1 %"),
        nodes.reference("", "a-1-2", refuri="https://example.org/a-1-2"),
    )
    document += nodes.literal_block("", "8 % 3")
    document += addnodes.desc_signature("", "", nodes.inline("", "dim=", nodes.Text("-1")))
    app: Any = None
    keep_together(app, document, "page")
    assert (
        document.astext()
        == "Of 5–6\u00a0%, 3\u00a0×\u00a010 times \u22122 7 % 21 %a-1-2\n\n8 % 3\n\ndim=-1"
    )
    whole = [
        node
        for node in document.findall()
        if "whole" in getattr(node, "attributes", {}).get("classes", ())
    ]
    assert [node.astext() for node in whole] == ["5–6\u00a0%", "7 % 2"]


def test_the_type_of_an_attribute_is_code() -> None:
    document = new_document("page")
    for name, text in [("Type", "Literal['a', 'b']"), ("Raises", "what isn't finite")]:
        document += nodes.field(
            "",
            nodes.field_name("", name),
            nodes.field_body("", nodes.paragraph("", text)),
        )
    TypesAreCode(document).apply()
    assert [node.astext() for node in document.findall(nodes.literal)] == ["Literal['a', 'b']"]
    assert "what isn't finite" in document.astext()
