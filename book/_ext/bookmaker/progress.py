"""Where a reader is: times beside the pages' names, and marks of what has been read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup
from sphinx.application import Sphinx

from bookmaker import pagetimes
from bookmaker.sources import Problem, contents

_LINK = re.compile(
    r'(<li class="toctree-l1[^"]*"><a (?=[^>]*class="(?:current )?reference internal")[^>]*'
    r'href="(?:[^"]*/)?(?P<page>[^"/#.]*)(?:\.html)?#?"(?P<more>[^>]*)>)(?P<title>[^<]*)(</a>)'
)
# The theme writes the title a second time, for paper, without a link to copy.
_TITLE = re.compile(r"<h1>(?:(?!</h1>).)*headerlink.*?</h1>", re.DOTALL)
_SAID = "Reading takes"


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.add_css_file("finding.css")
    app.add_js_file("permalinks.js", loading_method="defer")
    app.connect("html-page-context", load_script)


def load_script(app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
    """Load the script on pages of the book; chapters say which they are."""
    if document is not None:
        app.add_js_file("progress.js", loading_method="defer")


def chapters(root: Path) -> list[str]:
    """The slugs of the chapters, which are the first part of the book.

    What follows is looked up rather than read: symbols, words, functions.
    """
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    first = toc["parts"][0] if "parts" in toc else toc
    return [chapter["file"] for chapter in first.get("chapters", [])]


def show_times(root: Path, site: Path) -> list[Problem]:
    """Say how long each page takes to read, in the list of pages and on the page."""
    minutes, lists = _minutes(root, site)
    listed = {slug.split("/")[-1]: slug for slug in minutes}
    of_chapters = set(chapters(root))
    for path in sorted(site.rglob("*.html")):
        if "_static" in path.parts:
            continue
        slug = path.relative_to(site).with_suffix("").as_posix()
        text = path.read_text(encoding="utf-8")

        def timed(link: re.Match[str], here: str = slug) -> str:
            of = listed.get(link["page"] or here.split("/")[-1])
            if of is None:
                return link[0]
            mark = " data-chapter" if of in of_chapters else ""
            mark += "" if link["page"] or "aria-current" in link[1] else ' aria-current="page"'
            opened = f"{link[1][:-1]}{mark}>"
            time = f'<span class="page-minutes">{minutes[of]} min</span>'
            return f"{opened}{link['title']} {time}{link[5]}"

        text = _LINK.sub(timed, text)
        if slug in minutes and _SAID not in text:
            more = ", not counting what is there to be looked up" if slug in lists else ""
            said = f'\n<p class="page-minutes">{_SAID} about {minutes[slug]} minutes{more}.</p>'
            text = _TITLE.sub(lambda title: title[0] + said, text, count=1)  # noqa: B023
        path.write_text(text, encoding="utf-8")
    return []


def _minutes(root: Path, site: Path) -> tuple[dict[str, int], set[str]]:
    """Minutes for each page but the first: measured ones, or from the prose that it shows.

    Then which pages have less prose than tables, lists and code.
    """
    times = pagetimes.load(root)
    found: dict[str, int] = {}
    lists: set[str] = set()
    for page in contents(root)[1:]:
        if page.name in times:
            found[page.slug] = int(times[page.name]["reading"])
            continue
        text = (site / f"{page.slug}.html").read_text(encoding="utf-8")
        article = BeautifulSoup(text, "html.parser").find("article")
        in_all = _words(article)
        # Nobody reads through what is there to be looked up.
        for listed in article.find_all(["table", "dl", "pre", "details"]) if article else ():
            listed.decompose()
        words = _words(article)
        found[page.slug] = max(5, 5 * round(words / pagetimes.WORDS_PER_MINUTE / 5))
        if words < in_all / 2:
            lists.add(page.slug)
    return found, lists


def _words(element: Any) -> int:
    return len(re.findall(r"[A-Za-z]{2,}", element.get_text(" "))) if element else 0
