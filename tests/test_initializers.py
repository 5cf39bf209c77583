"""Every scheme, against its formula and against `torch.nn.init`."""

import dataclasses
import math
import random

import numpy as np
import pytest
import torch
from torch import nn

import dlglimpse
from dlglimpse import SCHEMES, GlimpseError, initialize, mlp

OUT, IN = 150, 400  # not square: fan in, fan out and their mean all differ

CLASSES = {
    "default": "Default",
    "uniform": "Uniform",
    "glorot_normal": "GlorotNormal",
    "glorot_uniform": "GlorotUniform",
    "he_normal": "HeNormal",
    "he_uniform": "HeUniform",
    "lecun_normal": "LecunNormal",
    "orthogonal": "Orthogonal",
    "constant": "Constant",
    "zeros": "Zeros",
    "matched_sigmoid": "MatchedSigmoid",
}

STD = {
    "default": lambda i, o: math.sqrt(1 / (3 * i)),
    "uniform": lambda i, o: math.sqrt(1 / 3),
    "glorot_normal": lambda i, o: math.sqrt(2 / (i + o)),
    "glorot_uniform": lambda i, o: math.sqrt(2 / (i + o)),
    "he_normal": lambda i, o: math.sqrt(2 / i),
    "he_uniform": lambda i, o: math.sqrt(2 / i),
    "lecun_normal": lambda i, o: math.sqrt(1 / i),
    "orthogonal": lambda i, o: math.sqrt(1 / max(i, o)),
}

UNIFORM = {"default", "uniform", "glorot_uniform", "he_uniform"}
NORMAL = {"glorot_normal", "he_normal", "lecun_normal"}
WITH_BIAS_CHOICE = sorted(UNIFORM | NORMAL | {"orthogonal"})

TORCH = {
    "default": lambda w, g: nn.init.kaiming_uniform_(w, a=math.sqrt(5), generator=g),
    "uniform": lambda w, g: nn.init.uniform_(w, -1, 1, generator=g),
    "glorot_normal": lambda w, g: nn.init.xavier_normal_(w, generator=g),
    "glorot_uniform": lambda w, g: nn.init.xavier_uniform_(w, generator=g),
    "he_normal": lambda w, g: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g),
    "he_uniform": lambda w, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g),
    "lecun_normal": lambda w, g: nn.init.kaiming_normal_(w, nonlinearity="linear", generator=g),
    "orthogonal": lambda w, g: nn.init.orthogonal_(w, generator=g),
}


def scheme(name, **options):
    return getattr(dlglimpse, CLASSES[name])(**options)


def make(name):
    """Return the scheme as an object, with a value where one is needed."""
    return scheme(name, value=0.5) if name == "constant" else scheme(name)


def sample(name, shape=(OUT, IN), seed=0, **options):
    """Return one layer's weights and biases."""
    out, in_ = shape
    model = initialize(nn.Linear(in_, out), scheme(name, **options), seed=seed)
    return model.weight.detach().double(), model.bias.detach().double()


def assert_follows(values, cdf):
    values = np.sort(values.numpy().ravel())
    steps = np.arange(len(values) + 1) / len(values)
    true = cdf(values)
    distance = max(np.abs(true - steps[1:]).max(), np.abs(true - steps[:-1]).max())
    assert distance < 1.95 / math.sqrt(len(values))


def uniform_cdf(bound):
    return lambda x: np.clip((x + bound) / (2 * bound), 0, 1)


def normal_cdf(std):
    return np.vectorize(lambda x: 0.5 * (1 + math.erf(x / std / math.sqrt(2))))


def assert_same_distribution(first, second):
    first, second = np.sort(first.numpy().ravel()), np.sort(second.numpy().ravel())
    grid = np.concatenate([first, second])
    one = np.searchsorted(first, grid, side="right") / len(first)
    two = np.searchsorted(second, grid, side="right") / len(second)
    bound = 1.95 * math.sqrt(1 / len(first) + 1 / len(second))
    assert np.abs(one - two).max() < bound


def state(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def same(first, second):
    return all(torch.equal(first[k], second[k]) for k in first)


# The vocabulary


def test_the_schemes_are_those_of_the_book():
    assert set(SCHEMES) == set(CLASSES)
    assert {name: cls.__name__ for name, cls in SCHEMES.items()} == CLASSES


@pytest.mark.parametrize("name", CLASSES)
def test_a_scheme_is_a_frozen_dataclass_that_knows_its_name_and_formula(name):
    instance = make(name)
    assert instance.name == name
    assert isinstance(instance.formula, str) and instance.formula
    assert instance.formula.count("{") == instance.formula.count("}")
    assert dataclasses.is_dataclass(instance)
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
        instance.name = "other"
    assert make(name) == instance and hash(make(name)) == hash(instance)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"constant"}))
def test_a_name_means_the_class_with_its_defaults(name):
    sizes = (3, 5, 4, 2)
    by_name = initialize(mlp(sizes, "sigmoid", seed=9), name, seed=1)
    by_object = initialize(mlp(sizes, "sigmoid", seed=8), scheme(name), seed=1)
    in_mlp = mlp(sizes, "sigmoid", name, seed=1)
    assert same(state(by_name), state(by_object))
    assert same(state(by_name), state(in_mlp))


# The formulas


@pytest.mark.parametrize("fans", [(400, 150), (150, 400), (7, 7), (1, 9)])
@pytest.mark.parametrize("name", STD)
def test_std_is_the_formulas(name, fans):
    assert scheme(name).std(*fans) == pytest.approx(STD[name](*fans), rel=1e-12)


@pytest.mark.parametrize("shape", [(OUT, IN), (IN, OUT)])
@pytest.mark.parametrize("name", STD)
def test_samples_have_the_std_that_the_scheme_claims(name, shape):
    weight, _ = sample(name, shape)
    out, in_ = shape
    # the standard error of a std is below std / sqrt(2 n); n = 60,000
    assert float(weight.std()) == pytest.approx(scheme(name).std(in_, out), rel=0.012)
    assert abs(float(weight.mean())) < 4 * float(weight.std()) / math.sqrt(in_ * out)


@pytest.mark.parametrize("shape", [(OUT, IN), (IN, OUT)])
@pytest.mark.parametrize("name", sorted(UNIFORM | NORMAL))
def test_samples_follow_the_law_of_the_scheme(name, shape):
    weight, _ = sample(name, shape, seed=1)
    std = STD[name](shape[1], shape[0])
    if name in UNIFORM:
        bound = math.sqrt(3) * std
        assert_follows(weight, uniform_cdf(bound))
        assert float(weight.abs().max()) <= bound * (1 + 1e-6)
    else:
        assert_follows(weight, normal_cdf(std))


@pytest.mark.parametrize("shape", [(OUT, IN), (IN, OUT)])
@pytest.mark.parametrize("name", TORCH)
def test_samples_follow_the_law_of_torch_nn_init(name, shape):
    weight, _ = sample(name, shape, seed=2)
    other = torch.empty(shape)
    TORCH[name](other, torch.Generator().manual_seed(77))
    assert_same_distribution(weight, other.double())


@pytest.mark.parametrize("bound", [0.25, 3.0])
def test_the_bound_of_uniform_is_an_option(bound):
    weight, _ = sample("uniform", bound=bound)
    assert_follows(weight, uniform_cdf(bound))
    assert scheme("uniform", bound=bound).std(9, 4) == pytest.approx(bound / math.sqrt(3))


@pytest.mark.parametrize("gain", [1.0, 1.5])
@pytest.mark.parametrize("shape", [(5, 12), (12, 5), (8, 8), (1, 4)])
def test_orthogonal_rows_or_columns_are_orthonormal(shape, gain):
    weight, _ = sample("orthogonal", shape, gain=gain)
    gram = weight @ weight.T if shape[0] <= shape[1] else weight.T @ weight
    expected = gain**2 * torch.eye(min(shape), dtype=torch.float64)
    torch.testing.assert_close(gram, expected, atol=1e-5, rtol=0)
    singular = torch.linalg.svdvals(weight)
    torch.testing.assert_close(singular, torch.full_like(singular, gain), atol=1e-5, rtol=0)


def test_orthogonal_matrices_prefer_no_sign():
    # QR without its sign correction fixes the diagonal's signs: not uniform
    diagonals = torch.stack([sample("orthogonal", (4, 4), s)[0].diagonal() for s in range(300)])
    share = (diagonals > 0).double().mean(dim=0)
    assert ((share - 0.5).abs() < 4 * 0.5 / math.sqrt(300)).all()


def test_constant_and_zeros_are_exact():
    weight, _ = sample("constant", value=0.3)
    assert (weight == float(np.float32(0.3))).all()
    weight, bias = sample("zeros")
    assert (weight == 0).all() and (bias == 0).all()


def test_constant_and_zeros_have_no_spread():
    assert scheme("zeros").std(3, 4) == 0
    assert scheme("constant", value=0.3).std(3, 4) == 0


# The biases


@pytest.mark.parametrize("name", WITH_BIAS_CHOICE)
def test_default_biases_are_pytorchs(name):
    _, bias = sample(name, (20_000, 5))
    bound = 1 / math.sqrt(5)
    assert_follows(bias, uniform_cdf(bound))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        plain = nn.Linear(5, 20_000).bias.detach().double()
    assert_same_distribution(bias, plain)


@pytest.mark.parametrize("name", WITH_BIAS_CHOICE)
def test_biases_are_zeros_on_request(name):
    weight, bias = sample(name, (9, 5), bias="zeros")
    assert (bias == 0).all()
    assert (weight != 0).any()


@pytest.mark.parametrize("name", WITH_BIAS_CHOICE)
def test_the_choice_of_biases_does_not_move_the_weights(name):
    model, other = (
        mlp((4, 3, 5), "tanh", scheme(name, bias=bias), seed=3) for bias in ("default", "zeros")
    )
    assert torch.equal(model[0].weight, other[0].weight)


def test_an_unknown_choice_of_biases_lists_the_choices():
    with pytest.raises(GlimpseError) as caught:
        scheme("glorot_normal", bias="zero")
    text = str(caught.value)
    assert "'zero'" in text and "default" in text and "zeros" in text


@pytest.mark.parametrize("name", CLASSES)
def test_layers_without_biases_are_initialized(name):
    model = nn.Sequential(nn.Linear(3, 4, bias=False), nn.Sigmoid(), nn.Linear(4, 2))
    if name == "matched_sigmoid":
        # a hidden or last layer needs its bias; a first one does not
        initialize(model, name, seed=0)
        assert model[0].bias is None
    else:
        initialize(model, make(name), seed=0)
        assert model[0].bias is None and model[2].bias is not None


# The matched sigmoid


def glorot_twin(model):
    """Undo the published factors: the tanh network with zero biases."""
    linear = [m for m in model if isinstance(m, nn.Linear)]
    layers = []
    for k, layer in enumerate(linear):
        before, after = k > 0, k < len(linear) - 1
        twin = nn.Linear(layer.in_features, layer.out_features).double()
        with torch.no_grad():
            twin.weight.copy_(layer.weight / (2**before * 2**after))
            twin.bias.zero_()
        layers += [twin, nn.Tanh()] if after else [twin]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("sizes", [(3, 2), (3, 7, 2), (2, 2, 2, 2, 2), (5, 9, 4, 6, 3)])
def test_matched_sigmoid_computes_what_the_tanh_network_computes(sizes):
    model = mlp(sizes, "sigmoid", "matched_sigmoid", seed=4).double()
    x = torch.randn(50, sizes[0], generator=torch.Generator().manual_seed(1)).double()
    torch.testing.assert_close(model(x), glorot_twin(model)(x), atol=1e-5, rtol=0)


def test_matched_sigmoid_draws_glorots_weights():
    model = mlp((300, 200, 250, 100), "sigmoid", "matched_sigmoid", seed=0).double()
    for layer, factor in zip(model[::2], (2, 4, 2), strict=True):
        out, in_ = layer.weight.shape
        ratio = float(layer.weight.detach().std()) / math.sqrt(2 / (in_ + out))
        assert ratio == pytest.approx(factor, rel=0.02)


def test_matched_sigmoid_biases_are_half_the_row_sums():
    model = mlp((3, 40, 30, 20), "sigmoid", "matched_sigmoid", seed=0)
    assert (model[0].bias == 0).all()
    for layer in (model[2], model[4]):
        torch.testing.assert_close(layer.bias, -layer.weight.sum(dim=1) / 2)


def test_a_single_matched_layer_has_no_sigmoid_to_match():
    model = mlp((300, 200), "sigmoid", "matched_sigmoid", seed=0)
    ratio = float(model[0].weight.detach().std()) / math.sqrt(2 / 500)
    assert ratio == pytest.approx(1, rel=0.02)
    assert (model[0].bias == 0).all()


# In place, seeded, without a trace


@pytest.mark.parametrize("name", CLASSES)
def test_initialize_works_in_place_and_returns_the_model(name):
    model = mlp((3, 4, 2), "sigmoid", seed=0)
    before = [(id(p), p.dtype) for p in model.parameters()]
    assert initialize(model, make(name), seed=1) is model
    assert [(id(p), p.dtype) for p in model.parameters()] == before
    assert all(p.requires_grad and p.is_leaf for p in model.parameters())
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"constant", "zeros"}))
def test_the_seed_decides_and_what_was_there_before_does_not(name):
    first = state(initialize(mlp((3, 4, 2), seed=0), name, seed=1))
    again = state(initialize(mlp((3, 4, 2), seed=5), name, seed=1))
    other = state(initialize(mlp((3, 4, 2), seed=0), name, seed=2))
    assert same(first, again)
    assert not torch.equal(first["0.weight"], other["0.weight"])


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"constant", "zeros"}))
def test_no_seed_draws_fresh_entropy(name):
    draws = []
    for _ in range(2):
        torch.manual_seed(0), np.random.seed(0), random.seed(0)
        draws.append(state(initialize(mlp((3, 4, 2), seed=0), name)))
    assert not torch.equal(draws[0]["0.weight"], draws[1]["0.weight"])


@pytest.mark.parametrize("seed", [None, 7])
@pytest.mark.parametrize("name", CLASSES)
def test_the_global_random_state_is_untouched(untouched, name, seed):
    model = mlp((3, 4, 2), "sigmoid")
    with untouched():
        initialize(model, make(name), seed=seed)


def test_frozen_parameters_keep_their_flag():
    model = mlp((3, 4, 2), seed=0)
    model[0].weight.requires_grad_(False)
    initialize(model, "glorot_normal", seed=0)
    assert not model[0].weight.requires_grad and model[2].weight.requires_grad


def test_float64_models_stay_float64():
    model = initialize(mlp((3, 4, 2)).double(), "he_normal", seed=0)
    assert all(p.dtype == torch.float64 for p in model.parameters())


def test_nested_models_are_initialized():
    model = nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.Tanh()), nn.Linear(4, 2))
    initialize(model, "zeros")
    assert all((p == 0).all() for p in model.parameters())


def test_the_default_dtype_does_not_matter():
    expected = state(mlp((3, 4, 2), "tanh", "orthogonal", seed=0))
    torch.set_default_dtype(torch.float64)
    try:
        got = state(mlp((3, 4, 2), "tanh", "orthogonal", seed=0))
    finally:
        torch.set_default_dtype(torch.float32)
    assert all(p.dtype == torch.float32 for p in got.values())
    assert same(got, expected)


@pytest.mark.parametrize(
    "wrap", [nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.orthogonal]
)
def test_a_computed_weight_is_filled_or_refused_never_silently_left(wrap):
    model = nn.Sequential(wrap(nn.Linear(3, 4)), nn.Tanh(), nn.Linear(4, 2))
    try:
        initialize(model, scheme("orthogonal", bias="zeros"), seed=0)
    except GlimpseError as error:
        assert "'0'" in str(error)
        return
    weight = model[0].weight.detach()
    torch.testing.assert_close(weight.T @ weight, torch.eye(3))


# What is refused


@pytest.mark.parametrize("name", ["glorot", "xavier_normal", "Zeros", ""])
def test_an_unknown_scheme_lists_the_choices(untouched, name):
    model = mlp((2, 3, 2), seed=0)
    with untouched(model), pytest.raises(GlimpseError) as caught:
        initialize(model, name)
    text = str(caught.value)
    assert repr(name) in text
    assert all(choice in text for choice in SCHEMES)


@pytest.mark.parametrize("wrong", [3, None, nn.init.xavier_normal_, "class"])
def test_what_is_no_scheme_is_refused(untouched, wrong):
    model = mlp((2, 3, 2), seed=0)
    if wrong == "class":
        wrong = SCHEMES["glorot_normal"]
    with untouched(model), pytest.raises(GlimpseError):
        initialize(model, wrong)


def test_a_model_with_nothing_to_initialize_is_refused():
    with pytest.raises(GlimpseError, match="(?i)linear|layer|parameter"):
        initialize(nn.Sequential(nn.ReLU()), "zeros")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("uniform", {"bound": -1.0}),
        ("uniform", {"bound": math.nan}),
        ("orthogonal", {"gain": math.inf}),
        ("constant", {"value": math.nan}),
    ],
)
def test_options_without_meaning_are_refused(name, options):
    with pytest.raises(GlimpseError):
        initialize(mlp((2, 3, 2)), scheme(name, **options))
