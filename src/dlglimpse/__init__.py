"""Look inside deep networks: the package behind the book *Deep Learning Glimpse*."""

from dlglimpse.claims import Claim, ClaimError, claim
from dlglimpse.curves import activation_curve
from dlglimpse.data import digits, loop_times, waves
from dlglimpse.densities import density, density_from_counts
from dlglimpse.diagnosis import diagnose
from dlglimpse.ensembles import draw_seed, draws
from dlglimpse.errors import GlimpseError
from dlglimpse.exercises import check, hint
from dlglimpse.figures import (
    draw_graph,
    draw_network,
    plot_activation,
    plot_bands,
    plot_diagnostics,
    plot_gradients,
    plot_updates,
)
from dlglimpse.findings import Diagnosis, Finding, LayerStatistics
from dlglimpse.glue import glue
from dlglimpse.gradients import glimpse
from dlglimpse.initializers import initialize
from dlglimpse.measuring import layer_statistics
from dlglimpse.networks import ACTIVATIONS, mlp
from dlglimpse.per_example import per_example_gradients
from dlglimpse.per_example_statistics import per_example_densities, per_example_norms
from dlglimpse.records import Band, Curve, Density, Draws, Glimpse, Updates, number
from dlglimpse.schemes import (
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
)
from dlglimpse.shapeset import SHAPESET_CLASSES, shapeset
from dlglimpse.summaries import band, first_to_last, rank_correlation, typical, zero_share
from dlglimpse.sweeps import sweep
from dlglimpse.trainings import train_together
from dlglimpse.updates import watch_updates

__all__ = [
    "ACTIVATIONS",
    "SCHEMES",
    "SHAPESET_CLASSES",
    "Band",
    "Claim",
    "ClaimError",
    "Constant",
    "Curve",
    "Default",
    "Density",
    "Diagnosis",
    "Draws",
    "Finding",
    "Glimpse",
    "GlimpseError",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LayerStatistics",
    "LecunNormal",
    "MatchedSigmoid",
    "Orthogonal",
    "Scheme",
    "Uniform",
    "Updates",
    "Zeros",
    "activation_curve",
    "band",
    "check",
    "claim",
    "density",
    "density_from_counts",
    "diagnose",
    "digits",
    "draw_graph",
    "draw_network",
    "draw_seed",
    "draws",
    "first_to_last",
    "glimpse",
    "glue",
    "hint",
    "initialize",
    "layer_statistics",
    "loop_times",
    "mlp",
    "number",
    "per_example_densities",
    "per_example_gradients",
    "per_example_norms",
    "plot_activation",
    "plot_bands",
    "plot_diagnostics",
    "plot_gradients",
    "plot_updates",
    "rank_correlation",
    "shapeset",
    "sweep",
    "train_together",
    "typical",
    "watch_updates",
    "waves",
    "zero_share",
]
