"""For readers who come to an address where no page is, or no page is any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import yaml
from sphinx.application import Sphinx
from sphinx.config import Config

from bookmaker import addresses
from bookmaker.sources import Problem, contents

TEMPLATES = Path(__file__).parent / "templates"
REDIRECTS = Path("book") / "redirects.yml"
LOST = "404"
# Written by the build itself, so no page can have moved away from there.
_BUILT = ("index", "search", "genindex", LOST)
_RELATIVE = re.compile(
    r'((?:href|src|action|data-content_root)=")(?![a-z]+:|[/#"])(?:\./)?([^"]*")'
)
_SHARED = re.compile(r'<meta\b[^>]*\b(?:property="og:|name="(?:twitter:|description"))[^>]*>')


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    app.setup_extension("notfound.extension")
    app.setup_extension("sphinx_reredirects")
    # Before the extensions look at their settings.
    app.connect("config-inited", configure, priority=300)
    app.connect("html-page-context", list_chapters)
    app.connect("build-finished", lead_to_the_landing_page)


def configure(app: Sphinx, config: Config) -> None:
    """Tell the extensions where the book is published, and which pages moved."""
    root = Path(app.srcdir)
    config.templates_path.append(str(TEMPLATES))
    config.notfound_urls_prefix = prefix(root)
    config.notfound_template = "lost.html"
    config.notfound_context = {"title": "There is no page here"}
    config.redirect_html_template_file = str(TEMPLATES / "moved.html")
    config.redirects = {old: f"/{new}.html" for old, new, _ in redirects(root)}


def prefix(root: Path) -> str:
    """The path under which the site is published, such as /deep-learning-glimpse/."""
    return urlsplit(addresses.site(root)).path


def redirects(root: Path) -> Iterator[tuple[str, str, int]]:
    """Old page, new page and line of each entry of the table of moved pages."""
    path = root / REDIRECTS
    if path.exists():
        table = yaml.compose(path.read_text(encoding="utf-8"))
        for old, new in table.value if isinstance(table, yaml.MappingNode) else []:
            yield str(old.value), str(new.value), old.start_mark.line + 1


def check_redirects(root: Path) -> list[Problem]:
    """Redirects that lead nowhere, hide a page, or are there twice."""
    pages = {page.slug for page in contents(root)}
    seen: dict[str, int] = {}
    problems = []
    for old, new, line in redirects(root):
        if old in pages or old in _BUILT:
            told = f"{old} is a page, which the redirect would hide: choose one of the two"
        elif old in seen:
            told = f"{old} has moved already, in line {seen[old]}: keep one of the two"
        elif new not in pages:
            told = (
                f"{old} leads to {new}, which is no page of _toc.yml: name one as it stands there"
            )
        else:
            told = ""
        if told:
            problems.append(Problem(REDIRECTS, line, told))
        seen.setdefault(old, line)
    return problems


def list_chapters(
    app: Sphinx, page: str, template: str, context: dict[str, Any], document: Any
) -> None:
    """Offer the pages of the book to who is lost."""
    if page == LOST:
        listed = [page.slug for page in contents(Path(app.srcdir))]
        context["chapters"] = [(slug, app.env.titles[slug].astext()) for slug in listed]
        context["pageurl"] = None
        app.add_css_file("lost.css")


def lead_to_the_landing_page(app: Sphinx, error: Exception | None) -> None:
    """Lead from the top of the site to the landing page, and share as that page is shared."""
    if error is not None or app.builder.name != "html":
        return
    first = f"{app.config.root_doc}.html"
    landing = (Path(app.outdir) / first).read_text(encoding="utf-8")
    page = Template((TEMPLATES / "top.html").read_text(encoding="utf-8")).substitute(
        title=app.config.html_title, first=first, shared="\n".join(_SHARED.findall(landing))
    )
    (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def bring_near(root: Path, site: Path) -> list[Problem]:
    """Let the page for lost readers name files as other pages do, while steps work on it."""
    path = site / f"{LOST}.html"
    page = path.read_text(encoding="utf-8")
    path.write_text(page.replace(f'="{prefix(root)}', '="'), encoding="utf-8")
    return []


def address_the_lost(root: Path, site: Path) -> list[Problem]:
    """Make every address of the page for lost readers start from the top of the site.

    It is shown at any depth.
    """
    path = site / f"{LOST}.html"
    page = path.read_text(encoding="utf-8")
    path.write_text(_RELATIVE.sub(rf"\g<1>{prefix(root)}\g<2>", page), encoding="utf-8")
    return []
