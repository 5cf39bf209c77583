"""Where the book lives: its repository, its branch and its site."""

from __future__ import annotations

import os
from pathlib import Path

import yaml


def repository(root: Path) -> tuple[str, str]:
    """Address and branch, from `_config.yml`, or in a fork's CI from the environment."""
    named = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]
    url, branch = named["url"], named.get("branch", "main")
    owner_and_name = os.environ.get("GITHUB_REPOSITORY")
    if owner_and_name:
        url = f"https://github.com/{owner_and_name}"
        branch = os.environ.get("GITHUB_HEAD_REF") or os.environ.get("GITHUB_REF_NAME") or branch
    return url, branch


def site(root: Path) -> str:
    """Where the site is published."""
    return pages_address(repository(root)[0])


def pages_address(repository: str) -> str:
    """Where GitHub Pages shows a repository.

    >>> pages_address("https://github.com/owner/name")
    'https://owner.github.io/name/'
    """
    owner, name = repository.rstrip("/").split("/")[-2:]
    return f"https://{owner}.github.io/{name}/"


def package(root: Path) -> str:
    """What pip installs `dlglimpse` from."""
    url, branch = repository(root)
    return f"dlglimpse @ {url}/archive/refs/heads/{branch}.zip"
