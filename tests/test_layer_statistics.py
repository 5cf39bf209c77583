"""The numbers of each layer, computed again from whole tensors, and what they cost."""

import copy
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from dlglimpse import glimpse, layer_statistics, mlp, waves

N = 24


def images(dtype=torch.float32):
    order = torch.Generator().manual_seed(0)
    inputs = torch.randn(N, 3, 8, 8, generator=order, dtype=dtype)
    return inputs, torch.randn(N, 5, generator=order, dtype=dtype)


def built(make, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make()


class Steps(nn.Module):
    """Sequences through a layer that puts the steps first, or the examples."""

    def __init__(self, kind, examples_first):
        super().__init__()
        self.body = kind(24, 16, batch_first=examples_first)
        self.head = nn.Linear(16, 5)
        self.examples_first = examples_first

    def forward(self, x):
        x = x.movedim(2, 1).flatten(2)  # eight steps of 24 numbers
        x = x if self.examples_first else x.transpose(0, 1)
        return self.head(self.body(x)[0].select(1 if self.examples_first else 0, -1))


class Attentive(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.TransformerEncoderLayer(24, 4, 32, batch_first=True)
        self.head = nn.Linear(24, 5)

    def forward(self, x):
        return self.head(self.encoder(x.movedim(2, 1).flatten(2)).mean(dim=1))


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat, self.again, self.last = nn.Flatten(), nn.Linear(192, 192), nn.Linear(192, 5)
        self.tied = nn.Linear(192, 192)
        self.tied.weight = self.again.weight

    def forward(self, x):
        x = torch.tanh(self.again(torch.tanh(self.again(self.flat(x)))))
        return self.last(torch.sigmoid(self.tied(x)))


def convolutional():
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True)),
        *(nn.Conv2d(8, 6, 3), nn.Hardtanh(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(96, 5)),
    )


MODELS = {
    "convolutions": convolutional,
    "LSTM": lambda: Steps(nn.LSTM, True),
    "GRU, steps first": lambda: Steps(nn.GRU, False),
    "attention": Attentive,
    "twice and tied": Twice,
}
UNITS_SECOND = (nn.Conv2d,)
SLOPES = {"tanh": (1, 0), "sigmoid": (2, -1), "hardtanh": (1, 0)}


def rms(*tensors):
    """By NumPy, in double precision, over all of them together."""
    values = torch.cat([t.detach().double().flatten() for t in tensors]).numpy()
    return float((values**2).mean() ** 0.5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", MODELS)
def test_numbers_are_those_of_the_tensors_that_glimpse_keeps(name, dtype):
    model, (inputs, targets) = built(MODELS[name]).to(dtype), images(dtype)
    look = glimpse(model, inputs, targets)
    found = layer_statistics(model, inputs, targets)
    modules = dict(model.named_modules())
    assert set(look.preactivations) <= set(found)
    for key, layer in found.items():
        if key not in look.preactivations:
            assert math.isnan(layer.activation_rms) and math.isnan(layer.dead)
            continue
        a = look.activations[key].double()
        examples = 0 if len(a) == N else 1
        units = 1 if isinstance(modules[key.partition(" (")[0]], UNITS_SECOND) else a.ndim - 1
        assert layer.activation_rms == pytest.approx(rms(a), rel=1e-9)
        spread = (a - a.mean(dim=examples, keepdim=True)).square().mean().sqrt()
        assert layer.contrast == pytest.approx(float(spread), rel=1e-9)
        silent = (a.movedim(units, 0).flatten(1) == 0).all(dim=1)
        assert layer.dead == pytest.approx(float(silent.double().mean()))
        assert layer.backpropagated_rms == pytest.approx(rms(look.backpropagated[key]), rel=1e-9)
        counted = [look.preactivations[key], look.activations[key]]
        assert layer.non_finite == sum(int((~t.isfinite()).sum()) for t in counted) == 0
        own = [g for k, g in look.weight_gradients.items() if k.partition(".weight")[0] == key]
        own += [g for k, g in look.weight_gradients.items() if k == f"{key}.in_proj_weight"]
        if own:
            assert layer.gradient_rms == pytest.approx(rms(*own), rel=1e-9)
        else:
            assert key.endswith(" (2)") and math.isnan(layer.gradient_rms)


@pytest.mark.parametrize("name", MODELS)
def test_weights_and_gradients_are_those_of_plain_autograd(name):
    model, (inputs, targets) = built(MODELS[name]).eval(), images()
    found = layer_statistics(model, inputs, targets)
    twin = copy.deepcopy(model)
    F.mse_loss(twin(inputs), targets).backward()
    for key, module in twin.named_modules():
        own = module.named_parameters(recurse=False)
        matrices = [p for n, p in own if "weight" in n and p.ndim > 1]
        if matrices:
            assert found[key].weight_rms == pytest.approx(rms(*matrices), rel=1e-9)
            slopes = rms(*(p.grad for p in matrices))
            assert found[key].gradient_rms == pytest.approx(slopes, rel=1e-4)


@pytest.mark.parametrize("function", SLOPES)
def test_saturation_is_counted_from_the_preactivations(function):
    module = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "hardtanh": nn.Hardtanh}[function]()
    model = nn.Sequential(nn.Linear(2, 50), module, nn.Linear(50, 2)).double()
    with torch.no_grad():
        model[0].weight.mul_(3)
    inputs, targets = (part.double() for part in waves(200))
    z = model[0](inputs).detach()
    bent = {"tanh": torch.tanh(z), "sigmoid": torch.tanh(z / 2), "hardtanh": z.clamp(-1, 1)}
    share = float((bent[function].abs() > 0.97).double().mean())
    found = layer_statistics(model, inputs, targets)
    assert 0.02 < share < 0.98
    assert found["0"].saturated == pytest.approx(share)
    assert math.isnan(found["2"].saturated)


def test_dead_units_are_counted_over_examples_and_places():
    model = nn.Sequential(nn.Conv1d(1, 4, 1), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([1.0, -1.0, 1.0, 1.0]).reshape(4, 1, 1))
        model[0].bias.copy_(torch.tensor([0.0, 0.0, -1.5, -9.0]))
    inputs = torch.tensor([[1.0, 1.0, 1.0], [1.0, 2.0, 0.0]])[:, None]
    found = layer_statistics(model, inputs, torch.zeros(2, 2))
    # alive: the first everywhere, the third in one place of one example
    assert found["0"].dead == 0.5


def test_the_spread_is_over_examples_and_not_over_units():
    model = nn.Linear(2, 3).double()
    with torch.no_grad():
        model.weight.zero_()
        model.bias.copy_(torch.tensor([1.0, 2.0, 3.0]))
    inputs, targets = torch.randn(10, 2).double(), torch.zeros(10, 3).double()
    layer = layer_statistics(model, inputs, targets)["Linear"]
    assert (layer.contrast, layer.weight_rms) == (0.0, 0.0)
    assert layer.activation_rms == pytest.approx(math.sqrt(14 / 3))
    assert layer.dead == 0.0
    with torch.no_grad():
        model.weight[:, 0] = 2.0
    layer = layer_statistics(model, inputs, targets)["Linear"]
    spread = 2 * inputs[:, 0].std(correction=0)
    assert layer.contrast == pytest.approx(float(spread))


def test_a_network_of_zeros_is_exact():
    for layer in layer_statistics(mlp((2, 3, 3, 2), "relu", "zeros"), *waves(10)).values():
        assert (layer.weight_rms, layer.gradient_rms, layer.activation_rms) == (0, 0, 0)
        assert layer.dead == 1.0
        assert (layer.non_finite, layer.non_finite_gradients) == (0, 0)


def test_of_one_example_there_is_no_spread():
    found = layer_statistics(mlp((2, 3, 2), "tanh", seed=0), *waves(1))
    assert all(math.isnan(layer.contrast) for layer in found.values())
    assert all(layer.activation_rms > 0 for layer in found.values())


def test_small_and_large_values_neither_underflow_nor_overflow():
    model = mlp((2, 3, 2), "identity", seed=0)
    with torch.no_grad():
        model[0].weight.fill_(1e-30), model[0].bias.zero_(), model[2].weight.fill_(1e25)
    found = layer_statistics(model, *waves(10))
    assert found["0"].weight_rms == pytest.approx(1e-30)
    assert found["2"].weight_rms == pytest.approx(1e25)


def test_values_that_are_not_finite_are_counted():
    model = mlp((2, 4, 2), "tanh", "glorot_normal", seed=0)
    with torch.no_grad():
        model[0].weight[0, 0] = torch.nan
    found = layer_statistics(model, *waves(10))
    assert found["0"].non_finite == 1 + 10 + 10  # a weight, z and tanh(z) of its unit
    assert found["0"].non_finite_gradients == 10 * 4 + 4 * 2
    assert found["2"].non_finite == 10 * 2


@pytest.mark.parametrize("sparse", [False, True])
def test_of_an_embedding_the_rows_that_are_used_count(sparse):
    words = torch.tensor([[0, 3], [3, 5]])
    model = nn.Sequential(nn.Embedding(9, 4, sparse=sparse), nn.Flatten(), nn.Linear(8, 2))
    found = layer_statistics(model, words, torch.zeros(2, 2))["0"]
    twin = copy.deepcopy(model)
    F.mse_loss(twin(words), torch.zeros(2, 2)).backward()
    used = torch.tensor([0, 3, 5])
    gradient = twin[0].weight.grad.to_dense()[used]
    assert found.weight_rms == pytest.approx(rms(model[0].weight[used]), rel=1e-6)
    assert found.gradient_rms == pytest.approx(rms(gradient), rel=1e-6)
    dense = glimpse(model, words, torch.zeros(2, 2)).weight_gradients["0"]
    torch.testing.assert_close(dense[used], gradient)


def test_large_layers_are_measured_piece_by_piece(monkeypatch):
    model, (inputs, targets) = built(convolutional).eval(), images()
    whole = layer_statistics(model, inputs, targets)
    monkeypatch.setattr("dlglimpse.measuring._PIECE", 7)
    for key, layer in layer_statistics(model, inputs, targets).items():
        for field, value in vars(whole[key]).items():
            assert getattr(layer, field) == pytest.approx(value, rel=1e-9, nan_ok=True), field


# Memory: what is alive at once, counted in bytes of storages


class Alive(TorchDispatchMode):
    """The most bytes that the results of operations held at any one time."""

    def __init__(self, model):
        super().__init__()
        self.storages, self.peak = {}, 0
        self.before = {p.untyped_storage()._cdata for p in model.parameters()}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata in self.before:
                    continue
                ref = torch.multiprocessing.reductions.StorageWeakRef(storage)
                self.storages[ref.cdata] = ref, storage.nbytes()
        self.storages = {k: v for k, v in self.storages.items() if not v[0].expired()}
        self.peak = max(self.peak, sum(size for _, size in self.storages.values()))
        return out


def most_alive(look, model, *data):
    with Alive(model) as alive:
        look(model, *data)
    return alive.peak


def plain(model, inputs, targets):
    parameters = list(model.parameters())
    return torch.autograd.grad(F.mse_loss(model(inputs), targets), parameters)


def test_statistics_hold_no_copies():
    model = mlp((64, *[512] * 8, 10), "tanh", "glorot_normal", seed=0)
    order = torch.Generator().manual_seed(0)
    inputs, targets = (torch.randn(64, k, generator=order) for k in (64, 10))
    parameters = 4 * sum(p.numel() for p in model.parameters())
    base = most_alive(plain, model, inputs, targets)
    streamed = most_alive(layer_statistics, model, inputs, targets)
    kept = most_alive(glimpse, model, inputs, targets)
    # What a forward pass leaves for the backward pass: inputs, and a tanh per layer.
    signals = 4 * 64 * (64 + 8 * 512 + 10)
    gradient, pieces = 4 * 512 * 512, 4 * 8 * 2**17
    # No parameter is copied, and its gradient is gone before the next one is made.
    assert streamed < signals + gradient + pieces < parameters < base
    # What glimpse brings home is pre-activations, activations and their gradients.
    assert base < kept < base + 3 * signals
