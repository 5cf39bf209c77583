"""The texts that a page has glued, while Sphinx reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


def glued(app: Sphinx, docname: str) -> dict[str, str]:
    """The texts that a page glues, by name."""
    folder = Path(app.env.mystnb_config.output_folder)  # type: ignore[attr-defined]
    path = folder.joinpath(*docname.split("/")).with_suffix(".glue.json")
    if not path.exists():
        return {}
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    texts = {name: item["data"].get("text/plain", "") for name, item in data.items()}
    return {name: text.strip("'\"") for name, text in texts.items()}
