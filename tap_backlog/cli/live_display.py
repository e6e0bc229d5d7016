"""The live display of a run, as text that fits the terminal.

Only ASCII: other characters for bars are two columns wide on some terminals, mostly on
those of Japanese users.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_backlog.cli.look import Look

ROWS = 2
"""Rows of the display: one for the stream, one for the run."""

_WIDEST_BAR = 30
_NARROWEST_BAR = 10
_SHARE_WIDTH = len("~99%")


def rows_of(look: Look, width: int) -> list[str]:
    """Return the rows of the display.

    Args:
        look: How far the run is.
        width: Most columns of a row.
    """
    of_run = [look.waiting, *look.of_run] if look.waiting else look.of_run
    return [_row_of_stream(look, width), _fitting(of_run, width, ", ")]


def _row_of_stream(look: Look, width: int) -> str:
    if not look.stream:
        return "beginning"[:width]
    share = look.share_in_words.rjust(_SHARE_WIDTH)
    # The least important part comes last: it is dropped first.
    told = [f"{share}  {look.stream}", look.time_left, look.of_stream]
    parts = [part for part in told if part]
    bar = min(_WIDEST_BAR, width // 3)
    if bar < _NARROWEST_BAR:
        return _fitting(parts, width, ", ")
    return f"{_bar(look.share, bar)}  {_fitting(parts, width - bar - len('[]  '), ', ')}"


def _bar(share: float, width: int) -> str:
    filled = int(share * width)
    done, rest = "#" * filled, "." * (width - filled)
    # An empty variable counts as not set (no-color.org).
    return (
        f"[{done}{rest}]"
        if os.environ.get("NO_COLOR")
        else f"[\033[32m{done}\033[0m{rest}]"
    )


def _fitting(parts: Sequence[str], width: int, between: str) -> str:
    """Return as many parts as fit; the first part is cut if it is too long."""
    text = parts[0]
    for part in parts[1:]:
        longer = f"{text}{between}{part}"
        if len(longer) > width:
            break
        text = longer
    return text[:width]
