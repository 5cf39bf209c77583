"""What a page says of itself to search engines and to those who share it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sphinx.application import Sphinx
from sphinx.config import Config

from bookmaker import addresses, cards
from bookmaker.commit import changes, commit
from bookmaker.descriptions import OTHERS, description
from bookmaker.sources import Problem

CARDS = "cards"
# Worksheets are for paper, and a page that has moved speaks for another.
_NO_PAGES = ("_static", "notebooks")
_MOVED = 'http-equiv="refresh"'
_VIEWPORT = re.compile(r'\s*<meta\b[^>]*\bname="viewport"[^>]*>')


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.setup_extension("sphinxext.opengraph")
    app.setup_extension("sphinx_sitemap")
    # Before the extensions look at their settings.
    app.connect("config-inited", configure, priority=300)
    app.connect("env-updated", date_pages)
    # Before sphinxext-opengraph writes the tags.
    app.connect("html-page-context", describe, priority=400)
    app.connect("build-finished", invite_robots)


def configure(app: Sphinx, config: Config) -> None:
    """Tell the extensions where the book is published, and the pages what they are of."""
    root = Path(app.srcdir)
    config.ogp_site_url = config.html_baseurl = addresses.site(root)
    config.ogp_site_name = config.html_title
    # Ours are drawn by `cards`, and a book on one page needs none.
    config.ogp_social_cards = {"enable": False}
    config.ogp_custom_meta_tags = ['<meta name="twitter:card" content="summary_large_image" />']
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = [f"{page}.html" for page in OTHERS]
    config.sitemap_show_lastmod = True
    config.sitemap_indent = 1
    config.html_context["commit"] = commit(root)
    config.html_theme_options["footer_content_items"] = ["colophon.html"]
    # Otherwise the theme shows the docstitle, which the landing page goes without.
    config.html_theme_options.setdefault("logo", {}).setdefault("text", config.html_title)


def date_pages(app: Sphinx, env: Any) -> None:
    """Give sphinx-sitemap the dates of all pages, those kept from an earlier build, too."""
    seconds = changes(Path(app.srcdir))
    relative = {page: env.doc2path(page, base=False) for page in env.found_docs}
    env.git_last_updated = {page: (seconds.get(path), True) for page, path in relative.items()}


def describe(app: Sphinx, page: str, template: str, context: dict[str, Any], document: Any) -> None:
    """Give a page its description and its card, and the landing page a title of its own."""
    if app.builder.name != "html":
        return
    if page == app.config.root_doc:
        context["docstitle"] = ""
        app.add_css_file("landing.css")
    text = OTHERS.get(page, "")
    if document is not None:
        text, _ = description(Path(app.env.doc2path(page)))
        title = app.env.titles[page].astext()
        card = f"{CARDS}/{page.split('/')[-1]}.png"
        cards.draw(Path(app.outdir) / card, title, text, app.config.html_title)
        kind = "website" if page == app.config.root_doc else "article"
        shared = {"og:type": kind} | _shared(app, card, title, text)
        context["meta"] = (context["meta"] or {}) | shared
    context["metatags"] = _VIEWPORT.sub("", context.get("metatags", ""))
    if text:
        context["metatags"] += f'\n<meta name="description" content="{escape(text)}" />\n'


def _shared(app: Sphinx, card: str, title: str, text: str) -> dict[str, str]:
    """What sphinxext-opengraph would otherwise take from the first lines of a page."""
    return {
        "og:description": escape(text),
        "og:image": f"{app.config.html_baseurl}{card}",
        "og:image:alt": f"The title of the page, {escape(title)}, above three lines that show "
        "gradients layer by layer: two fall, and one stays level.",
        "og:image:width": str(cards.WIDTH),
        "og:image:height": str(cards.HEIGHT),
    }


def invite_robots(app: Sphinx, error: Exception | None) -> None:
    """Tell search engines where the list of pages is."""
    if error is None and app.builder.name == "html":
        text = f"User-agent: *\nAllow: /\n\nSitemap: {app.config.html_baseurl}sitemap.xml\n"
        (Path(app.outdir) / "robots.txt").write_text(text, encoding="utf-8")


def keep_one_viewport(root: Path, site: Path) -> list[Problem]:
    """Drop all but the first of the tags that say how wide a page is; the theme repeats it."""
    for path in sorted(site.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        first = _VIEWPORT.search(page)
        if first and _VIEWPORT.search(page, first.end()):
            kept = page[: first.end()] + _VIEWPORT.sub("", page[first.end() :])
            path.write_text(kept, encoding="utf-8")
    return []


class _Head(HTMLParser):
    """Title, language, metas and the canonical address of a page, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, int]] = []
        self._in_title = self._in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_body |= tag == "body"
        self._in_title = tag == "title" and not self._in_body
        if tag == "html" and given.get("lang"):
            self._note("lang", given["lang"])
        if tag == "meta" and (given.get("name") or given.get("property")):
            self._note(given.get("name") or given["property"], given.get("content", ""))
        if tag == "link" and given.get("rel") == "canonical":
            self._note("canonical", given.get("href", ""))

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._note("title", data)
            self._in_title = False

    def _note(self, name: str, value: str) -> None:
        self.found.append((name, value.strip(), self.getpos()[0]))

    def all(self, name: str) -> list[tuple[str, int]]:
        return [(value, line) for known, value, line in self.found if known == name]


def check_heads(root: Path, site: Path) -> list[Problem]:
    """What the heads of the written pages lack, have twice, or share with another page."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Path] = {}
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(site)
        if where.parts[0] in _NO_PAGES or _MOVED in text:
            continue
        head = _Head()
        head.feed(text)
        told = [*_counted(head, where), *_unshared(head, where, seen)]
        told += _card(head, addresses.site(root), site)
        problems += [Problem(where, line, message) for line, message in told]
    return problems


def _counted(head: _Head, where: Path) -> Iterator[tuple[int, str]]:
    for name in ("lang", "title", "description", "viewport", "canonical"):
        if name == "canonical" and where.name == "404.html":
            continue  # It stands for any address.
        found = head.all(name)
        if len(found) != 1:
            line = found[1][1] if found else 1
            yield line, f"has {len(found) or 'no'} {name} in its head, not one"


def _unshared(
    head: _Head, where: Path, seen: dict[tuple[str, str], Path]
) -> Iterator[tuple[int, str]]:
    for name in ("title", "description", "canonical"):
        for value, line in head.all(name):
            other = seen.setdefault((name, value), where)
            if other != where:
                yield line, f"has the same {name} as {other}: {value}"


def _card(head: _Head, address: str, site: Path) -> Iterator[tuple[int, str]]:
    for value, line in head.all("og:image"):
        if not (site / unquote(value.removeprefix(address))).is_file():
            yield line, f"names the picture {value} for sharing, which is not there"
