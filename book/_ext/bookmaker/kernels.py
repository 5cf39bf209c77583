"""Kernels whose sockets are files. A plugin of pytest, too: with it nbmake starts such kernels.

Over TCP a kernel is told which ports to take after they were found free and let go again.
Of two kernels that start at the same moment one may then find its port taken, and die.
Here the files bear a name that no other kernel has.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat
import nbmake.nb_run
import pytest
from nbclient import NotebookClient
from traitlets.config import Config


def client(notebook: nbformat.NotebookNode, **settings: Any) -> NotebookClient:
    """An `nbclient.NotebookClient` with such a kernel; takes the same arguments."""
    # The sockets lie beside this file, and are removed with it.
    file = Path(tempfile.gettempdir()) / f"kernel-{uuid4().hex[:16]}.json"
    kernel = {"transport": "ipc", "connection_file": str(file)}
    # Systems have a limit for the name of a socket (107 bytes, or 103), or have none at all.
    usual = sys.platform == "win32" or len(os.fsencode(file)) > 100
    settings["config"] = Config({} if usual else {"KernelManager": kernel})
    return NotebookClient(notebook, **settings)


def pytest_configure(config: pytest.Config) -> None:
    nbmake.nb_run.NotebookClient = client
