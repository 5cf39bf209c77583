"""What cells glue, read back as the build reads it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from myst_nb.ext.glue import extract_glue_data_cell
from myst_nb.ext.glue import glue as theirs
from nbformat.v4 import new_code_cell, new_output

from dlglimpse import glue


@pytest.fixture
def shell():
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def published(write, *arguments, **options):
    """What a cell's outputs would hold after this call."""
    with capture_output() as captured:
        write(*arguments, **options)
    return [
        new_output("display_data", data=shown.data, metadata=shown.metadata)
        for shown in captured.outputs
    ]


@pytest.mark.parametrize("value", ["0.25 (0.1–0.3)", 'it\'s "quoted"', 3, [1, 2]])
@pytest.mark.parametrize("display", [False, True])
def test_the_build_finds_what_it_finds_from_myst_nb(shell, value, display):
    ours = published(glue, "name", value, display=display)
    assert ours == published(theirs, "name", value, display=display)
    [(key, data)] = extract_glue_data_cell(new_code_cell(outputs=ours))
    assert key == "name"
    assert data["data"]["text/plain"] == repr(value)


def test_no_line_ends_within_a_number(shell):
    [output] = published(glue, "name", "3.9 × 10⁻⁷ (50 %)", display=True)
    assert output["data"]["text/plain"] == "'3.9\u00a0×\u00a010⁻⁷ (50\u00a0%)'"


def test_it_stays_unseen_unless_asked(shell):
    [output] = published(glue, "name", "text")
    assert "text/plain" not in output["data"]
    [output] = published(glue, "name", "text", display=True)
    assert output["data"]["text/plain"] == "'text'"


@pytest.mark.parametrize("before", ["import sys", "import IPython"])
def test_without_a_notebook_nothing_happens(before):
    code = f"{before}\nfrom dlglimpse import glue\nglue('name', 1, display=True)"
    code += "\nimport sys\nprint('IPython' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"{before == 'import IPython'}\n"
    assert run.stderr == ""
