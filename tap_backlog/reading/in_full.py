"""The bookmark of lists that are read in full, while they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.reading.server_clock import MARGIN, server_time
from tap_backlog.times import earlier, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_backlog.rows import Row


class FullReading:
    """Finds the newest timestamp that the bookmark may have.

    It must not be later than the moment at which reading began. A row that changes after
    it was read has a later timestamp, and the next run reads it. That moment is taken
    from the server's clock: from the last answer before the first request of the
    reading. Without it there is no bookmark.

    Args:
        began: The ``Date`` header of that answer.
        newest: The newest timestamp that earlier runs have seen; "" for none.
    """

    def __init__(self, began: str | None, newest: str = "") -> None:
        moment = server_time(began)
        self._began = stamp(earlier(moment, MARGIN)) if moment else ""
        self.newest = newest
        """The newest timestamp of all rows."""

    def note(self, rows: Iterable[Row]) -> None:
        """Take in rows that were read.

        Args:
            rows: Rows with ``updated``.
        """
        self.newest = max([self.newest, *(str(row["updated"]) for row in rows)])

    @property
    def bookmark(self) -> str:
        """The newest timestamp up to which no row can be missing; "" for none."""
        return min(self.newest, self._began)
