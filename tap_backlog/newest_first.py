"""Reading a list by its newest change first, while it changes.

An edit moves a row to the top, with a stamp not older than any other, so:

* A row that nobody touches is never skipped (``anchored_pages``).
* A row that is touched while the list is read bears a stamp at or after the newest
  one that stood there when reading began. That stamp becomes the bookmark, and the
  next run reads down to it, itself included.

So everything arrives in this run or the next, in whatever order people work, and by
the list's own stamps alone: no clock but the server's is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_backlog.pagination import anchored_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tap_backlog.pagination import Fetch, Row

_ABOVE_ALL = "~"
"""Sorts after every stamp."""


@dataclass
class _Position:
    """How far down the list has been read: to the row ``id``, at ``offset``.

    ``ids`` are all rows read that bear the stamp ``oldest`` of that row.
    """

    oldest: str = _ABOVE_ALL
    id: int = 0
    offset: int = 0
    ids: set[int] = field(default_factory=set)

    def is_read(self, row: Row) -> bool:
        stamp: str = row["updated"]
        return stamp > self.oldest or (stamp == self.oldest and row["id"] in self.ids)

    def advance(self, row: Row, offset: int) -> None:
        if row["updated"] != self.oldest:
            self.oldest = row["updated"]
            self.ids.clear()
        self.id = row["id"]
        self.offset = offset
        self.ids.add(self.id)


class NewestFirst:
    """Reads all rows whose ``updated`` is at or after a floor.

    Args:
        fetch: Returns up to ``PAGE_SIZE`` rows from an offset on, newest first.
        floor: Stamp down to which to read, itself included; "" for all.
        unfinished: ``progress`` of a reading that was cut off, to go on from.
    """

    def __init__(
        self,
        fetch: Fetch,
        floor: str,
        unfinished: Mapping[str, Any] | None = None,
    ) -> None:
        """Nothing is read yet."""
        self._fetch = fetch
        self._floor = floor
        self._position = _Position()
        self.newest = ""
        if unfinished:
            self.newest = unfinished["newest"]
            self._position = _Position(
                unfinished["oldest"],
                unfinished["id"],
                unfinished["offset"],
                {unfinished["id"]},
            )

    @property
    def progress(self) -> dict[str, Any]:
        """What has been read: from ``newest`` down to the row ``id`` at ``oldest``."""
        at = self._position
        return {
            "newest": self.newest,
            "oldest": at.oldest,
            "id": at.id,
            "offset": at.offset,
        }

    def pages(self) -> Iterator[list[Row]]:
        """Yield the rows page by page; ``progress`` follows each page."""
        if self._position.ids:
            yield from self._catch_up()
        for rows in self._down(self._position, self._floor):
            self.newest = self.newest or rows[0]["updated"]
            yield rows

    def _catch_up(self) -> Iterator[list[Row]]:
        """Read what is newer than an unfinished reading, so that the two join."""
        newest = self.newest
        moved_down = 0
        for rows in self._down(_Position(), self.newest):
            newest = max(newest, rows[0]["updated"])
            moved_down += sum(row["updated"] > self.newest for row in rows)
            yield rows
        self.newest = newest
        self._position.offset += moved_down

    def _down(self, position: _Position, floor: str) -> Iterator[list[Row]]:
        pages = anchored_pages(self._fetch, position.is_read, position.offset)
        for offset, page in pages:
            unread = []
            for place, row in enumerate(page, offset):
                if row["updated"] >= floor and not position.is_read(row):
                    position.advance(row, place)
                    unread.append(row)
            if unread:
                yield unread
            if page and page[-1]["updated"] < floor:
                return
