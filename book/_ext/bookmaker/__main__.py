"""The verbs behind the Makefile: `python -m bookmaker --help`."""

from __future__ import annotations

import argparse
import fcntl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bookmaker import (
    checks,
    execute,
    fingerprint,
    offline,
    pagetimes,
    pdf,
    reproducible,
    serve,
    site,
    whole_files,
)
from bookmaker.sources import Problem


def _report(problems: list[Problem], what: str) -> int:
    """Print problems last, where they are seen, and return the exit status."""
    if not problems:
        return 0
    print(f"\n{len(problems)} {what}:" if len(problems) > 1 else f"\n1 {what}:")
    for problem in problems:
        print(f"  {problem}")
    return 1


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other command runs pages or builds here: they share their folders."""
    lock = root / "_build" / ".lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Waiting for another build of this book to end.", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def run_pages(root: Path, *, force: bool = False) -> int:
    """Check the sources, then run the pages that need it."""
    if status := _report(checks.check_sources(root), "problems in the sources"):
        return status
    run = execute.execute(root, force=force)
    for name, seconds in sorted(run.kept.items(), key=lambda item: -item[1]):
        print(f"  {name:<16} unchanged; it took {seconds:6.1f} s")
    for name, seconds in sorted(run.seconds.items(), key=lambda item: -item[1]):
        print(f"  {name:<16} ran in             {seconds:6.1f} s")
    return _report(run.problems, "pages failed")


def book(root: Path, *, force: bool = False) -> int:
    """Run the pages, build the site from their outputs, check it, and say where it is."""
    site.retire(root)
    if status := run_pages(root, force=force):
        return status
    print("Building the site from these outputs.", flush=True)
    if status := _report(site.build(root), "problems in the site, which is not finished"):
        return status
    print(f"The book is ready: open {site.SITE / 'index.html'}")
    return 0


def taken_along(root: Path, ending: str, write: Callable[[Path], list[Problem]]) -> int:
    """Make one file of the whole site, built before if it is not there, and say where it is."""
    if not (root / site.SITE).exists() and (status := book(root)):
        return status
    if status := _report(write(root), "problems in what is to be taken along"):
        return status
    print(f"It is ready: {site.SITE / whole_files.name(root)}.{ending}")
    return 0


def main() -> int:
    """Run one verb and return its exit status."""
    parser = argparse.ArgumentParser(prog="bookmaker", description=__doc__)
    verbs = {
        "book": "run the pages that changed and build the site",
        "run": "run the pages that changed",
        "pdf": "print the built site as one PDF",
        "offline": "pack the built site into one zip file",
        "reproducible": "build the last commit twice, and compare every byte",
        "serve": "preview the site, and build it again after every edit",
        "times": "run all pages, and write down how long they take",
        "fingerprint": "print what the outputs depend on besides the pages",
    }
    told = "; ".join(f"{verb}: {what}" for verb, what in verbs.items())
    parser.add_argument("verb", choices=verbs, help=told)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the folder of _config.yml")
    parser.add_argument("--force", action="store_true", help="run unchanged pages, too")
    parser.add_argument("--port", type=int, default=8000, help="where `serve` serves")
    parser.add_argument("--before", default="", help="what `serve` runs before each build")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    if arguments.verb == "serve":
        return serve.serve(root, port=arguments.port, before=arguments.before)
    if arguments.verb == "fingerprint":
        print(fingerprint.fingerprint(root))
        return 0
    if arguments.verb == "reproducible":
        return reproducible.prove(root)
    with alone(root):
        if arguments.verb == "pdf":
            return taken_along(root, "pdf", pdf.write)
        if arguments.verb == "offline":
            return taken_along(root, "zip", offline.write)
        if arguments.verb == "book":
            return book(root, force=arguments.force)
        if arguments.verb == "run":
            # The preview reads it before each build.
            site.write_configuration(root)
            return run_pages(root, force=arguments.force)
        return pagetimes.measure(root)


if __name__ == "__main__":
    sys.exit(main())
