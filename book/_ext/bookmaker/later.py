"""Long sections, which a browser may lay out when the reader comes near."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

# Pixels at the least, on a wide screen: of a letter of text, a line of code, a figure.
LETTER, LINE, FIGURE = 0.28, 17, 350
# A section taller than a window: what follows it is out of sight while it grows to its
# true height, so that nothing is seen to move.
LONG = 1200
_SECTIONS = "//article//section[not(ancestor::section)]/section[@id]"
_UNFOLDED = "[not(ancestor::details or ancestor::*[contains(@class, 'dropdown')])]"


def postponed(page: str) -> str:
    """The page, whose long sections say about how tall they are, for `light.css`."""
    for name, height in long_sections(page):
        page = re.sub(
            rf'<section\b([^>]*\bid="{re.escape(name)}"[^>]*)>',
            rf'<section\1 style="contain-intrinsic-block-size:auto {height}px">',
            page,
            count=1,
        )
    return page


def long_sections(page: str) -> Iterator[tuple[str, int]]:
    """The ids of the long sections of a page, and how tall they are at the least."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    for section in html.document_fromstring(page.encode("utf-8"), parser=parser).xpath(_SECTIONS):
        letters = sum(len(each.text_content()) for each in section.xpath(f".//p{_UNFOLDED}"))
        code = [each.text_content() for each in section.xpath(f".//pre{_UNFOLDED}")]
        lines = sum(text.count("\n") + 1 for text in code)
        figures = len(section.xpath(f".//figure{_UNFOLDED}"))
        height = int(letters * LETTER + lines * LINE + figures * FIGURE)
        if height >= LONG and "style" not in section.attrib:
            yield section.get("id"), height
