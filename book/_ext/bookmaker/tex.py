"""Formulas as HTML with MathML, by KaTeX in an engine inside Python: no node, no network."""

from __future__ import annotations

import atexit
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from py_mini_racer import MiniRacer

# The script of npm's package katex 0.16.22 as it is, with its styles, fonts and license.
KATEX = Path(__file__).parent / "katex"
# `\gdef` would outlive its formula if the macros were not new each time.
_RENDER = """
function rendered(formula, display) {
  try {
    const options = {displayMode: display, strict: "error", trust: false, macros: {}};
    return {html: katex.renderToString(formula, options)};
  } catch (error) {
    return {wrong: error.rawMessage || String(error), at: error.position || 0};
  }
}
"""
_SOURCE = re.compile(r"<annotation encoding=.*?</annotation>", re.DOTALL)
_STRICT = re.compile(r"LaTeX-incompatible input and strict mode is set to 'error': | \[\w+\]$")
_MATHML = re.compile(r"<math.*?</math>", re.DOTALL)
_OLD_FONTS = re.compile(r',url\(fonts/[\w-]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')
_BETWEEN = {"mfrac": "/", "msup": "^", "msub": "_", "mover": "", "munder": ""}


class FormulaError(ValueError):
    """A formula that KaTeX cannot read.

    `position` counts the characters of the formula before the place that is wrong.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@cache
def html(formula: str, *, display: bool = False) -> str:
    r"""A formula as a reader's browser shows it; raises `FormulaError` if it is wrong.

    >>> html(r"\gamma").count("γ")
    2
    >>> html(r"\frac{1}")
    Traceback (most recent call last):
    ...
    bookmaker.tex.FormulaError: Unexpected end of input in a macro argument, expected '}'
    """
    made: dict[str, Any] = _engine().call("rendered", formula, display)
    if "wrong" in made:
        raise FormulaError(_STRICT.sub("", made["wrong"]), int(made["at"]))
    # Nobody sees the source, which would be a fifth of the page's formulas.
    return _SOURCE.sub("", made["html"])


def words(formula: str) -> str:
    r"""A formula as plain text, for titles and menus.

    >>> words(r"\sigma'(z) = \tfrac{1}{4}"), words(r"n_l^2")
    ('σ′(z) = 1/4', 'n_l^2')
    """
    found = _MATHML.search(html(formula))
    return _said(ElementTree.fromstring(found[0])).strip() if found else formula


def _said(element: ElementTree.Element) -> str:
    kind = element.tag.rpartition("}")[2]
    parts = [_said(child) for child in element]
    text = element.text or ""
    if kind == "mo" and text in "=<>≤≥≈∼+−":
        return f" {text} "
    if kind == "msup" and set(parts[1]) == {"′"}:
        return "".join(parts)
    if kind == "msubsup":
        return f"{parts[0]}_{parts[1]}^{parts[2]}"
    return text + _BETWEEN.get(kind, "").join(parts)


def styles() -> str:
    """KaTeX's styles, with the only form of its fonts that browsers of today ask for."""
    text = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    return _OLD_FONTS.sub("", text)


@cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    # Its thread must end before Python does.
    atexit.register(engine.close)
    engine.eval((KATEX / "katex.min.js").read_text(encoding="utf-8"))
    engine.eval(_RENDER)
    return engine
