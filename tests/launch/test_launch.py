"""The Binder buttons, proved without Binder: `make launch`.

What `binder/` asks for goes into an empty environment, `postBuild` runs in a clone of
the repository, JupyterLab starts there, and a browser opens what each button names.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from bookmaker.site import SITE
from bookmaker.sources import contents
from jupyterlab_window import CELLS, READY, RUN, browsing, errors, serving

ROOT = Path(__file__).parents[2]
CHAPTERS = [page.slug for page in contents(ROOT) if page.runs]
INSTALLING, OPENING, RUNNING = 1800, 120, 600  # at most, in seconds
QUOTED = r"""() => {
    const prose = [...document.querySelectorAll(".jp-MarkdownCell .myst")].map(
        cell => cell.textContent);
    return prose.length && !prose.some(
        text => /glued\[|not measured yet|\{[a-z:]+\}`/.test(text));
}"""


def python() -> str:
    """Return the Python that `binder/runtime.txt` names."""
    version = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    version = version.removeprefix("python-")
    if version == "{}.{}".format(*sys.version_info):
        return sys.executable
    found = shutil.which(f"python{version}")
    assert found, f"binder/runtime.txt asks for Python {version}: install it, then try again"
    return found


def reachable(address: str) -> bool:
    """Return whether a connection to the host of an address can be made at all."""
    host = urlsplit(address).hostname
    try:
        socket.create_connection((host, 443), timeout=5).close()
    except OSError:
        return False
    return True


def requirements() -> str:
    """Return what Binder installs, less indexes that this machine cannot reach.

    pip would ask such an index for every package, and wait each time.
    """
    text = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
    for line in re.findall(r"^--extra-index-url .*\n", text, re.MULTILINE):
        if not reachable(line.split()[1]):
            text = text.replace(line, "")
    return text


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the repository, which on Binder is the home of the reader, too."""
    place: Path = tmp_path_factory.mktemp("launch") / "home"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", ROOT.as_uri(), place], check=True)
    return place


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """Environment variables of a machine on which only `binder/` was installed."""
    prefix = home.parent / "prefix"
    subprocess.run([python(), "-m", "venv", prefix], check=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON", "PYTHON", "VIRTUAL_ENV"))
    }
    variables = {
        **kept,
        "HOME": str(home),
        "PATH": f"{prefix / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(home.parent / "jupyter" / "config"),
        "JUPYTER_DATA_DIR": str(home.parent / "jupyter" / "data"),
        "JUPYTER_RUNTIME_DIR": str(home.parent / "jupyter" / "runtime"),
        "OMP_NUM_THREADS": "1",
    }
    wanted = home.parent / "requirements.txt"
    wanted.write_text(requirements(), encoding="utf-8")
    install = [prefix / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", wanted]
    subprocess.run(install, env=variables, check=True, timeout=INSTALLING)
    subprocess.run([home / "binder" / "postBuild"], cwd=home, env=variables, check=True)
    return variables


@pytest.fixture(scope="module")
def lab(home: Path, environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The address and the token of a JupyterLab that runs in the clone."""
    program = Path(environment["PATH"].split(os.pathsep)[0]) / "jupyter"
    with serving(home, program, environment) as served:
        yield served


@pytest.fixture(scope="module")
def page(lab: tuple[str, str], browser: Browser) -> Iterator[Page]:
    """A browser window that JupyterLab knows already."""
    with browsing(*lab, browser) as window:
        yield window


def path_of_button(slug: str) -> str:
    """Return what the Binder button of a page opens; without a site, what it should."""
    expected = f"lab/tree/{slug}.md"
    built = ROOT / SITE / f"{slug}.html"
    if not built.exists():
        return expected
    html = built.read_text(encoding="utf-8").replace("&amp;", "&")
    [link] = set(re.findall(r'href="(https://mybinder\.org/v2/gh/[^"]+)"', html))
    [path] = parse_qs(urlsplit(link).query)["urlpath"]
    assert path == expected
    return path


@pytest.mark.parametrize("slug", CHAPTERS)
def test_the_binder_button_opens_a_notebook_that_runs(
    slug: str, lab: tuple[str, str], page: Page, tmp_path: Path
) -> None:
    # Binder gives every reader a fresh JupyterLab; here, each page gets an empty workspace.
    page.goto(f"{lab[0]}/{path_of_button(slug)}?reset")
    page.wait_for_selector(".jp-NotebookPanel", timeout=1000 * OPENING)
    assert page.locator(".jp-FileEditor").count() == 0, "opened as text"
    page.wait_for_function(READY, timeout=1000 * OPENING)
    title = page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    assert title == f"{slug}.md"
    before = page.evaluate(CELLS)
    assert before and not any(cell["outputs"] for cell in before)
    # The page is rendered: its title and its boxes.
    page.wait_for_selector(".jp-MarkdownCell h1", state="attached", timeout=1000 * OPENING)
    source = (ROOT / f"{slug}.md").read_text(encoding="utf-8")
    if "{admonition}" in source:
        page.wait_for_selector(".jp-MarkdownCell aside", state="attached", timeout=1000 * OPENING)
    page.screenshot(path=tmp_path / f"{Path(slug).name}-opened.png")
    if "{glue:text}" in source:
        assert not page.evaluate(QUOTED), "numbers in the prose before any was measured"

    page.evaluate(RUN)
    page.wait_for_function("() => window.finished", timeout=1000 * RUNNING)
    page.screenshot(path=tmp_path / f"{Path(slug).name}-run.png")
    after = page.evaluate(CELLS)
    assert errors(after) == []
    silent = [cell["source"] for cell in after if cell["source"] and not cell["execution_count"]]
    assert silent == [], "cells that did not run"
    assert any(cell["outputs"] for cell in after)
    # The prose quotes what the cells measured, not its name.
    page.wait_for_function(QUOTED, timeout=1000 * OPENING)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
