"""The frame around all checks: results, calls of students' code, tests of samples."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
import scipy.stats
import torch

from dlglimpse import GlimpseError, check, hint
from dlglimpse.exercises.calling import NotAttemptedError, StudentError, call
from dlglimpse.exercises.exercise import label
from dlglimpse.exercises.given import array, described, missing, private
from dlglimpse.exercises.results import Result
from dlglimpse.exercises.samples import NEVER, p_normal, p_uniform


@pytest.mark.parametrize("n", [40, 200, 3000])
@pytest.mark.parametrize("shift", [0.0, 0.05, 0.3])
def test_p_values_are_those_of_scipy(n: int, shift: float) -> None:
    sample = np.random.default_rng(n).uniform(-1 + shift, 1, n)
    exact = scipy.stats.kstest(sample, scipy.stats.uniform(-1, 2).cdf).pvalue
    assert p_uniform(sample, -1, 1) == pytest.approx(exact, rel=0.1, abs=1e-4)
    normal = 0.7 * np.random.default_rng(n).normal(shift, 1, n)
    exact = scipy.stats.kstest(normal, scipy.stats.norm(0, 0.7).cdf).pvalue
    assert p_normal(normal, 0.7) == pytest.approx(exact, rel=0.1, abs=1e-4)


def test_a_sample_beyond_the_ends_is_refused() -> None:
    sample = np.linspace(-1, 1, 1000)
    assert p_uniform([*sample, 1.01], -1, 1) == 0
    assert p_uniform([*sample, math.nan], -1, 1) == 0
    assert p_normal([*sample, math.inf], 1) == 0
    assert p_normal(sample, 0.1) < NEVER


def test_results_read_well_and_carry_no_script() -> None:
    result = Result("1.1", "wrong", "flat", "`b` is <flat> & *bare*.\nLook at `b.shape`.")
    assert repr(result) == "1.1 ✗ Not yet. `b` is <flat> & *bare*.\nLook at `b.shape`."
    html = result._repr_html_()
    assert "<code>b</code> is &lt;flat&gt; &amp; *bare*.<br>" in html
    assert 'role="status"' in html
    for word in ("script", "onclick", "http", "background", "font-family"):
        assert word not in html
    # The color of the text is that of the notebook, in either theme.
    assert not re.search(r"[^-]color:", html)
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(html)
    assert set(tags) <= {"div", "strong", "span", "code", "br"}


def test_a_result_says_whether_it_passed() -> None:
    statuses = ("not attempted", "wrong", "right", "error")
    assert [Result("1.1", status, None, "").passed for status in statuses] == [
        False,
        False,
        True,
        False,
    ]


def test_labels_and_keys_name_the_same_exercise() -> None:
    for name in ("1.1", "ex-1-1", "ex_1_1", "1-1", " 1.1 "):
        assert label(name) == "ex-1-1"
        assert check(name).exercise == "1.1"


def test_an_unknown_exercise_is_an_error_that_lists_the_others() -> None:
    for name in ("9.9", "", None, 9.9):
        result = check(name)
        assert result.status == "error"
        assert "1.1" in result.hint and "There is no exercise" in result.hint
    with pytest.raises(GlimpseError, match="unknown exercise"):
        hint("9.9")
    for n in (0, 99, "1", None):
        with pytest.raises(GlimpseError, match="hints; given: n="):
            hint("1.1", n)


def test_names_that_are_not_asked_for_are_named() -> None:
    result = check("1.1", X=torch.tensor(3.0))
    assert result.status == "not attempted"
    assert "not for `X`" in result.hint


def test_what_a_student_raises_comes_with_arguments_and_line() -> None:
    def half(x):
        """Half of x."""
        halves = x / 2
        return halves.no_such_thing

    with pytest.raises(StudentError) as caught:
        call(half, torch.tensor([1.0, 2.0]), name="half")
    text = str(caught.value)
    assert text.splitlines()[0].startswith("`half(tensor([1., 2.]))` raised AttributeError: ")
    assert "`return halves.no_such_thing`" in text.splitlines()[1]


def test_calls_are_quiet_and_get_copies(capsys: pytest.CaptureFixture[str]) -> None:
    def loud(x):
        print("loud")
        x += 1
        return x

    x = torch.zeros(2)
    assert call(loud, x, name="loud").tolist() == [1, 1]
    assert x.tolist() == [0, 0]
    assert capsys.readouterr().out == ""


def test_exit_and_recursion_are_errors_and_interrupts_are_not() -> None:
    def leaves(x):
        sys.exit(1)

    def falls(x):
        return falls(x)

    def stops(x):
        raise KeyboardInterrupt

    for function in (leaves, falls):
        with pytest.raises(StudentError):
            call(function, 1.0, name="f")
    with pytest.raises(KeyboardInterrupt):
        call(stops, 1.0, name="f")


def test_not_implemented_is_not_attempted_unless_it_says_something() -> None:
    def blank(x):
        raise NotImplementedError

    with pytest.raises(NotAttemptedError):
        call(blank, 1.0, name="blank")
    module = torch.nn.Module()
    with pytest.raises(StudentError, match="missing the required"):
        call(module, 1.0, name="module")


def test_blank_functions_and_classes_are_missing() -> None:
    def dots(x):
        """Say what it should do."""
        ...

    def passes(x):
        pass

    def raises(x):
        raise NotImplementedError("to be written")

    class Blank(torch.nn.Module): ...

    def returns(x):
        return None

    class Written(torch.nn.Module):
        def forward(self, x):
            return x

    assert all(missing(value) for value in (None, ..., dots, passes, raises, Blank))
    assert not any(missing(value) for value in (returns, Written, 0, "", [], lambda x: None))


def test_private_copies_share_nothing() -> None:
    x = torch.zeros(2, requires_grad=True)
    y = (2 * x).sum()
    model = torch.nn.Linear(2, 2)
    value = {"list": [x, np.zeros(2)], "tuple": (y,), "model": model}
    copied = private(value)
    copied["list"][0].data += 1
    copied["list"][1] += 1
    copied["model"].weight.data += 1
    assert x.sum() == 0 and value["list"][1].sum() == 0
    assert not torch.equal(copied["model"].weight, model.weight)
    assert copied["list"][0].requires_grad and copied["tuple"][0].item() == 0


@pytest.mark.parametrize(
    "value", [torch.tensor([1.0, 2.0]), [1, 2], (torch.tensor(1), 2.0), np.array([1, 2])]
)
def test_numbers_are_read_from_anything_that_holds_them(value: object) -> None:
    assert array(value).tolist() == [1, 2]


@pytest.mark.parametrize("value", ["12", None, object(), torch.tensor(1j), {"a": 1}, [1, "b"]])
def test_what_holds_no_numbers_gives_none(value: object) -> None:
    found = array(value)
    assert found is None or np.isnan(found).all()


def test_a_value_whose_repr_fails_is_described_by_its_type() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

    assert described(Odd()) == "an object of type Odd"


def test_a_cell_of_a_notebook_is_quoted() -> None:
    """IPython keeps the source of its cells where tracebacks find it."""
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell('''
from dlglimpse import check
def my_sigmoid(x):
    y = -x
    return y.exponential()
def my_sigmoid_grad(s):
    return s * (1 - s)
print(repr(check("1.2", my_sigmoid=my_sigmoid, my_sigmoid_grad=my_sigmoid_grad)))
''')
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "raised AttributeError" in done.stdout, done.stdout + done.stderr
    assert "Line 4 of your code: `return y.exponential()`" in done.stdout
