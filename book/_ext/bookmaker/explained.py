"""Words of the glossary are explained where they stand, by the glossary's own text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx

from bookmaker.sources import Problem

_TERM = re.compile(
    r'<a class="reference internal" href="(?P<to>[^"#]+#(?P<id>term-[^"]+))">'
    r'(?=<span class="[^"]*\bstd-term\b)'
)
_END = "</article>"


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.connect("html-page-context", load_script)


def load_script(app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
    """Load the script on pages that use a word of the glossary."""
    if document is not None and any(
        "std-term" in node["classes"] for node in document.findall(nodes.inline)
    ):
        app.add_js_file("terms.js", loading_method="defer")


def explain_words(root: Path, site: Path) -> list[Problem]:
    """Put each definition that a page links to on that page, once, hidden.

    The links name it as their description, which screen readers say without any script.
    """
    pages = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    texts = {path: path.read_text(encoding="utf-8") for path in pages}
    known: dict[str, str] = {}
    for text in texts.values():
        if '<dl class="' in text and "glossary" in text:
            known |= definitions(text)
    problems = []
    for path, text in texts.items():
        explained, missing = explain(text, known)
        path.write_text(explained, encoding="utf-8")
        for line, term in missing:
            what = f"links to {term}, of which the glossary says nothing: define it there"
            problems.append(Problem(path.relative_to(site), line, what))
    return problems


def explain(page: str, known: dict[str, str]) -> tuple[str, list[tuple[int, str]]]:
    """A page with its definitions, and the lines of links that nothing explains."""
    used: dict[str, None] = {}
    missing: list[tuple[int, str]] = []

    def described(link: re.Match[str]) -> str:
        term = link["id"]
        if term not in known:
            missing.append((page[: link.start()].count("\n") + 1, term))
            return link[0]
        used[term] = None
        to = f'class="reference internal term" href="{link["to"]}"'
        return f'<a {to} aria-describedby="about-{term}">'

    linked = _TERM.sub(described, page)
    tips = "".join(
        f'<div class="term-tip" id="about-{term}" role="tooltip" popover="manual" hidden>'
        f"{known[term]}</div>\n"
        for term in used
    )
    before, end, after = linked.rpartition(_END)
    return (before + tips + end + after if end else linked), missing


def definitions(page: str) -> dict[str, str]:
    """The text of each definition of a glossary by the id of its word."""
    found: dict[str, str] = {}
    for glossary in BeautifulSoup(page, "html.parser").select("dl.glossary"):
        words: list[Tag] = []
        for child in glossary.find_all(["dt", "dd"], recursive=False):
            if child.name == "dt":
                words.append(child)
                continue
            for word in words:
                found[str(word.get("id"))] = _definition(word, child)
            words = []
    return found


def _definition(word: Tag, text: Tag) -> str:
    """The word and what it means, without links, which a tip could not be left by."""
    copy = BeautifulSoup(str(text), "html.parser")
    # Formulas stay as MathML alone: their second form is for the eye, and bulky.
    for unwanted in copy.select(".katex-html, annotation, .headerlink"):
        unwanted.decompose()
    # KaTeX's own spans go, too: its style hides the MathML in them.
    for wrapped in copy.select("a, span.xref, .katex, .katex-mathml"):
        wrapped.unwrap()
    for named in copy.select("[id]"):
        del named["id"]
    name = "".join(word.find_all(string=True, recursive=False)).strip()
    paragraphs = [p.decode_contents() for p in copy.find_all("p")]
    return f"<p><strong>{name}</strong> {'</p><p>'.join(paragraphs)}</p>"
