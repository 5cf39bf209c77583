"""Formulas in the pages: made when the page is written, refused at their line when wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import sphinx.search
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from bookmaker import tex

LOGGER = logging.getLogger(__name__)
STYLES = ("katex/katex.css", "formulas.css")
# A formula of so many characters fits on any line with its brackets and its comma.
_SHORT = 16
_BEFORE = re.compile(r"[(\[“‘]+$")
_AFTER = re.compile(r"^[,.;:!?)\]”’…]+")
_ASSETS = Path(__file__).parent / "assets"


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.connect("config-inited", choose, priority=100)
    app.connect("builder-inited", copy_assets)
    app.connect("doctree-read", check)
    app.connect("env-updated", say_titles)
    app.connect("doctree-resolved", glue)
    app.connect("html-page-context", load_styles)
    sphinx.search.IndexBuilder = WordsOfSentences  # type: ignore[misc]


def choose(app: Sphinx, config: Config) -> None:
    """Render with what is here, and leave out what MyST would tell MathJax."""
    config.html_math_renderer = "katex"
    config.myst_update_mathjax = False


def copy_assets(app: Sphinx) -> None:
    """Put styles and fonts where pages with formulas load them from."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    fonts = static / "katex" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for font in sorted((tex.KATEX / "fonts").iterdir()):
        shutil.copyfile(font, fonts / font.name)
    shutil.copyfile(tex.KATEX / "LICENSE", fonts.parent / "LICENSE")
    (fonts.parent / "katex.css").write_text(tex.styles(), encoding="utf-8")
    shutil.copyfile(_ASSETS / "formulas.css", static / "formulas.css")


def load_styles(app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
    """Load styles on pages that have a formula."""
    if document is not None and next(_formulas(document), None):
        for name in STYLES:
            app.add_css_file(name)


def check(app: Sphinx, document: nodes.document) -> None:
    """Warn of each formula of a page that does not parse, at its line."""
    for node in _formulas(document):
        if "amsmath" in node.get("classes", []) and node.get("label"):
            LOGGER.warning(
                "an environment that stands alone gets a number that no text can refer to: "
                "write `align*`, or `{math}` with a `:label:` and `aligned`",
                location=(app.env.docname, _start(node)),
            )
            continue
        try:
            tex.html(_source(node), display=_displayed(node))
        except tex.FormulaError as wrong:
            line = _line(app.env, node, _source(node)[: wrong.position])
            told = " ".join(node.astext().split())
            LOGGER.warning(
                f"the formula ${told}$ does not parse: {wrong}",
                location=(app.env.docname, line),
            )


def say_titles(app: Sphinx, env: BuildEnvironment) -> None:
    """Say formulas of headings in plain text wherever the heading is only named.

    Menus and search results stand on pages that do not load the styles of formulas.
    """
    for titles in (env.titles, env.longtitles, env.tocs):
        for title in titles.values():
            for node in list(title.findall(nodes.math)):
                node.replace_self(nodes.Text(words(node)))


def glue(app: Sphinx, document: nodes.document, page: str) -> None:
    """Keep a short formula on one line with its brackets and its comma.

    Browsers break a line between a formula and whatever stands beside it.
    """
    for node in list(document.findall(nodes.math)):
        if len(words(node)) > _SHORT:
            continue
        siblings = node.parent.children
        at = siblings.index(node)
        glued = nodes.inline("", "", classes=["glued"])
        for place, pattern in ((at - 1, _BEFORE), (at + 1, _AFTER)):
            text = siblings[place] if 0 <= place < len(siblings) else None
            found = pattern.search(text.astext()) if isinstance(text, nodes.Text) else None
            if text is not None and found:
                kept = text.astext()
                node.parent[place] = nodes.Text(kept[: found.start()] + kept[found.end() :])
                glued += nodes.Text(found[0])
            if place < at:
                glued += node.deepcopy()
        node.parent.replace(node, glued)


class WordsOfSentences(sphinx.search.IndexBuilder):
    """The index of search, without the commands of formulas."""

    def feed(self, docname: str, filename: str, title: str, doctree: nodes.document) -> None:
        plain = doctree.deepcopy()
        named = {id(node) for title in plain.findall(nodes.title) for node in _formulas(title)}
        for node in list(_formulas(plain)):
            node[:] = [nodes.Text(words(node))] if id(node) in named else []
        super().feed(docname, filename, title, plain)


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula of a sentence."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(f"{_html(node)}</span>")
    raise nodes.SkipNode


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula with a line to itself, in a box that scrolls if the line is short."""
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    self.body.append(f'<div class="formula">{_html(node)}</div>')
    if node.get("number"):
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _formulas(document: nodes.Element) -> Iterator[nodes.math | nodes.math_block]:
    for node in document.findall():
        if isinstance(node, (nodes.math, nodes.math_block)):
            yield node


def _displayed(node: nodes.Element) -> bool:
    return isinstance(node, nodes.math_block)


def _source(node: nodes.Element) -> str:
    r"""What KaTeX gets: lines end with `\\` and groups with an empty line, as in Sphinx."""
    formula = str(node.astext())
    if not _displayed(node) or node.get("nowrap"):
        return formula
    groups = [
        rf"\begin{{split}}{group}\end{{split}}" if r"\\" in group else group
        for group in map(str.strip, formula.split("\n\n"))
        if group
    ]
    if len(groups) < 2:
        return "".join(groups)
    return r"\begin{aligned}" + "\\\\\n\n".join(groups) + r"\end{aligned}"


def _html(node: nodes.Element) -> str:
    try:
        return tex.html(_source(node), display=_displayed(node))
    except tex.FormulaError:
        return f"<code>{escape(node.astext())}</code>"


def words(node: nodes.Element) -> str:
    """A formula as plain text, for titles, menus and the search."""
    try:
        return tex.words(node.astext())
    except tex.FormulaError:
        return str(node.astext())


def _start(node: nodes.Node | None) -> int:
    """Where Sphinx believes a node to begin; of a formula in a sentence, its paragraph."""
    while node is not None:
        if node.line:
            return int(node.line)
        node = node.parent
    return 1


def _line(env: BuildEnvironment, node: nodes.Element, before: str) -> int:
    """The line of a formula's fault, by looking for the formula in the page."""
    start = _start(node)
    path = Path(str(env.doc2path(env.docname)))
    lines = path.read_text(encoding="utf-8").split("\n") if path.suffix == ".md" else []
    first = str(node.astext()).strip().split("\n")[0].strip()
    near: list[int] = [*range(start - 1, len(lines)), *range(start - 1)]
    for text in (f"${first}", first):
        for k in near:
            if first and text in lines[k]:
                return 1 + k + before.lstrip().count("\n")
    return start
