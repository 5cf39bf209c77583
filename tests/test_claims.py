"""Claims hold or stop the page, and say what was measured."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from dlglimpse import Band, ClaimError, GlimpseError, claim

WORDS: dict[str, Any] = {
    "statistic": "size of a thing",
    "because": "ten thousand things",
    "mutant": "a thing upside down",
}


@pytest.fixture
def shell():
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def published(*arguments, **options):
    """What a cell's outputs would hold after this claim."""
    with capture_output() as captured:
        claim(*arguments, **WORDS | options)
    shown, quoted = captured.outputs
    return shown.data, shown.metadata["dlglimpse"]["claim"], quoted


@pytest.mark.parametrize(
    ("values", "bound", "of", "holds"),
    [
        ([1, 2, 30], {"high": 2}, "median", True),
        ([1, 2, 30], {"high": 1.99}, "median", False),
        ([1, 2, 30], {"low": 2}, "median", True),
        ([1, 2, 30], {"low": 2.01}, "median", False),
        ([1, 2, 30], {"low": 1.5, "high": 2.5}, "median", True),
        ([1, 2, 30], {"low": 1}, "every", True),
        ([1, 2, 30], {"low": 1.01}, "every", False),
        ([1, 2, 30], {"high": 29}, "every", False),
        ([1, 2, 30], {"low": 0, "high": 29}, "every", False),
        ([0, 0], {"low": 0, "high": 0}, "every", True),
        ([True, False, True, True], {"low": 0.75}, "share", True),
        ([True, False, True, True], {"low": 0.76}, "share", False),
        ([True, False, True, True], {"high": 0.74}, "share", False),
    ],
)
def test_a_claim_stops_the_page_if_it_does_not_hold(values, bound, of, holds, capsys):
    if holds:
        claim("things", "Things are so.", values, of=of, **bound, **WORDS)
    else:
        with pytest.raises(ClaimError, match="claim 'things' does not hold"):
            claim("things", "Things are so.", values, of=of, **bound, **WORDS)
    # What was measured is shown in both cases.
    assert capsys.readouterr().out.startswith("Claim: Things are so. Measured: size of a thing, ")


def test_the_error_names_bound_measurement_and_draws():
    words = (
        "claim 'things' does not hold: the median is at most 1.5, it says, and measured was "
        "2.000 (size of a thing, 3 draws); the bound: ten thousand things"
    )
    with pytest.raises(ClaimError, match=re.escape(words)):
        claim("things", "Things are so.", [1, 2, 3], high=1.5, **WORDS)


def test_a_statement_is_typeset_and_its_code_is_not(shell):
    shown, _, _ = published("signs", "`x[0, -1]`'s sign isn't -1.", [1.0], high=2)
    assert "<code>x[0, -1]</code>'s sign isn’t −1." in shown["text/html"]


def test_what_a_page_shows_and_quotes(shell):
    values = np.linspace(0, 1, 101)
    shown, record, quoted = published("things", "Things & `things`.", values, high=0.6)
    assert "Things &amp; <code>things</code>." in shown["text/html"]
    assert 'id="claim-things"' in shown["text/html"]
    whole = '<span style="white-space: nowrap">0.050–0.95</span>'
    assert f"size of a thing, 0.50 ({whole}), 101 draws" in shown["text/html"]
    assert "the median is at most 0.6. Why that bound: ten thousand things" in shown["text/html"]
    assert "once in 10,000 runs" in shown["text/html"]
    assert "a thing upside down" in shown["text/html"]
    assert quoted.metadata["scrapbook"]["name"] == "claim-things"
    assert quoted.data == {"application/papermill.record/text/plain": "'0.50 (0.050–0.95)'"}
    assert json.loads(json.dumps(record))["measured"] == {
        "low": pytest.approx(0.05),
        "median": pytest.approx(0.5),
        "high": pytest.approx(0.95),
        "n": 101,
    }


def test_a_share_is_a_percentage(shell):
    shown, record, _ = published("things", "Some.", torch.arange(10) < 3, high=0.5, of="share")
    assert "size of a thing, 30 %, 10 draws" in shown["text/plain"]
    assert "the share is at most 50\N{NO-BREAK SPACE}%" in shown["text/html"]
    assert record["value"] == pytest.approx(0.3)


def test_a_unit_stands_behind_the_numbers(shell):
    shown, record, _ = published("things", "All.", [1.0, 2.0, 3.0], high=5, unit="layers")
    assert "size of a thing, 2.0 (1.1–2.9) layers, 3 draws" in shown["text/plain"]
    assert record["unit"] == "layers"


def test_what_follows_from_theory_has_no_false_alarm(shell):
    shown, record, _ = published("things", "All.", [0.0, 0.1], high=0.25, of="every")
    assert "holds for every draw, or not at all" in shown["text/html"]
    assert record["value"] == pytest.approx(0.1)
    assert record["extremes"] == (0.0, 0.1)


@pytest.mark.parametrize(
    ("slug", "values", "options", "message"),
    [
        ("Things", [1.0], {"high": 1}, "the name of a claim is a slug; given: 'Things'"),
        ("a--b", [1.0], {"high": 1}, "the name of a claim is a slug"),
        ("a", [1.0], {}, "claim 'a' could not fail; given: no bound"),
        ("a", [1.0], {"high": 1, "because": " "}, "claim 'a' needs words; given: because=' '"),
        ("a", [1.0], {"high": 1, "of": "mean"}, "unknown kind of claim; given: 'mean'"),
        ("a", [0.5], {"high": 1, "of": "share"}, "needs True or False for each draw"),
        ("a", [], {"high": 1, "of": "share"}, "needs True or False for each draw"),
        ("a", [float("nan")], {"high": 1}, "a band needs finite values"),
        ("a", [[1.0]], {"high": 1}, "a band needs one number per draw"),
    ],
)
def test_what_is_no_claim_is_refused(slug, values, options, message):
    with pytest.raises(GlimpseError, match=re.escape(message)):
        claim(slug, "So it is.", values, **WORDS | options)


def test_a_claim_on_one_number_of_all_draws_takes_its_band(capsys) -> None:
    rho = Band(0.55, 0.65, 0.73, n=120)
    claim("orders", "One orders the other.", rho, low=0.65, **WORDS)
    assert "0.65 (0.55–0.73), 120 draws" in capsys.readouterr().out
    with pytest.raises(ClaimError, match="measured was 0.65"):
        claim("orders", "One orders the other.", rho, low=0.66, **WORDS)
    for of in ("every", "share"):
        with pytest.raises(GlimpseError, match="a band holds none of them"):
            claim("orders", "One orders the other.", rho, low=0.5, of=of, **WORDS)
