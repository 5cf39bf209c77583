"""The claims of all pages: a list for the reader, and a file of what was measured."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookmaker.editions import executed
from bookmaker.references import Book
from bookmaker.sources import Page, Problem, contents

LOGGER = logging.getLogger(__name__)
MEASUREMENTS = Path("_build") / "measurements.json"
_PACKAGES = ("dlglimpse", "torch", "numpy")


@dataclass(frozen=True)
class Made:
    """A claim where a page makes it."""

    page: Page
    line: int
    record: dict[str, Any]

    @property
    def slug(self) -> str:
        """Its name in the book."""
        return str(self.record["slug"])


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_directive("claim-list", ClaimList)
    app.connect("build-finished", write)


def claims(root: Path) -> list[Made]:
    """All claims that the pages make, in the order of the book, from their outputs."""
    return [made for page, notebook in executed(root) for made in _made(page, notebook)]


def _made(page: Page, notebook: Any) -> Iterator[Made]:
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            record = output.get("metadata", {}).get("dlglimpse", {}).get("claim")
            if record:
                yield Made(page, page.first_code_line(notebook, index), record)


def repeated(made: list[Made]) -> list[Problem]:
    """Claims under a name that an earlier claim has."""
    first: dict[str, Made] = {}
    problems = []
    for each in made:
        earlier = first.setdefault(each.slug, each)
        if earlier is not each:
            where = f"{earlier.page.relative}:{earlier.line}"
            what = f"claim {each.slug!r} has the name of the claim at {where}"
            problems.append(Problem(each.page.relative, each.line, what))
    return problems


def measurements(made: list[Made]) -> dict[str, Any]:
    """What was measured, with the versions it was measured with, as plain data."""
    return {
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in _PACKAGES},
        },
        "claims": [
            {
                "page": each.page.name,
                "claim": f"claim-{each.slug}",
                **{key: each.record[key] for key in ("statement", "statistic", "unit", "of")},
                "value": each.record["value"],
                "draws": each.record["measured"]["n"],
                "band": [each.record["measured"][end] for end in ("low", "median", "high")],
                "bound": [each.record["low"], each.record["high"]],
                **{key: each.record[key] for key in ("because", "mutant")},
            }
            for each in made
        ],
    }


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the measurements, for whoever builds the book and for whoever reads it."""
    if error is not None or app.builder.format != "html":
        return
    root = Path(app.srcdir)
    made = claims(root)
    for problem in repeated(made):
        LOGGER.warning(problem.message, location=f"{root / problem.path}:{problem.line}")
    text = json.dumps(measurements(made), indent=1, ensure_ascii=False) + "\n"
    for path in (root / MEASUREMENTS, Path(app.outdir) / MEASUREMENTS.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class ClaimList(SphinxDirective):
    """Every claim of the book with what was measured and its bound, page by page."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        for page in contents(root):
            self.env.note_dependency(str(page.path))
        try:
            listed = claims(root)
        except KeyError:
            # Plain `jupyter-book build` runs a page when it reads it, and this one is early.
            LOGGER.warning(
                "some pages have not run yet, so their claims are not known: run `make book`",
                location=self.get_location(),
            )
            return []
        titles = Book.read(root / "book").titles
        up = "../" * self.env.docname.count("/")
        found: list[nodes.Node] = []
        for page, of_page in groupby(listed, key=lambda made: made.page):
            section = nodes.section(ids=[f"claims-of-{page.name}"])
            section += nodes.title("", titles[page.name])
            terms = [_described(made, f"{up}{page.slug}.html") for made in of_page]
            section += nodes.definition_list("", *terms, classes=["claims"])
            found.append(section)
        return found


def _described(made: Made, address: str) -> nodes.definition_list_item:
    """The sentence, and below it what was measured."""
    record = made.record
    unit = f" {record['unit']}" if record["unit"] else ""
    draws = f"{record['measured']['n']:,} draw{'s' if record['measured']['n'] > 1 else ''}"
    below = f"{record['statistic']}: {record['text']}{unit}, {draws}; {record['bound']}."
    link = nodes.reference("", "", *_inline(record["statement"]), internal=True)
    link["refuri"] = f"{address}#claim-{made.slug}"
    return nodes.definition_list_item(
        "",
        nodes.term("", "", link),
        nodes.definition("", nodes.paragraph("", "", *_inline(below))),
    )


def _inline(text: str) -> list[nodes.Node]:
    """A sentence with code between backticks."""
    parts = text.split("`")
    return [nodes.literal("", p) if k % 2 else nodes.Text(p) for k, p in enumerate(parts) if p]
