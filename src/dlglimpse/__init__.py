"""Look inside deep networks: the package behind the book *Deep Learning Glimpse*."""

from dlglimpse.data import digits, waves
from dlglimpse.errors import GlimpseError
from dlglimpse.initializers import (
    SCHEMES,
    Constant,
    Default,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    MatchedSigmoid,
    Orthogonal,
    Scheme,
    Uniform,
    Zeros,
    initialize,
)
from dlglimpse.networks import ACTIVATIONS, mlp
from dlglimpse.records import Band, Density, Draws, Glimpse, number

__all__ = [
    "ACTIVATIONS",
    "SCHEMES",
    "Band",
    "Constant",
    "Default",
    "Density",
    "Draws",
    "GlimpseError",
    "Glimpse",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "MatchedSigmoid",
    "Orthogonal",
    "Scheme",
    "Uniform",
    "Zeros",
    "digits",
    "initialize",
    "mlp",
    "number",
    "waves",
]
