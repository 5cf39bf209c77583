"""Do all claims hold with the oldest PyTorch that the package promises to work with?

    python tests/claims/oldest.py PYTHON [PAGE...]

PYTHON is that of an environment with the packages that `--requirements` prints: of each
that the package needs, the oldest release in its range. The exit status is 1 if a claim
does not hold there. `make oldest` makes the environment, and runs all pages that claim.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib

from packaging.requirements import Requirement

from claims.seeds import ROOT, claiming_pages, shifted


def oldest() -> list[str]:
    """The pins of the oldest environment in the ranges of pyproject.toml.

    >>> [pin for pin in oldest() if pin.startswith("torch==")]
    ['torch==2.6.0']
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = []
    for requirement in map(Requirement, project["dependencies"]):
        (least,) = (s.version for s in requirement.specifier if s.operator == ">=")
        found.append(f"{requirement.name}=={least}{'.0' if least.count('.') == 1 else ''}")
    return found


def report(page: str, python: str) -> bool:
    """Print how the claims of one page fare there, and return whether all hold."""
    found = shifted(page, 0, python)
    broken = [record for record in found if not record["holds"]]
    print(f"{page}: {len(found) - len(broken)} of {len(found)} claims hold", flush=True)
    for record in broken:
        print(f"  {record['slug']}: {record['bound']}; measured was {record['text']}")
    return not broken


def main() -> int:
    """Print the requirements, or run pages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requirements", action="store_true", help="print them, and stop")
    parser.add_argument("python", nargs="?", default=sys.executable)
    parser.add_argument("pages", nargs="*", help="all that claim something if none")
    asked = parser.parse_args()
    if asked.requirements:
        print("\n".join(oldest()))
        return 0
    versions = "import torch, numpy; print('torch', torch.__version__, 'NumPy', numpy.__version__)"
    subprocess.run([asked.python, "-c", versions], check=True)
    held = [report(page, asked.python) for page in asked.pages or claiming_pages()]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
