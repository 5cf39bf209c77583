"""The one kind of error this package raises on purpose, and how it is worded."""

from collections.abc import Iterable


class GlimpseError(ValueError):
    """Something was asked for that cannot be done; the message says what to try.

    Examples
    --------
    >>> raise GlimpseError("`n` must be at least 1", given="0", hint="try `n=100`")
    Traceback (most recent call last):
    ...
    dlglimpse.errors.GlimpseError: `n` must be at least 1; given: 0; try `n=100`.
    """

    def __init__(self, wrong: str, *, given: str, hint: str) -> None:
        super().__init__(f"{wrong}; given: {given}; {hint}.")
        self.wrong, self.given, self.hint = wrong, given, hint


def one_of(value: object, choices: Iterable[str], what: str) -> str:
    """Return `value` if it is one of `choices`, or say which names there are.

    Raises
    ------
    GlimpseError
        If `value` is not among the choices; the message lists them.

    Examples
    --------
    >>> one_of("tanh", ["sigmoid", "tanh"], "activation")
    'tanh'
    """
    choices = list(choices)
    if isinstance(value, str) and value in choices:
        return value
    raise GlimpseError(
        f"unknown {what}", given=repr(value), hint=f"choose one of {', '.join(choices)}"
    )
