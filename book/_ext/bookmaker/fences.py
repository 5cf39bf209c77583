"""The blocks of a piece of MyST: directives, code to show, and the prose between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

_OPEN = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,}|~{3,}|:{3,}) ?(?:\{(?P<name>[^}\s]+)\})?[ \t]*(?P<rest>.*)$"
)
_OPTION = re.compile(r"^:([\w-]+):(?: +(.*))?$")


@dataclass(frozen=True)
class Block:
    """Some lines of a page: prose, or one fence with what is in it."""

    line: int
    """The line of the page on which the block begins."""
    lines: tuple[str, ...]
    name: str = ""
    """Of the directive; empty for prose, and for a fence that only shows code."""
    argument: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    body: tuple[str, ...] = ()
    body_line: int = 0
    indent: int = 0
    shows_code: bool = False

    @property
    def text(self) -> str:
        """The block as it is written."""
        return "\n".join(self.lines)


def blocks(lines: Sequence[str], line: int = 1) -> Iterator[Block]:
    """Cut lines into blocks; `line` is where the first of them stands in the page.

    >>> found = list(blocks(["See:", "```{note} Mind", ":class: tip", "", "*x*", "```"]))
    >>> [(block.line, block.name, block.argument, block.body) for block in found]
    [(1, '', '', ()), (2, 'note', 'Mind', ('*x*',))]
    """
    prose, at = 0, 0
    while at < len(lines):
        opened = _opens(lines[at])
        if not opened:
            at += 1
            continue
        if prose < at:
            yield Block(line + prose, tuple(lines[prose:at]))
        end = _end(lines, at, opened["fence"])
        yield _fence(opened, lines[at:end], line + at)
        prose = at = end
    if prose < len(lines):
        yield Block(line + prose, tuple(lines[prose:]))


def _opens(line: str) -> re.Match[str] | None:
    found = _OPEN.match(line)
    if not found:
        return None
    # Backticks behind backticks are code in a sentence; colons alone are only colons.
    if found["fence"][0] == "`" and "`" in found["rest"]:
        return None
    return None if found["fence"][0] == ":" and not found["name"] else found


def _end(lines: Sequence[str], start: int, fence: str) -> int:
    """The index behind the line that closes a fence."""
    for index in range(start + 1, len(lines)):
        stripped = lines[index].strip()
        if len(stripped) >= len(fence) and set(stripped) == {fence[0]}:
            return index + 1
    return len(lines)


def _fence(opened: re.Match[str], lines: Sequence[str], line: int) -> Block:
    indent = len(opened["indent"])
    inside = [_dedented(text, indent) for text in lines[1:]]
    if inside and set(inside[-1].strip()) == {opened["fence"][0]}:
        inside.pop()
    if not opened["name"]:
        return Block(line, tuple(lines), body=tuple(inside), indent=indent, shows_code=True)
    options, used = _options(inside)
    while used < len(inside) and not inside[used].strip():
        used += 1
    return Block(
        line,
        tuple(lines),
        opened["name"],
        opened["rest"].strip(),
        options,
        tuple(inside[used:]),
        line + 1 + used,
        indent,
    )


def _dedented(text: str, indent: int) -> str:
    return text[min(indent, len(text) - len(text.lstrip(" "))) :]


def _options(inside: Sequence[str]) -> tuple[dict[str, Any], int]:
    """The options at the head of a directive, and how many lines they take."""
    if inside[:1] == ["---"] and "---" in inside[1:]:
        end = inside.index("---", 1)
        return yaml.safe_load("\n".join(inside[1:end])) or {}, end + 1
    options: dict[str, Any] = {}
    for used, text in enumerate(inside):
        found = _OPTION.match(text)
        if not found:
            return options, used
        options[found[1]] = found[2] or ""
    return options, len(inside)
