"""Choose a learning rate for each configuration, as the paper did for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dlglimpse.reproduce.plans import Plan, Run
from dlglimpse.reproduce.training import Training

SEED = 10_000
"""The seed of the search, which no training should use again."""


def search_plan(plan: Plan, rates: Sequence[float], updates: int) -> Plan:
    """Every configuration of a plan with every rate, measured once, on images for that.

    Examples
    --------
    >>> plan = Plan((Run("tanh", 1.0, seed=0), Run("tanh N", 1.0, seed=0)), 1000, 100)
    >>> len(search_plan(plan, [0.1, 0.3], updates=50).runs)
    4
    """
    names = dict.fromkeys(run.configuration for run in plan.runs)
    runs = tuple(Run(name, rate, SEED) for name in names for rate in rates)
    return replace(plan, runs=runs, updates=updates, every=updates, purpose="validation")


def best_rates(errors: Mapping[Run, Sequence[float]]) -> dict[str, float]:
    """For each configuration the rate with the lowest last error; of equals the smallest.

    Examples
    --------
    >>> best_rates({Run("tanh", 0.1, 0): [0.8, 0.5], Run("tanh", 0.3, 0): [0.8, 0.6]})
    {'tanh': 0.1}
    """
    ranked = sorted(errors, key=lambda run: (errors[run][-1], run.rate))
    names = dict.fromkeys(run.configuration for run in errors)
    return {name: next(r.rate for r in ranked if r.configuration == name) for name in names}


def told(search: Training) -> dict[str, Any]:
    """How the rates were chosen, for the provenance."""
    errors: dict[str, dict[str, float]] = {}
    for run, measured in search.errors.items():
        errors.setdefault(run.configuration, {})[f"{run.rate:g}"] = round(100 * measured[-1], 4)
    return {
        "by": "lowest validation error after so many updates, one seed",
        "updates": search.done,
        "seed": SEED,
        "errors": errors,
    }
