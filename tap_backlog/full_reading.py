"""The bookmark of lists that are read in full, while they change."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tap_backlog.settings import earlier, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_backlog.rows import Row

_MARGIN = dt.timedelta(minutes=1)
"""By which the clocks of one server may differ."""


class FullReading:
    """Finds the newest stamp that the bookmark may take.

    It must not pass the moment at which reading began: what changes behind the reader
    bears a later stamp, and is caught by the next run. That moment is the server's own,
    from its first answer; where that bears no date, there is no bookmark.
    """

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._began: str | None = None
        self._newest = ""

    def note(self, rows: Iterable[Row], answered_at: str | None) -> None:
        """Take rows in.

        Args:
            rows: Rows with ``updated``.
            answered_at: The ``Date`` header that came with them.
        """
        if self._began is None:
            self._began = _stamp(answered_at)
        self._newest = max([self._newest, *(str(row["updated"]) for row in rows)])

    @property
    def bookmark(self) -> str:
        """The newest stamp up to which nothing can be missing; "" for none."""
        return min(self._newest, self._began or "")


def _stamp(date: str | None) -> str:
    try:
        moment = parsedate_to_datetime(date or "").astimezone(dt.timezone.utc)
    except (OverflowError, TypeError, ValueError):
        return ""
    return stamp(earlier(moment, _MARGIN))
