"""Pictures of records: the only part of the package that imports matplotlib."""

from dlglimpse.figures.activations import plot_activation
from dlglimpse.figures.bands import plot_bands
from dlglimpse.figures.diagnostics import plot_diagnostics
from dlglimpse.figures.gradients import plot_gradients
from dlglimpse.figures.graphs import draw_graph
from dlglimpse.figures.networks import draw_network
from dlglimpse.figures.updates import plot_updates

__all__ = [
    "draw_graph",
    "draw_network",
    "plot_activation",
    "plot_bands",
    "plot_diagnostics",
    "plot_gradients",
    "plot_updates",
]
