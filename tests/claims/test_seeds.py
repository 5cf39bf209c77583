"""Shifting the seeds changes the draws, finds claims, and says where the next run lies."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from claims.bounds import prediction, share_prediction
from claims.seeds import ROOT, _cells_claim, claiming_pages

DRAW = """
import sys
from claims.seeds import claims_of, shift_seeds

shift_seeds(int(sys.argv[1]))
source = '''
import numpy as np
import torch
from dlglimpse import claim, draw_seed, mlp

words = dict(statistic="a number", because="x", mutant="y", high=-1e9)
claim("mlp", "A.", mlp((2, 2), seed=3)[0].weight.detach().flatten(), **words)
claim("sweep", "A.", [draw_seed(0, 1) % 1000], **words)
claim("generator", "A.", torch.rand(3, generator=torch.Generator().manual_seed(1)), **words)
torch.manual_seed(2)
claim("global", "A.", torch.rand(3), **words)
claim("numpy", "A.", np.random.default_rng(0).random(3), **words)
'''
import json
print(json.dumps(claims_of([source])))
"""


def values(shift: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRAW, str(shift)],
        cwd=ROOT / "tests",
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    # All of them fail, and all of them are there.
    assert [record["holds"] for record in found] == [False] * 5
    return {record["slug"]: record["value"] for record in found}


def test_every_kind_of_seed_is_shifted() -> None:
    nothing, again, other = values(0), values(0), values(1000)
    assert nothing == again
    assert all(nothing[name] != other[name] for name in nothing)


def test_the_pages_that_claim_are_found() -> None:
    assert {"activations", "initialization"} <= set(claiming_pages())
    assert not _cells_claim(["a claim (of sorts)", "claims(1)"])


def test_a_prediction_fails_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    runs = rng.normal(10, 0.1, size=(20_000, 21))
    beyond = 0
    for past in runs:
        low, high = prediction(past[:20].tolist(), false_alarm=0.01)
        beyond += not low <= past[20] <= high
    # 1 % of 20,000 are 200, give or take 14.
    assert 150 < beyond < 250


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_a_predicted_share_fails_no_more_often_than_it_says(share: float) -> None:
    rng = np.random.default_rng(0)
    runs = rng.binomial(200, share, size=(5_000, 21)) / 200
    beyond = 0
    for past in runs:
        low, high = share_prediction(past[:20].tolist(), 200, false_alarm=0.01)
        beyond += not low <= past[20] <= high
    assert beyond <= 80
