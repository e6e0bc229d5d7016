"""The bookmark of lists that are read in full, while they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.reading.server_clock import MARGIN, server_time
from tap_backlog.times import earlier, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_backlog.rows import Row


class FullReading:
    """Finds the newest stamp that the bookmark may take.

    It must not pass the moment at which reading began: what changes behind the reader
    has a later stamp, and is caught by the next run. That moment is the server's own,
    from the last answer before the first request of the reading; without it there is no
    bookmark.

    Args:
        began: The ``Date`` header of that answer.
    """

    def __init__(self, began: str | None) -> None:
        moment = server_time(began)
        self._began = stamp(earlier(moment, MARGIN)) if moment else ""
        self._newest = ""

    def note(self, rows: Iterable[Row]) -> None:
        """Take rows in.

        Args:
            rows: Rows with ``updated``.
        """
        self._newest = max([self._newest, *(str(row["updated"]) for row in rows)])

    @property
    def bookmark(self) -> str:
        """The newest stamp up to which nothing can be missing; "" for none."""
        return min(self._newest, self._began)
