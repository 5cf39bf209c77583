"""Looking leaves no trace, whatever the model: models are made at random."""

import contextlib
import copy
import random

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from dlglimpse import (
    GlimpseError,
    diagnose,
    glimpse,
    layer_statistics,
    per_example_densities,
    per_example_gradients,
    per_example_norms,
)

pytestmark = [
    # PyTorch's own, about a reader's hook on a first layer and a deprecated function
    pytest.mark.filterwarnings("ignore:Full backward hook is firing"),
    pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm`:FutureWarning"),
    pytest.mark.filterwarnings("ignore:There is a performance drop"),
]

ANY_NETWORK = [glimpse, layer_statistics, diagnose]
LOOKS = [*ANY_NETWORK, per_example_gradients, per_example_norms, per_example_densities]
N, WIDTH, OUT = 5, 4, 2

many = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


class Block(nn.Module):
    """A residual block: not an `nn.Sequential`."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


def conv():
    return nn.Sequential(
        nn.Unflatten(1, (1, WIDTH)),
        nn.Conv1d(1, 2, 3, padding=1),
        nn.Flatten(),
        nn.Linear(2 * WIDTH, WIDTH),
    )


def tied():
    one, two = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
    two.weight = one.weight
    return nn.Sequential(one, nn.Tanh(), two)


def reused():
    layer = nn.Linear(WIDTH, WIDTH)
    return nn.Sequential(layer, nn.Tanh(), layer)


class Running(nn.Module):
    """Replaces its buffer, as many hand-written statistics do."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH))

    def forward(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x.detach().mean(dim=0)
        return x


class Clipped(nn.Linear):
    """Bounds its own weight in the forward pass, as `nn.Embedding(max_norm=...)`."""

    def forward(self, x):
        with torch.no_grad():
            self.weight.clamp_(-0.1, 0.1)
        return super().forward(x)


class Thrice(nn.Module):
    """One layer under three names."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(WIDTH, WIDTH)
        self.two = self.one
        self.three = nn.Sequential(self.one)

    def forward(self, x):
        return self.three(torch.tanh(self.two(torch.tanh(self.one(x)))))


class Noisy(nn.Module):
    """Draws from every global random state."""

    def forward(self, x):
        return x + random.gauss() * np.random.normal() * torch.randn(1)


class Sequence(nn.Module):
    """Takes the units for the steps of a sequence, through a body of 1 to 4 and back."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.embed, self.body, self.last = nn.Linear(1, WIDTH), body, nn.Linear(WIDTH, 1)

    def forward(self, x):
        x = self.body(self.embed(x[..., None]))
        return self.last(x[0] if isinstance(x, tuple) else x)[..., 0]


class SelfAttention(nn.MultiheadAttention):
    def forward(self, x):
        return super().forward(x, x, x)


class Checkpointed(nn.Module):
    """Runs forward a second time on the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh())

    def forward(self, x):
        return checkpoint(self.body, x, use_reentrant=False)


class Overwriting(nn.Linear):
    """Writes over its own weight for good, through another view of it."""

    def forward(self, x):
        self.weight.data[:, 0] += 1.0
        torch.mul(self.bias.data, 0.5, out=self.bias.data)
        return super().forward(x)


class Renormed(nn.Module):
    """An embedding shortens the rows that it looks up."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Embedding(5, WIDTH, max_norm=0.1)

    def forward(self, x):
        return x + self.rows((x[:, 0] > 0).long())


class Outer(nn.Module):
    """Adds in place to what a layer and an activation put out."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        x = self.one(x).add_(1.0)
        x = F.gelu(self.two(x))
        x += 1.0
        return x


PIECES = {
    "linear": lambda: nn.Linear(WIDTH, WIDTH),
    "no bias": lambda: nn.Linear(WIDTH, WIDTH, bias=False),
    "tanh": nn.Tanh,
    "in place": lambda: nn.ReLU(inplace=True),
    "prelu": nn.PReLU,
    "dropout": lambda: nn.Dropout(0.5),
    "batch norm": lambda: nn.BatchNorm1d(WIDTH),
    "layer norm": lambda: nn.LayerNorm(WIDTH),
    "residual": lambda: Block(nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh())),
    "nested": lambda: nn.Sequential(nn.Sequential(nn.Linear(WIDTH, WIDTH))),
    "conv": conv,
    "tied": tied,
    "reused": reused,
    "weight norm": lambda: nn.utils.parametrizations.weight_norm(nn.Linear(WIDTH, WIDTH)),
    "spectral norm": lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(WIDTH, WIDTH)),
    "old weight norm": lambda: nn.utils.weight_norm(nn.Linear(WIDTH, WIDTH)),
    "old spectral norm": lambda: nn.utils.spectral_norm(nn.Linear(WIDTH, WIDTH)),
    "running buffer": Running,
    "clipped": lambda: Clipped(WIDTH, WIDTH),
    "thrice": Thrice,
    "instance norm": lambda: nn.Sequential(
        nn.Unflatten(1, (2, 2)),
        nn.InstanceNorm1d(2, affine=True, track_running_stats=True),
        nn.Flatten(),
    ),
    "random slopes": nn.RReLU,
    "noisy": Noisy,
    "LSTM": lambda: Sequence(nn.LSTM(WIDTH, WIDTH, batch_first=True)),
    "GRU": lambda: Sequence(nn.GRU(WIDTH, WIDTH, batch_first=True)),
    "attention": lambda: Sequence(SelfAttention(WIDTH, 2, batch_first=True)),
    "encoder": lambda: Sequence(nn.TransformerEncoderLayer(WIDTH, 2, 6, batch_first=True)),
    "checkpoint": Checkpointed,
    "overwriting": lambda: Overwriting(WIDTH, WIDTH),
    "renormed": Renormed,
    "adding in place": Outer,
}


@st.composite
def models(draw):
    names = draw(st.lists(st.sampled_from(sorted(PIECES)), max_size=5))
    with torch.random.fork_rng():
        torch.manual_seed(draw(st.integers(0, 3)))
        pieces = [nn.Linear(3, WIDTH), *(PIECES[name]() for name in names)]
        model = nn.Sequential(*pieces, nn.Linear(WIDTH, OUT))
        model.train(draw(st.booleans()))
        for parameter in model.parameters():
            parameter.requires_grad_(draw(st.integers(0, 4)) > 0)
        if draw(st.booleans()):  # gradients of earlier work
            for parameter in model.parameters():
                parameter.grad = torch.randn_like(parameter)
        modes = [m for m in model.modules() if draw(st.integers(0, 5)) == 0]
        for module in modes:
            module.training = not module.training
    if draw(st.booleans()):  # a hook of the reader's own
        model[0].register_forward_hook(lambda module, args, output: None)
        model[0].register_full_backward_hook(lambda module, gin, gout: None)
    return model


def trains(model, inputs, targets):
    """Whether plain PyTorch can take the model; two in-place layers in a row it cannot."""
    twin = copy.deepcopy(model)
    try:
        F.mse_loss(twin(inputs), targets).backward()
    except RuntimeError:
        return False
    return True


def masked():
    """A model of two inputs, the second a mask."""

    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.norm = nn.Linear(3, WIDTH), nn.BatchNorm1d(WIDTH)
            self.two = nn.Linear(WIDTH, OUT)

        def forward(self, x, mask):
            return self.two(F.dropout(self.norm(self.one(x * mask)), 0.5, self.training))

    return Masked()


@pytest.mark.parametrize("look", ANY_NETWORK)
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_several_inputs_of_any_precision_leave_no_trace(untouched, look, dtype):
    model, (inputs, targets) = masked().to(dtype), data(dtype)
    mask = inputs > 0
    with untouched(model, inputs, mask, targets):
        look(model, (inputs, mask), targets)
        with pytest.raises(GlimpseError):
            look(model, (inputs, mask[:3]), targets)
        with pytest.raises(GlimpseError):
            look(model, (inputs,), targets)


def data(dtype=torch.float32):
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(N, 3, generator=generator, dtype=dtype)
    return inputs, torch.randn(N, OUT, generator=generator, dtype=dtype)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("piece", PIECES)
def test_looking_at_each_kind_of_module_leaves_no_trace(untouched, piece, look):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, WIDTH), PIECES[piece](), nn.Linear(WIDTH, OUT))
    inputs, targets = data()
    for mode in (False, True):
        with untouched(model.train(mode), inputs, targets):
            try:
                look(model, inputs, targets)
            except GlimpseError as error:
                assert len(str(error)) > 40


@pytest.mark.parametrize("look", LOOKS)
def test_looking_leaves_no_trace(untouched, look):
    succeeded = []

    @many
    @given(model=models())
    def check(model):
        inputs, targets = data()
        result = None
        with untouched(model, inputs, targets), contextlib.suppress(GlimpseError):
            try:
                result = look(model, inputs, targets)
            except RuntimeError as error:
                result = error
        if isinstance(result, RuntimeError):
            assert not trains(model, inputs, targets)
        else:
            succeeded.append(result is not None)

    check()
    assert sum(succeeded) > 5  # the property was tested on success, too


class Trip(nn.Module):
    """Fails in the forward pass, in the middle of the network."""

    def forward(self, x):
        raise RuntimeError("tripped")


class TripBack(torch.autograd.Function):
    """Passes its input on and fails in the backward pass."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        raise RuntimeError("tripped on the way back")


class LateTrip(nn.Module):
    def forward(self, x):
        return TripBack.apply(x)


def trip_loss(outputs, targets):
    raise KeyError("tripped in the loss")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("way", ["forward", "backward", "loss"])
def test_errors_of_the_model_and_the_loss_leave_no_trace(untouched, look, way):
    seen = []

    @settings(many, max_examples=12)
    @given(model=models())
    def check(model):
        for parameter in model.parameters():
            parameter.requires_grad_()
        parts, loss = list(model), F.mse_loss
        if way == "loss":
            loss = trip_loss
        else:
            parts.insert(-1, Trip() if way == "forward" else LateTrip())
        model = nn.Sequential(*parts)
        inputs, targets = data()
        with untouched(model, inputs, targets):
            with pytest.raises((RuntimeError, KeyError, GlimpseError)) as caught:
                look(model, inputs, targets, loss=loss)
            seen.append("trip" in repr(caught.value) + repr(caught.value.__cause__))

    check()
    assert any(seen)  # our own error arrived, not only a refusal before it


BAD = {
    "int64 inputs": lambda x, y: (x.long(), y),
    "float64 inputs": lambda x, y: (x.double(), y),
    "wrong width": lambda x, y: (x[:, :2], y),
    "lengths differ": lambda x, y: (x, y[:3]),
    "broadcast": lambda x, y: (x, y[:, 0]),
    "empty": lambda x, y: (x[:0], y[:0]),
    "nan": lambda x, y: (torch.where(x > 0, x, torch.nan), y),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("bad", BAD)
def test_bad_input_leaves_no_trace(untouched, look, bad):
    @settings(many, max_examples=8)
    @given(model=models())
    def check(model):
        inputs, targets = BAD[bad](*data())
        with untouched(model, inputs, targets), pytest.raises(GlimpseError):
            look(model, inputs, targets)

    check()


@pytest.mark.parametrize("look", LOOKS)
def test_inputs_that_require_gradients_get_none(untouched, look):
    model = nn.Sequential(nn.Linear(3, WIDTH), nn.Tanh(), nn.Linear(WIDTH, OUT))
    inputs, targets = data()
    inputs.requires_grad_()
    with untouched(model, inputs, targets):
        look(model, inputs, targets)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("before", [[], [nn.Identity()], [nn.Flatten()]])
def test_inputs_survive_a_model_that_begins_in_place(untouched, look, before):
    model = nn.Sequential(*before, nn.ReLU(inplace=True), nn.Linear(3, OUT))
    inputs, targets = data()
    with untouched(model, inputs, targets):
        look(model, inputs, targets)


def test_training_after_a_look_is_training_without_one():
    def run(look_first):
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, OUT)
        )
        inputs, targets = data()
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(3):
            if look_first:
                glimpse(model, inputs, targets)
            optimizer.zero_grad()
            F.mse_loss(model(inputs), targets).backward()
            optimizer.step()
        return torch.cat([t.ravel().float() for t in model.state_dict().values()])

    with torch.random.fork_rng():
        assert torch.equal(run(look_first=False), run(look_first=True))
