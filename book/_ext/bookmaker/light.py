"""Make the written pages light: few and small files, and none that nothing uses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from os.path import relpath
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from bookmaker import fonts, scripts, styles
from bookmaker.later import postponed
from bookmaker.scripts import Script
from bookmaker.seen import Seen, of_page, of_script
from bookmaker.sources import Problem

STATIC = "_static"
ICON = Path(__file__).parent / "assets" / "favicon.svg"
# Names that no page has from the start and no script writes out, by who sets them.
_SET_LATER = """
    show showing fade collapse collapsing collapsed
    dropdown-menu-end data-bs-popper data-popper-placement
    tooltip tooltip-inner tooltip-arrow
    bs-tooltip-auto bs-tooltip-top bs-tooltip-bottom bs-tooltip-start bs-tooltip-end
    data-theme data-mode
    open style
"""  # bootstrap's folds; its menus; its tooltips, twice; the theme's first script; the browser
RUNTIME = Seen(words=set(_SET_LATER.split()))
# Made of parts by hundreds of names, of which the theme uses the few in RUNTIME.
_UNREAD = "bootstrap.js"
# The theme decides on dark or light only when the page has been read; then all of it would
# be styled again, before the eyes of who reads at night.
_COLORS = (
    "(d => { if (d.mode === 'auto') d.theme = matchMedia('(prefers-color-scheme: dark)')"
    ".matches ? 'dark' : 'light'; })(document.documentElement.dataset);"
)
# Formulas change their width when their fonts come: those that every formula has are asked
# for before the sheet that names them. (From disk, browsers refuse that.)
_EARLY = """<script>if (location.protocol !== "file:") for (const href of {fonts})
  document.head.append(Object.assign(document.createElement("link"),
    {{rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href}}));</script>
"""
# Kinds of code that have the color of all code: a mark around each is a tenth of a page.
_CODE = re.compile(r'<div class="highlight"><pre.*?</pre>', re.DOTALL)
_UNCOLORED = re.compile(r'<span class="(?:n|nn|p|w)">([^<]*)</span>')
_SHEET = re.compile(r"[ \t]*<link\b([^>]*)>\n?")
_FILE = re.compile(r"[\w.-]+\.(?:css|js|svg|png|woff2|html|json|txt|webp|ico|pdf|zip|ipynb)\b")


@dataclass
class Written:
    """A page as it was written, and what it loads."""

    path: Path
    text: str
    seen: Seen = field(default_factory=Seen)
    sheets: list[Path] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)

    def file(self, address: str) -> Path:
        """The file at an address that is relative to the page."""
        return (self.path.parent / address.partition("?")[0]).resolve()

    def joinable(self) -> dict[Path, None]:
        """The files of its scripts that work joined with others, in their order."""
        return {self.file(each.address): None for each in self.scripts if each.joinable}

    def address(self, path: Path) -> str:
        """The address of a file, from the page."""
        return Path(relpath(path, self.path.parent)).as_posix()


def setup(app: Sphinx) -> None:
    """Connect what is here to the build; the rest is done to the written pages."""
    app.connect("config-inited", show_icon)
    app.add_css_file("light.css", priority=900)
    app.add_js_file(None, body=_COLORS, priority=1)
    app.connect("html-page-context", drop_thebe, priority=900)


def show_icon(app: Sphinx, config: Config) -> None:
    """Give every page the icon of the book."""
    config.html_favicon = str(ICON)


def drop_thebe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], document: Any
) -> None:
    """Leave out the scripts of sphinx-thebe, which nothing here uses.

    Jupyter Book always loads them, and they declare a constant twice: an error in the
    console of every page.
    """
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if "thebe" not in f"{script} {getattr(script, 'attributes', '')}".lower()
    ]


def lighten(root: Path, site: Path) -> list[Problem]:
    """Join and prune what the pages load, and remove from `_static` what nothing loads."""
    site = site.resolve()
    if not (site / STATIC).is_dir():
        return []
    pages = [_opened(path) for path in sorted(site.rglob("*.html")) if STATIC not in path.parts]
    for page in pages:
        _sift_scripts(page)
    joined = _join_scripts(pages, site) | _join_sheets(pages, site)
    for page in pages:
        page.path.write_text(postponed(plain_code(page.text)), encoding="utf-8")
    problems = [
        Problem(
            Path("book/_ext/bookmaker/scripts.py"),
            1,
            f"{path.name} is written otherwise now: see CHANGED, and whether it is still needed",
        )
        for path in sorted(joined)
        if scripts.outgrown(path)
    ]
    sweep(site, joined)
    return problems


def plain_code(page: str) -> str:
    """The page, without marks in its code that no reader sees.

    >>> plain_code('<div class="highlight"><pre><span class="n">a</span> = </pre></div>')
    '<div class="highlight"><pre>a = </pre></div>'
    """
    return _CODE.sub(lambda code: _UNCOLORED.sub(r"\1", code[0]), page)


def _opened(path: Path) -> Written:
    text = path.read_text(encoding="utf-8")
    page = Written(path, text, of_page(text))
    for found in _SHEET.finditer(text):
        link = scripts.attributes(found[1])
        sheet = page.file(link.get("href", ""))
        if link.get("rel") == "stylesheet" and sheet.is_file() and "media" not in link:
            page.sheets.append(sheet)
    return page


def _sift_scripts(page: Written) -> None:
    """Drop what the page does not use; let the rest wait until the page is read."""
    names = {f".{name}" for name in page.seen.classes} | {f"#{name}" for name in page.seen.ids}
    inline = set()
    for script in scripts.scripts(page.text):
        again = not script.address and script.element in inline
        if again or scripts.idle(script, names):
            page.text = page.text.replace(script.element, "", 1)
        elif script.name == scripts.OPTIONS:
            code = scripts.clean(page.file(script.address))
            page.text = page.text.replace(script.element, f"<script>{code}</script>\n", 1)
        elif script.ours and page.file(script.address).is_file():
            page.scripts.append(script)
        else:
            inline.add(script.element)
    preloads = [m[0] for m in _SHEET.finditer(page.text) if 'rel="preload"' in m[1]]
    for preload in preloads:
        page.text = page.text.replace(preload, "", 1)


def _join_scripts(pages: list[Written], site: Path) -> set[Path]:
    """One file of what nearly all pages load, the rest by itself; returns what is in it."""
    counts = Counter(path for page in pages for path in page.joinable())
    most = max(counts.values(), default=0)
    common = {path for path, count in counts.items() if count == most}
    joining = [page for page in pages if common and common <= page.joinable().keys()]
    bundle = None
    if joining:
        order = [path for path in joining[0].joinable() if path in common]
        bundle = _write(site, "site", ".js", scripts.joined(order))
    for page in pages:
        joins = bundle is not None and page in joining
        new = _deferred({"src": page.address(bundle)}) if joins and bundle else ""
        for script in page.scripts:
            if joins and page.file(script.address) in common:
                page.text, new = page.text.replace(script.element, new, 1), ""
            else:
                page.text = page.text.replace(script.element, _deferred(script.attributes), 1)
    return common if joining else set()


def _deferred(found: dict[str, str]) -> str:
    told = {key: value for key, value in found.items() if key not in ("async", "defer")}
    inside = "".join(f' {key}="{value}"' if value else f" {key}" for key, value in told.items())
    return f"<script defer{inside}></script>\n"


def _join_sheets(pages: list[Written], site: Path) -> set[Path]:
    """One sheet for all pages that load the same ones; returns what is in them."""
    groups: dict[tuple[Path, ...], list[Written]] = {}
    for page in pages:
        if page.sheets:
            groups.setdefault(tuple(dict.fromkeys(page.sheets)), []).append(page)
    sheets = {
        files: styles.pruned(list(files), _seen(group), site, site / STATIC)
        for files, group in groups.items()
    }
    # The same letters for all: a font that one page brought serves the next.
    letters = frozenset(letter for page in pages for letter in page.seen.letters)
    letters = letters.union(*map(fonts.written, sheets.values()))
    for files, group in groups.items():
        sheet = sheets[files]
        named = fonts.shrink(sheet, letters, _seen(group), site / STATIC)
        bundle = _write(site, "site", ".css", sheet.css())
        for page in group:
            _link(page, bundle, [font for font in named if fonts.early(font, page.seen)])
    return {path for files in groups for path in files}


def _seen(group: list[Written]) -> Seen:
    """What occurs in pages, and what their scripts may add."""
    seen = RUNTIME
    for page in group:
        seen |= page.seen
    for path in {page.file(script.address) for page in group for script in page.scripts}:
        seen |= _script(path)
    return seen


def _script(path: Path) -> Seen:
    return Seen() if path.name == _UNREAD else of_script(path.read_text(encoding="utf-8"))


def _link(page: Written, bundle: Path, early: list[Path]) -> None:
    """Put the joined sheet where the first of the page's sheets was, after early fonts."""
    new = f'<link rel="stylesheet" href="{page.address(bundle)}">\n'
    if early:
        new = _EARLY.format(fonts=[page.address(font) for font in early]) + new
    for found in list(_SHEET.finditer(page.text)):
        link = scripts.attributes(found[1])
        if link.get("rel") == "stylesheet" and page.file(link["href"]) in page.sheets:
            page.text = page.text.replace(found[0], new, 1)
            new = ""


def _write(site: Path, name: str, suffix: str, text: str) -> Path:
    """Write a file whose name changes with what is in it, so that it can be kept long."""
    digest = sha256(text.encode("utf-8")).hexdigest()[:10]
    path = site / STATIC / f"{name}.{digest}{suffix}"
    path.write_text(text, encoding="utf-8")
    return path


def sweep(site: Path, joined: set[Path]) -> None:
    """Remove the files under `_static` whose names no page, sheet or script mentions.

    Those that were joined are needed only where a page still names them.
    """
    there = {path for path in (site / STATIC).rglob("*") if path.is_file()}
    kept = {path for path in there if "LICENSE" in path.name}
    todo = [path for path in site.rglob("*.html") if STATIC not in path.relative_to(site).parts]
    while todo:
        path = todo.pop()
        names = set(_FILE.findall(path.read_text(encoding="utf-8")))
        for other in there - kept:
            if other.name in names and (other not in joined or path.suffix == ".html"):
                kept.add(other)
                if other.suffix in (".css", ".js", ".svg"):
                    todo.append(other)
    for path in there - kept:
        path.unlink()
    for folder in sorted((site / STATIC).rglob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
