"""What a stream yields."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_backlog.rows import Row


class Page(NamedTuple):
    """Rows, and what the state says once they are out.

    ``state`` holds new entries of the stream's state; None takes one out. ``only`` names
    the streams of the family that want the rows, if not all of it does.
    """

    rows: list[Row]
    state: Mapping[str, object] | None = None
    only: frozenset[str] | None = None
