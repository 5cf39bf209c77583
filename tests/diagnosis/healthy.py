"""Networks in which nothing is wrong."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from diagnosis.zoo import (
    Autoencoder,
    Branches,
    Case,
    Encoder,
    N,
    Network,
    Pair,
    Reader,
    Words,
    convolutional,
    default,
    dense,
    he,
    images,
    points,
    residual,
    seeded,
    written,
)
from dlglimpse import HeNormal, LecunNormal, initialize, mlp


def frozen(seed: int) -> Case:
    """A backbone that does not train, and a head that does."""
    model = he(partial(convolutional, norm=True), seed).eval()
    model[:-1].requires_grad_(False)
    return images(model, seed)


def trained(seed: int) -> Case:
    """After 100 steps of a training that works."""
    model, inputs, targets, loss = dense("relu", HeNormal(bias="zeros"), 3, seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(100):
        optimizer.zero_grad()
        loss(model(inputs), targets).backward()
        optimizer.step()
    return model, inputs, targets, loss


def dropped(seed: int) -> Case:
    model = default(
        lambda: nn.Sequential(
            *(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.5)),
            *(nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
        ),
        seed,
    )
    return written(initialize(model, HeNormal(bias="zeros"), seed=seed), seed)


def texts(seed: int) -> Case:
    order = seeded(seed)
    words = torch.randint(500, (N, 12), generator=order)
    return default(Words, seed), words, torch.randint(4, (N,), generator=order), F.cross_entropy


def reconstructed(seed: int) -> Case:
    model, inputs, _, _ = written(default(Autoencoder, seed), seed)
    return model, inputs, inputs, F.mse_loss


def paired(seed: int) -> Case:
    model, inputs, targets, loss = written(default(Pair, seed), seed)
    return model, (inputs, inputs > 0), targets, loss


def halved(dtype: torch.dtype, seed: int) -> Case:
    model, inputs, targets, loss = dense("relu", HeNormal(bias="zeros"), 3, seed)
    return model.to(dtype), inputs.to(dtype), targets, loss


def sequences(make, seed: int) -> Case:
    return images(default(make, seed), seed)


def matched(seed: int) -> Case:
    """A sigmoid network that computes what a tanh network with Glorot's weights does."""
    return dense("sigmoid", "matched_sigmoid", 4, seed)


def logistic(seed: int) -> Case:
    """A yes or no of each class, behind a last sigmoid."""
    model, inputs, targets, _ = dense("tanh", "glorot_normal", 2, seed)
    model.append(nn.Sigmoid())
    return model, inputs, F.one_hot(targets, 10).float(), F.binary_cross_entropy


NO_BIAS = HeNormal(bias="zeros")
HEALTHY = [
    Network(
        "small tanh, Glorot, on the waves",
        lambda s: points(mlp((2, 32, 32, 2), "tanh", "glorot_normal", seed=s), s),
    ),
    Network("tanh, Glorot, 3 hidden layers", partial(dense, "tanh", "glorot_normal", 3)),
    Network("tanh, Glorot, 8 hidden layers", partial(dense, "tanh", "glorot_normal", 8)),
    Network("tanh, orthogonal, 8 hidden layers", partial(dense, "tanh", "orthogonal", 8)),
    Network("ReLU, He, 3 hidden layers", partial(dense, "relu", NO_BIAS, 3)),
    Network("ReLU, He, 8 hidden layers of 128", partial(dense, "relu", NO_BIAS, 8, width=128)),
    Network("ReLU, PyTorch's default, 2 hidden layers", partial(dense, "relu", "default", 2)),
    Network("SELU, LeCun, 8 hidden layers", partial(dense, "selu", LecunNormal(bias="zeros"), 8)),
    Network("GELU, He, 4 hidden layers", partial(dense, "gelu", NO_BIAS, 4)),
    Network("sigmoid, matched to tanh, 4 hidden layers", matched),
    Network("sigmoid, default, 1 hidden layer", partial(dense, "sigmoid", "default", 1)),
    Network("linear model", partial(dense, "tanh", "default", 0)),
    Network("yes or no behind a last sigmoid", logistic),
    Network("convolutions, He", lambda s: images(he(convolutional, s), s)),
    Network("convolutions, default", lambda s: images(default(convolutional, s), s)),
    Network(
        "convolutions with batch normalization",
        lambda s: images(default(partial(convolutional, norm=True), s), s),
    ),
    Network("residual network, 4 blocks", lambda s: images(default(partial(residual, 4), s), s)),
    Network("Transformer encoder", partial(sequences, Encoder)),
    Network(
        "Transformer encoder, norm first, 4 layers",
        partial(sequences, partial(Encoder, norm_first=True, layers=4)),
    ),
    Network("Transformer encoder, evaluated", lambda s: images(default(Encoder, s).eval(), s)),
    Network("LSTM", partial(sequences, partial(Reader, nn.LSTM))),
    Network("GRU", partial(sequences, partial(Reader, nn.GRU))),
    Network("tied autoencoder", reconstructed),
    Network("embedding classifier", texts),
    Network("two inputs, one a mask", paired),
    Network("three branches", lambda s: written(default(Branches, s), s)),
    Network("frozen backbone", frozen),
    Network("dropout", dropped),
    Network("ReLU, trained for 100 steps", trained),
    Network("bfloat16", partial(halved, torch.bfloat16)),
    Network("float16", partial(halved, torch.float16)),
]
