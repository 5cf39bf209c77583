"""Claims: sentences about networks, each with a measurement and a bound that could fail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dlglimpse.densities import as_array
from dlglimpse.errors import GlimpseError, one_of
from dlglimpse.glue import glue
from dlglimpse.notebook import running_shell
from dlglimpse.records import Band, number
from dlglimpse.summaries import band
from dlglimpse.wording import WHOLE, typeset

FALSE_ALARM = 1e-4
"""How likely a true claim may fail when its page runs with other seeds, at most."""

Floats = npt.NDArray[np.float64]
Of = Literal["median", "share", "every"]
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"`([^`\n]+)`")


class ClaimError(AssertionError):
    """What was measured does not bear out a claim."""


@dataclass(frozen=True)
class Claim:
    """A sentence that a reader can quote, what was measured for it, and its bound.

    Attributes
    ----------
    slug
        Unique in the book; the label of the claim is "claim-" and this.
    statement
        The claim in words.
    statistic, unit
        What was measured of each draw, and in which unit; `""` if it has none.
    of
        What the bound is about: the "median" of all draws, the "share" of draws for
        which something is true, or "every" draw.
    low, high
        The bound; None where there is none on that side.
    because
        Where the bound comes from.
    mutant
        A wrong formula under which the claim would fail.
    measured
        Median and 5–95 % band of the draws; of a share, the share three times.
    extremes
        The smallest and the largest draw.
    """

    slug: str
    statement: str
    statistic: str
    unit: str
    of: Of
    low: float | None
    high: float | None
    because: str
    mutant: str
    measured: Band
    extremes: tuple[float, float]

    @property
    def value(self) -> float:
        """The number that the bound is about: median or share; of every draw, the worst."""
        if self.of != "every":
            return self.measured.median
        smallest, largest = self.extremes
        return smallest if self.low is not None and not smallest >= self.low else largest

    @property
    def holds(self) -> bool:
        """Whether what was measured is within the bound."""
        smallest, largest = self.extremes if self.of == "every" else (self.value, self.value)
        above = self.low is None or smallest >= self.low
        return above and (self.high is None or largest <= self.high)

    @property
    def text(self) -> str:
        """What was measured, as a page quotes it."""
        if self.of != "share":
            return str(self.measured)
        return f"{100 * self.value:.0f} %"

    @property
    def bound(self) -> str:
        """The bound in words."""
        subject = {"median": "the median is", "share": "the share is", "every": "every draw is"}
        low, high = (None if v is None else _plain(v, self.of) for v in (self.low, self.high))
        if low is None:
            limits = f"at most {high}"
        elif high is None:
            limits = f"at least {low}"
        else:
            limits = f"{low}" if low == high else f"between {low} and {high}"
        return f"{subject[self.of]} {limits} {self.unit}".rstrip()

    def record(self) -> dict[str, Any]:
        """All of it as plain data, for `measurements.json`."""
        return asdict(self) | {"value": self.value, "text": self.text, "bound": self.bound}

    def __repr__(self) -> str:
        return f"Claim: {self.statement} Measured: {self._measured()}."

    def _measured(self) -> str:
        """The statistic, its band, and how many draws there were."""
        draws = f"{self.measured.n:,} draw{'s' if self.measured.n > 1 else ''}"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.statistic}, {self.text}{unit}, {draws}"

    def _repr_html_(self) -> str:
        """Without script; colors and font are those of the page around it."""
        alarm = (
            "It holds for every draw, or not at all."
            if self.of == "every"
            else f"With other seeds it fails by chance at most once in {1 / FALSE_ALARM:,.0f} runs."
        )
        return (
            f'<div class="dlglimpse-claim" id="claim-{self.slug}" style="border-left: 0.3rem '
            'solid #7a6cc4; padding: 0.3rem 0.8rem; margin: 0.3rem 0">'
            f"<p><strong>Claim.</strong> {_html(self.statement)}</p>"
            f"<p>Measured: {_html(self._measured())}.</p>"
            f"<details><summary>How it could fail</summary><p>The page stops unless "
            f"{_html(self.bound)}. Why that bound: {_html(self.because)}. {alarm} "
            f"A mistake that would break it: {_html(self.mutant)}.</p></details></div>"
        )


def claim(
    slug: str,
    statement: str,
    values: Any,
    *,
    statistic: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    of: Of = "median",
    because: str,
    mutant: str,
) -> None:
    """Claim something about networks, show what was measured, and stop if it does not hold.

    In a notebook the claim is displayed, and the text around can quote what was measured
    as `claim-` and the slug; elsewhere it is printed.

    Parameters
    ----------
    slug
        Its name, unique in the book: lower-case words with hyphens.
    statement
        One sentence that a reader can quote, true or false.
    values
        One number per draw, shape `(d,)`, all finite; of a share, one boolean per draw. Or
        a `Band`, where all draws together give one number, as a rank correlation does:
        the bound is then on that number.
    statistic, unit
        What the numbers are, and their unit where they have one.
    low, high
        The bound, at least one side of it; both ends belong to it.
    of
        What the bound is about: the "median" (the default), the "share" of draws that
        are True, or "every" draw, which is for what follows from theory.
    because
        Where the bound comes from: a theorem, or a larger run.
    mutant
        A wrong formula that would break the claim.

    Raises
    ------
    ClaimError
        If the claim does not hold.
    GlimpseError
        If it could not fail, or if a value is missing.

    Notes
    -----
    What can mislead: a bound on a median says nothing about single draws, and a claim
    that holds is no proof: it was given a chance to fail, and did not.

    Examples
    --------
    >>> claim("fair-coin", "A coin is fair.", [True, False] * 50,
    ...       statistic="share of heads", low=0.3, high=0.7, of="share",
    ...       because="100 throws of a fair coin", mutant="heads counted twice")
    Claim: A coin is fair. Measured: share of heads, 50 %, 100 draws.
    """
    _check(slug, {"statement": statement, "because": because, "mutant": mutant})
    if low is None and high is None:
        raise GlimpseError(
            f"claim {slug!r} could not fail", given="no bound", hint="try `low=` or `high=`"
        )
    one_of(of, ("median", "share", "every"), "kind of claim")
    measured, extremes = _measure(slug, values, of)
    found = Claim(
        slug,
        statement,
        statistic,
        unit=unit,
        of=of,
        low=low,
        high=high,
        because=because,
        mutant=mutant,
        measured=measured,
        extremes=extremes,
    )
    _show(found)
    if not found.holds:
        raise ClaimError(
            f"claim {slug!r} does not hold: {found.bound}, it says, and measured was "
            f"{number(found.value, 4)} ({found.statistic}, {found.measured.n} draws); "
            f"the bound: {because}"
        )


def _check(slug: str, words: Mapping[str, str]) -> None:
    if not _SLUG.fullmatch(slug):
        raise GlimpseError(
            "the name of a claim is a slug",
            given=repr(slug),
            hint="try lower-case words with hyphens, such as `sigmoid-fades`",
        )
    for name, text in words.items():
        if not text.strip():
            raise GlimpseError(
                f"claim {slug!r} needs words", given=f"{name}={text!r}", hint=f"try to say {name}"
            )


def _measure(slug: str, values: Any, of: Of) -> tuple[Band, tuple[float, float]]:
    """Median and band of the draws, and the smallest and the largest of them."""
    if isinstance(values, Band):
        if of != "median":
            raise GlimpseError(
                f"claim {slug!r} is about the {of} of the draws, and a band holds none of them",
                given=f"Band {values}",
                hint="try the values of the draws",
            )
        return values, (values.low, values.high)
    array = as_array(values)
    measured = _share(slug, array) if of == "share" else band(array)
    return measured, (float(array.min()), float(array.max()))


def _share(slug: str, array: Floats) -> Band:
    if not array.size or not np.isin(array, (0, 1)).all():
        raise GlimpseError(
            f"claim {slug!r} is about a share, and needs True or False for each draw",
            given=f"{array.size} values" + (f" up to {array.max():.4g}" if array.size else ""),
            hint="try a comparison such as `ratios < 0.01`",
        )
    share = float(array.mean())
    return Band(share, share, share, n=int(array.size))


def _show(found: Claim) -> None:
    """Display a claim in a notebook, and print it elsewhere."""
    shell = running_shell()
    if shell is None:
        print(repr(found))
        return
    data = {"text/plain": repr(found), "text/html": found._repr_html_()}
    shell.display_pub.publish(data=data, metadata={"dlglimpse": {"claim": found.record()}})
    glue(f"claim-{found.slug}", found.text)


def _plain(value: float, of: Of) -> str:
    """A bound with the digits that were typed, or with three where it was computed."""
    if of == "share":
        return f"{100 * value:.3g} %"
    digits = next((d for d in range(1, 5) if float(f"{value:.{d}g}") == value), 3)
    return number(value, digits)


def _html(text: str) -> str:
    """Text with its code, set as a page sets it: as `typeset` does, and numbers whole."""
    pieces = _CODE.split(escape(text, quote=False))
    for place, piece in enumerate(pieces):
        pieces[place] = (
            f"<code>{piece}</code>"
            if place % 2
            else WHOLE.sub(r'<span style="white-space: nowrap">\1</span>', typeset(piece))
        )
    return "".join(pieces)
