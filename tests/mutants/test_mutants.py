"""Mutants can be planted, a real one is caught, and one that changes nothing is reported."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from bookmaker.sources import contents
from mutants import catching
from mutants.catalogue import MUTANTS, named
from mutants.catching import Caught, by_page, by_unit_tests, cells_of, unit_tests
from mutants.page import Cell, run
from mutants.planting import ROOT, CannotPlantError, Mutant, mutated, plant
from mutants.resting import resting_on
from mutants.run import Judge, Results, Verdict, table

HEADER = (ROOT / "book" / "autograd.md").read_text(encoding="utf-8").partition("\n---\n")[0]
HALF = Mutant("a third for a half", "halving.py", "half", "x / 2", "x / 3")
NOTHING = replace(HALF, name="nothing at all", new="x * 0.5")
FILES = {
    "src/dlglimpse/__init__.py": "from dlglimpse.halving import half, unused\n"
    "class ClaimError(AssertionError): ...\n",
    "src/dlglimpse/halving.py": "def half(x):\n    assert x\n    return x / 2\n"
    "def unused(x):\n    return 2 * x\n",
    "tests/test_halving.py": "from dlglimpse import half\n"
    "def test_half():\n    assert half(4) == 2\n",
    "tests/test_other.py": "def test_other():\n    assert True\n",
    "book/halves.md": f"{HEADER}\n---\n\n# Halves\n\n```{{code-cell}} ipython3\n"
    "from dlglimpse import ClaimError, half\nvalue = half(4.0)\n```\n\n```{code-cell} ipython3\n"
    "if value != 2:\n    raise ClaimError(\"claim 'half-of-four' does not hold\")\n```\n",
    "book/times.json": "{}",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--doctest-modules']\n",
    "_toc.yml": "format: jb-book\nroot: book/halves\n",
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small package with a test and a page."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def judge(book: Path) -> Judge:
    """Nothing is kept from test to test."""
    return Judge(Results(book / "_build" / "mutants.json"), root=book)


def page(folder: Path, *cells: str) -> tuple[list[Cell], Path, Path]:
    """A page of such cells, its file, and where a package would be."""
    text = "".join(f"```{{code-cell}} ipython3\n{cell}\n```\n\n" for cell in cells)
    path = folder / "book" / "asserting.md"
    path.parent.mkdir()
    path.write_text(f"{HEADER}\n---\n\n# A page\n\n{text}")
    return cells_of(folder, "asserting"), path, folder / "src"


# The catalogue


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_still_applies(mutant: Mutant) -> None:
    before = ROOT.joinpath(mutant.path).read_text(encoding="utf-8")
    after = mutated(before, mutant)
    assert after != before
    if not mutant.in_page:
        assert ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))


def test_the_catalogue_is_long_and_its_names_are_unique() -> None:
    assert len(MUTANTS) >= 25
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(m.file, m.scope, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)


def test_mutants_are_found_by_a_part_of_their_name() -> None:
    assert named(None) == MUTANTS
    assert [m.name for m in named("sum for mean")] == ["sum for mean"]
    assert len(named("HE")) > len(named("in He")) > 1
    assert named("no such thing") == ()


# Planting


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"old": "x / 7"}, ["a third", "src/dlglimpse/halving.py", "half", "0 times", "'x / 7'"]),
        ({"old": "x"}, ["a third", "src/dlglimpse/halving.py", "half", "3 times", "'x'"]),
        ({"scope": "quarter"}, ["a third", "src/dlglimpse/halving.py", "'quarter'"]),
        ({"file": "thirds.py"}, ["a third", "src/dlglimpse/thirds.py"]),
    ],
)
def test_what_cannot_be_planted_is_named(
    book: Path, tmp_path_factory: pytest.TempPathFactory, change: dict[str, str], words: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("planted")
    with pytest.raises(CannotPlantError) as caught:
        plant(replace(HALF, **change), folder, book)
    assert [word for word in words if word not in str(caught.value)] == []


def test_only_the_scope_changes_and_of_overloads_the_last() -> None:
    text = "@overload\ndef half(x): ...\ndef half(x):\n    return x / 2\ndef other(x):\n    x / 2\n"
    assert mutated(text, HALF) == text.replace("return x / 2", "return x / 3")


def test_only_the_copy_is_planted(book: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = plant(HALF, tmp_path_factory.mktemp("planted"), book)
    assert "x / 3" in (folder / "src/dlglimpse/halving.py").read_text()
    assert (book / "src/dlglimpse/halving.py").read_text() == FILES["src/dlglimpse/halving.py"]


# Which tests and pages


def test_tests_rest_on_what_they_import() -> None:
    package, tests = ROOT / "src" / "dlglimpse", ROOT / "tests"
    files = [path.name for path in resting_on("schemes.py", package, tests)]
    assert {"test_initializers.py", "test_gradients.py"} < set(files)
    assert not {"test_claims.py", "test_mutants.py", "test_seeds.py"} & set(files)
    assert "test_draw_graph.py" not in [p.name for p in resting_on("kernels.py", package, tests)]
    assert unit_tests(named("sum for mean")[0])[0].name == "test_summaries.py"


def test_every_file_with_a_mutant_has_tests_that_rest_on_it() -> None:
    for file in {mutant.file for mutant in MUTANTS if not mutant.in_page}:
        assert resting_on(file, ROOT / "src" / "dlglimpse", ROOT / "tests"), file


def test_pages_with_mutants_of_their_own_are_in_the_book() -> None:
    pages = {page.name for page in contents(ROOT) if page.runs}
    assert {mutant.path.stem for mutant in MUTANTS if mutant.in_page} <= pages


# Who catches what


def test_a_mutant_is_caught_by_a_test_and_by_a_claim(book: Path) -> None:
    found = judge(book).verdict(HALF)
    assert found.unit == Caught(("test_halving.py::test_half",))
    assert found.pages == {"halves": Caught(("claim-half-of-four",))}
    assert found.survives == []
    assert "0 of them survived" in table([found])


def test_a_mutant_that_changes_nothing_survives_and_is_reported(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mutants.run.called_by", lambda folder, page: ["halving.py:half"])
    found = judge(book).verdict(NOTHING)
    assert found.survives == ["unit tests", "pages"]
    assert found.row == ("nothing at all", "SURVIVES", "SURVIVES halves")
    assert "'nothing at all' survives unit tests and pages" in table([found])


def test_what_no_page_calls_needs_no_claim(book: Path) -> None:
    mutant = Mutant("three for two", "halving.py", "unused", "2 * x", "3 * x")
    one = judge(book)
    assert one.calls("halves") == ["halving.py:half"]
    assert one.pages_of(mutant) == []
    assert one.pages_of(HALF) == ["halves"]
    assert one.pages_of(replace(HALF, file="book/halves.md")) == ["halves"]


def test_a_reason_replaces_a_claim_but_no_test() -> None:
    blind = {"halves": Caught(crashed="value = half(4.0): TypeError: no")}
    crashed = Verdict(HALF, Caught(("test",)), blind)
    assert crashed.survives == ["pages"]
    assert "halves crashed: value = half(4.0): TypeError: no" in table([crashed])
    excused = replace(crashed, mutant=replace(HALF, unclaimed="nobody halves"))
    assert excused.survives == []
    assert "(no claim: nobody halves)" in table([excused])
    assert replace(excused, unit=Caught()).survives == ["unit tests"]


def test_results_are_kept_until_something_changes(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(folder: Path, name: str, *, go_on: bool) -> Caught:
        asked.append(name)
        return Caught((f"claim-{len(asked)}",))

    monkeypatch.setattr("mutants.run.by_page", ask)
    monkeypatch.setattr("mutants.run.called_by", lambda folder, page: ["halving.py:half"])

    def pages(mutant: Mutant = HALF) -> dict[str, Caught] | None:
        fresh = Judge(Results(book / "_build" / "mutants.json"), ("pages",), root=book)
        return fresh.verdict(mutant).pages

    first = pages()
    assert pages() == first == {"halves": Caught(("claim-1",))}
    assert pages(replace(HALF, name="renamed")) == first
    assert pages(NOTHING) != first and len(asked) == 2
    with (book / "book" / "halves.md").open("a") as file:
        file.write("One more sentence.\n")
    assert pages() != first and len(asked) == 3
    with (book / "src" / "dlglimpse" / "halving.py").open("a") as file:
        file.write("\n")
    pages()
    assert len(asked) == 4


def test_a_package_that_cannot_be_imported_is_an_error(book: Path) -> None:
    (book / "src" / "dlglimpse" / "halving.py").write_text("half = 1 /\n")
    with pytest.raises(RuntimeError, match=r"'a third for a half' do not run:[\s\S]*SyntaxError"):
        by_unit_tests(HALF, book, [book / "tests" / "test_halving.py"], book)


def test_another_package_than_the_planted_one_is_refused(tmp_path: Path) -> None:
    page(tmp_path, "value = 1")
    with pytest.raises(RuntimeError, match=r"AssertionError: .*dlglimpse/__init__\.py"):
        by_page(tmp_path, "asserting")


def test_a_page_that_takes_too_long_has_caught_nothing(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching, "PATIENCE", 0.01)
    assert by_page(book, "halves") == Caught(crashed="took more than 0.01 s")


def test_asserts_and_claims_of_a_page_catch_and_errors_do_not(tmp_path: Path) -> None:
    asserting = page(
        tmp_path,
        "value = 1\nassert value == 1",
        "for k in range(2):\n    assert value > k",
        "from dlglimpse import claim\n"
        'claim("ones", "A.", [1.0], statistic="s", low=2, because="b", mutant="m")',
        "import torch\ntorch.testing.assert_close(torch.ones(2), torch.zeros(2))",
        "nowhere",
        "assert False",
    )
    lines = asserting[1].read_text().splitlines()
    caught, crashed = run(*asserting, go_on=True)
    place = 1 + lines.index("    assert value > k")
    assert caught[0] == f"line {place}: assert value > k"
    assert caught[1] == "claim-ones"
    assert "assert_close" in caught[2]
    assert len(caught) == 3
    assert crashed == "nowhere: NameError: name 'nowhere' is not defined"
    assert run(*asserting) == (caught[:1], None)


def test_an_assert_inside_the_package_is_no_claim(tmp_path: Path) -> None:
    inside = tmp_path / "src" / "inside.py"
    inside.parent.mkdir()
    inside.write_text("def check():\n    assert False, 'inner'\n")
    asserting = page(tmp_path, f"import sys\nsys.path.append({str(inside.parent)!r})",
                        "import inside\ninside.check()")  # fmt: skip
    assert run(*asserting) == ([], "inside.check(): AssertionError('inner')")
