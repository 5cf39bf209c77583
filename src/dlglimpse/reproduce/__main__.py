"""Train the networks of Table 1 of Glorot and Bengio (2010) on Shapeset-3x2.

    python -m dlglimpse.reproduce --output table1

trains what the paper trained, for as long as the paper did: 5 million updates of five
networks, which is days on a GPU. Stop it whenever you like: the same command goes on where
it was, results.json in the folder says what was found so far, and more --updates may be
asked for later. With several --rates, one is chosen first for each configuration.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm import tqdm

from dlglimpse.errors import GlimpseError
from dlglimpse.reproduce.keeping import keep, take_up
from dlglimpse.reproduce.plans import CONFIGURATIONS, TABLE, Plan, paired
from dlglimpse.reproduce.results import commit, results
from dlglimpse.reproduce.searching import best_rates, search_plan, told
from dlglimpse.reproduce.training import Training, device_of


def arguments_of(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m dlglimpse.reproduce",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    known = ", ".join(CONFIGURATIONS)
    add("--output", type=Path, default=Path("table1"), help="folder for checkpoints and results")
    add("--configurations", nargs="+", default=TABLE, metavar="NAME", help=known)
    add("--seeds", nargs="+", type=int, default=[0], metavar="SEED", help="one network for each")
    add("--updates", type=int, default=5_000_000, help="steps of gradient descent")
    add("--every", type=int, default=10_000, help="updates from one test error to the next")
    add("--save", type=int, default=1_000, help="updates from one checkpoint to the next")
    add("--batch", type=int, default=10, help="images in an update")
    add("--width", type=int, default=1000, help="units in a hidden layer")
    add("--depth", type=int, default=5, help="hidden layers")
    add("--test-size", type=int, default=10_000, help="images to measure errors on")
    add("--rates", nargs="+", type=float, default=[0.01, 0.03, 0.1], metavar="RATE",
        help="learning rates to choose from; a single one is taken as it is")  # fmt: skip
    add("--search", type=int, default=10_000, help="updates before a rate is chosen")
    add("--device", default="auto", help="auto takes a GPU if there is one")
    return parser.parse_args(words)


def carry_out(
    plan: Plan,
    path: Path,
    *,
    device: str,
    save: int,
    title: str,
    report: Callable[[Training, list[str], float], None] = lambda *_: None,
) -> Training:
    """Train a plan to its end, from where the file at `path` was kept.

    Parameters
    ----------
    plan, device
        What to train, and where.
    path, save
        The checkpoint, and after how many updates it is written anew.
    title
        What the progress bar says.
    report
        Called with the training, its commits and its seconds after each measured error.
    """
    training = Training(plan, device)
    facts = take_up(training, path)
    commits = list(dict.fromkeys([*facts.get("commits", []), commit()]))
    begun = time.monotonic() - facts.get("seconds", 0.0)
    with tqdm(total=plan.updates, initial=training.done, desc=title, unit="update") as bar:
        while training.done < plan.updates:
            before = training.done
            bar.update(training.advance())
            finished = training.done == plan.updates
            if finished or training.done // save > before // save:
                keep(training, path, commits=commits, seconds=time.monotonic() - begun)
            if finished or training.done == training.measured[-1]:
                report(training, commits, time.monotonic() - begun)
    return training


def main(words: Sequence[str] | None = None) -> int:
    """Choose the learning rates, then train."""
    asked = arguments_of(words)
    try:
        reproduce(asked)
    except GlimpseError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    return 0


def reproduce(asked: argparse.Namespace) -> None:
    """Do what the command line asks for."""
    device = device_of(asked.device)
    rates = dict.fromkeys(asked.configurations, asked.rates[0])
    options = {name: getattr(asked, name) for name in ("batch", "width", "depth", "test_size")}
    plan = Plan(paired(rates, asked.seeds), asked.updates, asked.every, **options)
    asked.output.mkdir(parents=True, exist_ok=True)
    place = {"device": device, "save": asked.save}
    search = None
    if len(asked.rates) > 1:
        trial = search_plan(plan, asked.rates, asked.search)
        found = carry_out(trial, asked.output / "search.pt", title="learning rates", **place)
        rates, search = best_rates(found.errors), told(found)
        plan = Plan(paired(rates, asked.seeds), asked.updates, asked.every, **options)

    def report(training: Training, commits: list[str], seconds: float) -> None:
        found = results(training, commits=commits, search=search, seconds=seconds)
        found.write(asked.output / "results.json")

    path = asked.output / "training.pt"
    training = carry_out(plan, path, title="training", report=report, **place)
    for run, errors in training.errors.items():
        print(f"{run.configuration:12} seed {run.seed:<4} {100 * errors[-1]:6.2f} % errors")


if __name__ == "__main__":
    sys.exit(main())
