"""The bookmark of lists that are read by ascending id."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tap_backlog.reading.server_clock import server_time
from tap_backlog.rows import read
from tap_backlog.times import moment_if_any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tap_backlog.rows import Row


class IdBookmark:
    """The last id, and the id after which the next run starts, for rows that come late.

    Ids grow with time, but a row may show up before one with a smaller id
    (docs/api-facts.md, "Lists by id"). So the next run starts after the last id whose row
    is older than the newest row by more than the look-back.

    Args:
        last_id: The bookmark so far; 0 for none.
        after: The id after which this run reads.
        lookback: How late a row may show up.
        settled: The moment before which no row shows up any more; None if not known.
        keeps_start: Whether the next run starts after the same id in any case.
    """

    def __init__(
        self,
        last_id: int,
        after: int,
        lookback: dt.timedelta,
        settled: dt.datetime | None = None,
        *,
        keeps_start: bool = False,
    ) -> None:
        self._settled = settled
        self._keeps_start = keeps_start
        self._last_id = last_id
        self._start_id = after
        self._lookback = lookback
        self._newest: dt.datetime | None = None
        self._recent: deque[tuple[int, dt.datetime | None]] = deque()

    def note(self, rows: Iterable[Row], date: str | None) -> None:
        """Take in rows that were read, by ascending id.

        Args:
            rows: Rows with ``id``, and mostly with ``created``.
            date: The ``Date`` header that came with them. A row that was created later
                is from the future, and must not become the bookmark.
        """
        now = server_time(date)
        for row in rows:
            made = created_at(row)
            if made and now and made > now:
                continue
            self._last_id = max(self._last_id, row["id"])
            if not self._keeps_start:
                self._recent.append((row["id"], made))
            if made and (self._newest is None or made > self._newest):
                self._newest = made
        while self._recent and self._is_settled(self._recent[0][1]):
            self._start_id = max(self._start_id, self._recent.popleft()[0])

    def _is_settled(self, made: dt.datetime | None) -> bool:
        if not self._lookback or made is None or self._newest is None:
            return True
        settled = self._newest - self._lookback
        return made < max(settled, self._settled or settled)

    @property
    def state(self) -> dict[str, object]:
        """Its entries in the state; None removes an entry."""
        if not self._last_id:
            return {}
        looks_back = self._start_id < self._last_id
        return {
            "replication_key": "id",
            "replication_key_value": self._last_id,
            "lookback_id": self._start_id if looks_back else None,
        }


def created_at(row: Row) -> dt.datetime | None:
    """Return when a row was created, or None if it does not say so.

    Args:
        row: A row with ``created``.
    """
    return moment_if_any(read(row, "created"))
