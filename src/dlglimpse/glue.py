"""Numbers that the text of a page quotes: a cell hands them over, the build puts them in."""

from __future__ import annotations

from dlglimpse.notebook import running_shell

# What MyST-NB takes for "keep this, and do not show it".
_UNSEEN = "application/papermill.record/"

_STAYS = "\N{NO-BREAK SPACE}"


def _in_one_piece(text: str) -> str:
    """Numbers in which no line of text ends: 3.9 × 10⁻⁷ and 50 %."""
    return text.replace(" × ", f"{_STAYS}×{_STAYS}").replace(" %", f"{_STAYS}%")


def glue(name: str, value: object, *, display: bool = False) -> None:
    """Keep a value under a name, so that the text around a cell can quote it.

    In a page of the book, the role `{glue:text}` quotes it; it stands in the outputs of
    the cell, and so in the notebook. Outside of a notebook nothing happens.

    Parameters
    ----------
    name
        Unique on its page.
    value
        What is quoted is what a notebook would show of it; of a string, its text, with
        spaces at which no line ends around × and before %.
    display
        Whether the cell shows the value, too.

    Examples
    --------
    >>> glue("share", "0.0063 (0.0011–0.03)")
    """
    shell = running_shell()
    if shell is None:
        return
    data, metadata = shell.display_formatter.format(value)
    if isinstance(value, str):
        data = {kind: _in_one_piece(shown) for kind, shown in data.items()}
    prefix = "" if display else _UNSEEN
    shell.display_pub.publish(
        data={prefix + kind: shown for kind, shown in data.items()},
        metadata={**metadata, "scrapbook": {"name": name, "mime_prefix": prefix}},
    )
