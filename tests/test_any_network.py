"""Networks that the package did not build: wrapped, written in place, or refused by name."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from dlglimpse import GlimpseError, diagnose, glimpse, layer_statistics, mlp, waves

LOOKS = [glimpse, layer_statistics, diagnose]


def plain(model, inputs, targets, loss=F.mse_loss):
    """Gradients by a backward pass on a copy."""
    twin = copy.deepcopy(model).requires_grad_()
    loss(twin(*inputs) if isinstance(inputs, tuple) else twin(inputs), targets).backward()
    return {name: p.grad for name, p in twin.named_parameters(remove_duplicate=False)}


def same(one, other):
    """Whether two looks saw the same, to the bit."""
    for field in ("preactivations", "activations", "backpropagated", "weight_gradients"):
        first, second = getattr(one, field), getattr(other, field)
        assert list(first) == list(second)
        assert all(torch.equal(first[name], second[name]) for name in first), field


class Holder(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return self.body(x)


# Wrappers


@pytest.mark.parametrize("look", LOOKS)
def test_a_compiled_model_is_looked_at_as_it_was_written(untouched, look):
    model, data = mlp((2, 4, 2), "tanh", seed=0), waves(20)
    wrapped = torch.compile(model, backend="eager")
    expected = look(model, *data)
    with untouched(model, *data):
        found = look(wrapped, *data)
    assert repr(found) == repr(expected)
    if look is glimpse:
        same(found, expected)


def test_a_compiled_part_is_run_as_it_was_written():
    model, data = mlp((2, 4, 2), "tanh", seed=0), waves(20)
    expected = glimpse(model, *data)
    found = glimpse(Holder(torch.compile(copy.deepcopy(model), backend="eager")), *data)
    assert list(found.weight_gradients) == ["body._orig_mod.0", "body._orig_mod.2"]
    for one, other in zip(
        found.weight_gradients.values(), expected.weight_gradients.values(), strict=True
    ):
        torch.testing.assert_close(one, other)
    compiled = copy.deepcopy(model)
    compiled.compile(backend="eager")
    same(glimpse(compiled, *data), expected)


def test_data_parallel_is_unwrapped():
    model, data = mlp((2, 4, 2), "tanh", seed=0), waves(20)
    same(glimpse(nn.DataParallel(model), *data), glimpse(model, *data))


# Refused


class TwoOutputs(nn.Linear):
    def forward(self, x):
        return super().forward(x), x


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.Sequential(nn.LazyLinear(2)), "a lazy layer has no weights.*'0.weight'"),
        (lambda: TwoOutputs(2, 2), "the model must return one tensor; given: tuple"),
        (lambda: nn.ReLU(), "the model has no parameters"),
        (lambda: nn.Sequential(nn.BatchNorm1d(2)), "no layer with a `weight` matrix"),
        (lambda: torch.nn.Linear, "`model` must be an `nn.Module`"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_by_name(look, make, words):
    with pytest.raises(GlimpseError, match=words):
        look(make(), *waves(10))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
@pytest.mark.parametrize("look", LOOKS)
def test_a_scripted_model_is_refused(look):
    scripted = torch.jit.script(nn.Sequential(nn.Linear(2, 2)))
    with pytest.raises(GlimpseError, match="a scripted model cannot be looked into"):
        look(Holder(scripted), *waves(10))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ((), "`inputs` must be a tensor, or a sequence"),
        ((torch.zeros(10, 2), torch.zeros(9, 2)), "the same number of examples"),
        ((torch.zeros(10, 2), torch.zeros(10, 2).double()), "the inputs are not"),
        ((torch.zeros(10, 2), torch.zeros(10, 2)), r"shape \(10, 2\) and \(10, 2\)"),
    ],
)
def test_several_inputs_are_checked_one_by_one(look, inputs, words):
    with pytest.raises(GlimpseError, match=words):
        look(mlp((2, 2)), inputs, torch.zeros(10, 2))


# The numbers are right


class Written(nn.Module):
    """Writes into what layers and activations put out, as much as autograd allows."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.three = nn.Linear(2, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):
        x = self.one(x).mul_(2.0)
        x = F.gelu(self.two(x))
        x += 1.0
        y = self.three(x)
        y[:, 0] = 0.0
        return y


def test_what_is_written_over_was_seen_before():
    model, (inputs, targets) = Written(), waves(20)
    look = glimpse(model, inputs, targets)
    with torch.no_grad():
        z = model.one(inputs)
        a = model.two(2 * z)
        y = model.three(F.gelu(a) + 1)
    for name, value in (("one", z), ("two", a), ("three", y)):
        torch.testing.assert_close(look.preactivations[name], value)
    torch.testing.assert_close(look.activations["two"], F.gelu(a))
    assert (look.backpropagated["three"][:, 0] == 0).all()
    for name, gradient in plain(model, inputs, targets).items():
        if name.endswith("weight"):
            torch.testing.assert_close(look.weight_gradients[name[:-7]], gradient)


def test_a_loss_that_writes_over_the_outputs_is_found_out():
    def greedy(outputs, targets):
        return F.mse_loss(outputs.mul_(2.0), targets)

    model, (inputs, targets) = mlp((2, 4, 2), "tanh", seed=0), waves(20)
    look = glimpse(model, inputs, targets, loss=greedy)
    torch.testing.assert_close(look.preactivations["2"], model(inputs).detach())
    slope = 2 * 2 * (2 * model(inputs) - targets) / targets.numel()
    torch.testing.assert_close(look.backpropagated["2"], slope.detach())


class Checkpointed(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.last = nn.Sequential(nn.Linear(2, 4), nn.Tanh()), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(checkpoint(self.body, x, use_reentrant=False))


def test_checkpoints_run_the_second_time_on_the_same_weights():
    model, (inputs, targets) = Checkpointed(), waves(20)
    look, expected = glimpse(model, inputs, targets), plain(model, inputs, targets)
    torch.testing.assert_close(look.weight_gradients["body.0"], expected["body.0.weight"])
    found = layer_statistics(model, inputs, targets)
    rms = expected["body.0.weight"].square().mean().sqrt()
    assert found["body.0"].gradient_rms == pytest.approx(float(rms), rel=1e-5)


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize("norm_first", [True, False])
def test_an_encoder_layer_is_seen_whole_in_either_mode(mode, norm_first):
    model = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True, norm_first=norm_first)
    order = torch.Generator().manual_seed(0)
    inputs, targets = (torch.randn(6, 5, 8, generator=order) for _ in range(2))
    look = glimpse(model.train(mode), inputs, targets)
    # No fast path is taken that would leave layers out.
    assert list(look.preactivations) == ["self_attn", "linear1", "linear2"]
    expected = plain(model, inputs, targets)
    names = {"self_attn.in_proj_weight": "self_attn.in_proj_weight"}
    names |= {n: f"{n}.weight" for n in ("self_attn.out_proj", "linear1", "linear2")}
    assert set(look.weight_gradients) == set(names)
    for name, parameter in names.items():
        torch.testing.assert_close(look.weight_gradients[name], expected[parameter])
    order = list(layer_statistics(model, inputs, targets))
    assert order == ["self_attn", "self_attn.out_proj", "linear1", "linear2"]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_layers_have_a_gradient_for_each_matrix(kind):
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = kind(3, 4, num_layers=2, batch_first=True)
            self.last = nn.Linear(4, 2)

        def forward(self, x):
            return self.last(self.body(x)[0][:, -1])

    model, order = Reader(), torch.Generator().manual_seed(0)
    inputs = torch.randn(6, 5, 3, generator=order)
    targets = torch.randn(6, 2, generator=order)
    look, expected = glimpse(model, inputs, targets), plain(model, inputs, targets)
    torch.testing.assert_close(look.preactivations["body"], model.body(inputs)[0].detach())
    found = {n for n in look.weight_gradients if n.startswith("body")}
    assert found == {f"body.weight_{k}_l{n}" for k in ("ih", "hh") for n in range(2)}
    for name in found:
        torch.testing.assert_close(look.weight_gradients[name], expected[name])


def test_frozen_layers_get_a_gradient_in_the_look_alone():
    model, data = mlp((2, 4, 2), "tanh", seed=0), waves(20)
    expected = layer_statistics(model, *data)
    found = layer_statistics(model.requires_grad_(False), *data)
    assert found == pytest.approx(expected, nan_ok=True) or repr(found) == repr(expected)
    assert all(not p.requires_grad and p.grad is None for p in model.parameters())


def test_under_autocast_a_look_sees_half_precision():
    model, data = mlp((2, 8, 2), "tanh", seed=0), waves(20)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        look = glimpse(model, *data, loss=lambda o, t: F.mse_loss(o.float(), t))
    assert look.preactivations["0"].dtype == torch.bfloat16
    assert look.weight_gradients["0"].dtype == torch.float32


def test_in_inference_mode_gradients_are_there_as_well():
    model, data = mlp((2, 4, 2), "tanh", seed=0), waves(20)
    expected = glimpse(model, *data)
    with torch.inference_mode():
        same(glimpse(model, *data), expected)


def test_ten_million_parameters_are_looked_at(untouched):
    model = mlp((2, *[1056] * 10, 2), "tanh", "glorot_normal", seed=0)
    assert sum(p.numel() for p in model.parameters()) > 10_000_000
    inputs, targets = waves(4)
    with untouched(model, inputs, targets):
        found = layer_statistics(model, inputs, targets)
    assert len(found) == 11
    assert all(layer.gradient_rms > 0 for layer in found.values())
