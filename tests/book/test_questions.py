"""Questions: what is wrong with one is said with page and line; the page works in every way."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from book.conftest import Book
from bookmaker.fences import blocks
from bookmaker.questions import Question, parse
from browser import launched

PREDICT = """```{predict} sum-of-two
What is $1 + 1$, in the sense of `int`?

- [ ] three, and nothing else

  That is one too many.
- [x] two, as $2$

  It is the {glue:text}`one-value`th thing one learns.
- [ ] one, because *equal* things count once

  That holds for sets.
```
"""
GUESS = """```{guess} share
How large is the share?

- [measured] one-band
- [below] Fewer than there are.
- [within] As many as there are.
- [above] More than there are.
```
"""
BAND = (
    '\n```{code-cell} ipython3\n:tags: [remove-cell]\nglue("one-band", "0.02 (0.01–0.05)")\n```\n'
)


def question(text: str) -> Question:
    return parse(next(blocks(text.splitlines())))


def test_a_question_is_read_with_its_lines() -> None:
    asked = question(PREDICT)
    assert asked.problems == ()
    assert (asked.kind, asked.slug, asked.label) == ("predict", "sum-of-two", "q-sum-of-two")
    assert asked.stem == "What is $1 + 1$, in the sense of `int`?"
    assert [choice.right for choice in asked.choices] == [False, True, False]
    assert [choice.line for choice in asked.choices] == [4, 7, 10]
    assert asked.choices[2].explanation == "That holds for sets."
    guess = question(GUESS)
    assert guess.problems == ()
    assert guess.measured == "one-band"
    assert [remark.where for remark in guess.remarks] == ["below", "within", "above"]


THREE = "three, and nothing else"
BAD = {
    "no choice is right": ("[x]", "[ ]", 1),
    "two choices are right": ("- [ ] one,", "- [x] one,", 10),
    "has no explanation": ("  That holds for sets.\n", "", 10),
    "stands on line 4, too": (
        "one, because *equal* things count once",
        "three, and nothing else",
        10,
    ),
    "is the longest": (
        "two, as $2$",
        "two, as $2$, which is what one and one have been for long",
        7,
    ),
    "begins with `- [ ]`": ("- [ ] one,", "- [y] one,", 10),
    "needs a slug": ("sum-of-two", "Sum of two", 1),
    "asks nothing": ("What is $1 + 1$, in the sense of `int`?\n", "", 1),
}


@pytest.mark.parametrize("message", BAD)
def test_what_is_wrong_with_a_question_is_said(message: str) -> None:
    old, new, line = BAD[message]
    assert PREDICT.count(old) == 1
    problems = question(PREDICT.replace(old, new)).problems
    assert any(message in told for _, told in problems)
    [found] = [where for where, told in problems if message in told]
    assert found == line - (1 if new == "" and line > 10 else 0)


@pytest.mark.parametrize("name", ["measured", "below", "within", "above"])
def test_what_a_guess_lacks_is_said(name: str) -> None:
    text = re.sub(rf"- \[{name}\].*\n", "", GUESS)
    assert any(f"no `- [{name}]`" in told for _, told in question(text).problems)


@pytest.fixture(scope="module")
def asking(finished: Book, tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The tiny book with two questions on its first page."""
    root = tmp_path_factory.mktemp("asking") / "copy"
    shutil.copytree(finished.root, root, symlinks=True)
    book = Book(root)
    book.page("one").write_text(book.page("one").read_text() + BAND + PREDICT + "\n" + GUESS)
    made = book.make()
    assert made.returncode == 0, made.stdout + made.stderr
    return book


def broken(book: Book, old: str, new: str) -> tuple[int, str]:
    """Break a question, build, and return where it stands and what the build says."""
    line = book.edit("one", old, new)
    made = book.make()
    assert made.returncode == 1
    return line, made.stdout.splitlines()[-1]


def test_a_bad_question_fails_the_build_with_page_and_line(asking: Book, tmp_path: Path) -> None:
    shutil.copytree(asking.root, tmp_path / "copy", symlinks=True)
    line, told = broken(Book(tmp_path / "copy"), "  That is one too many.\n", "")
    assert f"book/one.md:{line - 2}:" in told
    assert "the choice 'three, and nothing else' has no explanation" in told


def test_a_bad_role_in_a_question_is_found_where_it_stands(asking: Book, tmp_path: Path) -> None:
    shutil.copytree(asking.root, tmp_path / "copy", symlinks=True)
    line, told = broken(Book(tmp_path / "copy"), "That holds for sets.", "That {holds}`for` sets.")
    assert f"book/one.md:{line}:" in told


def test_an_unknown_band_fails_the_build(asking: Book, tmp_path: Path) -> None:
    shutil.copytree(asking.root, tmp_path / "copy", symlinks=True)
    _, told = broken(Book(tmp_path / "copy"), "[measured] one-band", "[measured] one-hand")
    assert re.search(r"book/one\.md:\d+:.* compares with 'one-hand', which is glued by no", told)


def test_a_slug_is_there_once(asking: Book, tmp_path: Path) -> None:
    shutil.copytree(asking.root, tmp_path / "copy", symlinks=True)
    book = Book(tmp_path / "copy")
    book.page("two").write_text(
        book.page("two").read_text() + "\n" + PREDICT.replace("{glue:text}`one-value`", "41")
    )
    made = book.make()
    assert made.returncode == 1
    assert "the slug 'sum-of-two' belongs to another question, in book/one" in made.stdout


def test_script_and_style_come_only_where_they_are_needed(asking: Book) -> None:
    # The style of paper knows the titles of questions on every page; the choices are ours alone.
    for kind, ours in (("js", "dlglimpse-answers"), ("css", ".choice>summary")):
        assert ours in asking.loaded("one", kind)
        assert ours not in asking.loaded("two", kind)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield launched(playwright)


@pytest.fixture
def page(asking: Book, browser: Browser) -> Iterator[Page]:
    """The page with questions, opened from disk, with nobody else within reach."""
    context = browser.new_context()
    context.route(re.compile("^http"), lambda route: route.abort())
    window = context.new_page()
    window.goto((asking.site / "book" / "one.html").as_uri())
    yield window
    context.close()


def press_until(page: Page, selector: str) -> None:
    """Go by Tab alone until the element that has the focus matches."""
    for _ in range(200):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {selector} by keyboard")


def test_a_choice_is_made_by_keyboard_kept_and_forgotten(page: Page) -> None:
    press_until(page, '#q-sum-of-two [data-choice="a"] summary')
    page.keyboard.press("Enter")
    answer = page.locator("#q-sum-of-two .question-answer")
    answer.get_by_text("You said a, and it is not so").wait_for()
    assert page.get_by_text("That is one too many.").is_visible()
    # Looking at the others changes nothing.
    page.locator('#q-sum-of-two [data-choice="b"] summary').click()
    assert "You said a" in answer.inner_text()

    page.reload()
    assert "You said a" in answer.inner_text()
    assert page.get_by_text("That is one too many.").is_visible()

    page.get_by_role("button", name="Forget my answers").click()
    assert page.get_by_text("Forgotten, on all pages.").is_visible()
    assert answer.inner_text() == ""
    page.reload()
    assert answer.inner_text() == ""
    assert not page.get_by_text("That is one too many.").is_visible()


def test_the_right_choice_is_called_right(page: Page) -> None:
    page.locator('#q-sum-of-two [data-choice="b"] summary').click()
    page.get_by_text("You said b, and that is right.").wait_for()


GUESSES = [
    ("0.001", "below"),
    ("0.03", "within"),
    ("0,03", "within"),
    ("3 %", "within"),
    ("1/50", "within"),
    ("3e-2", "within"),
    ("3 x 10^-2", "within"),
    ("10^-1", "above"),
    ("0.5", "above"),
    ("10", "above"),
    ("-1", "below"),
]


@pytest.mark.parametrize(("typed", "where"), GUESSES)
def test_a_guess_is_shown_beside_the_band(page: Page, typed: str, where: str) -> None:
    remarks = {"below": "Fewer than", "within": "As many as", "above": "More than"}
    page.get_by_label("Your guess").fill(typed)
    page.keyboard.press("Enter")
    page.locator("#q-share .guess-picture").wait_for()
    for place, words in remarks.items():
        assert page.get_by_text(words).is_visible() == (place == where)
    assert "0.02 (0.01–0.05)" in page.locator("#q-share .question-answer").inner_text()
    page.reload()
    assert page.get_by_label("Your guess").input_value() == typed
    assert page.get_by_text(remarks[where]).is_visible()


@pytest.mark.parametrize("typed", ["", "a lot", "1/", "1/0", "%", "1e", "0x", "..5"])
def test_what_is_no_number_is_said(page: Page, typed: str) -> None:
    page.get_by_label("Your guess").fill(typed)
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("could not be read as a number").wait_for()
    assert page.locator(".guess-picture").count() == 0


def test_without_script_everything_can_be_unfolded(asking: Book, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.route(re.compile("^http"), lambda route: route.abort())
    page = context.new_page()
    page.goto((asking.site / "book" / "one.html").as_uri())
    assert page.get_by_role("button", name="Forget my answers").count() == 0
    assert not page.get_by_text("That is one too many.").is_visible()
    for summary in page.locator(".question summary").all():
        summary.click()
    for text in ("That is one too many.", "0.02 (0.01–0.05)", "More than there are."):
        assert page.get_by_text(text).first.is_visible()
    context.close()


def test_on_paper_all_is_shown(page: Page) -> None:
    page.locator('#q-sum-of-two [data-choice="a"] summary').click()
    page.emulate_media(media="print")
    for text in ("That is one too many.", "That holds for sets.", "0.02 (0.01–0.05)", "More than"):
        assert page.get_by_text(text).first.is_visible()
    assert not page.get_by_role("button", name="Forget my answers").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.get_by_text("That holds for sets.").is_visible()
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert not page.get_by_text("That holds for sets.").is_visible()
    page.wait_for_timeout(50)
    # Printing is no answer.
    assert page.locator("#q-share").get_attribute("data-answered") is None


def test_two_windows_do_not_lose_each_others_answers(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    page.locator('#q-sum-of-two [data-choice="a"] summary').click()
    page.get_by_text("You said a").wait_for()
    other.get_by_label("Your guess").fill("0.5")
    other.keyboard.press("Enter")
    other.reload()
    assert "You said a" in other.locator("#q-sum-of-two .question-answer").inner_text()
    assert other.get_by_label("Your guess").input_value() == "0.5"
