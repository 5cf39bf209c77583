"""MyST in the Markdown that plain Jupyter and Colab show.

Directives become quotations, formulas and lists; roles become words with links to the
published site. Whatever has no form here is a problem with its line, so that nothing
reaches a student as raw syntax.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from textwrap import indent

from bookmaker import asked, pagetimes, questions
from bookmaker.asked import folded
from bookmaker.fences import Block, blocks
from bookmaker.numbering import DOLLARS, Numbers
from bookmaker.references import Book, words_and_target
from bookmaker.sources import Page, Problem

_WITHIN = r"(?:(?!\n[ \t]*\n).)+?"
_INLINE = re.compile(
    rf"\{{(?P<role>[A-Za-z][\w:.+-]*)\}}(?P<tick>`+)(?P<text>{_WITHIN})(?<!`)(?P=tick)(?!`)"
    rf"|(?P<code>(?P<mark>`+)(?!`){_WITHIN}(?<!`)(?P=mark)(?!`))"
    rf"|(?P<dollars>{DOLLARS.pattern})"
    r"|(?P<env>^\\begin\{(?P<kind>[a-z]+)\*?\}\n?(?P<body>.+?)\n?\\end\{(?P=kind)\*?\})"
    r"|\]\((?P<to>[^)\s]+)(?P<title>[^)]*)\)"
    r"|(?P<foot>\[\^[^\]\s]+\])",
    re.DOTALL | re.MULTILINE,
)
_UNSEEN = re.compile(r"^(?:\([\w-]+\)=[ \t]*|%(?: .*)?)$", re.MULTILINE)
_DEFINITION = re.compile(r"^(\S.*)\n:[ ]+(.*)$", re.MULTILINE)
_NAMED = ("note", "tip", "hint", "important", "warning", "caution", "attention", "seealso")
_ROWS = {"align": "aligned", "gather": "gathered", "multline": "gathered", "equation": ""}


def anchor(words: str) -> str:
    """The end of the id that Sphinx makes of a term.

    >>> anchor("leaf tensor"), anchor("vector–Jacobian product")
    ('leaf-tensor', 'vectorJacobian-product')
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-zA-Z0-9._]+", "-", " ".join(plain.split())).strip("-")


def display(formula: str, *, number: int | None = None, one_line: bool = False) -> str:
    r"""A formula in dollars, with its number.

    >>> display("a &= b \\\\ &= c", number=2, one_line=True)
    '$$ \\begin{aligned} a &= b \\\\ &= c \\end{aligned} \\tag{2} $$'
    """
    # Markdown would end the formula at an empty line.
    lines = [line for line in formula.strip().split("\n") if line.strip()]
    if r"\\" in formula and r"\begin{" not in formula:
        lines = [r"\begin{aligned}", *lines, r"\end{aligned}"]
    if number is not None:
        lines.append(rf"\tag{{{number}}}")
    space = " " if one_line else "\n"
    return space.join(["$$", *lines, "$$"])


@dataclass
class Plain:
    """What turns the prose of one page into plain Markdown, and the problems it met."""

    page: Page
    book: Book
    numbers: Numbers
    site: str
    """The address of the published site, with a slash at its end."""
    glued: Mapping[str, str]
    answers: bool = True
    """Whether questions come with their explanations; on paper they do not."""
    problems: list[Problem] = field(default_factory=list)

    def address(self, name: str, place: str = "") -> str:
        """The address of a page of the published site, or of a place on it."""
        folder = PurePosixPath(self.page.slug).parent
        return f"{self.site}{folder / name}.html{'#' if place else ''}{place}"

    def markdown(self, text: str, line: int, *, nested: bool = False) -> str:
        """A piece of a page in plain Markdown; `line` is where it begins."""
        pieces = []
        for block in blocks(text.split("\n"), line):
            if block.shows_code:
                pieces.append(block.text)
            elif block.name:
                pieces.append(indent(self._directive(block, nested), " " * block.indent))
            else:
                inline = self.inline(block.text, block.line, nested=nested)
                bare = _DEFINITION.sub(r"- **\1**:\n  \2", _UNSEEN.sub("", inline))
                pieces.append(re.sub(r"\n{3,}", "\n\n", bare))
        return "\n\n".join(stripped for piece in pieces if (stripped := piece.strip("\n")))

    def inline(self, text: str, line: int, *, nested: bool = True) -> str:
        """Prose without directives, its roles in words."""

        def replaced(found: re.Match[str]) -> str:
            at = line + text[: found.start()].count("\n")
            if found["role"]:
                return self._role(found["role"], found["text"], at)
            if found["dollars"]:
                number = self.numbers.equations.get(found["label"] or "")
                return display(found["math"], number=number, one_line=nested)
            if found["env"]:
                return self._rows(found["kind"], found["body"], at, nested)
            if found["to"]:
                return f"]({self._link(found['to'], at)}{found['title']})"
            if found["foot"]:
                self._wrong(at, "a footnote has no form in a notebook")
            return found[0]

        return _INLINE.sub(replaced, text)

    def _wrong(self, line: int, message: str) -> str:
        self.problems.append(Problem(self.page.relative, line, message))
        return ""

    def _rows(self, kind: str, body: str, line: int, nested: bool) -> str:
        """An environment of LaTeX that stands by itself."""
        if kind not in _ROWS:
            return self._wrong(line, f"the environment `{kind}` has no form in a notebook")
        rows = f"\\begin{{{_ROWS[kind]}}}\n{body}\n\\end{{{_ROWS[kind]}}}" if _ROWS[kind] else body
        return display(rows, one_line=nested)

    def _link(self, to: str, line: int) -> str:
        """Where a link of Markdown leads, seen from anywhere."""
        name, _, place = to.partition("#")
        if re.match(r"[a-z]+:", to):
            return to
        if not name and place in self.book.homes:
            return self.address(self.book.homes[place], place)
        if name.removesuffix(".md") in self.book.titles:
            return self.address(name.removesuffix(".md"), place)
        self._wrong(line, f"a notebook cannot find {to}: name a page, or a whole address")
        return to

    def _role(self, role: str, text: str, line: int) -> str:
        words, target = words_and_target(text)
        homes, here = self.book.homes | self.numbers.homes, self.page.name
        match role:
            case "doc":
                return f"[{words or self.book.titles.get(target, target)}]({self.address(target)})"
            case "ref":
                words = words or self.book.names.get(target, target)
                return f"[{words}]({self.address(homes.get(target, here), target)})"
            case "numref":
                words = self.numbers.named(target) or words or target
                return f"[{words}]({self.address(homes.get(target, here), target)})"
            case "eq":
                place = self.address(homes.get(target, here), f"equation-{target}")
                return f"[({self.numbers.equations.get(target, target)})]({place})"
            case "term":
                return f"[{words or target}]({self.address('glossary', f'term-{anchor(target)}')})"
            case "glue:text":
                return self.glued.get(target, "(not measured yet)")
            case "page-time":
                kind, _, name = text.partition(" ")
                return pagetimes.spoken(self.page.root, kind, name or here) or "some time"
            case "math":
                return f"${text}$"
            case "sub" | "sup":
                return f"<{role}>{text}</{role}>"
        cited = self.book.cited(role, target)
        if cited is None and role not in ("cite:p", "cite:t"):
            self._wrong(line, f"the role `{role}` has no form in a notebook: add one to plain.py")
        return cited or target

    def _directive(self, block: Block, nested: bool) -> str:
        name, inside = block.name, "\n".join(block.body)
        if name == "math":
            number = self.numbers.equations.get(block.options.get("label", ""))
            return display(f"{block.argument}\n{inside}", number=number, one_line=nested)
        if name == "admonition" or name in _NAMED:
            return self._box(block)
        if name in questions.KINDS:
            return self._question(block)
        if name in ("code", "code-block"):
            return f"```{block.argument}\n{inside}\n```"
        if name == "table":
            named = self.numbers.named(str(block.options.get("name", ""))) or "Table"
            body = self.markdown(inside, block.body_line, nested=True)
            return f"*{named}.* {self.inline(block.argument, block.line)}\n\n{body}"
        return self._wrong(
            block.line, f"the directive `{name}` has no form in a notebook: add one to plain.py"
        )

    def _box(self, block: Block) -> str:
        """An admonition: a quotation, or something to unfold."""
        title, body = block.argument, "\n".join(block.body)
        if block.name != "admonition":
            body, title = f"{title}\n{body}".strip("\n"), block.name.replace("seealso", "see also")
        title = self.inline(title[:1].upper() + title[1:], block.line)
        inside = self.markdown(body, block.body_line, nested=True)
        if "dropdown" in str(block.options.get("class", "")):
            return folded(title, inside)
        return indent(f"**{title}**\n\n{inside}", "> ", lambda line: True).replace("> \n", ">\n")

    def _question(self, block: Block) -> str:
        question = questions.parse(block)

        def spell(text: str, line: int) -> str:
            return self.markdown(text, line, nested=True)

        if self.answers:
            return asked.in_notebook(question, spell, self.glued)
        return asked.on_paper(question, spell)
