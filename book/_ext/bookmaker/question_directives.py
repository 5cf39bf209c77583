"""Questions on the page: folded explanations without script, answers kept with it."""

from __future__ import annotations

import re
import shutil
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from bookmaker.fences import Block
from bookmaker.glued import glued
from bookmaker.questions import KINDS, Question, parse

LOGGER = logging.getLogger(__name__)
# Not in book/_static: Jupyter Book loads every script and style there on every page.
ASSETS = Path(__file__).parent / "assets"
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:\s*×\s*10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))?")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


class question_node(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """A question; its children are the stem, and then the choices or the remarks."""


class choice_node(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """A choice: the first child is what one picks, the rest its explanation."""


class remarks_node(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """What was measured, and what it says about a guess."""


class remark_node(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """What to tell a reader whose guess lies here."""


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    for kind in KINDS:
        app.add_directive(kind, QuestionDirective)
    app.add_node(question_node, html=(_open_question, _close_question))
    app.add_node(choice_node, html=(_open_choice, _close_choice))
    app.add_node(remarks_node, html=(_open_remarks, _close_remarks))
    app.add_node(remark_node, html=(_open_remark, _close_remark))
    app.connect("builder-inited", copy_assets)
    app.connect("doctree-read", fill_in_bands)
    app.connect("html-page-context", load_assets)


class QuestionDirective(SphinxDirective):
    """`predict`, `question` and `guess`."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"class": directives.class_option}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        # MyST counts the lines of the content from the fence on.
        first = self.lineno + self.content_offset
        text = tuple(self.content)
        block = Block(self.lineno, text, self.name, self.arguments[0], {}, text, first)
        question = parse(block)
        for line, message in question.problems:
            LOGGER.warning(message, location=(self.env.docname, line))
        if question.problems:
            return []
        self._once(question)
        return [self._node(question)]

    def _once(self, question: Question) -> None:
        """Readers' answers are kept by slug, so there can be one of each."""
        slugs = self.env.metadata.setdefault("questions", {})
        known = {slug: place for slug, place in slugs.items() if place[0] != self.env.docname}
        here = self.env.temp_data.setdefault("questions", set())
        if question.slug in known or question.slug in here:
            where = known.get(question.slug, (self.env.docname,))[0]
            LOGGER.warning(
                f"the slug {question.slug!r} belongs to another question, in {where}: "
                "choose another",
                location=(self.env.docname, question.line),
            )
        here.add(question.slug)
        slugs[question.slug] = (self.env.docname, question.line)

    def _node(self, question: Question) -> nodes.Node:
        node = question_node(kind=question.kind, slug=question.slug, heading=question.heading)
        node.source, node.line = self.state.document["source"], question.line
        stem = nodes.container(classes=["question-stem"])
        node += self._parsed(question.stem, question.stem_line, stem)
        for letter, choice in zip("abcdefghij", question.choices, strict=False):
            item = choice_node(letter=letter, right=choice.right, question=question.slug)
            picked = nodes.inline(classes=["choice-text"])
            paragraph = self._parsed(choice.text, choice.line, nodes.container())[0]
            picked += paragraph.children
            item += picked
            explained = nodes.container(classes=["explanation"])
            item += self._parsed(choice.explanation, choice.explanation_line, explained)
            node += item
        if question.remarks:
            remarks = remarks_node(measured=question.measured)
            for remark in question.remarks:
                said = remark_node(where=remark.where, words=remark.words)
                remarks += self._parsed(remark.text, remark.line, said)
            node += remarks
        return node

    def _parsed(self, text: str, line: int, into: nodes.Element) -> Any:
        """Markdown as children of a node."""
        source = self.state.document["source"]
        offset = line - self.lineno
        self.state.nested_parse(StringList(text.split("\n"), source=source), offset, into)
        return into


def band(text: str) -> tuple[float, float, float, str] | None:
    """Median, low end, high end and unit of a band as the book writes it.

    >>> band("0.28 (0.11–0.65)"), band("54 (23–78) %")
    ((0.28, 0.11, 0.65, ''), (54.0, 23.0, 78.0, '%'))
    >>> band("3.5 × 10⁻⁶ (1.8 × 10⁻⁶ to 8.8 × 10⁻⁶)")
    (3.5e-06, 1.8e-06, 8.8e-06, '')
    """
    found = [
        float(f"{digits}e{(raised or '0').translate(_RAISED)}")
        for digits, raised in _NUMBER.findall(text)
    ]
    if len(found) != 3 or not found[1] <= found[0] <= found[2]:
        return None
    return (*found, "%" if "%" in text else "")  # type: ignore[return-value]


def fill_in_bands(app: Sphinx, document: nodes.document) -> None:
    """Give each guess the band that the page measured."""
    for node in document.findall(remarks_node):
        texts = glued(app, app.env.docname)
        text = texts.get(node["measured"], "")
        found = band(text)
        if found is None:
            told = f"is {text!r}, not a band" if text else "is glued by no cell of this page"
            LOGGER.warning(
                f"the guess compares with {node['measured']!r}, which {told}: glue "
                "`str(band(values))` under this name",
                location=(app.env.docname, node.parent.line),
            )
            continue
        node["text"] = text
        node["median"], node["low"], node["high"], node["unit"] = found


def copy_assets(app: Sphinx) -> None:
    """Put script and style where pages with questions load them from."""
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        for path in ASSETS.iterdir():
            shutil.copyfile(path, folder / path.name)


def load_assets(app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
    """Load script and style on pages that have a question."""
    if document is not None and next(iter(document.findall(question_node)), None):
        app.add_css_file("questions.css")
        app.add_js_file("questions.js", loading_method="defer")


def _open_question(self: HTML5Translator, node: question_node) -> None:
    label = f"q-{node['slug']}"
    self.body.append(
        f'<div class="question" id="{label}" role="group" aria-labelledby="{label}-title" '
        f'data-kind="{node["kind"]}" data-question="{node["slug"]}">\n'
        f'<p class="question-title" id="{label}-title">{node["heading"]}</p>\n'
    )


def _close_question(self: HTML5Translator, node: question_node) -> None:
    if node["kind"] != "guess":
        self.body.append("</ol>\n")
    # The script speaks here, so that screen readers hear it.
    self.body.append('<p class="question-answer" role="status" aria-live="polite"></p>\n</div>\n')


def _open_choice(self: HTML5Translator, node: choice_node) -> None:
    if node["letter"] == "a":
        self.body.append('<ol class="choices" type="a">\n')
    right = ' data-right="true"' if node["right"] else ""
    self.body.append(
        f'<li><details class="choice" data-choice="{node["letter"]}"{right}>\n<summary>'
    )
    node[0].walkabout(self)
    verdict = "right" if node["right"] else "not so"
    self.body.append(f'</summary>\n<p class="verdict">{verdict.capitalize()}.</p>\n')
    for child in node[1:]:
        child.walkabout(self)
    self.body.append("</details></li>\n")
    raise nodes.SkipNode


def _close_choice(self: HTML5Translator, node: choice_node) -> None:
    """Nothing is left to close: opening it writes all of it."""


def _open_remarks(self: HTML5Translator, node: remarks_node) -> None:
    data = "".join(
        f' data-{key}="{node.get(key, "")}"' for key in ("low", "median", "high", "unit")
    )
    self.body.append(
        f'<details class="measured"{data}>\n<summary>What was measured</summary>\n'
        f'<p class="measured-band">{escape(node.get("text", ""))}</p>\n<dl class="remarks">\n'
    )


def _close_remarks(self: HTML5Translator, node: remarks_node) -> None:
    self.body.append("</dl>\n</details>\n")


def _open_remark(self: HTML5Translator, node: remark_node) -> None:
    self.body.append(
        f'<div data-where="{node["where"]}"><dt>A guess that is {node["words"]}</dt>\n<dd>'
    )


def _close_remark(self: HTML5Translator, node: remark_node) -> None:
    self.body.append("</dd></div>\n")
