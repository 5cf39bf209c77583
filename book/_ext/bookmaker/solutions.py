"""Where solutions show: not in the search, and nowhere if the book is built without them."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.transforms import SphinxTransform
from sphinx_exercise.nodes import solution_node


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_config_value("book_solutions", True, "env")
    app.add_transform(DropSolutions)
    app.connect("builder-inited", search_no_solutions)


class DropSolutions(SphinxTransform):
    """With `book_solutions: false`, take all solutions out of the pages."""

    # Right behind the transform of sphinx-exercise that gathers their cells into them,
    # and before anything is numbered or listed as a target.
    default_priority = 11

    def apply(self) -> None:
        if not self.config.book_solutions:
            drop(self.document)


def drop(document: nodes.document) -> None:
    """Take all solutions out of a document."""
    for solution in list(document.findall(solution_node)):
        solution.parent.remove(solution)


def search_no_solutions(app: Sphinx) -> None:
    """Let the builder index pages without their solutions; Sphinx has no switch for that."""
    builder = app.builder
    if not isinstance(builder, StandaloneHTMLBuilder):
        return
    index = builder.index_page

    def index_page(page: str, document: nodes.document, title: str) -> None:
        shorn = document.deepcopy()
        drop(shorn)
        index(page, shorn, title)

    setattr(builder, "index_page", index_page)  # noqa: B010
