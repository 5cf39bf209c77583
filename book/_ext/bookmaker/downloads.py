"""What a page offers to take away: the student's notebook, the worksheet, and print."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookmaker import addresses, editions, whole_files
from bookmaker.references import Book
from bookmaker.sources import Page, contents
from bookmaker.worksheets import asks

LOGGER = logging.getLogger(__name__)
FOLDER = "notebooks"
# The theme makes a group of buttons with this label, and puts links to the source there.
_GROUP = "download-buttons"


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_directive("notebooks", Notebooks)
    app.connect("html-page-context", offer, priority=900)
    app.connect("build-finished", write)


def offer(app: Sphinx, page: str, template: str, context: dict[str, Any], document: Any) -> None:
    """Offer the notebook for students instead of the source, which has the solutions."""
    source = Page(Path(app.srcdir), page)
    links = []
    if source.path.exists() and source.runs:
        notebook = f"student/{source.name}.ipynb"
        links.append(_button("Download for students", notebook, "fas fa-code", context))
        if asks(source):
            paper = f"worksheet/{source.name}.html"
            links.append(_button("Worksheet to print", paper, "fas fa-pencil", context))
    for group in context.get("header_buttons", []):
        if group["label"] == _GROUP:
            links += whole(Path(app.srcdir))
            group["buttons"] = links + [b for b in group["buttons"] if b["type"] != "link"]


def whole(root: Path) -> list[dict[str, str]]:
    """Offer the whole book as one file.

    Only publishing makes these files, so a site that was built here leads to them there.
    """
    kinds = {"pdf": ("The book as a PDF", "fas fa-book"), "zip": ("The site to go", "fas fa-box")}
    return [
        {
            "type": "link",
            "url": f"{addresses.site(root)}{whole_files.name(root)}.{ending}",
            "text": text,
            "tooltip": text,
            "icon": icon,
            "label": f"download-whole-{ending}-button",
        }
        for ending, (text, icon) in kinds.items()
    ]


def _button(text: str, path: str, icon: str, context: dict[str, Any]) -> dict[str, str]:
    return {
        "type": "link",
        "url": context["pathto"](f"{FOLDER}/{path}", 1),
        "text": text,
        "tooltip": text,
        "icon": icon,
        "label": f"download-{path.split('/')[0]}-button",
    }


def write(app: Sphinx, error: Exception | None) -> None:
    """Write all editions, copy them into the site, and complain of what has no form there."""
    if error is not None or app.builder.format != "html":
        return
    root = Path(app.srcdir)
    for problem in editions.write(root, solutions=app.config.book_solutions):
        LOGGER.warning(problem.message, location=f"{root / problem.path}:{problem.line}")
    copied = Path(app.outdir) / FOLDER
    shutil.rmtree(copied, ignore_errors=True)
    if (root / editions.FOLDER).exists():
        shutil.copytree(root / editions.FOLDER, copied)


class Notebooks(SphinxDirective):
    """A table of what can be downloaded of each page that asks something."""

    def run(self) -> list[nodes.Node]:
        up = "../" * self.env.docname.count("/")
        kinds = {
            "for students": ("notebook", "student/{}.ipynb"),
            "to print": ("sheet", "worksheet/{}.html"),
        }
        if self.config.book_solutions:
            kinds["for teachers"] = ("notebook", "teacher/{}.ipynb")
        rows = []
        titles = Book.read(Path(self.env.srcdir) / "book").titles
        for page in contents(Path(self.env.srcdir)):
            if page.path.exists() and page.runs and asks(page):
                links = [
                    nodes.reference("", words, refuri=f"{up}{FOLDER}/{form.format(page.name)}")
                    for words, form in kinds.values()
                ]
                rows.append(nodes.row("", *map(_entry, [nodes.Text(titles[page.name]), *links])))
        heads = [_entry(nodes.Text(head)) for head in ("page", *kinds)]
        group = nodes.tgroup(cols=len(heads))
        group += [nodes.colspec(colwidth=1) for _ in heads]
        group += nodes.thead("", nodes.row("", *heads))
        group += nodes.tbody("", *rows)
        return [nodes.table("", group)]


def _entry(content: nodes.Node) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", "", content))
