"""Pages on paper: a style for all of them, and links that need no spelling out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

ASSETS = Path(__file__).parent / "assets"
STYLE, SCRIPT = "print.css", "print.js"


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.connect("builder-inited", copy_assets)
    app.connect("doctree-read", mark_spelled)
    app.connect("html-page-context", load_assets)


def copy_assets(app: Sphinx) -> None:
    """Put style and script where pages load them from."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        for name in (STYLE, SCRIPT):
            shutil.copyfile(ASSETS / name, folder / name)


def load_assets(app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
    """Load style and script on every page that is somebody's to read."""
    if document is not None:
        app.add_css_file(STYLE)
        app.add_js_file(SCRIPT, loading_method="defer")


def mark_spelled(app: Sphinx, document: nodes.document) -> None:
    """Mark links whose words are their address, so that paper does not say it twice."""
    for link in document.findall(nodes.reference):
        address = link.get("refuri", "")
        if address.startswith("http") and _bare(address) == _bare(link.astext()):
            link["classes"].append("spelled")


def _bare(address: str) -> str:
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")
