"""Text in drawings that stays text: one element per line, placed by its own anchor.

Matplotlib's SVG places rotated and stacked text by its left edge, in the width of its
own font, and cuts a formula into single characters. A page is read in the font of its
reader, so here every line hangs at its anchor and a formula is one run of words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import rgb2hex

from dlglimpse.wording import typeset

START, MIDDLE, END = ANCHORS = ("start", "middle", "end")
_SHIFT = {START: 0.0, MIDDLE: 0.5, END: 1.0}
_BY_SIDE = {"left": START, "center": MIDDLE, "right": END}
_BY_TOP = {"top": END, "center": MIDDLE, "bottom": START, "baseline": START}
_RAISED = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_LOWERED = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_SIGNS = {"times": "×", "cdot": "·", "pm": "±", "sigma": "σ", "alpha": "α", "beta": "β"}
_SIGNS |= {"ell": "ℓ", "mu": "μ", "ldots": "…", "leq": "≤", "geq": "≥", "partial": "∂"}
_OPEN, _CLOSE = "\ue000", "\ue001"
_TOKEN = re.compile(
    r"\\mathdefault\{(?P<plain>(?:[^{}]|\{[^{}]*\})*)\}|\\(?P<sign>[a-z]+)\s?"
    r"|(?P<way>[\^_])(?:\{(?P<group>[^{}]*)\}|(?P<one>[^{}\\]))|(?P<letter>[A-Za-z])"
    r"|(?P<other>[^\\{}])"
)


def anchor(text: Any) -> str:
    """Where along its line a text object hangs: at its start, middle or end."""
    upright = round(text.get_rotation()) % 180 == 90
    if upright and text.get_rotation_mode() != "anchor":
        return _BY_TOP.get(text.get_va(), MIDDLE)
    lines = "\n" in text.get_text()
    return _BY_SIDE[(text._multialignment if lines else None) or text.get_ha()]


def runs(text: str) -> list[tuple[str, bool]]:
    """A text with formulas between dollar signs as runs of words, italic or not.

    >>> runs("step $h^{-2}$")
    [('step ', False), ('h', True), ('⁻²', False)]
    >>> runs(r"$\\mathdefault{10^{-3}}$")
    [('10⁻³', False)]
    """
    found: list[tuple[str, bool]] = []
    for place, part in enumerate(text.split("$")):
        for word, italic in _formula(part) if place % 2 else [(part, False)]:
            if found and found[-1][1] == italic:
                word = found.pop()[0] + word
            if word:
                found.append((word, italic))
    return found


def _formula(text: str) -> Iterator[tuple[str, bool]]:
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None or (token["sign"] and token["sign"] not in _SIGNS):
            raise ValueError(
                f"a figure cannot show the formula ${text}$ as text, from {text[place:]!r} on: "
                "use letters, digits, signs, and superscripts and subscripts of digits"
            )
        place = token.end()
        if token["plain"] is not None:
            yield from ((word, False) for word, _ in _formula(token["plain"]))
        elif token["way"]:
            table = _RAISED if token["way"] == "^" else _LOWERED
            yield (token["group"] or token["one"]).translate(table), False
        elif token["sign"]:
            yield _SIGNS[token["sign"]], False
        else:
            word = token["letter"] or token["other"].replace("-", "−").strip()
            yield word, bool(token["letter"])


class TextRenderer(RendererSVG):
    """An SVG renderer that writes text as text, for the font of whoever reads it."""

    _anchor = START

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Open a group; that of a text brings the anchor, as its id."""
        if s == "text" and gid in ANCHORS:
            self._anchor, gid = gid, None
        super().open_group(s, gid)  # type: ignore[no-untyped-call]

    def _draw_text_as_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any,
        mtext: Any = None,
    ) -> None:
        hangs = self._anchor if mtext is None else anchor(mtext)
        measure: Any = self.get_text_width_height_descent
        along = _SHIFT[hangs] * measure(s, prop, ismath)[0]
        x += along * math.cos(math.radians(angle))
        y -= along * math.sin(math.radians(angle))
        style = {"font-size": f"{prop.get_size():g}px", "text-anchor": hangs}
        style["fill"] = rgb2hex(gc.get_rgb())
        if prop.get_weight() in ("bold", 700):
            style["font-weight"] = "bold"
        turn = {"transform": f"rotate({-angle:g} {x:.2f} {y:.2f})"} if angle % 360 else {}
        css = "; ".join(f"{key}: {value}" for key, value in style.items())
        words = runs(s) if ismath else [(s, False)]
        marked = "".join(f"{_OPEN}{w}{_CLOSE}" if italic else typeset(w) for w, italic in words)
        place = {"x": f"{x:.2f}", "y": f"{y:.2f}", "style": css}
        self.writer.element("text", marked, attrib=place | turn)


def with_italics(svg: str) -> str:
    """Turn the marks of italic words, which the writer would escape, into elements."""
    return svg.replace(_OPEN, '<tspan font-style="italic">').replace(_CLOSE, "</tspan>")
