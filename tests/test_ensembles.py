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
    Uniform,
    draw_seed,
    draws,
    glimpse,
    mlp,
    waves,
)
from dlglimpse.blocks import block_size

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


def same_bits(ours, theirs):
    """Whether two tensors are equal to the bit, nan and the sign of zero included."""
    return torch.equal(ours.contiguous().view(torch.int32), theirs.contiguous().view(torch.int32))


def fields_that_differ(record, k, single):
    """Where draw k of a record is not to the bit the look at one network."""
    found = [] if float(record.loss[k]) == single.loss else ["loss"]
    for field in FIELDS:
        for layer, tensor in getattr(single, field).items():
            if not same_bits(getattr(record, field)[layer][k], tensor):
                found.append(f"{field}, layer {layer}, draw {k}")
    return found


def batch_for(sizes, n):
    generator = torch.Generator().manual_seed(n)
    return [torch.randn(n, width, generator=generator) for width in (sizes[0], sizes[-1])]


def looks_that_differ(sizes, activation, n, n_draws, ks, loss=F.mse_loss):
    """Where draws of a sweep are not to the bit what each of them is alone."""
    inputs, targets = batch_for(sizes, n)
    record = draws(
        sizes, activation, n_draws=n_draws, inputs=inputs, targets=targets, loss=loss, seed=5
    )
    found = []
    for k in ks:
        model = mlp(sizes, activation, "default", seed=draw_seed(5, k))
        found += fields_that_differ(record, k, glimpse(model, inputs, targets, loss=loss))
    return found


SMALL, ODD, WIDE = (2, 2, 2, 2, 2), (3, 17, 1, 33, 2), (2, 256, 256, 2)


@pytest.mark.parametrize("n", [1, 7, 64, 100])
@pytest.mark.parametrize("activation", [*ACTIVATIONS, nn.ReLU(inplace=True), nn.Mish()], ids=str)
@pytest.mark.parametrize("sizes", [SMALL, ODD, WIDE], ids=["small", "odd", "wide"])
def test_a_draw_of_a_sweep_is_the_draw_alone_to_the_bit(sizes, activation, n):
    block = block_size(sizes, n)
    n_draws = min(200, 2 * block + 3)
    # At both ends of blocks, and within one.
    ks = {0, 1, block - 1, block, block + 1, n_draws // 2, n_draws - 1}
    assert looks_that_differ(sizes, activation, n, n_draws, [k for k in ks if k < n_draws]) == []


@pytest.mark.parametrize("loss", [F.l1_loss, F.binary_cross_entropy_with_logits, F.huber_loss])
def test_a_draw_is_the_draw_alone_to_the_bit_with_every_loss(loss):
    def of_shares(outputs, targets):
        return loss(outputs, targets.sigmoid())

    assert looks_that_differ(ODD, "sigmoid", 7, 40, range(0, 40, 9), of_shares) == []


def test_all_of_200_draws_are_the_draws_alone_to_the_bit():
    assert block_size(SMALL, 100) < 200
    assert looks_that_differ(SMALL, "sigmoid", 100, 200, range(200)) == []


def test_a_difference_of_one_bit_is_found():
    record, single = look("tanh"), glimpse(*first_alone())
    assert fields_that_differ(record, 0, single) == []
    gradient = single.weight_gradients["2"]
    gradient[0, 0] = torch.nextafter(gradient[0, 0], torch.tensor(1.0))
    assert fields_that_differ(record, 0, single) == ["weight_gradients, layer 2, draw 0"]


def first_alone():
    return mlp(SIZES, "tanh", "default", seed=draw_seed(0, 0)), INPUTS, TARGETS


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("values", [1, 300, 4000])
def test_how_draws_are_put_into_blocks_does_not_matter(monkeypatch, activation, values):
    whole = look(activation, sizes=(2, 5, 3, 2), n_draws=23)
    monkeypatch.setattr("dlglimpse.blocks._BLOCK_VALUES", values)
    assert block_size((2, 5, 3, 2), 12) == max(1, values // 64)
    parts = look(activation, sizes=(2, 5, 3, 2), n_draws=23)
    for field in FIELDS:
        for layer, tensor in getattr(whole, field).items():
            assert same_bits(getattr(parts, field)[layer], tensor)
    assert same_bits(parts.loss, whole.loss)
    assert (parts.zeros, parts.non_finite) == (whole.zeros, whole.non_finite)


def test_networks_in_two_threads_are_the_networks_alone_to_the_bit():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert looks_that_differ((2, 400, 7, 2), "sigmoid", 100, 3, range(3)) == []
        assert looks_that_differ(ODD, "sigmoid", 100, 30, (0, 9, 29)) == []
    finally:
        torch.set_num_threads(before)


def test_what_is_not_finite_is_counted():
    record = look("relu", Uniform(bound=1e30), n_draws=9)
    assert sum(record.non_finite["weight_gradients"].values()) > 0
    for field in FIELDS:
        for layer, tensor in getattr(record, field).items():
            assert record.non_finite[field][layer] == int((~tensor.isfinite()).sum())


def test_a_loss_may_work_in_place():
    record = look(loss=lambda o, t: o.sub_(t).square().mean())
    plain = look()
    assert torch.equal(record.activations["4"], plain.activations["4"])
    torch.testing.assert_close(record.weight_gradients["0"], plain.weight_gradients["0"])


def test_an_activation_may_mix_the_units_of_a_layer():
    sizes, softmax = (2, 5, 3, 2), nn.Softmax(dim=1)
    singles = one_by_one(softmax, "default", sizes)
    assert_equal_to_single_looks(look(softmax, sizes=sizes), singles)


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
