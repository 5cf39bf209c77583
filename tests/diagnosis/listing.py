"""Diagnose every network of the table, and write down what was found.

Run as `make diagnoses`; the page about `diagnose` includes what it writes.
"""

from __future__ import annotations

from pathlib import Path

from diagnosis.broken import BROKEN
from diagnosis.healthy import HEALTHY
from diagnosis.zoo import Network
from dlglimpse import Diagnosis, diagnose, number

NETWORKS = [*HEALTHY, *BROKEN]
SEEDS = (0, 1, 2)
TABLE = Path(__file__).parents[2] / "book" / "_data" / "diagnoses.md"


def diagnosed(network: Network, seed: int) -> Diagnosis:
    """What is found in one draw of a network."""
    model, inputs, targets, loss = network.make(seed)
    return diagnose(model, inputs, targets, loss=loss)


def right(network: Network, found: Diagnosis) -> bool:
    """Whether what must be found is found, and nothing that has nothing to do with it."""
    kinds = {finding.kind for finding in found.findings}
    return set(network.wrong) <= kinds <= {*network.wrong, *network.also}


def row(network: Network) -> str:
    """A line of the table: the network, what is found in its draws, and by which number."""
    draws = [diagnosed(network, seed) for seed in SEEDS]
    if not all(right(network, found) for found in draws):
        raise SystemExit(f"{network.name}: {draws}")
    told = [finding for finding in draws[0].findings if finding.kind in network.wrong]
    kinds = ", ".join(finding.kind for finding in told) or "–"
    numbers = "; ".join(f"{f.statistic} at `{f.layer}`: {number(f.value)}" for f in told)
    return f"| {network.name} | {kinds} | {numbers or '–'} |"


def table() -> str:
    """The whole table in Markdown; stops at a false alarm or a miss."""
    head = "| network | found | by which number, one draw |\n| --- | --- | --- |\n"
    rows = "\n".join(row(network) for network in NETWORKS)
    count = (
        f"{len(HEALTHY)} networks that are well and {len(BROKEN)} broken on purpose, "
        f"{len(SEEDS)} draws of each: no false alarm and no miss."
    )
    return f"{head}{rows}\n\n{count}\n"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    print(TABLE.read_text(encoding="utf-8"))
