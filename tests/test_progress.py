"""Long work shows a bar where somebody looks, and nowhere else."""

import os
import pty
import subprocess
import sys
import termios
import threading
from pathlib import Path

import nbformat
import pytest

from bookmaker.execute import environment
from bookmaker.kernels import client
from dlglimpse import draws, sweep, waves
from dlglimpse.progress import progress, quiet

ROOT = Path(__file__).parents[1]
# As if 2 s had passed, so that the tests need not wait for them.
LONG = "import dlglimpse.progress\ndlglimpse.progress._DELAY = 0.0\n"
WORK = LONG + (
    "from dlglimpse import draws, waves\n"
    "inputs, targets = waves(100)\n"
    "look = draws((2, 64, 2), n_draws=300, inputs=inputs, targets=targets)\n"
)
SWEEP = LONG + (
    "from dlglimpse import sweep, waves\n"
    "inputs, targets = waves(100)\n"
    "small = [{'sizes': (2, 64, 2), 'seed': s} for s in range(8)]\n"
    "sweep(small, len_of_loss, n_draws=40, inputs=inputs, targets=targets)\n"
).replace("len_of_loss", "lambda look: len(look.loss)")


def terminal(code, **variables):
    """What a terminal shows of a program's errors and bars."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    shown = bytearray()

    def read():
        while True:
            try:
                shown.extend(os.read(ours, 4096))
            except OSError:
                return

    reader = threading.Thread(target=read)
    reader.start()
    env = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
    subprocess.run([sys.executable, "-c", code], stderr=theirs, env=env, check=True)
    os.close(theirs)
    reader.join()
    os.close(ours)
    return shown.decode()


def test_a_terminal_shows_a_bar_of_draws():
    shown = terminal(WORK)
    assert "/300 [" in shown and "draw/s" in shown


def test_a_terminal_shows_one_bar_of_configurations():
    shown = terminal(SWEEP)
    assert "/8 [" in shown and "configuration" in shown
    assert "/40 [" not in shown


def test_the_usual_variable_hides_it():
    assert terminal(WORK, TQDM_DISABLE="1") == ""


def test_short_work_shows_nothing():
    assert terminal(WORK.removeprefix(LONG)) == ""


def notebook(env):
    """What a notebook shows below a cell of long work."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WORK)])
    client(book, timeout=120, kernel_name="python3").execute(env=env, cwd=str(ROOT))
    return "".join(o.get("text", "") for o in book.cells[0].outputs if o.get("name") == "stderr")


# What other libraries warn of in here is not ours.
@pytest.mark.filterwarnings("ignore")
def test_a_readers_notebook_shows_a_bar():
    plain = {**environment(ROOT)}
    del plain["TQDM_DISABLE"]
    assert "/300 [" in notebook(plain)


@pytest.mark.filterwarnings("ignore")
def test_the_book_shows_none():
    assert notebook(environment(ROOT)) == ""


def test_what_nobody_watches_shows_nothing(capsys, monkeypatch):
    monkeypatch.setattr("dlglimpse.progress._DELAY", 0.0)
    inputs, targets = waves(10)
    draws((2, 2, 2), n_draws=4, inputs=inputs, targets=targets)
    sweep([{"sizes": (2, 2)}], n_draws=4, inputs=inputs, targets=targets)
    assert capsys.readouterr() == ("", "")


def test_bars_within_a_quiet_block_are_off(monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress(3, "part") as bar:
        assert not bar.disable
    with quiet(), progress(3, "part") as bar:
        assert bar.disable
    with progress(3, "part", done=2) as bar:
        assert not bar.disable and bar.n == 2
