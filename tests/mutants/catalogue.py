"""All wrong formulas that `make mutants` plants, one at a time."""

from __future__ import annotations

from mutants.looking import LOOKING
from mutants.making import MAKING
from mutants.planting import Mutant

MUTANTS: tuple[Mutant, ...] = (*MAKING, *LOOKING)


def named(part: str | None) -> tuple[Mutant, ...]:
    """The mutants whose name contains a text, or all of them.

    >>> [mutant.name for mutant in named("orthogonal gain")]
    ['the orthogonal gain lost']
    """
    if part is None:
        return MUTANTS
    exact = tuple(mutant for mutant in MUTANTS if mutant.name == part)
    return exact or tuple(m for m in MUTANTS if part.lower() in m.name.lower())
