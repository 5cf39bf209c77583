"""Every place that one may want to point at has a link to itself, and all look the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bookmaker.sources import Problem

# Sphinx and its extensions write these for headings, captions, equations and functions.
_WRITTEN = re.compile(
    r'<a class="headerlink" href="(?P<to>#[^"]*)" title="(?:Link|Permalink) to this '
    r'(?P<what>[^"]+)">[^<]*</a>'
)
# A label that a page gives to its heading outlives a new wording of the heading.
_LABELED = re.compile(
    r'(<span id="(?P<label>[^"]+)"></span>\s*<h[1-6]>(?:(?!</h[1-6]>).)*<a class="headerlink" '
    r'href=")#[^"]*"',
    re.DOTALL,
)
_WHAT = {"image": "figure", "term": "word", "definition": "definition"}
_EXERCISE = re.compile(
    r'(<div class="exercise[^"]*" id="(?P<id>[^"]+)">\s*'
    r'<p class="admonition-title">(?:(?!</p>).)*)(</p>)',
    re.DOTALL,
)
_CLAIM = re.compile(
    r'(<div class="dlglimpse-claim" id="(?P<id>[^"]+)"[^>]*><p>(?:(?!</p>).)*)(</p>)', re.DOTALL
)
_QUESTION = re.compile(
    r'(<p class="question-title") id="(?P<title>(?P<id>[^"]+)-title)">((?:(?!</p>).)*)(</p>)',
    re.DOTALL,
)
# What must have a link: the ids of figures, tables, exercises, claims, equations, questions.
_PLACE = re.compile(
    r'<(?!span|math)\w+ (?:[^>]* )?id="(?P<id>(?:fig|tab|ex|claim|equation|q)-[^"]+)"'
)
_OF_OURS = re.compile(r"-(title|guess|content)$")


def permalink(to: str, what: str) -> str:
    """A link to a place of its own page.

    >>> permalink("claim-a", "claim")
    '<a class="headerlink" href="#claim-a" aria-label="Link to this claim">#</a>'
    """
    return f'<a class="headerlink" href="#{to}" aria-label="Link to this {what}">#</a>'


def link_places(root: Path, site: Path) -> list[Problem]:
    """Give every place its link, and report places that have none."""
    problems: list[Problem] = []
    for path in sorted(site.rglob("*.html")):
        if "_static" in path.parts:
            continue
        text = linked(path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        problems += [
            Problem(path.relative_to(site), line, f"{place} has no link that one can copy")
            for line, place in _unlinked(text)
        ]
    return problems


def linked(page: str) -> str:
    """The page with a link at every place."""
    page = _WRITTEN.sub(
        lambda m: permalink(m["to"][1:], _WHAT.get(m["what"], m["what"])),
        page,
    )
    page = _LABELED.sub(lambda m: f'{m[1]}#{m["label"]}"', page)
    page = _EXERCISE.sub(lambda m: m[1] + permalink(m["id"], "exercise") + m[3], page)
    page = _CLAIM.sub(lambda m: m[1] + permalink(m["id"], "claim") + m[3], page)
    return _QUESTION.sub(_question, page)


def _question(found: re.Match[str]) -> str:
    """The link stands outside of what names the question to a screen reader."""
    title = f'{found[1]}><span id="{found["title"]}">{found[4]}</span>'
    return title + permalink(found["id"], "question") + found[5]


def _unlinked(page: str) -> Iterator[tuple[int, str]]:
    for found in _PLACE.finditer(page):
        place = found["id"]
        if not _OF_OURS.search(place) and f'class="headerlink" href="#{place}"' not in page:
            yield page[: found.start()].count("\n") + 1, place
