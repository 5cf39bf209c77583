"""Questions in a page: what a contributor writes, read without Sphinx.

A question is a stem and a list. In `predict` and `question` the items are choices, one of
them right, each with an explanation; in `guess` they say what was measured, and what to
tell a reader whose number lies below, within or above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from bookmaker.fences import Block

KINDS = {"predict": "Predict", "question": "Question", "guess": "Guess a number"}
"""The directives, and the headings under which readers see them."""

_ITEM = re.compile(r"^- \[([^\]]*)\] ?(.*)$")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REMARKS = {"below": "too low", "within": "in the band", "above": "too high"}
_EXAMPLE = "write `- [ ] a choice`, an empty line, and its explanation two spaces in"


@dataclass(frozen=True)
class Choice:
    """One answer that a reader can pick, and what to tell who picks it."""

    text: str
    explanation: str
    right: bool
    line: int
    explanation_line: int


@dataclass(frozen=True)
class Remark:
    """What to tell a reader whose guess lies `below`, `within` or `above` what was measured."""

    where: str
    text: str
    line: int

    @property
    def words(self) -> str:
        """Where the guess lies, for those who read all remarks."""
        return _REMARKS[self.where]


@dataclass(frozen=True)
class Question:
    """A question of a page; texts are Markdown, lines are those of the page."""

    kind: str
    slug: str
    line: int
    stem: str
    stem_line: int
    choices: tuple[Choice, ...] = ()
    measured: str = ""
    """In `guess`: the name under which the page glues the band."""
    remarks: tuple[Remark, ...] = ()
    problems: tuple[tuple[int, str], ...] = ()
    """What is wrong with it, by line."""

    @property
    def heading(self) -> str:
        """What stands above it."""
        return KINDS[self.kind]

    @property
    def label(self) -> str:
        """Its place in the page."""
        return f"q-{self.slug}"


@dataclass(frozen=True)
class _Item:
    mark: str
    first: str
    body: str
    line: int
    body_line: int


def parse(block: Block) -> Question:
    """Read a question, with whatever is wrong with it.

    >>> from bookmaker.fences import blocks
    >>> text = '''```{predict} sum
    ... What is 1 + 1?
    ...
    ... - [x] 2
    ...
    ...   One more than 1.
    ... - [ ] 3
    ...
    ...   That is one too many.
    ... ```'''
    >>> question = parse(next(blocks(text.splitlines())))
    >>> [(choice.text, choice.right) for choice in question.choices]
    [('2', True), ('3', False)]
    """
    lines, start = block.body, block.body_line
    begins = [number for number, line in enumerate(lines) if _ITEM.match(line)]
    stem = "\n".join(lines[: begins[0] if begins else len(lines)]).strip("\n")
    items = [
        _item(lines, at, end, start)
        for at, end in zip(begins, [*begins[1:], len(lines)], strict=True)
    ]
    asked = (block.name, block.argument, block.line, stem, start)
    if block.name == "guess":
        return _guess(asked, items)
    choices = tuple(
        Choice(item.first, item.body, item.mark == "x", item.line, item.body_line) for item in items
    )
    problems = [*_common(asked, items), *_wrong_choices(block.line, items, choices)]
    return Question(*asked, choices=choices, problems=tuple(problems))


def _item(lines: Sequence[str], at: int, end: int, start: int) -> _Item:
    """One item of the list: its first paragraph, and the rest."""
    found = _ITEM.match(lines[at])
    assert found
    paragraph, below = [found[2]], at + 1
    while below < end and lines[below].strip():
        paragraph.append(lines[below].strip())
        below += 1
    while below < end and not lines[below].strip():
        below += 1
    body = dedent("\n".join(lines[below:end])).strip("\n")
    return _Item(found[1].strip(), " ".join(paragraph).strip(), body, start + at, start + below)


def _common(
    asked: tuple[str, str, int, str, int], items: Sequence[_Item]
) -> Iterator[tuple[int, str]]:
    kind, slug, line, stem, _ = asked
    if not _SLUG.fullmatch(slug):
        yield line, f"a `{kind}` needs a slug such as `sum-of-columns` behind it, not {slug!r}"
    if not stem:
        yield line, f"the `{kind}` asks nothing: write the question above its list"
    if not items:
        yield line, f"the `{kind}` has no list: {_EXAMPLE}"


def _wrong_choices(
    line: int, items: Sequence[_Item], choices: Sequence[Choice]
) -> Iterator[tuple[int, str]]:
    for item in items:
        if item.mark not in ("", "x"):
            yield (
                item.line,
                f"a choice begins with `- [ ]`, the right one with `- [x]`, not `[{item.mark}]`",
            )
    if len(choices) == 1:
        yield line, "one choice is none: write at least two"
    rights = [choice for choice in choices if choice.right]
    if choices and not rights:
        yield line, "no choice is right: mark one with `- [x]`"
    if len(rights) > 1:
        yield rights[1].line, "two choices are right: mark one only, or ask two questions"
    seen: dict[str, int] = {}
    for choice in choices:
        if not choice.explanation:
            yield choice.line, f"the choice {choice.text!r} has no explanation: {_EXAMPLE}"
        if choice.text in seen:
            yield choice.line, f"the choice {choice.text!r} stands on line {seen[choice.text]}, too"
        seen.setdefault(choice.text, choice.line)
    others = [len(choice.text) for choice in choices if not choice.right]
    if len(rights) == 1 and others and len(rights[0].text) > max(others):
        yield (
            rights[0].line,
            "the right choice is the longest, which gives it away: lengthen another, or shorten it",
        )


def _guess(asked: tuple[str, str, int, str, int], items: Sequence[_Item]) -> Question:
    known = {item.mark: item for item in items}
    problems = list(_common(asked, items))
    for item in items:
        if item.mark not in (*_REMARKS, "measured"):
            names = ", ".join(f"`[{name}]`" for name in ("measured", *_REMARKS))
            problems.append((item.line, f"a guess knows {names}, not `[{item.mark}]`"))
    if items:
        problems += [
            (asked[2], f"the guess has no `- [{name}]`: write what to tell such a reader")
            for name in ("measured", *_REMARKS)
            if name not in known
        ]
    remarks = tuple(
        Remark(name, f"{known[name].first}\n\n{known[name].body}".strip(), known[name].line)
        for name in _REMARKS
        if name in known
    )
    problems += [(each.line, f"`[{each.where}]` says nothing") for each in remarks if not each.text]
    measured = known["measured"].first if "measured" in known else ""
    return Question(*asked, measured=measured, remarks=remarks, problems=tuple(problems))
