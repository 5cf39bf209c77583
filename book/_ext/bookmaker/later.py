"""Long sections, which a browser may lay out when the reader comes near."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from typing import Any

from lxml import html


@dataclass(frozen=True)
class Parts:
    """What takes height in a section: how much of each, or how many pixels each takes."""

    letters: float
    paragraphs: float
    headings: float
    boxes_of_code: float
    lines_of_code: float
    equations: float
    rows: float
    figures: float
    drawn: float
    folded: float
    framed: float

    def times(self, pixels: Parts) -> int:
        """The height of so many parts."""
        heights = zip(astuple(self), astuple(pixels), strict=True)
        return int(sum(n * each for n, each in heights))


# Fitted to the sections of all chapters, which differ from it by 5 %. A test compares them.
PHONE = Parts(0.68, 20, 37, 57, 18, 121, 45, 44, 1.02, 8, 138)
WIDE = Parts(0.34, 21, 40, 59, 17.5, 113, 42, 57, 0.96, 20, 75)
# What follows a section that is taller than a window is out of sight while it grows or
# shrinks to its true height, so that nothing is seen to move.
LONG = 900
# A list of claims is all links, whose sizes Lighthouse judges also where none is laid out.
_SECTIONS = "//article//section//section[@id][not(dl[contains(@class, 'claims')])]"
_FOLDS = "self::details or contains(@class, 'dropdown')"
_UNFOLDED = f"[not(ancestor::*[{_FOLDS}])]"
_WORDS = ".//text()[not(ancestor::pre or ancestor::svg or ancestor::math or ancestor::details)]"


def postponed(page: str) -> str:
    """The page, whose long sections say about how tall they are, for `light.css`."""
    for name, (phone, wide) in long_sections(page):
        page = re.sub(
            rf'<section\b([^>]*\bid="{re.escape(name)}"[^>]*)>',
            rf'<section\1 style="--on-phone:{phone}px;--on-wide:{wide}px">',
            page,
            count=1,
        )
    return page


def long_sections(page: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The ids of the long sections of a page, and how tall they are on a phone and else."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    for section in html.document_fromstring(page.encode("utf-8"), parser=parser).xpath(_SECTIONS):
        if "style" in section.attrib:
            continue
        parts, drawn_on_phone = _parts(section)
        wide = parts.times(WIDE)
        if wide >= LONG:
            yield section.get("id"), (replace(parts, drawn=drawn_on_phone).times(PHONE), wide)


def _parts(section: Any) -> tuple[Parts, float]:
    """What a section is made of, and how tall its figures are drawn for phones."""

    def unfolded(what: str) -> list[Any]:
        return list(section.xpath(f".//{what}{_UNFOLDED}"))

    paragraphs = unfolded("p[not(ancestor::table)]") + unfolded("dt")
    texts = paragraphs + unfolded("td")
    code = unfolded("pre")
    figures = unfolded("div[@class='drawing']")
    # The first drawing of a figure is the wide one, the last the one for phones.
    on_wide, on_phone = (
        sum(float(each.xpath(".//svg")[which].get("height")) for each in figures)
        for which in (0, -1)
    )
    parts = Parts(
        letters=sum(len(" ".join("".join(text.xpath(_WORDS)).split())) for text in texts),
        paragraphs=len(paragraphs),
        headings=len(unfolded("h2") + unfolded("h3")),
        boxes_of_code=len(code),
        lines_of_code=sum(each.text_content().rstrip().count("\n") + 1 for each in code),
        equations=len(unfolded("*[contains(@class, 'katex-display')]")),
        rows=len(unfolded("tr")),
        figures=len(figures),
        drawn=on_wide,
        folded=len(unfolded(f"*[{_FOLDS}]")),
        framed=len(
            unfolded("*[self::div or self::section][contains(@class, 'question')]")
            + unfolded("*[contains(@class, 'admonition')][not(self::p)]")
        ),
    )
    return parts, on_phone
