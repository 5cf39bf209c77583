"""Names in code cells lead to the documentation of PyTorch, NumPy, and the package.

sphinx-codeautolink does the work, from a list of our own instead of inventories that it
would have to download.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.intersphinx import InventoryAdapter
from sphinx_codeautolink.extension.block import CodeBlockAnalyser

from bookmaker.sources import Problem

DOCUMENTED = Path(__file__).with_name("documented.yml")
_LINK = re.compile(
    r'<a (?P<said>[^>]*class="sphinx-codeautolink-a"[^>]*)>(?P<text>.*?)</a>', re.DOTALL
)
_SAID = re.compile(r'(href|title)="([^"]*)"')
_ELSEWHERE = re.compile(r'<a (?=[^>]*\bhref="https?://)(?![^>]*\brel=)')


def setup(app: Sphinx) -> None:
    """Connect what is here to the build."""
    # The extension would pop the title of a section that has none, as exercises do.
    CodeBlockAnalyser.visit_section = _enter
    CodeBlockAnalyser.depart_section = _leave
    kept = Kept()
    app.connect("builder-inited", kept.keep, priority=400)
    app.setup_extension("sphinx_codeautolink")
    app.config.codeautolink_concat_default = True
    app.connect("builder-inited", kept.give_back, priority=600)
    app.connect("builder-inited", give_addresses, priority=600)
    app.connect("env-updated", name_classes, priority=400)
    app.connect("env-updated", link_once, priority=600)
    app.connect("html-page-context", drop_style, priority=900)


def _enter(self: CodeBlockAnalyser, node: nodes.section) -> None:
    self.current_refid = node["ids"][0] if node["ids"] else None


def _leave(self: CodeBlockAnalyser, node: nodes.section) -> None:
    if self.title_stack and any(isinstance(child, nodes.title) for child in node.children):
        self.title_stack.pop()


@cache
def documented() -> dict[str, tuple[str, str]]:
    """The library and the address of every documented name."""
    found: dict[str, tuple[str, str]] = {}
    for library, listed in yaml.safe_load(DOCUMENTED.read_text(encoding="utf-8")).items():
        if library == "undocumented":
            continue
        for page, names in listed["pages"].items():
            for name in names:
                found[name] = (library, listed["address"] + page.format(name=name))
    return found


def undocumented() -> set[str]:
    """Names that lead nowhere, and are known to."""
    return set(yaml.safe_load(DOCUMENTED.read_text(encoding="utf-8"))["undocumented"])


class Kept:
    """The names in pages that will not be read again.

    The extension keeps them in a file of its own, too, but looks there for .rst alone.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}

    def keep(self, app: Sphinx) -> None:
        """Remember them before the extension begins anew."""
        self.names = getattr(app.env, "sphinx_codeautolink_transforms", {})

    def give_back(self, app: Sphinx) -> None:
        """Give the extension what was remembered."""
        names = getattr(app.env, "sphinx_codeautolink_transforms", {})
        for page, found in self.names.items():
            names.setdefault(page, found)


def give_addresses(app: Sphinx) -> None:
    """Tell the extension where names are documented."""
    inventory = InventoryAdapter(app.env).main_inventory.setdefault("py:data", {})
    for name, (library, address) in documented().items():
        inventory[name] = (library, "", address, "-")


def name_classes(app: Sphinx, env: BuildEnvironment) -> None:
    """Tell the extension by which names classes are documented.

    It knows them by where they are defined, such as `torch.nn.modules.linear.Linear`.
    """
    names = getattr(env, "sphinx_codeautolink_transforms", {})
    used = {n.import_components[0] for found in names.values() for t in found for n in t.names}
    objects = env.get_domain("py").data["objects"]
    for name in [*documented(), *objects]:
        if name.split(".")[0] in used:
            thing = named(name)
            if isinstance(thing, type):
                defined = f"{thing.__module__}.{thing.__qualname__}"
                app.config.codeautolink_inventory_map[defined] = name


def named(name: str) -> Any:
    """What a dotted name stands for, or None."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found
    return None


def link_once(app: Sphinx, env: BuildEnvironment) -> None:
    """Link a name where a cell first uses it: more links would be in the way of Tab.

    The extension follows variables, too: a `model` would lead to `nn.Sequential`.
    """
    for transforms in getattr(env, "sphinx_codeautolink_transforms", {}).values():
        for transform in transforms:
            first: dict[str, Any] = {}
            for name in transform.names:
                if _last(name.code_str) == _last(name.resolved_location):
                    first.setdefault(name.resolved_location, name)
            transform.names = list(first.values())


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def drop_style(app: Sphinx, page: str, template: str, context: Any, document: Any) -> None:
    """Leave out the extension's style, whose colors are not those of the page."""
    context["css_files"] = [
        style for style in context.get("css_files", []) if "codeautolink" not in str(style)
    ]


def mark_links(root: Path, site: Path) -> list[Problem]:
    """Say of each link that leaves the site that it does, and where a name leads."""
    for path in sorted(site.rglob("*.html")):
        if "_static" not in path.parts:
            text = path.read_text(encoding="utf-8")
            marked = _ELSEWHERE.sub('<a rel="external" ', _LINK.sub(_told, text))
            path.write_text(marked, encoding="utf-8")
    return []


def _told(link: re.Match[str]) -> str:
    said, text = dict(_SAID.findall(link["said"])), link["text"]
    library = _library(said["href"])
    if library:
        name = said.get("title") or re.sub(r"<[^>]*>|\s", "", text)
        title, rel = f"{name} in the documentation of {library}", ' rel="external"'
    else:
        name = said["href"].partition("#")[2]
        title, rel = f"{name} in this book", ""
    return f'<a class="code-link"{rel} href="{said["href"]}" title="{title}">{text}</a>'


def _library(address: str) -> str | None:
    return next((library for library, known in documented().values() if known == address), None)
