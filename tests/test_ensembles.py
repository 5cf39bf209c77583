"""Many draws at once, against one network at a time."""

import functools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlglimpse import (
    ACTIVATIONS,
    SCHEMES,
    Constant,
    GlimpseError,
    GlorotNormal,
    draw_seed,
    draws,
    glimpse,
    mlp,
    waves,
)

FIELDS = [
    "preactivations",
    "activations",
    "backpropagated",
    "weight_gradients",
    "bias_gradients",
]
SIZES = (2, 4, 3, 2)
INPUTS, TARGETS = waves(12)


def look(activation="tanh", initializer="default", sizes=SIZES, **options):
    options = {"n_draws": 4, "inputs": INPUTS, "targets": TARGETS, **options}
    return draws(sizes, activation, initializer, **options)


def one_by_one(activation, initializer, sizes=SIZES, seed=0, loss=F.mse_loss):
    """The same draws by mlp and a plain backward pass, one after another."""
    for k in range(4):
        model = mlp(sizes, activation, initializer, seed=draw_seed(seed, k))
        loss(model(INPUTS), TARGETS).backward()
        yield model, glimpse(model, INPUTS, TARGETS, loss=loss)


def assert_equal_to_single_looks(record, singles):
    for k, (model, single) in enumerate(singles):
        for field in FIELDS:
            ours, theirs = getattr(record, field), getattr(single, field)
            assert list(ours) == list(theirs), field
            for layer, tensor in theirs.items():
                torch.testing.assert_close(ours[layer][k], tensor, rtol=1e-4, atol=1e-6)
        for layer, gradient in record.weight_gradients.items():
            plain = model.get_submodule(layer).weight.grad
            torch.testing.assert_close(gradient[k], plain, rtol=1e-4, atol=1e-6)
        assert float(record.loss[k]) == pytest.approx(single.loss, rel=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_draw_is_one_network_for_every_activation(activation):
    record = look(activation, "glorot_normal")
    assert_equal_to_single_looks(record, one_by_one(activation, "glorot_normal"))


@pytest.mark.parametrize("scheme", sorted(set(SCHEMES) - {"constant"}))
def test_every_draw_is_one_network_for_every_scheme(scheme):
    record = look("sigmoid", scheme, seed=3)
    assert_equal_to_single_looks(record, one_by_one("sigmoid", scheme, seed=3))


@pytest.mark.parametrize("scheme", [Constant(value=0.2), GlorotNormal(bias="zeros")])
def test_schemes_with_options(scheme):
    assert_equal_to_single_looks(look("tanh", scheme), one_by_one("tanh", scheme))


@pytest.mark.parametrize("activation", [nn.Tanh, nn.LeakyReLU(0.3), nn.ReLU(inplace=True)])
def test_activations_by_class_and_by_instance(activation):
    assert_equal_to_single_looks(look(activation), one_by_one(activation, "default"))


@pytest.mark.parametrize("sizes", [(2, 2), (2, 2, 2, 2, 2), (2, 1, 7, 2)])
def test_sizes(sizes):
    singles = one_by_one("tanh", "default", sizes)
    assert_equal_to_single_looks(look(sizes=sizes), singles)


@pytest.mark.parametrize(
    ("loss", "reduction"),
    [
        (F.mse_loss, "mean"),
        (functools.partial(F.mse_loss, reduction="sum"), "sum"),
        (lambda o, t: F.mse_loss(o, t).sqrt(), "other"),
    ],
)
def test_losses(loss, reduction):
    record = look(loss=loss)
    singles = one_by_one("tanh", "default", loss=loss)
    assert_equal_to_single_looks(record, singles)
    if reduction != "other":
        assert record.reduction == reduction


def test_shapes_and_what_the_record_says():
    record = look(n_draws=5, seed=2)
    assert (record.n, record.n_draws, record.seed) == (12, 5, 2)
    assert (record.reduction, record.dtype) == ("mean", "float32")
    assert record.loss.shape == (5,)
    for layer, i, o in (("0", 2, 4), ("2", 4, 3), ("4", 3, 2)):
        assert record.preactivations[layer].shape == (5, 12, o)
        assert record.activations[layer].shape == (5, 12, o)
        assert record.backpropagated[layer].shape == (5, 12, o)
        assert record.weight_gradients[layer].shape == (5, o, i)
        assert record.bias_gradients[layer].shape == (5, o)
    tensors = [t for field in FIELDS for t in getattr(record, field).values()]
    assert not any(t.requires_grad for t in [*tensors, record.loss])


def test_zeros_are_counted_over_all_draws():
    record = look("relu", "uniform", n_draws=20)
    for field in FIELDS:
        for layer, tensor in getattr(record, field).items():
            assert record.zeros[field][layer] == int((tensor == 0).sum())
            assert record.non_finite[field][layer] == 0
    assert record.zeros["activations"]["0"] > 0


def test_more_draws_begin_with_the_same_draws():
    few, many = look(n_draws=3), look(n_draws=9)
    for layer, gradient in few.weight_gradients.items():
        torch.testing.assert_close(gradient, many.weight_gradients[layer][:3])


def test_the_seed_decides():
    first, again, other = look(seed=1), look(seed=1), look(seed=2)
    gradient, same, different = (r.weight_gradients["0"] for r in (first, again, other))
    assert torch.equal(gradient, same)
    assert not torch.equal(gradient, different)


def test_draws_differ_from_one_another():
    losses = look(n_draws=50).loss
    assert len(set(losses.tolist())) == 50


def test_seeds_of_draws_never_meet():
    seeds = [draw_seed(seed, k) for seed in range(30) for k in range(300)]
    assert len(set(seeds)) == len(seeds)
    assert all(type(s) is int and 0 <= s < 2**64 for s in seeds)
    assert draw_seed(3, 4) == draw_seed(3, 4)


def test_the_global_random_state_is_untouched(untouched):
    with untouched(INPUTS, TARGETS):
        look("sigmoid", "orthogonal")


def test_an_activation_that_draws_does_not_touch_the_global_random_state(untouched):
    with untouched():
        look(nn.RReLU())


def test_chunks_of_draws_are_put_together(monkeypatch):
    whole = look(n_draws=7)
    monkeypatch.setattr("dlglimpse.ensembles._CHUNK_VALUES", 1200)
    parts = look(n_draws=7)
    for field in FIELDS:
        for layer, tensor in getattr(whole, field).items():
            torch.testing.assert_close(getattr(parts, field)[layer], tensor)
    torch.testing.assert_close(parts.loss, whole.loss)
    assert parts.zeros == whole.zeros


def test_the_default_dtype_does_not_matter():
    expected = look()
    torch.set_default_dtype(torch.float64)
    try:
        record = look()
    finally:
        torch.set_default_dtype(torch.float32)
    for layer, gradient in record.weight_gradients.items():
        assert torch.equal(gradient, expected.weight_gradients[layer])


@pytest.mark.parametrize("guard", [torch.no_grad, torch.enable_grad])
def test_looking_works_whatever_the_mode_of_autograd(guard):
    expected = look().loss
    with guard():
        assert torch.equal(look().loss, expected)


def test_the_global_random_state_does_not_matter():
    torch.manual_seed(1)
    first = look().loss
    torch.manual_seed(2)
    assert torch.equal(first, look().loss)


def test_one_draw_keeps_its_axis():
    record = look(n_draws=1)
    assert record.loss.shape == (1,)
    assert record.weight_gradients["0"].shape == (1, 4, 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_draws": 0}, ["n_draws", "0"]),
        ({"n_draws": -2}, ["n_draws", "-2"]),
        ({"activation": "sigmoyd"}, ["'sigmoyd'", *ACTIVATIONS]),
        ({"initializer": "glorot"}, ["'glorot'", *SCHEMES]),
        ({"sizes": (2,)}, ["size"]),
        ({"sizes": (3, 4, 2)}, ["(12, 2)", "3"]),
        ({"inputs": INPUTS.long()}, ["int64", "float32"]),
        ({"targets": TARGETS[:, 0]}, ["(12,)", "(12, 2)"]),
        ({"targets": TARGETS[:5]}, ["12", "5"]),
        ({"inputs": INPUTS[:0], "targets": TARGETS[:0]}, ["empty", "(0, 2)"]),
        ({"inputs": INPUTS * torch.nan}, ["nan"]),
        ({"loss": lambda o, t: (o - t) ** 2}, ["scalar"]),
    ],
    ids=lambda value: "-".join(value),
)
def test_bad_input_is_refused(untouched, options, words):
    with untouched(), pytest.raises(GlimpseError) as caught:
        look(**options)
    text = str(caught.value)
    assert [word for word in words if word not in text] == []
