"""Pictures of records: the only part of the package that imports matplotlib."""

from dlglimpse.figures.bands import plot_bands
from dlglimpse.figures.gradients import plot_gradients

__all__ = ["plot_bands", "plot_gradients"]
