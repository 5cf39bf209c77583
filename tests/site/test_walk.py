"""A newcomer opens a student's notebook in JupyterLab, errs, reads the hint, and gets it right."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from jupyterlab_window import CELLS, READY, RUN, browsing, errors, serving

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "_build" / "notebooks" / "student"
PATIENCE = 120_000  # milliseconds at most, for a page, a kernel, or an answer

GO_TO = """text => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const at = notebook.widgets.findIndex(
        cell => cell.model.type == "code" && cell.model.sharedModel.source.includes(text));
    if (at < 0) throw new Error(`no cell holds ${text}`);
    notebook.activeCellIndex = at;
    return notebook.scrollToItem(at).then(
        () => window.jupyterapp.commands.execute("notebook:enter-edit-mode"));
}"""
SHOWN = """text => {
    const cells = window.jupyterapp.shell.currentWidget.context.model.toJSON().cells;
    const cell = cells.find(cell => cell.cell_type == "code" && cell.source.includes(text));
    const last = cell.outputs[cell.outputs.length - 1];
    return last?.data ? last.data["text/plain"] : "";
}"""

ONE_WRONG = """x = torch.tensor(3.0)
y = torch.tensor(7.0)
z = x * y
A = torch.nn.init.uniform_(torch.empty(3, 3), -1, 1)
b = torch.nn.init.uniform_(torch.empty(3, 1), -1, 1)
c = A * b
d = np.array([[1.0], [2.0], [3.0]])
total = c + torch.from_numpy(d)
check("1.1", x=x, y=y, z=z, A=A, b=b, c=c, d=d, total=total)"""
TWO_WRONG = """import math

def my_sigmoid(x):
    return 1 / (1 + math.exp(-x))

def my_sigmoid_grad(s):
    return s * (1 - s)

check("1.2", my_sigmoid=my_sigmoid, my_sigmoid_grad=my_sigmoid_grad)"""
WALK = [
    ("total=total", ONE_WRONG, "3x3", ONE_WRONG.replace("A * b", "A @ b")),
    ("my_sigmoid=my_sigmoid", TWO_WRONG, "math.exp", TWO_WRONG.replace("math.exp", "torch.exp")),
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    """The student's notebook of the first chapter, open in a JupyterLab of its own."""
    home = tmp_path_factory.mktemp("walk") / "home"
    home.mkdir()
    shutil.copy(NOTEBOOKS / "tensors.ipynb", home)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    env = kept | {
        "HOME": str(home),
        "IPYTHONDIR": str(home.parent / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home.parent / "config"),
        "JUPYTER_DATA_DIR": str(home.parent / "data"),
        "JUPYTER_RUNTIME_DIR": str(home.parent / "runtime"),
        "OMP_NUM_THREADS": "1",
    }
    program = Path(sys.executable).with_name("jupyter")
    with serving(home, program, env) as lab, browsing(*lab, browser) as page:
        page.goto(f"{lab[0]}/lab/tree/tensors.ipynb?reset")
        page.wait_for_selector(".jp-NotebookPanel", timeout=PATIENCE)
        page.wait_for_function(READY, timeout=PATIENCE)
        page.evaluate(RUN)
        page.wait_for_function("() => window.finished", timeout=PATIENCE)
        yield page


def answer(page: Page, cell: str, code: str) -> str:
    """Type code in place of what a cell holds, run it, and return what it shows."""
    page.evaluate(GO_TO, cell)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    before = page.evaluate(CELLS)
    typed = [each["source"] for each in before]
    assert code in typed, "\n---\n".join(typed)
    page.keyboard.press("Shift+Enter")
    count = max(each["execution_count"] or 0 for each in before)
    page.wait_for_function(
        """([text, count]) => {
            const cells = window.jupyterapp.shell.currentWidget.context.model.toJSON().cells;
            const cell = cells.find(c => c.cell_type == "code" && c.source.includes(text));
            return cell.execution_count > count;
        }""",
        arg=[cell, count],
        timeout=PATIENCE,
    )
    return str(page.evaluate(SHOWN, cell))


def test_an_untouched_notebook_runs_and_asks_for_its_exercises(notebook: Page) -> None:
    cells = notebook.evaluate(CELLS)
    assert errors(cells) == []
    asked = [cell for cell in cells if "\ncheck(" in cell["source"]]
    assert len(asked) >= 4
    for cell in asked:
        assert "Not attempted yet" in cell["outputs"][-1]["data"]["text/plain"]
        assert "text/html" in cell["outputs"][-1]["data"]


@pytest.mark.parametrize(("cell", "wrong", "hint", "right"), WALK, ids=["1.1", "1.2"])
def test_a_wrong_answer_gets_its_hint_and_a_right_one_passes(
    notebook: Page, cell: str, wrong: str, hint: str, right: str
) -> None:
    told = answer(notebook, cell, wrong)
    assert hint in told
    assert "✓" not in told
    shown = notebook.locator(".dlglimpse-check", has_text=hint.split()[0])
    assert shown.first.is_visible()
    assert "✓ Right." in answer(notebook, cell, right)
