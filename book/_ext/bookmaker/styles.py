"""Style sheets, joined, with only the rules that the pages need, in few bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from posixpath import normpath, relpath
from typing import Any

import tinycss2

from bookmaker.seen import Seen

# What is in another selector, each of which is enough.
_EITHER = ("is", "where", "has", "matches", "-webkit-any", "host", "slotted")
_GROUPS = ("media", "supports", "layer", "container", "scope", "starting-style")
_ELSEWHERE = re.compile(r"^(data:|#|[a-z][a-z0-9+.-]*:|//)")
# What stands around these needs no space. Not "+" and "-": `calc` needs it there.
_TIGHT = ",;{}>~"


@dataclass
class Rule:
    """One rule: its selectors or the head of its group, and what is inside."""

    head: str
    body: list[str] = field(default_factory=list)
    inner: list[Rule] = field(default_factory=list)

    def css(self) -> str:
        """The rule as text, or nothing if nothing is left in it."""
        inner = [css for rule in self.inner if (css := rule.css())]
        between = ";" if self.body and inner else ""
        inside = ";".join(self.body) + between + "".join(inner)
        return f"{self.head}{{{inside}}}" if inside else ""

    def values(self) -> Iterator[str]:
        """Each declaration in it, however deep."""
        yield from self.body
        for rule in self.inner:
            yield from rule.values()


@dataclass
class Sheet:
    """What is left of the style sheets of a page."""

    rules: list[Rule]
    notices: list[str]

    def css(self) -> str:
        """The sheet as text; the notices of licenses stay."""
        text = "".join([f"{notice}\n" for notice in self.notices] + [r.css() for r in self.rules])
        # Signs of icons stand in it as they are.
        return text if text.isascii() else f'@charset "UTF-8";{text}'


def pruned(files: list[Path], seen: Seen, site: Path, into: Path) -> Sheet:
    """The rules of these files that can match, for a file in the folder `into`."""
    sheet = Sheet([], [])
    for path in files:
        _read(path, seen, site, into, sheet)
    _drop_variables(sheet, seen)
    _drop_unnamed(sheet)
    return sheet


def _read(path: Path, seen: Seen, site: Path, into: Path, sheet: Sheet) -> None:
    text = path.read_text(encoding="utf-8")
    notices = [each.strip() for each in re.findall(r"/\*!.*?\*/", text, re.DOTALL)]
    sheet.notices += [each for each in notices if each not in sheet.notices]
    moved = _Moved(path.parent, site, into)
    for node in _parsed(text):
        if node.type == "at-rule" and node.lower_at_keyword == "import":
            address = next(t.value for t in node.prelude if t.type in ("string", "url"))
            _read((path.parent / address).resolve(), seen, site, into, sheet)
        elif (rule := _rule(node, seen, moved)) is not None:
            sheet.rules.append(rule)


@lru_cache(maxsize=16)
def _parsed(text: str) -> list[Any]:
    """What a sheet holds, which groups of pages share; nothing here is lost by being used."""
    return list(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True))


@dataclass
class _Moved:
    """Addresses in a style sheet, as they are from the folder of another."""

    old: Path
    site: Path
    new: Path

    def __call__(self, address: str) -> str:
        if _ELSEWHERE.match(address):
            return address
        here = relpath(self.old.resolve().as_posix(), self.new.resolve().as_posix())
        return normpath(f"{here}/{address}")


def _rule(node: Any, seen: Seen, moved: Callable[[str], str]) -> Rule | None:
    if node.type == "qualified-rule":
        parts = [part for part in _split(node.prelude) if _possible(part, seen)]
        if not parts:
            return None
        rule = Rule(",".join(minified(part, moved) for part in parts))
        return _filled(rule, node.content, moved)
    if node.type != "at-rule" or node.lower_at_keyword == "charset":
        return None
    name, prelude = node.lower_at_keyword, minified(node.prelude, moved)
    rule = Rule(f"@{name} {prelude}" if prelude else f"@{name}")
    if node.content is None:
        return Rule(f"@{name} {prelude};") if name == "layer" else None
    if name not in _GROUPS:
        return _filled(rule, node.content, moved)
    inside = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
    rule.inner = [kept for each in inside if (kept := _rule(each, seen, moved)) is not None]
    return rule


def _filled(rule: Rule, content: list[Any], moved: Callable[[str], str]) -> Rule:
    """A rule with its declarations, and rules inside it as they stand."""
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if node.type == "declaration":
            name = node.name if node.name.startswith("--") else node.lower_name
            value = minified(node.value, moved) + ("!important" if node.important else "")
            # An empty custom property is something else than none.
            rule.body.append(f"{name}:{value or ' '}")
        elif node.type == "qualified-rule":
            rule.inner.append(_filled(Rule(minified(node.prelude, moved)), node.content, moved))
        elif node.type == "at-rule" and node.content is not None:
            head = f"@{node.lower_at_keyword} {minified(node.prelude, moved)}"
            rule.inner.append(_filled(Rule(head), node.content, moved))
    return rule


def minified(tokens: list[Any], moved: Callable[[str], str]) -> str:
    """Tokens as text, without needless space, with addresses as they are from elsewhere."""
    kept: list[Any] = []
    for token in tokens:
        if token.type == "comment":
            continue
        if token.type == "whitespace":
            if kept and kept[-1].type != "whitespace" and not _tight(kept[-1]):
                token.value = " "
                kept.append(token)
            continue
        if _tight(token) and kept and kept[-1].type == "whitespace":
            kept.pop()
        kept.append(_moved_token(token, moved))
    while kept and kept[-1].type == "whitespace":
        kept.pop()
    return str(tinycss2.serialize(kept))


def _tight(token: Any) -> bool:
    return token.type == "literal" and token.value in _TIGHT


def _moved_token(token: Any, moved: Callable[[str], str]) -> Any:
    if token.type == "url":
        token.representation = f'url("{moved(token.value)}")'
    elif token.type == "function" and token.lower_name == "url":
        for inner in token.arguments:
            if inner.type == "string":
                inner.representation = f'"{moved(inner.value)}"'
    return token


def _split(tokens: list[Any]) -> list[list[Any]]:
    """The selectors between the commas."""
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _possible(tokens: list[Any], seen: Seen) -> bool:
    """Whether every name that a selector asks for occurs."""
    before = ""
    for token in tokens:
        if token.type == "ident" and before == ".":
            found = seen.has_class(token.value)
        elif token.type == "ident" and before != ":":
            found = seen.tag(token.value)
        elif token.type == "hash":
            found = seen.has_id(token.value)
        elif token.type == "[] block":
            name = next((t.value for t in token.content if t.type == "ident"), "")
            found = seen.attribute(name)
        elif token.type == "function" and token.lower_name in _EITHER:
            found = any(_possible(part, seen) for part in _split(token.arguments))
        else:
            found = True
        if not found:
            return False
        before = token.value if token.type == "literal" else ""
    return True


def _all(rules: list[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _all(rule.inner)


def _drop_variables(sheet: Sheet, seen: Seen) -> None:
    """Leave out custom properties that nothing reads, and then those that only these read."""
    while True:
        read = set(seen.variables)
        for rule in sheet.rules:
            for value in rule.values():
                read.update(re.findall(r"var\(\s*(--[\w-]+)", value))
        dropped = False
        for rule in _all(sheet.rules):
            kept = [b for b in rule.body if not b.startswith("--") or b.split(":")[0] in read]
            dropped = dropped or len(kept) < len(rule.body)
            rule.body = kept
        if not dropped:
            return


def _drop_unnamed(sheet: Sheet) -> None:
    """Leave out fonts and animations that no rule names."""
    text = " ".join(v for r in sheet.rules if not _named(r) for v in r.values())

    def used(rule: Rule) -> bool:
        if rule.head == "@font-face":
            family = next(b for b in rule.body if b.startswith("font-family:"))
            return _plain(family.partition(":")[2]) in _plain(text)
        name = re.match(r"@(?:-webkit-)?keyframes (\S+)", rule.head)
        return name is None or name[1] in text

    def sift(rules: list[Rule]) -> list[Rule]:
        for rule in rules:
            rule.inner = sift(rule.inner)
        return [rule for rule in rules if used(rule)]

    sheet.rules = sift(sheet.rules)


def _named(rule: Rule) -> bool:
    return rule.head == "@font-face" or "keyframes" in rule.head


def _plain(text: str) -> str:
    return re.sub(r"""[\\"'\s]""", "", text)
