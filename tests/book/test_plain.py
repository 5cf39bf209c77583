"""MyST in the Markdown of plain Jupyter: every form, and what has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookmaker.fences import blocks
from bookmaker.numbering import Numbers
from bookmaker.plain import Plain
from bookmaker.references import Book, Source
from bookmaker.sources import Page

SITE = "https://example.org/"


@pytest.fixture
def plain(tmp_path: Path) -> Plain:
    return Plain(
        page=Page(tmp_path, "book/one"),
        book=Book(
            titles={"one": "First", "two": "Second"},
            homes={"ex-1": "one", "sec-2": "two", "eq-a": "two"},
            names={"sec-2": "A section", "ex-1": "An exercise"},
            sources={"ho2020": Source("Ho and Li", "2020", "https://example.org/ho")},
        ),
        numbers=Numbers(figures={"fig-line": 3}, equations={"eq-a": 7}, homes={"fig-line": "two"}),
        site=SITE,
        glued={"sum": "0.5 (0.1–0.9)"},
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{doc}`two`", f"[Second]({SITE}book/two.html)"),
        ("{doc}`there <two>`", f"[there]({SITE}book/two.html)"),
        ("{ref}`exercise 1 <ex-1>`", f"[exercise 1]({SITE}book/one.html#ex-1)"),
        ("{ref}`sec-2`", f"[A section]({SITE}book/two.html#sec-2)"),
        ("{numref}`fig-line`", f"[Fig. 3]({SITE}book/two.html#fig-line)"),
        ("equation {eq}`eq-a`", f"equation [(7)]({SITE}book/two.html#equation-eq-a)"),
        ("{term}`losses <loss>`", f"[losses]({SITE}book/glossary.html#term-loss)"),
        ("It is {glue:text}`sum`.", "It is 0.5 (0.1–0.9)."),
        ("{cite:p}`ho2020`", "([Ho and Li, 2020](https://example.org/ho))"),
        ("{cite:t}`ho2020`", "[Ho and Li (2020)](https://example.org/ho)"),
        ("{math}`x^2`", "$x^2$"),
        ("x{sub}`2`", "x<sub>2</sub>"),
        ("write `{glue:text}`, or ``{doc}`two` ``", "write `{glue:text}`, or ``{doc}`two` ``"),
        ("[there](two.md)", f"[there]({SITE}book/two.html)"),
        ("[there](#sec-2)", f"[there]({SITE}book/two.html#sec-2)"),
        ("[there](https://example.com/x)", "[there](https://example.com/x)"),
        ("$a$ and $$b$$", "$a$ and $$\nb\n$$"),
        ("$$\nb\n$$ (eq-a)", "$$\nb\n\\tag{7}\n$$"),
        ("(sec-x)=\n## Title", "## Title"),
        ("% a remark\nText.", "Text."),
        ("{doc}`two`\n: What is it?\n  And why?", None),
        ("```python\n{doc}`two`\n```", "```python\n{doc}`two`\n```"),
        (
            "\\begin{align}\na &= b \\\\\n&= c\n\\end{align}",
            "$$\n\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\n$$",
        ),
        ("```{math}\n:label: eq-a\na\n\n= b\n```", "$$\na\n= b\n\\tag{7}\n$$"),
        ("```{math}\na \\\\ b\n```", "$$\n\\begin{aligned}\na \\\\ b\n\\end{aligned}\n$$"),
        ("- one\n\n  ```{math}\n  a\n  ```", "- one\n\n  $$\n  a\n  $$"),
        ("```{note}\nMind *this*.\n```\nAfter.", "> **Note**\n>\n> Mind *this*.\n\nAfter."),
        (
            ":::{admonition} What {term}`loss`\n```{math}\na\n```\n:::",
            f"> **What [loss]({SITE}book/glossary.html#term-loss)**\n>\n> $$ a $$",
        ),
        (
            "```{admonition} More\n:class: note, dropdown\nText.\n```",
            "<details>\n<summary>More</summary>\n\nText.\n\n</details>",
        ),
        (":::{tip}\nText.\n:::", "> **Tip**\n>\n> Text."),
        ("```{code-block} python\nx = 1\n```", "```python\nx = 1\n```"),
        (
            "```{table} A caption\n:name: tab-a\n\n| a |\n|---|\n| {glue:text}`sum` |\n```",
            "*Table.* A caption\n\n| a |\n|---|\n| 0.5 (0.1–0.9) |",
        ),
    ],
)
def test_every_form(plain: Plain, source: str, expected: str | None) -> None:
    if expected is None:
        expected = f"- **[Second]({SITE}book/two.html)**:\n  What is it?\n  And why?"
    assert plain.markdown(source, 1) == expected
    assert plain.problems == []


PREDICT = """\
```{predict} sum
What is $1 + 1$, by {doc}`two`?

- [ ] one

  {glue:text}`sum` is too little.
- [x] two

  One more than one.
```"""
GUESS = """\
```{guess} share
How large is the sum?

- [measured] sum
- [below] Too little.
- [within] So it is.
- [above] Too much.
```"""


def test_questions_unfold_their_explanations(plain: Plain) -> None:
    text = plain.markdown(PREDICT, 1)
    assert text.startswith("**Predict**\n\nWhat is $1 + 1$, by [Second](")
    assert "- **a)** one\n- **b)** two\n\n<details>" in text
    assert "\n\n**Not so.** 0.5 (0.1–0.9) is too little.\n\n</details>" in text
    assert "<summary>If you say b</summary>\n\n**Right.** One more than one.\n" in text


def test_guesses_unfold_what_was_measured(plain: Plain) -> None:
    text = plain.markdown(GUESS, 1)
    assert "How large is the sum?\n\n<details>" in text
    assert "0.5 (0.1–0.9)\n\n**If you are too low:** Too little." in text


def test_questions_on_paper_have_no_answers(plain: Plain) -> None:
    plain.answers = False
    assert plain.markdown(PREDICT, 1).endswith("?\n\n- ☐ **a)** one\n- ☐ **b)** two")
    text = plain.markdown(GUESS, 1)
    assert text.endswith("How large is the sum?\n\nMy guess: ______________")
    assert plain.problems == []


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("Text.\n\n{kbd}`x`", 12, "the role `kbd`"),
        ("Text.\n\n```{margin}\nAside.\n```", 12, "the directive `margin`"),
        ("````{note}\nText.\n\n```{eval-rst}\n.. x\n```\n````", 13, "the directive `eval-rst`"),
        ("Text.[^1]\n", 10, "a footnote"),
        ("![](picture.png)", 10, "cannot find picture.png"),
        ("\\begin{tikzpicture}\nx\n\\end{tikzpicture}", 10, "the environment `tikzpicture`"),
        ("```{predict} x\nAsk {abbr}`it`.\n\n- [ ] a\n\n  {kbd}`b`\n```", 11, "the role `abbr`"),
    ],
)
def test_what_has_no_form_is_a_problem_at_its_line(plain, source, line, message) -> None:
    plain.markdown(source, 10)
    problem = plain.problems[0]
    assert (problem.path.as_posix(), problem.line) == ("book/one.md", line)
    assert message in problem.message


def test_fences_in_fences_and_in_sentences() -> None:
    text = "Write ```x``` so.\n````{note}\n```{tip}\nA\n```\n````\n::: no fence\nEnd.\n```\ncut"
    found = [(b.line, b.name, b.shows_code) for b in blocks(text.split("\n"))]
    assert found == [(1, "", False), (2, "note", False), (7, "", False), (9, "", True)]
