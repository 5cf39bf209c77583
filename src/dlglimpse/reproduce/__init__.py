"""Train what Glorot and Bengio trained: `python -m dlglimpse.reproduce`."""

from dlglimpse.reproduce.plans import CONFIGURATIONS, TABLE, Plan, Run, paired
from dlglimpse.reproduce.results import Results
from dlglimpse.reproduce.training import Training, train

__all__ = ["CONFIGURATIONS", "TABLE", "Plan", "Results", "Run", "Training", "paired", "train"]
