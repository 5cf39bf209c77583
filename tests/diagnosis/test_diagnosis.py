"""Every network of the table is judged rightly, and the limits stand between them."""

import math
import re
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from diagnosis.broken import BROKEN
from diagnosis.healthy import HEALTHY
from diagnosis.listing import NETWORKS, SEEDS, TABLE, diagnosed, right
from dlglimpse import Diagnosis, Finding, GlimpseError, diagnose, diagnosis, mlp, waves

KINDS = {"non-finite", "exploding", "vanishing", "dead units", "saturated", "starved layer"}


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_no_false_alarm_and_no_miss(untouched, network):
    for seed in (*SEEDS, 3, 4):
        model, inputs, targets, loss = network.make(seed)
        several = inputs if isinstance(inputs, tuple) else (inputs,)
        with untouched(model, *several, targets):
            found = diagnose(model, inputs, targets, loss=loss)
        assert right(network, found), (seed, found)
        assert found.healthy == (not network.wrong)
        for finding in found.findings:
            assert finding.layer in (*found.layers, "loss")


def test_the_table_is_long_and_has_every_kind():
    assert len({network.name for network in NETWORKS}) == len(NETWORKS) >= 50
    assert {kind for network in BROKEN for kind in network.wrong} == KINDS
    assert all(network.wrong for network in BROKEN)
    assert not any(network.wrong or network.also for network in HEALTHY)


def test_the_committed_table_is_that_of_these_networks():
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if "|" in line][2:]
    assert len(lines) == len(NETWORKS)
    for line, network in zip(lines, NETWORKS, strict=True):
        name, kinds, *_ = line.strip("| ").split(" | ")
        assert name == network.name
        assert set(kinds.split(", ")) == (set(network.wrong) or {"–"})


# What each finding rests on, and where its limit stands


def first_over_last(values):
    return values[0] / values[-1] if len(values) > 1 and values[-1] else math.nan


def kept(found, field):
    values = [getattr(layer, field) for layer in found.layers.values()]
    return [value for value in values if not math.isnan(value)]


def without_embeddings(found):
    return [s.gradient_rms for name, s in found.layers.items() if name != "embed" or s.contrast < 0]


MEASURES = {
    ("FADED", "weight gradient, first"): lambda d: first_over_last(without_embeddings(d)),
    ("FADED", "spread"): lambda d: (
        1 / first_over_last(kept(d, "contrast")[:-1]) if len(kept(d, "contrast")) > 2 else math.nan
    ),
    ("GROWN", "weight gradient, first"): lambda d: first_over_last(without_embeddings(d)),
    ("SWOLLEN", "activation"): lambda d: (
        max(kept(d, "activation_rms")) / kept(d, "activation_rms")[0]
    ),
    ("STARVED", "weight gradient, beside"): lambda d: (
        min(without_embeddings(d)) / float(torch.tensor(without_embeddings(d)).median())
    ),
    ("MOSTLY", "share of units"): lambda d: max(kept(d, "dead"), default=0.0),
    ("MOSTLY", "share of saturated"): lambda d: max(kept(d, "saturated"), default=0.0),
}


@pytest.fixture(scope="module")
def draws():
    return [(network, diagnosed(network, seed)) for network in NETWORKS for seed in SEEDS]


@pytest.mark.parametrize(("limit", "words"), MEASURES)
def test_each_limit_stands_well_between_the_healthy_and_the_broken(draws, limit, words):
    at = getattr(diagnosis, limit)
    below = limit in ("FADED", "STARVED")
    well = [MEASURES[limit, words](found) for network, found in draws if not network.wrong]
    well = [value for value in well if not math.isnan(value)]
    told = [f for _, found in draws for f in found.findings if f.statistic.startswith(words)]
    broken = [f.value for f in told if f.limit == at]
    assert well and broken
    if below:
        assert max(broken) * 2 < at < min(well) / 2
    else:
        assert max(well) * 1.4 < at < min(broken) / 1.2
    assert all((f.value < f.limit) == below for f in told if f.limit == at)


# What is said, and where


def test_a_finding_names_kind_layer_number_limit_and_advice():
    model = mlp((2, *[64] * 8, 2), "sigmoid", seed=0)
    found = diagnose(model, *waves(100))
    (finding,) = found.findings
    gradients = [layer.gradient_rms for layer in found.layers.values()]
    assert (finding.kind, finding.layer, finding.limit) == ("vanishing", "0", diagnosis.FADED)
    assert finding.value == pytest.approx(gradients[0] / gradients[-1])
    pattern = r"vanishing at '0': weight gradient, first over last layer is \S+ × 10\S+ "
    assert re.match(pattern + r"\(limit 0\.010\)\. Try another activation", repr(found))
    assert str(finding) in repr(found)
    assert "vanishing at &#x27;0&#x27;" in found._repr_html_()


def test_a_healthy_network_is_met_with_one_line():
    found = diagnose(mlp((2, 64, 64, 2), "tanh", "glorot_normal", seed=0), *waves(100))
    assert found.healthy and found.findings == ()
    assert repr(found) == "Nothing wrong in 3 layers."
    assert "Nothing wrong" in found._repr_html_() and "<script" not in found._repr_html_()
    assert list(found.layers) == ["0", "2", "4"]


def test_advice_is_given_for_every_kind():
    assert set(diagnosis._TRY) == KINDS
    finding = Finding("saturated", "<b>", "s", 1.0, 0.4, "this")
    assert "&lt;b&gt;" in Diagnosis((finding,), {})._repr_html_()


@pytest.mark.parametrize(
    ("broken", "layer"),
    [
        (lambda m: m[4].weight[0, 0].fill_(torch.nan), "4"),
        (lambda m: m[0].bias.fill_(torch.inf), "0"),
    ],
)
def test_the_first_layer_that_is_not_finite_is_named(broken, layer):
    model = mlp((2, 8, 8, 8, 2), "tanh", "glorot_normal", seed=0)
    with torch.no_grad():
        broken(model)
    (finding,) = diagnose(model, *waves(20)).findings
    assert (finding.kind, finding.layer) == ("non-finite", layer)


def test_gradients_that_break_on_their_way_back_are_named_where_they_break():
    class Root(nn.Module):
        def forward(self, x):
            return (0 * x).abs().sqrt() + x

    model = mlp((2, 8, 8, 2), "tanh", "glorot_normal", seed=0).insert(3, Root())
    (finding,) = diagnose(model, *waves(20)).findings
    assert (finding.kind, finding.layer) == ("non-finite", "2")
    assert finding.statistic == "count of nan or infinite gradients"


def test_a_loss_that_is_not_finite_is_named():
    found = diagnose(mlp((2, 4, 2)), *waves(20), loss=lambda o, t: F.mse_loss(o, t) + torch.inf)
    (finding,) = found.findings
    assert (finding.kind, finding.layer, finding.value) == ("non-finite", "loss", math.inf)


def test_dead_units_are_not_looked_for_in_few_examples():
    model = mlp((2, 16, 16, 2), "relu", "he_normal", seed=0)
    with torch.no_grad():
        model[0].bias[:10].fill_(-50)
    inputs, targets = waves(20)
    assert [f.kind for f in diagnose(model, inputs, targets).findings] == ["dead units"]
    assert diagnose(model, inputs[:15], targets[:15]).healthy


def test_a_last_sigmoid_may_be_sure():
    model = mlp((2, 8, 2), "tanh", "glorot_normal", seed=0).append(nn.Sigmoid())
    with torch.no_grad():
        model[2].bias.fill_(9)
    assert all(f.kind != "saturated" for f in diagnose(model, *waves(50)).findings)


@pytest.mark.parametrize("kind", [nn.Linear, partial(nn.Conv1d, kernel_size=1)])
def test_one_layer_alone_has_no_other_to_be_held_against(kind):
    model = kind(2, 2)
    inputs, targets = waves(20)
    if isinstance(model, nn.Conv1d):
        inputs, targets = inputs[:, :, None], targets[:, :, None]
    assert diagnose(model, inputs, targets).healthy


def test_what_glimpse_refuses_is_refused():
    with pytest.raises(GlimpseError, match="same number of examples"):
        diagnose(mlp((2, 2)), torch.zeros(0, 2), torch.zeros(0, 2))
