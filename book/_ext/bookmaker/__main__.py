"""The verbs behind the Makefile: `python -m bookmaker --help`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bookmaker import checks, execute, fingerprint, pagetimes, serve, site
from bookmaker.sources import Problem


def _report(problems: list[Problem], what: str) -> int:
    """Print problems last, where they are seen, and return the exit status."""
    if not problems:
        return 0
    print(f"\n{len(problems)} {what}:")
    for problem in problems:
        print(f"  {problem}")
    return 1


def run_pages(root: Path, *, force: bool = False) -> int:
    """Check the sources, then run the pages that need it."""
    if status := _report(checks.check_sources(root), "problems in the sources"):
        return status
    run = execute.execute(root, force=force)
    for name, seconds in sorted(run.seconds.items(), key=lambda item: -item[1]):
        print(f"  {name:<20} ran in {seconds:6.1f} s")
    return _report(run.problems, "pages failed")


def book(root: Path) -> int:
    """Run the pages, build the site from their outputs, check it, and say where it is."""
    site.retire(root)
    if status := run_pages(root):
        return status
    if status := _report(site.build(root), "problems in the site, which is not finished"):
        return status
    print(f"\nThe book is ready: open {site.SITE / 'index.html'}")
    return 0


def main() -> int:
    """Run one verb and return its exit status."""
    parser = argparse.ArgumentParser(prog="bookmaker", description=__doc__)
    verbs = {
        "book": "run the pages that changed and build the site",
        "run": "run the pages that changed",
        "serve": "preview the site, and build it again after every edit",
        "times": "run all pages, and write down how long they take",
        "fingerprint": "print what the outputs depend on besides the pages",
    }
    told = "; ".join(f"{verb}: {what}" for verb, what in verbs.items())
    parser.add_argument("verb", choices=verbs, help=told)
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the folder of _config.yml")
    parser.add_argument("--port", type=int, default=8000, help="where `serve` serves")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    if arguments.verb == "book":
        return book(root)
    if arguments.verb == "run":
        return run_pages(root)
    if arguments.verb == "serve":
        return serve.serve(root, port=arguments.port)
    if arguments.verb == "times":
        return pagetimes.measure(root)
    print(fingerprint.fingerprint(root))
    return 0


if __name__ == "__main__":
    sys.exit(main())
