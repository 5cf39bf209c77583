"""Print what is known of every exercise: `make exercises`.

For an exercise with code: how many mistakes its check recognizes, how many wrong and right
answers the tests try, how many hints there are. For one in words: its questions, and the
choices that each explain themselves. The exit status is 1 if one is not complete.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bookmaker.teaching import tasks
from exercises.answers import known_answers

ROOT = Path(__file__).parents[2]
HEAD = ("exercise", "page", "mistakes", "wrong", "right", "hints", "questions", "choices", "")
WANTED = {"mistakes": 6, "wrong": 6, "right": 3, "hints": 2}


def rows() -> list[tuple[str, ...]]:
    """One row per exercise, in the order of the book."""
    found = []
    for task in tasks(ROOT):
        asked = len(task.questions)
        choices = sum(len(question.choices) for question in task.questions)
        if task.check is None:
            numbers: tuple[int | str, ...] = ("", "", "", "", asked, choices)
            complete = asked > 0
        else:
            known = known_answers()[task.check.key]
            counted = (len(task.check.mistakes), len(known.wrong), len(known.right))
            numbers = (*counted, len(task.check.hints), asked or "", choices or "")
            complete = all(
                count >= least
                for count, least in zip(
                    (*counted, len(task.check.hints)), WANTED.values(), strict=True
                )
            )
        row = (task.label, task.page, *map(str, numbers), "complete" if complete else "MISSING")
        found.append(row)
    return found


def main() -> int:
    """Print the table with aligned columns, and its sum."""
    table = [HEAD, *rows()]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    for row in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    columns = list(zip(*table[1:], strict=True))
    sums = {
        head: sum(int(cell or 0) for cell in columns[2 + k]) for k, head in enumerate(HEAD[2:8])
    }
    print(f"\n{len(table) - 1} exercises: " + ", ".join(f"{n} {head}" for head, n in sums.items()))
    return int(any(row[-1] != "complete" for row in table[1:]))


if __name__ == "__main__":
    sys.exit(main())
