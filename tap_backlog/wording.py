"""Numbers and times in words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MINUTE = 60
_HOUR = 60


def counted(number: int, noun: str, none: str = "0") -> str:
    """Return a number with its noun, in singular or plural.

    Args:
        number: The number.
        noun: The noun as a singular; its plural ends in "s".
        none: The text for 0.
    """
    figure = f"{number:,}" if number else none
    return f"{figure} {noun}" if number == 1 else f"{figure} {noun}s"


def either(choices: Sequence[str]) -> str:
    """Return the choices in one text: ``a, b or c``.

    Args:
        choices: At least one.
    """
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


def span(seconds: float) -> str:
    """Return a time as people say it: ``42 s``, ``1 min 12 s``, ``2 h 5 min``.

    Args:
        seconds: The time.
    """
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, _MINUTE)
    if minutes < _HOUR:
        return f"{minutes} min {rest} s"
    return f"{minutes // _HOUR} h {minutes % _HOUR} min"
