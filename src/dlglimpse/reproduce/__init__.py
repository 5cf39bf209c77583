"""Train what Glorot and Bengio trained: `python -m dlglimpse.reproduce`."""

from dlglimpse.reproduce.plans import CONFIGURATIONS, TABLE, Plan, Run, paired
from dlglimpse.reproduce.results import Results, long_run
from dlglimpse.reproduce.training import Training, train

__all__ = [
    "CONFIGURATIONS",
    "TABLE",
    "Plan",
    "Results",
    "Run",
    "Training",
    "long_run",
    "paired",
    "train",
]
