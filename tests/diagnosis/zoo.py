"""Networks of every sort, well and broken on purpose, with what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlglimpse import HeNormal, digits, initialize, mlp, waves

N = 64
"""Examples of a batch."""

Case = tuple[nn.Module, Tensor | tuple[Tensor, ...], Tensor, Callable[[Tensor, Tensor], Tensor]]


@dataclass(frozen=True)
class Network:
    """A network, how to make it from a seed, what must be found, and what may follow from it."""

    name: str
    make: Callable[[int], Case]
    wrong: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def seeded(seed: int) -> torch.Generator:
    """What the data of one seed are drawn with."""
    return torch.Generator().manual_seed(seed)


def points(model: nn.Module, seed: int) -> Case:
    """The training set of the book, 2 to 2."""
    return model, *waves(N, seed=seed), F.mse_loss


@cache
def _standardized() -> tuple[Tensor, Tensor]:
    inputs, targets = digits()[:2]
    return (inputs - inputs.mean()) / inputs.std(), targets


def written(model: nn.Module, seed: int) -> Case:
    """Handwritten digits, 64 to 10, scaled to mean 0 and variance 1."""
    inputs, targets = _standardized()
    rows = torch.randperm(len(inputs), generator=seeded(seed))[:N]
    return model, inputs[rows], targets[rows], F.cross_entropy


def images(model: nn.Module, seed: int) -> Case:
    """The same as images, (n, 1, 8, 8)."""
    model, inputs, targets, loss = written(model, seed)
    return model, inputs.reshape(-1, 1, 8, 8), targets, loss


def default(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """A network with PyTorch's own initial weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make()


def dense(activation: str, scheme: object, hidden: int, seed: int, width: int = 64) -> Case:
    """Hidden layers of one width for the digits."""
    return written(mlp((64, *[width] * hidden, 10), activation, scheme, seed=seed), seed)


class Block(nn.Module):
    """A residual block with batch normalization, as in ResNets, or without."""

    def __init__(self, channels: int, norm: bool = True) -> None:
        super().__init__()
        kind = nn.BatchNorm2d if norm else nn.Identity
        self.one = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm_one = kind(channels)
        self.two = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm_two = kind(channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.norm_one(self.one(x)), inplace=True)
        return F.relu(x + self.norm_two(self.two(inner)))


def residual(blocks: int, channels: int = 16, norm: bool = True) -> nn.Module:
    first = nn.BatchNorm2d(channels) if norm else nn.Identity()
    return nn.Sequential(
        *(nn.Conv2d(1, channels, 3, padding=1), first, nn.ReLU()),
        *(Block(channels, norm) for _ in range(blocks)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)),
    )


def convolutional(
    norm: bool = False, activation: type[nn.Module] = nn.ReLU, extra: int = 0
) -> nn.Module:
    pieces: list[nn.Module] = []
    for before, after in ((1, 16), (16, 32), *[(32, 32)] * (1 + extra)):
        pieces += [nn.Conv2d(before, after, 3, padding=1)]
        pieces += [nn.BatchNorm2d(after)] if norm else []
        pieces += [activation()]
    return nn.Sequential(*pieces, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 10))


def he(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    """A network of any making, with He's weights and zero biases."""
    return initialize(default(make, seed), HeNormal(bias="zeros"), seed=seed)


class Encoder(nn.Module):
    """Rows of an image as a sequence of eight, through a Transformer encoder."""

    def __init__(self, norm_first: bool = False, layers: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.embed = nn.Linear(8, 32)
        self.places = nn.Parameter(torch.randn(1, 8, 32) * 0.1)
        layer = nn.TransformerEncoderLayer(
            32, 4, 64, dropout, batch_first=True, norm_first=norm_first
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.encoder(self.embed(x.squeeze(1)) + self.places).mean(dim=1))


class Reader(nn.Module):
    """Rows of an image, read one after the other by a recurrent layer."""

    def __init__(self, kind: type[nn.RNNBase]) -> None:
        super().__init__()
        self.body = kind(8, 32, batch_first=True)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x.squeeze(1))[0][:, -1])


class Autoencoder(nn.Module):
    """Decodes with the transposed weights of its encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(64, 32), nn.Linear(32, 8)

    def forward(self, x: Tensor) -> Tensor:
        code = torch.tanh(self.two(torch.tanh(self.one(x))))
        return F.linear(torch.tanh(F.linear(code, self.two.weight.T)), self.one.weight.T)


class Forgotten(nn.Module):
    """Has a layer that its forward pass does not use."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.head = nn.Linear(64, 32), nn.Linear(32, 32), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.tanh(self.one(x)))


class Words(nn.Module):
    """A classifier of short texts of word numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(500, 32)
        self.hidden, self.head = nn.Linear(32, 32), nn.Linear(32, 4)

    def forward(self, words: Tensor) -> Tensor:
        return self.head(torch.relu(self.hidden(self.embed(words).mean(dim=1))))


class Pair(nn.Module):
    """Takes an image and a mask of the pixels that count."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.mask = nn.Linear(64, 32), nn.Linear(64, 32)
        self.head = nn.Linear(32, 10)

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        return self.head(torch.tanh(self.image(image) + self.mask(mask.to(image.dtype))))


class Branches(nn.Module):
    """Two branches that are added; one may be cut off or closed by a gate."""

    def __init__(self, cut: bool = False, gate: float = 1.0) -> None:
        super().__init__()
        self.one, self.two, self.three = (nn.Linear(64, 32) for _ in range(3))
        self.middle, self.head = nn.Linear(32, 32), nn.Linear(32, 10)
        self.cut, self.gate = cut, gate

    def forward(self, x: Tensor) -> Tensor:
        side = torch.tanh(self.two(x))
        side = side.detach() if self.cut else side
        both = torch.tanh(self.one(x)) + self.gate * side + torch.tanh(self.three(x))
        return self.head(torch.tanh(self.middle(both)))
