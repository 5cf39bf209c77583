"""What `glimpse` and `per_example_gradients` see, computed again by other means."""

import copy
import dataclasses
import functools
import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlglimpse import (
    ACTIVATIONS,
    GlimpseError,
    density,
    glimpse,
    mlp,
    per_example_densities,
    per_example_gradients,
    per_example_norms,
    waves,
)

# PyTorch's own, where it maps attention over examples
pytestmark = pytest.mark.filterwarnings("ignore:There is a performance drop")

FIELDS = [
    "preactivations",
    "activations",
    "backpropagated",
    "weight_gradients",
    "bias_gradients",
]
SUM = functools.partial(F.mse_loss, reduction="sum")
SIZES = (3, 4, 5, 2)


def batch(n=6, i=3, o=2, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(n, i, generator=generator, dtype=dtype)
    return inputs, torch.randn(n, o, generator=generator, dtype=dtype)


def network(activation="tanh", sizes=SIZES, seed=0):
    return mlp(sizes, activation, seed=seed).double()


def close(first, second, atol=1e-12):
    torch.testing.assert_close(first, second, atol=atol, rtol=1e-9)


def autograd(model, inputs, targets, loss=F.mse_loss):
    """Gradients of all parameters by one plain backward pass on a copy."""
    twin = copy.deepcopy(model).requires_grad_()
    twin.zero_grad()
    loss(twin(inputs), targets).backward()
    return {
        name: torch.zeros_like(p) if p.grad is None else p.grad
        for name, p in twin.named_parameters(remove_duplicate=False)
    }


def loop(model, inputs, targets, loss=F.mse_loss):
    """Per-example gradients of every parameter by n plain backward passes."""
    rows = [
        autograd(model, inputs[k : k + 1], targets[k : k + 1], loss) for k in range(len(inputs))
    ]
    return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}


def vmapped(model, inputs, targets, loss=F.mse_loss):
    """The same by ``torch.func``."""
    parameters = {k: p.detach() for k, p in model.named_parameters()}

    def one(parameters, x, y):
        outputs = torch.func.functional_call(model, parameters, (x[None],))
        return loss(outputs, y[None])

    return torch.func.vmap(torch.func.grad(one), (None, 0, 0))(parameters, inputs, targets)


# glimpse: the numbers


def by_hand(model, inputs, targets):
    """Back-propagation of the mean squared error written out, in NumPy."""
    layers = [m for m in model if isinstance(m, nn.Linear)]
    weights = [m.weight.detach().numpy() for m in layers]
    biases = [m.bias.detach().numpy() for m in layers]
    a, y = [inputs.numpy()], targets.numpy()
    z = []
    for k, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z.append(a[-1] @ w.T + b)
        a.append(np.tanh(z[-1]) if k < len(layers) - 1 else z[-1])
    delta = 2 * (a[-1] - y) / y.size
    record = {field: {} for field in FIELDS}
    for k in reversed(range(len(layers))):
        if k < len(layers) - 1:
            delta = (delta @ weights[k + 1]) * (1 - np.tanh(z[k]) ** 2)
        values = (z[k], a[k + 1], delta, delta.T @ a[k], delta.sum(axis=0))
        for field, value in zip(FIELDS, values, strict=True):
            record[field] = {str(2 * k): torch.from_numpy(value), **record[field]}
    return record, float(((a[-1] - y) ** 2).mean())


@pytest.mark.parametrize("n", [1, 2, 17])
@pytest.mark.parametrize("sizes", [SIZES, (3, 2), (3, 1, 6, 2)])
def test_every_field_equals_backpropagation_by_hand(n, sizes):
    model, (inputs, targets) = network(sizes=sizes), batch(n)
    record = glimpse(model, inputs, targets)
    expected, loss = by_hand(model, inputs, targets)
    for field in FIELDS:
        got = getattr(record, field)
        assert list(got) == list(expected[field]), field
        for layer in got:
            close(got[layer], expected[field][layer])
    assert record.loss == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_equal_autograd_and_torch_func(activation):
    model, (inputs, targets) = network(activation), batch()
    record = glimpse(model, inputs, targets)
    plain = autograd(model, inputs, targets)
    func = torch.func.grad(
        lambda p: F.mse_loss(torch.func.functional_call(model, p, (inputs,)), targets)
    )({k: p.detach() for k, p in model.named_parameters()})
    for expected in (plain, func):
        for layer in ("0", "2", "4"):
            close(record.weight_gradients[layer], expected[f"{layer}.weight"])
            close(record.bias_gradients[layer], expected[f"{layer}.bias"])


def test_gradients_equal_finite_differences():
    model, (inputs, targets) = network("sigmoid"), batch()
    record, step = glimpse(model, inputs, targets), 1e-6
    for layer in ("0", "2", "4"):
        for field, tensor in (
            (record.weight_gradients, model.get_submodule(layer).weight),
            (record.bias_gradients, model.get_submodule(layer).bias),
        ):
            flat = tensor.data.view(-1)
            for k in range(flat.numel()):
                value = flat[k].item()
                losses = []
                for sign in (1, -1):
                    flat[k] = value + sign * step
                    losses.append(F.mse_loss(model(inputs), targets).item())
                flat[k] = value
                slope = (losses[0] - losses[1]) / (2 * step)
                assert field[layer].view(-1)[k].item() == pytest.approx(slope, abs=1e-8)


def test_backpropagated_is_the_derivative_by_the_preactivation():
    model, (inputs, targets) = network("sigmoid"), batch()
    record = glimpse(model, inputs, targets)
    for k, layer in ((0, "0"), (2, "2"), (4, "4")):
        z = record.preactivations[layer].clone().requires_grad_()
        F.mse_loss(model[k + 1 :](z), targets).backward()
        close(record.backpropagated[layer], z.grad)


def test_shapes_and_order():
    record = glimpse(network(), *batch(7))
    for field in FIELDS:
        assert list(getattr(record, field)) == ["0", "2", "4"]
    for layer, i, o in (("0", 3, 4), ("2", 4, 5), ("4", 5, 2)):
        assert record.preactivations[layer].shape == (7, o)
        assert record.activations[layer].shape == (7, o)
        assert record.backpropagated[layer].shape == (7, o)
        assert record.weight_gradients[layer].shape == (o, i)
        assert record.bias_gradients[layer].shape == (o,)


def test_a_linear_network_has_the_product_of_its_matrices():
    model, (inputs, targets) = network("identity", (3, 4, 2)), batch(5)
    with torch.no_grad():
        model[0].bias.zero_(), model[2].bias.zero_()
    w, v = model[0].weight.detach(), model[2].weight.detach()
    record = glimpse(model, inputs, targets)
    error = 2 * (inputs @ (v @ w).T - targets) / targets.numel()
    close(record.weight_gradients["2"], error.T @ inputs @ w.T)
    close(record.weight_gradients["0"], v.T @ error.T @ inputs)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_network_of_zeros_is_exact(activation):
    model = mlp((2, 3, 3, 2), activation, "zeros")
    inputs, targets = waves(10)
    record = glimpse(model, inputs, targets)
    for layer in ("0", "2", "4"):
        assert (record.weight_gradients[layer] == 0).all()
        assert record.zeros["weight_gradients"][layer] == (record.weight_gradients[layer].numel())
    close(record.bias_gradients["4"], -targets.mean(dim=0), atol=1e-7)
    assert record.loss == pytest.approx(float((targets**2).mean()), rel=1e-6)
    assert record.zeros["bias_gradients"]["4"] == 0
    assert record.zeros["preactivations"]["0"] == 10 * 3


# glimpse: what the record says about its numbers


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_the_record_knows_n_and_dtype(name):
    dtype = getattr(torch, name)
    record = glimpse(network().to(dtype), *batch(9, dtype=dtype))
    assert (record.n, record.dtype) == (9, name)
    assert type(record.loss) is float
    for field in FIELDS:
        assert all(t.dtype == dtype for t in getattr(record, field).values())


@pytest.mark.parametrize(
    ("loss", "reduction"),
    [
        (F.mse_loss, "mean"),
        (F.l1_loss, "mean"),
        (nn.MSELoss(), "mean"),
        (SUM, "sum"),
        (nn.MSELoss(reduction="sum"), "sum"),
        (nn.SmoothL1Loss(), "mean"),
        (lambda o, t: ((o - t) ** 2).mean(), "mean"),
        (lambda o, t: ((o - t) ** 2).sum(), "sum"),
        (lambda o, t: (o - t).abs().max(), "other"),
        (lambda o, t: F.mse_loss(o, t).sqrt(), "other"),
        (lambda o, t: F.mse_loss(o, t) / len(o), "other"),
    ],
)
def test_the_record_knows_the_reduction(loss, reduction):
    model, (inputs, targets) = network(), batch()
    record = glimpse(model, inputs, targets, loss=loss)
    assert record.reduction == reduction
    assert record.loss == pytest.approx(loss(model(inputs), targets).item(), rel=1e-12)


def test_a_sum_is_numel_times_a_mean():
    model, (inputs, targets) = network(), batch()
    mean, total = (glimpse(model, inputs, targets, loss=f) for f in (F.mse_loss, SUM))
    for layer, gradient in mean.weight_gradients.items():
        close(total.weight_gradients[layer], targets.numel() * gradient)


def test_zeros_and_non_finite_values_are_counted_as_they_are():
    model = mlp((2, 8, 8, 2), "relu", "uniform", seed=1)
    with torch.no_grad():
        model[2].weight[0, 0] = torch.inf
    record = glimpse(model, *waves(20))
    some = 0
    for field in FIELDS:
        for layer, tensor in getattr(record, field).items():
            values = tensor.numpy()
            assert record.zeros[field][layer] == np.count_nonzero(values == 0)
            bad = np.count_nonzero(~np.isfinite(values))
            assert record.non_finite[field][layer] == bad
            assert type(record.zeros[field][layer]) is int
            some += bad
    assert some > 0


def test_the_record_is_frozen_and_detached_and_owns_its_memory(untouched):
    model, (inputs, targets) = network("identity"), batch()
    record = glimpse(model, inputs, targets)
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.loss = 0.0
    with untouched(model, inputs, targets):
        for field in FIELDS:
            for tensor in getattr(record, field).values():
                assert not tensor.requires_grad and tensor.grad_fn is None
                tensor.fill_(7)


def test_a_second_look_sees_the_same():
    model, (inputs, targets) = network(), batch()
    first, second = (glimpse(model, inputs, targets) for _ in range(2))
    for field in FIELDS:
        for layer, tensor in getattr(first, field).items():
            assert torch.equal(tensor, getattr(second, field)[layer])


def test_old_gradients_are_neither_added_nor_lost():
    model, (inputs, targets) = network(), batch()
    fresh = glimpse(model, inputs, targets)
    (model(inputs) ** 2).sum().backward()
    kept = {k: p.grad.clone() for k, p in model.named_parameters()}
    again = glimpse(model, inputs, targets)
    for layer, gradient in fresh.weight_gradients.items():
        assert torch.equal(gradient, again.weight_gradients[layer])
    assert all(torch.equal(p.grad, kept[k]) for k, p in model.named_parameters())


@pytest.mark.parametrize("guard", [torch.no_grad, torch.enable_grad])
def test_looking_works_whatever_the_mode_of_autograd(guard):
    model, (inputs, targets) = network(), batch()
    expected = autograd(model, inputs, targets)
    single = loop(model, inputs, targets)
    with guard():
        record = glimpse(model, inputs, targets)
        examples = per_example_gradients(model, inputs, targets)
    for layer, gradient in record.weight_gradients.items():
        close(gradient, expected[f"{layer}.weight"])
        close(examples[layer], single[f"{layer}.weight"])


def test_a_classifier_takes_class_numbers():
    model, (inputs, _) = network(sizes=(3, 4, 5)), batch()
    targets = torch.tensor([0, 1, 2, 3, 4, 0])
    record = glimpse(model, inputs, targets, loss=F.cross_entropy)
    expected = autograd(model, inputs, targets, F.cross_entropy)
    close(record.weight_gradients["0"], expected["0.weight"])
    one_hot = F.one_hot(targets, 5).double()
    softmax = F.softmax(model(inputs), dim=1).detach()
    close(record.backpropagated["2"], (softmax - one_hot) / len(inputs))


# Models that are not ours


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.body = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        h = torch.tanh(self.first(x))
        return self.last(h + self.body(h))


class Backwards(nn.Module):
    """The order of definition is not the order of the forward pass."""

    def __init__(self):
        super().__init__()
        self.c = nn.Linear(5, 2)
        self.b = nn.Linear(4, 5)
        self.a = nn.Linear(3, 4)

    def forward(self, x):
        return self.c(self.b(self.a(x).relu()).relu())


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.again = nn.Linear(4, 4)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        h = torch.tanh(self.first(x))
        return self.last(torch.tanh(self.again(torch.tanh(self.again(h)))))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(3, 3), nn.Linear(3, 3)
        self.two.weight = self.one.weight
        self.last = nn.Linear(3, 2)

    def forward(self, x):
        return self.last(torch.tanh(self.two(torch.tanh(self.one(x)))))


class Borrowed(nn.Module):
    """Uses a weight a second time without calling its layer."""

    def __init__(self):
        super().__init__()
        self.one, self.last = nn.Linear(3, 3), nn.Linear(3, 2)

    def forward(self, x):
        h = torch.tanh(self.one(x))
        return self.last(torch.tanh(F.linear(h, self.one.weight)))


class Decayed(nn.Module):
    """The output depends on a weight's norm."""

    def __init__(self):
        super().__init__()
        self.one, self.last = nn.Linear(3, 3), nn.Linear(3, 2)

    def forward(self, x):
        return self.last(torch.tanh(self.one(x))) * self.one.weight.norm()


class Centered(nn.Module):
    """Examples mix without any layer that is known for it."""

    def __init__(self):
        super().__init__()
        self.one, self.last = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        h = torch.tanh(self.one(x))
        return self.last(h - h.mean(dim=0))


class Unused(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x):
        return self.used(x)


class Pooled(nn.Module):
    """Every example is a sequence."""

    def __init__(self):
        super().__init__()
        self.embed, self.last = nn.Linear(1, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(torch.tanh(self.embed(x[..., None])).mean(dim=1))


class Attention(nn.Module):
    """A Transformer encoder layer, which uses some weights without their layers."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(1, 4)
        self.encoder = nn.TransformerEncoderLayer(4, 2, 6, 0.0, batch_first=True)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.encoder(self.embed(x[..., None])).mean(dim=1))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.GRU(1, 4, batch_first=True)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.body(x[..., None])[0][:, -1])


class Branching(nn.Module):
    """Every example takes its own branch."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x):
        rows = [self.one(r) if r.sum() > 0 else self.two(r) for r in x]
        return torch.stack(rows)


def instance_normalized():
    return nn.Sequential(
        nn.Linear(3, 4),
        nn.Unflatten(1, (2, 2)),
        nn.InstanceNorm1d(2),
        nn.Flatten(),
        nn.Linear(4, 2),
    )


def in_place():
    return nn.Sequential(
        nn.Linear(3, 4),
        nn.ReLU(inplace=True),
        nn.Linear(4, 5),
        nn.LeakyReLU(0.5, inplace=True),
        nn.Linear(5, 2),
    )


def convolutional():
    return nn.Sequential(
        nn.Unflatten(1, (1, 3)),
        nn.Conv1d(1, 4, 2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(8, 2),
    )


def normalized():
    return nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.LayerNorm(4), nn.Linear(4, 2)
    )


def frozen():
    model = mlp(SIZES, "tanh", seed=0)
    model[0].weight.requires_grad_(False)
    return model


def shared_activation():
    return mlp(SIZES, nn.Tanh(), seed=0)


def reused_in_sequential():
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Tanh(), nn.Linear(3, 2))


PLAIN = [
    Residual,
    Backwards,
    in_place,
    Pooled,
    shared_activation,
    Unused,
    frozen,
    instance_normalized,
    convolutional,
    Attention,
]
TRICKY = [Twice, Tied, Borrowed, Decayed, reused_in_sequential, Recurrent, Branching]


def build(maker):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return maker().double()


def linear_layers(model):
    return {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}


@pytest.mark.parametrize("maker", PLAIN)
def test_glimpse_takes_any_module(maker):
    model, (inputs, targets) = build(maker), batch()
    record = glimpse(model, inputs, targets)
    expected = autograd(model, inputs, targets)
    assert set(linear_layers(model)) - set(record.weight_gradients) <= {"unused"}
    for field, kind in (("weight_gradients", "weight"), ("bias_gradients", "bias")):
        for layer, gradient in getattr(record, field).items():
            close(gradient, of_layer(expected, layer, kind))


def of_layer(expected, layer, kind="weight"):
    """A layer's parameter, or one that goes by a name of its own."""
    return expected[layer if layer in expected else f"{layer}.{kind}"]


@pytest.mark.parametrize("maker", TRICKY)
def test_glimpse_of_a_tricky_module_is_exact_or_refused_by_name(maker):
    model, (inputs, targets) = build(maker), batch()
    expected = autograd(model, inputs, targets)
    try:
        record = glimpse(model, inputs, targets)
    except GlimpseError as error:
        assert any(repr(name) in str(error) for name in linear_layers(model))
        return
    assert record.weight_gradients
    for layer, gradient in record.weight_gradients.items():
        close(gradient, of_layer(expected, layer))


def test_layers_stand_in_the_order_of_the_forward_pass():
    model, data = build(Backwards), batch()
    assert list(glimpse(model, *data).weight_gradients) == ["a", "b", "c"]
    assert list(per_example_gradients(model, *data)) == ["a", "b", "c"]
    assert list(per_example_norms(model, *data)) == ["a", "b", "c"]


def test_in_place_activations_do_not_overwrite_the_preactivations():
    model, (inputs, targets) = build(in_place), batch(40)
    record = glimpse(model, inputs, targets)
    z = F.linear(inputs, model[0].weight, model[0].bias).detach()
    assert (z < 0).any()
    close(record.preactivations["0"], z)
    close(record.activations["0"], z.relu())
    twin = copy.deepcopy(model)
    twin[1], twin[3] = nn.ReLU(), nn.LeakyReLU(0.5)
    expected = glimpse(twin, inputs, targets)
    for field in FIELDS:
        for layer, tensor in getattr(expected, field).items():
            close(getattr(record, field)[layer], tensor)


def test_batch_normalization_in_training_mode_is_seen_as_it_trains():
    model, (inputs, targets) = build(normalized), batch(8)
    record = glimpse(model.train(), inputs, targets)
    expected = autograd(model, inputs, targets)
    close(record.weight_gradients["0"], expected["0.weight"])


# per_example_gradients

LOSSES = {
    "mean squared error": F.mse_loss,
    "its sum": SUM,
    "l1": F.l1_loss,
    "huber": nn.HuberLoss(delta=0.3),
    "root mean squared error": lambda o, t: F.mse_loss(o, t).sqrt(),
    "logarithm of a sum": lambda o, t: ((o - t) ** 2).sum().log1p(),
    "largest error": lambda o, t: (o - t).abs().max(),
    "divided by n twice": lambda o, t: F.mse_loss(o, t) / len(o),
}


@dataclasses.dataclass
class Scaled:
    """A loss with options, which compares by value and so has no hash."""

    factor: float = 3.0

    def __call__(self, outputs, targets):
        return self.factor * F.mse_loss(outputs, targets)


def clipped(outputs, targets):
    """A loss that decides in Python."""
    error = F.mse_loss(outputs, targets)
    return error if error.item() < 0.5 else error.sqrt()


@pytest.mark.parametrize("loss", [Scaled(), clipped])
def test_any_callable_is_a_loss(loss):
    model, (inputs, targets) = network(), batch()
    glimpse(model, inputs, targets, loss=loss)
    got = per_example_gradients(model, inputs, targets, loss=loss)
    expected = loop(model, inputs, targets, loss)
    for layer, gradient in got.items():
        close(gradient, expected[f"{layer}.weight"])


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_examples_equal_a_loop_and_vmap(loss):
    model, (inputs, targets) = network("sigmoid"), batch()
    got = per_example_gradients(model, inputs, targets, loss=loss)
    one = loop(model, inputs, targets, loss)
    two = vmapped(model, inputs, targets, loss)
    assert list(got) == ["0", "2", "4"]
    for layer, gradient in got.items():
        close(gradient, one[f"{layer}.weight"])
        close(gradient, two[f"{layer}.weight"])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("n", [1, 5])
def test_examples_are_exact_for_every_activation(activation, n):
    model, (inputs, targets) = network(activation), batch(n)
    got = per_example_gradients(model, inputs, targets)
    expected = loop(model, inputs, targets)
    for (layer, gradient), (i, o) in zip(got.items(), itertools.pairwise(SIZES), strict=True):
        assert gradient.shape == (n, o, i)
        close(gradient, expected[f"{layer}.weight"])


@pytest.mark.parametrize("weighted", [False, True])
def test_examples_of_a_classifier(weighted):
    # with class weights a mean divides by their sum: for one example they cancel
    weight = torch.tensor([0.5, 2.0, 3.0, 1.0, 0.1], dtype=torch.float64)
    loss = nn.CrossEntropyLoss(weight=weight if weighted else None)
    model, (inputs, _) = network(sizes=(3, 4, 5)), batch()
    targets = torch.tensor([0, 1, 2, 3, 4, 0])
    got = per_example_gradients(model, inputs, targets, loss=loss)
    expected = loop(model, inputs, targets, loss)
    residual = F.softmax(model(inputs), 1) - F.one_hot(targets, 5)
    closed = residual[:, :, None] * torch.tanh(model[0](inputs))[:, None, :]
    close(got["2"], closed.detach())
    for layer, gradient in got.items():
        close(gradient, expected[f"{layer}.weight"])


def test_the_mean_over_examples_is_the_batch_gradient():
    model, (inputs, targets) = network(), batch(11)
    examples = per_example_gradients(model, inputs, targets)
    whole = glimpse(model, inputs, targets).weight_gradients
    for layer, gradient in whole.items():
        close(examples[layer].mean(dim=0), gradient)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_examples_have_the_dtype_of_the_model_and_own_their_memory(untouched, dtype):
    model, (inputs, targets) = network().to(dtype), batch(dtype=dtype)
    got = per_example_gradients(model, inputs, targets)
    with untouched(model, inputs, targets):
        for gradient in got.values():
            assert gradient.dtype == dtype
            assert not gradient.requires_grad and gradient.grad_fn is None
            gradient.fill_(7)


def test_one_linear_layer_has_the_outer_product_of_error_and_input():
    model, (inputs, targets) = network(sizes=(3, 2)), batch()
    got = per_example_gradients(model, inputs, targets)["0"]
    error = (model(inputs) - targets).detach()  # 2 / outputs = 1
    close(got, torch.einsum("no,ni->noi", error, inputs))


def test_examples_of_a_network_of_zeros_are_zeros():
    got = per_example_gradients(mlp((2, 3, 3, 2), "tanh", "zeros"), *waves(10))
    assert all((gradient == 0).all() for gradient in got.values())


@pytest.mark.parametrize("maker", PLAIN)
def test_examples_of_any_module(maker):
    model, (inputs, targets) = build(maker), batch()
    got = per_example_gradients(model, inputs, targets)
    expected = loop(model, inputs, targets)
    assert set(linear_layers(model)) - set(got) <= {"unused"}
    for layer, gradient in got.items():
        close(gradient, expected[f"{layer}.weight"])


@pytest.mark.parametrize("maker", [*TRICKY, Centered])
def test_examples_of_a_tricky_module_are_exact_or_refused(maker):
    model, (inputs, targets) = build(maker), batch()
    expected = loop(model, inputs, targets)
    try:
        got = per_example_gradients(model, inputs, targets)
    except GlimpseError as error:
        assert "cannot take these inputs" not in str(error)  # for it can
        return
    assert got
    for layer, gradient in got.items():
        close(gradient, expected[f"{layer}.weight"])


def test_batch_normalization_mixes_examples_and_is_refused_by_name(untouched):
    model, (inputs, targets) = build(normalized), batch()
    for look in (per_example_gradients, per_example_norms, per_example_densities):
        with untouched(model), pytest.raises(GlimpseError) as caught:
            look(model.train(), inputs, targets)
        text = str(caught.value)
        assert "BatchNorm1d" in text and "'1'" in text and "eval" in text


def test_batch_normalization_in_evaluation_mode_is_exact():
    model, (inputs, targets) = build(normalized).eval(), batch()
    got = per_example_gradients(model, inputs, targets)
    expected = loop(model, inputs, targets)
    for layer in ("0", "4"):
        close(got[layer], expected[f"{layer}.weight"])


def test_large_batches_are_exact():
    model, (inputs, targets) = network("relu"), batch(700)
    got = per_example_gradients(model, inputs, targets)
    expected = vmapped(model, inputs, targets)
    for layer, gradient in got.items():
        close(gradient, expected[f"{layer}.weight"])


# Norms and densities: never the bytes, always the same answer


@pytest.mark.parametrize("loss", [F.mse_loss, SUM, LOSSES["root mean squared error"]])
@pytest.mark.parametrize("maker", [network, *PLAIN])
def test_norms_are_those_of_the_gradients(maker, loss):
    model, (inputs, targets) = build(maker), batch(8)
    norms = per_example_norms(model, inputs, targets, loss=loss)
    expected = loop(model, inputs, targets, loss)
    assert set(linear_layers(model)) - set(norms) <= {"unused"}
    for layer, norm in norms.items():
        assert norm.shape == (8,)
        close(norm, expected[f"{layer}.weight"].flatten(1).norm(dim=1))


def test_norms_of_one_layer_are_products_of_norms():
    model, (inputs, targets) = network(sizes=(3, 2)), batch()
    error = (model(inputs) - targets).detach()
    got = per_example_norms(model, inputs, targets)["0"]
    close(got, error.norm(dim=1) * inputs.norm(dim=1))


def test_norms_and_densities_own_their_memory(untouched):
    model, (inputs, targets) = network(), batch()
    with untouched(model, inputs, targets):
        for norm in per_example_norms(model, inputs, targets).values():
            assert not norm.requires_grad
            norm.fill_(7)
        for one in per_example_densities(model, inputs, targets).values():
            one.vals[:] = 7


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("n", [50, 3000])
def test_densities_are_those_of_the_gradients(activation, n):
    model = mlp((2, 9, 7, 2), activation, "glorot_normal", seed=2)
    inputs, targets = waves(n)
    values = per_example_gradients(model, inputs, targets)
    got = per_example_densities(model, inputs, targets)
    assert list(got) == list(values) == ["0", "2", "4"]
    for layer, one in got.items():
        flat = values[layer].double().numpy().ravel()
        assert one.count == flat.size
        assert one.zeros == np.count_nonzero(flat == 0)
        assert one.non_finite == 0
        width = np.ptp(flat)
        assert one.minimum == pytest.approx(flat.min(), abs=1e-6 * width)
        assert one.maximum == pytest.approx(flat.max(), abs=1e-6 * width)
        quantiles = np.quantile(flat, [0.05, 0.5, 0.95])
        given = [one.low, one.median, one.high]
        np.testing.assert_allclose(given, quantiles, atol=0.01 * width)


@pytest.mark.parametrize("n", [100, 3000])
def test_densities_agree_with_the_density_of_all_values(n):
    model = mlp((2, 9, 7, 2), "tanh", "glorot_normal", seed=2)
    inputs, targets = waves(n)
    values = per_example_gradients(model, inputs, targets)
    for layer, one in per_example_densities(model, inputs, targets).items():
        whole = density(values[layer].numpy().ravel())
        vals = np.interp(whole.coords, one.coords, one.vals)
        difference = np.trapezoid(np.abs(vals - whole.vals), whole.coords)
        assert difference / np.trapezoid(whole.vals, whole.coords) < 0.02


@pytest.mark.parametrize("maker", [network, Residual])
def test_chunks_of_examples_are_put_together(monkeypatch, maker):
    model, data = build(maker), batch(50)
    norms, whole = (f(model, *data) for f in (per_example_norms, per_example_densities))
    monkeypatch.setattr("dlglimpse.per_example_statistics._CHUNK_VALUES", 130)
    for layer, norm in per_example_norms(model, *data).items():
        close(norm, norms[layer])
    for layer, part in per_example_densities(model, *data).items():
        np.testing.assert_allclose(part.vals, whole[layer].vals, rtol=1e-6)
        assert part.count == whole[layer].count
        assert part.zeros == whole[layer].zeros


def test_densities_of_logarithms_count_zeros_apart():
    model = mlp((2, 9, 7, 2), "relu", "glorot_normal", seed=2)
    inputs, targets = waves(500)
    values = per_example_gradients(model, inputs, targets)
    for layer, one in per_example_densities(model, inputs, targets, log=True).items():
        flat = values[layer].double().numpy().ravel()
        logs = np.log10(np.abs(flat[flat != 0]))
        assert one.zeros == flat.size - logs.size
        assert one.minimum == pytest.approx(logs.min(), abs=1e-5)
        assert one.maximum == pytest.approx(logs.max(), abs=1e-5)
        assert one.median == pytest.approx(np.median(logs), abs=0.01 * np.ptp(logs))


def test_densities_count_values_that_overflow():
    model = mlp((2, 9, 2), "relu", "uniform", seed=2)
    with torch.no_grad():
        model[0].weight[0].fill_(1e30)
        model[2].weight[0, 0] = 1e30
    inputs, targets = waves(30)
    values = per_example_gradients(model, inputs, targets)
    bad = {layer: int((~g.isfinite()).sum()) for layer, g in values.items()}
    got = per_example_densities(model, inputs, targets)
    assert {layer: one.non_finite for layer, one in got.items()} == bad
    assert sum(bad.values()) > 0


def test_half_precision_is_looked_at_like_any_other():
    model, (inputs, targets) = network().bfloat16(), batch(dtype=torch.bfloat16)
    record = glimpse(model, inputs, targets)
    assert record.dtype == "bfloat16"
    got = per_example_gradients(model, inputs, targets)
    expected = loop(model, inputs, targets)
    for layer, gradient in got.items():
        assert gradient.dtype == torch.bfloat16
        torch.testing.assert_close(gradient, expected[f"{layer}.weight"], atol=0.02, rtol=0.05)
    for layer, one in per_example_densities(model, inputs, targets).items():
        assert one.count == got[layer].numel()


def test_densities_of_zeros_are_defined():
    model = mlp((2, 3, 3, 2), "tanh", "zeros")
    for one in per_example_densities(model, *waves(10)).values():
        assert one.zeros == one.count > 0
        assert (one.minimum, one.median, one.maximum) == (0, 0, 0)
