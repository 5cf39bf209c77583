"""Worksheets: the questions and exercises of a page, with room to write, for print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from bookmaker import tex
from bookmaker.fences import blocks
from bookmaker.notebooks import Cells
from bookmaker.parts import Part, parts
from bookmaker.plain import Plain
from bookmaker.questions import KINDS
from bookmaker.sources import Page

ROOM = "<br>\n" * 6
_BEGINNING = """\
# {title}

*Worksheet for the page [{title}]({page}) of the book {book}.*

Name: ____________________________ Date: ______________\
"""
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}: worksheet</title>
<style>
:root {{ color-scheme: light; }}
body {{ background: #fff; color: #000; font: 11pt/1.5 Georgia, serif; margin: 0 auto;
       max-width: 42rem; padding: 1rem; }}
h1, h2, h3, h4 {{ font-family: Helvetica, Arial, sans-serif; line-height: 1.25;
                 break-after: avoid; }}
h1 {{ font-size: 1.6rem; }} h2 {{ font-size: 1.2rem; }} h3, h4 {{ font-size: 1rem; }}
pre {{ background: #f4f4f4; border: 1px solid #bbb; padding: 0.5rem; break-inside: avoid;
      font-size: 0.85rem; white-space: pre-wrap; }}
code {{ font-size: 0.9em; }}
a {{ color: inherit; }}
table {{ border-collapse: collapse; }} td, th {{ border: 1px solid #888; padding: 0.2rem 0.5rem; }}
blockquote {{ border-left: 3px solid #888; margin-left: 0; padding-left: 1rem; }}
.room {{ min-height: 9rem; background: repeating-linear-gradient(#fff 0 1.75rem,
        #bbb 1.75rem calc(1.75rem + 1px)); break-inside: avoid;
        print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
</style>
<link rel="stylesheet" href="../../_static/katex/katex.css">
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def asks(page: Page) -> bool:
    """Whether a page has a question or an exercise, and so a worksheet."""
    return any(
        part.kind == "exercise"
        or any(block.name in KINDS for block in blocks(part.text.split("\n")))
        for part in parts(page)
        if part.kind in ("exercise", "prose")
    )


def worksheet(plain: Plain) -> nbformat.NotebookNode:
    """The questions and exercises of a page, each under the heading of its section."""
    cells = Cells()
    name = plain.page.name
    title = plain.book.titles.get(name, name)
    book = f"[Deep Learning Glimpse]({plain.address('index')})"
    cells.prose(_BEGINNING.format(title=title, page=plain.address(name), book=book))
    section = ""
    for part in parts(plain.page):
        if part.solving or part.unseen:
            continue
        for kind, text in _asked(plain, part):
            if kind == "heading":
                section = text
                continue
            if section:
                cells.close()
                cells.prose(section)
                section = ""
            (cells.code if kind == "cell" else cells.prose)(text)
        if part.kind == "end":
            cells.prose(ROOM)
            cells.close()
    return cells.notebook()


def _asked(plain: Plain, part: Part) -> Iterator[tuple[str, str]]:
    """What a part asks: of an exercise all, of the rest its questions; and its headings."""
    if part.kind == "exercise":
        yield "prose", f"### Exercise: {plain.inline(part.text, part.line)}"
    elif part.label and part.kind == "cell":
        yield "cell", part.text
    elif part.label and part.kind == "prose":
        yield "prose", plain.markdown(part.text, part.line)
    elif part.kind == "prose":
        for block in blocks(part.text.split("\n"), part.line):
            if block.name in KINDS:
                yield "prose", plain.markdown(block.text, block.line)
            elif not block.name and not block.shows_code:
                for heading in re.findall(r"^##+ (.*)$", block.text, re.MULTILINE):
                    yield "heading", f"## {plain.inline(heading, block.line)}"


def printable(sheet: nbformat.NotebookNode, plain: Plain) -> str:
    """A worksheet as a page to print."""
    markdown = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, renderer=_formula)
    pieces = []
    for cell in sheet.cells:
        if cell.cell_type == "code":
            pieces.append(f"<pre><code>{escape(cell.source)}</code></pre>")
        else:
            text = cell.source.replace(ROOM.strip("\n"), '<div class="room"></div>')
            pieces.append(markdown.render(text))
    title = plain.book.titles.get(plain.page.name, plain.page.name)
    return _PAGE.format(title=escape(title), body="\n".join(pieces))


def _formula(content: str, options: dict[str, bool]) -> str:
    try:
        return tex.html(content, display=options["display_mode"])
    except tex.FormulaError:
        # The page itself was refused for it, with its line.
        return f"<code>{escape(content)}</code>"
