"""A sweep that a test kills midway, and starts again: python tests/interrupted.py FOLDER CALLS.

Each configuration that is computed adds a line to the file CALLS.
"""

import sys
import time
from pathlib import Path

from dlglimpse import Draws, sweep, waves

CONFIGURATIONS = [{"sizes": (2, width, 2)} for width in range(1, 9)]


def measure(look: Draws) -> list[float]:
    """The losses, slowly enough to be interrupted."""
    with Path(sys.argv[2]).open("a") as calls:
        calls.write(f"{look.weight_gradients['0'].shape[1]}\n")
    time.sleep(0.2)
    losses: list[float] = look.loss.tolist()
    return losses


if __name__ == "__main__":
    inputs, targets = waves(20)
    found = sweep(
        CONFIGURATIONS, measure, folder=sys.argv[1], n_draws=5, inputs=inputs, targets=targets
    )
    print(found)
