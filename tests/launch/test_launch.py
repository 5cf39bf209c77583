"""The Binder buttons, proved without Binder: `make launch`.

What `binder/` asks for goes into an empty environment, `postBuild` runs in a clone of
the repository, JupyterLab starts there, and a browser opens what each button names.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from bookmaker.site import SITE
from bookmaker.sources import contents

ROOT = Path(__file__).parents[2]
CHAPTERS = [page.slug for page in contents(ROOT) if page.runs]
INSTALLING, STARTING, OPENING, RUNNING = 1800, 120, 120, 600  # at most, in seconds
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"]
BROWSER += ["--no-first-run", "--disable-background-networking", "--disable-component-update"]

READY = """async () => {
    const panel = window.jupyterapp?.shell.currentWidget;
    if (!panel?.sessionContext) return false;
    await panel.context.ready;
    await panel.sessionContext.ready;
    return Boolean(panel.sessionContext.session?.kernel);
}"""
RUN = """() => {
    window.finished = false;
    window.jupyterapp.commands.execute("notebook:run-all-cells").then(
        () => { window.finished = true; });
}"""
CELLS = """() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells.filter(
    cell => cell.cell_type == "code")"""
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = ["jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", "--allow-root"]
    command += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
    log = home.parent / "jupyter.log"
    program = str(Path(environment["PATH"].split(os.pathsep)[0]) / command[0])
    with log.open("wb") as output:
        server = subprocess.Popen(
            [program, *command[1:]],
            cwd=home,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api?token={token}", server, log)
        yield address, token
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; fail with its log if it does not."""
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab does not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def page(lab: tuple[str, str]) -> Iterator[Page]:
    """A browser window that JupyterLab knows already."""
    address, token = lab
    chromium = shutil.which("chromium")
    assert chromium, "install chromium, which opens the notebooks here"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER)
        window = browser.new_page(viewport={"width": 1280, "height": 900})
        window.goto(f"{address}/lab?token={token}")
        yield window
        browser.close()


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


def errors(cells: list[dict[str, object]]) -> list[str]:
    """Return the errors among the outputs of cells, each with the cell it came from."""
    return [
        f"{output['ename']}: {output['evalue']} in\n{cell['source']}"
        for cell in cells
        for output in cell["outputs"]  # type: ignore[attr-defined]
        if output["output_type"] == "error"
    ]


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
