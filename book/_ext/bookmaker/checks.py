"""What is wrong with the sources before a build, and with the site after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from bookmaker.descriptions import check_descriptions
from bookmaker.lost import check_redirects
from bookmaker.sources import Page, Problem, contents

CODE_WIDTH = 72
_TRACEBACK = 'class="output traceback'
_FENCE = re.compile(r"^(`{3,}|:{3,})\s*\{([a-z:-]+)\}\s*(.*)$")


def check_sources(root: Path) -> list[Problem]:
    """Everything wrong with the pages that the eye can see without running them."""
    pages = contents(root)
    problems = [
        Problem(Path("_toc.yml"), 1, f"names {page.relative}, which does not exist")
        for page in pages
        if not page.path.exists()
    ]
    listed = {page.path for page in pages}
    for path in sorted((root / "book").glob("*.md")):
        if path not in listed:
            where = path.relative_to(root)
            problems.append(Problem(where, 1, "is missing from _toc.yml, so no reader finds it"))
    written = [page for page in pages if page.path.exists()]
    for page in written:
        problems += check_page(page)
    return [*problems, *check_descriptions(written), *check_redirects(root)]


def check_page(page: Page) -> list[Problem]:
    """Everything wrong with one page, in the order of its lines."""
    lines = page.lines
    found = [*_header(lines), *_nested_cells(lines), *_exercises(lines), *_wide_code(lines)]
    return [Problem(page.relative, line, message) for line, message in sorted(found)]


def _header(lines: list[str]) -> Iterator[tuple[int, str]]:
    cells = [n for n, line in enumerate(lines, 1) if re.match(r"^`{3,}\{code-cell\}", line)]
    if not cells:
        return
    end = lines.index("---", 1) if lines[:1] == ["---"] and "---" in lines[1:] else 0
    head = "\n".join(lines[:end])
    for key in ("jupytext", "kernelspec"):
        if not re.search(rf"^{key}:", head, re.MULTILINE):
            yield 1, f"has code cells (line {cells[0]}) but no `{key}` in its header"


def _nested_cells(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Cells inside another directive look like code and are never run."""
    open_fences: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if open_fences and stripped == open_fences[-1][0]:
            open_fences.pop()
            continue
        if open_fences and open_fences[-1][1] in ("code-cell", "code-block", "math"):
            continue
        opened = re.match(r"^(`{3,}|:{3,})(?:\s*\{([a-z:-]+)\})?", stripped)
        if opened:
            name = opened.group(2) or "code-block"
            if name == "code-cell" and open_fences:
                outer = open_fences[-1][1]
                yield number, f"a code-cell inside `{outer}` is not run: use `{outer}-start`"
            open_fences.append((opened.group(1), name))


def _exercises(lines: list[str]) -> Iterator[tuple[int, str]]:
    labels: dict[str, int] = {}
    solved: set[str] = set()
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if fence and fence.group(2) in ("exercise", "exercise-start"):
            label = _option(lines, number, "label")
            if label is None:
                yield number, "an exercise needs a `:label:` such as ex-1-1"
            else:
                labels[label] = number
        if fence and fence.group(2) in ("solution", "solution-start"):
            solved.add(fence.group(3).strip())
            if fence.group(3).strip() not in labels:
                yield number, f"solves {fence.group(3).strip()!r}, and no exercise above has it"
    for label, number in labels.items():
        if label not in solved:
            yield number, f"exercise {label!r} has no solution: add `{{solution-start}} {label}`"


def _option(lines: list[str], start: int, name: str) -> str | None:
    for line in lines[start : start + 6]:
        option = re.match(rf"^:{name}:\s*(\S+)", line)
        if option:
            return option.group(1)
    return None


def _wide_code(lines: list[str]) -> Iterator[tuple[int, str]]:
    inside = options = False
    for number, line in enumerate(lines, 1):
        if re.match(r"^`{3,}\{code-cell\}", line):
            inside, options = True, lines[number : number + 1] == ["---"]
            skip = number + 1
        elif inside and options:
            options = number == skip or line != "---"
        elif inside and re.match(r"^`{3,}$", line):
            inside = False
        elif inside and len(line) > CODE_WIDTH:
            wide = f"code of {len(line)} characters scrolls on a phone"
            yield number, f"{wide}: keep it within {CODE_WIDTH}"


class _Built(HTMLParser):
    """The ids, links and pictures of one built page, with their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[tuple[int, str]] = []
        self.silent_images: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        line = self.getpos()[0]
        for key in ("id", "name"):
            if found.get(key):
                self.ids.add(str(found[key]))
        target = found.get("href") if tag in ("a", "link") else found.get("src")
        if target:
            self.links.append((line, target))
        if tag == "img" and not found.get("alt"):
            self.silent_images.append((line, str(found.get("src"))))
        if tag == "svg" and found.get("role") == "img" and not found.get("aria-label"):
            self.silent_images.append((line, "drawn here"))


def check_site(site: Path, prefix: str = "/") -> list[Problem]:
    """Dead links, missing anchors, pictures without words, tracebacks: page by page.

    An address from the top of the host starts with the prefix of the published site.
    """
    built: dict[Path, _Built] = {}
    problems = []
    for path in sorted(site.rglob("*.html")):
        if "_static" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        built[path] = _Built()
        built[path].feed(text)
        where = path.relative_to(site)
        if _TRACEBACK in text:
            line = text[: text.index(_TRACEBACK)].count("\n") + 1
            problems.append(Problem(where, line, "shows a traceback"))
        for line, source in built[path].silent_images:
            problems.append(Problem(where, line, f"the picture {source} has no alternative text"))
    for path, page in built.items():
        for line, link in page.links:
            problem = _dead(site, path, link, built, prefix)
            if problem:
                problems.append(Problem(path.relative_to(site), line, problem))
    return problems


def check_notebooks(site: Path, address: str) -> list[Problem]:
    """Links of notebooks that lead to a place of the published site that does not exist."""
    problems = []
    built: dict[Path, _Built] = {}
    for path in sorted(site.glob("notebooks/*/*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for link in sorted(set(re.findall(rf"\]\({re.escape(address)}([^)\s]+)\)", text))):
            target = (site / urldefrag(link)[0]).resolve()
            if target not in built and target.suffix == ".html" and target.exists():
                built[target] = _Built()
                built[target].feed(target.read_text(encoding="utf-8"))
            problem = _dead(site, site.resolve() / "index.html", link, built)
            if problem:
                problems.append(Problem(path.relative_to(site), 1, problem))
    return problems


def _dead(
    site: Path, path: Path, link: str, built: dict[Path, _Built], prefix: str = "/"
) -> str | None:
    if re.match(r"^[a-z]+:|^//", link):
        return None
    address, anchor = urldefrag(link)
    address = unquote(address.split("?")[0])
    if address.startswith(prefix):
        path, address = site.resolve() / "index.html", address.removeprefix(prefix)
    target = path if not address else (path.parent / address).resolve()
    if target.is_dir():
        target = target / "index.html"
    if not target.exists():
        return f"leads to {link}, which is not there"
    if anchor and target in built and unquote(anchor) not in built[target].ids:
        return f"leads to {link}, and that page has no such place"
    return None
