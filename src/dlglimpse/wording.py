"""How words around numbers are set: what stays on one line, apostrophes, minus signs."""

from __future__ import annotations

import re

_NUMBER = r"\d+(?:[.,]\d+)*"
WHOLE = re.compile(rf"({_NUMBER}(?:[-–]{_NUMBER})+(?:\u00a0%)?|U\([−-]1, 1\))")
"""A range, a network such as 2-2-2, a distribution: no line ends within."""
_APART = re.compile(
    r"(?<=\d) (?=[×%]|[KMG]i?B\b)"  # 5 %, 9 KB
    r"|(?<=\d\)) (?=%)"  # 5 (4–6) %
    r"|(?<=×) (?=\d)"  # 3 × 10⁻⁶
    r"|(?<=\b\w) (?== \d)|(?<=\w =) (?=\d)"  # n = 20
)
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)|(?<=s)'(?= )")
_MINUS = re.compile(r"(?<![\w)\].-])-(?=\d)")


def typeset(text: str) -> str:
    """The text, which holds no code, with the signs that print has and keyboards lack.

    Parameters
    ----------
    text
        Words as they are typed.

    Returns
    -------
    str
        The same with bent apostrophes, with minus signs where a hyphen stood before a
        number, and with no-break spaces where a number goes on.

    Examples
    --------
    >>> typeset("PyTorch's default and U(-1, 1) in 2-2-2")
    'PyTorch’s default and U(−1, 1) in 2-2-2'
    >>> typeset("5 (4–6) % of 3 × 10⁻⁶, n = 20, 9 KB").replace("\\u00a0", "~")
    '5 (4–6)~% of 3~×~10⁻⁶, n~=~20, 9~KB'
    """
    text = _MINUS.sub("\N{MINUS SIGN}", text)
    text = _APART.sub("\N{NO-BREAK SPACE}", text)
    return _APOSTROPHE.sub("\N{RIGHT SINGLE QUOTATION MARK}", text)
