"""A JupyterLab that runs for a test, and a browser window on it."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

STARTING = 120  # seconds at most

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


@contextmanager
def serving(folder: Path, program: Path, env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the address and the token of a JupyterLab that shows a folder.

    `program` is the `jupyter` to start; the log lies beside the folder.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command = [str(program), "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", "--allow-root"]
    command += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
    log = folder.parent / "jupyter.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(env),
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


@contextmanager
def browsing(address: str, token: str, browser: Browser) -> Iterator[Page]:
    """Yield a window that this JupyterLab knows already."""
    window = browser.new_page(viewport={"width": 1280, "height": 900})
    window.goto(f"{address}/lab?token={token}")
    yield window
    window.close()


def errors(cells: list[dict[str, object]]) -> list[str]:
    """Return the errors among the outputs of cells, each with the cell it came from."""
    return [
        f"{output['ename']}: {output['evalue']} in\n{cell['source']}"
        for cell in cells
        for output in cell["outputs"]  # type: ignore[attr-defined]
        if output["output_type"] == "error"
    ]
