"""Look inside deep networks: the package behind the book *Deep Learning Glimpse*."""

from dlglimpse.data import digits, waves
from dlglimpse.densities import density, density_from_counts
from dlglimpse.ensembles import draw_seed, draws
from dlglimpse.errors import GlimpseError
from dlglimpse.gradients import glimpse
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
from dlglimpse.per_example import (
    per_example_densities,
    per_example_gradients,
    per_example_norms,
)
from dlglimpse.records import Band, Density, Draws, Glimpse, number

__all__ = [
    "ACTIVATIONS",
    "SCHEMES",
    "Band",
    "Constant",
    "Default",
    "Density",
    "Draws",
    "Glimpse",
    "GlimpseError",
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
    "density",
    "density_from_counts",
    "digits",
    "draw_seed",
    "draws",
    "glimpse",
    "initialize",
    "mlp",
    "number",
    "per_example_densities",
    "per_example_gradients",
    "per_example_norms",
    "waves",
]
