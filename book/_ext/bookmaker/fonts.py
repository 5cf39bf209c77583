"""Fonts with only the letters that the pages show."""

from __future__ import annotations

import base64
import logging
import re
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from bookmaker.seen import Seen
from bookmaker.styles import Rule, Sheet

# It tells of every table that it touches.
logging.getLogger("fontTools").setLevel(logging.WARNING)
# A font of icons comes in several files, of which a page needs those it has classes for.
ICONS = {
    "fa-solid": ("fa-solid", "fas"),
    "fa-regular": ("fa-regular", "far"),
    "fa-brands": ("fa-brands", "fab"),
}
# Icons have no width until their font is there: in the sheet itself it is there at once.
INLINE = 12_000  # bytes at most
# In nearly every formula there are a letter and a sign.
EVERYWHERE = ("KaTeX_Main-Regular.", "KaTeX_Math-Italic.")
_SOURCE = re.compile(r'url\("?([^")]+\.woff2)"?\)')
_STRING = re.compile(r"""["']([^"']*)["']""")
_ESCAPED = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")


def shrink(sheet: Sheet, letters: frozenset[str], seen: Seen, folder: Path) -> list[Path]:
    """Let each `@font-face` of a sheet in `folder` name a font of these letters only.

    Returns the fonts that are files of their own.
    """
    kept, files = [], []
    for rule in sheet.rules:
        if rule.head != "@font-face" or _shrunk(rule, letters, seen, folder):
            kept.append(rule)
        if rule.head == "@font-face" and (source := _SOURCE.search(";".join(rule.body))):
            files.append(folder / source[1])
    sheet.rules = kept
    return files


def early(font: Path, seen: Seen) -> bool:
    """Whether every formula of a page needs a font."""
    return seen.has_class("katex") and font.name.startswith(EVERYWHERE)


def _shrunk(rule: Rule, letters: frozenset[str], seen: Seen, folder: Path) -> bool:
    """Replace the sources of a rule; whether anything of the font is needed."""
    place = next(n for n, each in enumerate(rule.body) if each.startswith("src:"))
    source = _SOURCE.search(rule.body[place])
    if source is None:
        return True
    path = folder / source[1]
    classes = next((ICONS[name] for name in ICONS if path.name.startswith(name)), None)
    if classes and not any(seen.has_class(name) for name in classes):
        return False
    # Fonts of icons have letters, too, which nobody sees.
    data = subset(path, frozenset(s for s in letters if not classes or not s.isalnum()))
    if data is None:
        return False
    if classes and len(data) <= INLINE:
        address = "data:font/woff2;base64," + base64.b64encode(data).decode()
    else:
        address = f"{path.stem}.{sha256(data).hexdigest()[:10]}.woff2"
        (folder / address).write_bytes(data)
    rule.body[place] = f'src:url({address}) format("woff2")'
    return True


def written(sheet: Sheet) -> set[str]:
    """The letters that the sheet itself puts before and after things."""
    letters: set[str] = set()
    for rule in sheet.rules:
        for value in rule.values():
            if value.startswith(("content:", "--")):
                for text in _STRING.findall(value):
                    letters.update(chr(int(code, 16)) for code in _ESCAPED.findall(text))
                    letters.update(_ESCAPED.sub("", text))
    return letters


@cache
def subset(path: Path, letters: frozenset[str]) -> bytes | None:
    """The font in a file with these letters only, or nothing if it has none of them."""
    # What it says of when it was made must not change with when it is shrunk.
    font = TTFont(path, recalcTimestamp=False)
    codes = {ord(letter) for letter in letters} & set(font.getBestCmap())
    if not codes:
        return None
    options = Options(layout_features=["*"], notdef_outline=True, hinting=False)
    options.flavor = "woff2"
    shrinker = Subsetter(options)
    shrinker.populate(unicodes=codes)
    shrinker.subset(font)
    font.flavor = "woff2"
    saved = BytesIO()
    font.save(saved)
    return saved.getvalue()
