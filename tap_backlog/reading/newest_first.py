"""Reading a list by its newest change first, while it changes.

An edit moves a row to the top, with a timestamp not older than any other
(docs/api-facts.md, "Lists by offset"), so:

* A row that nobody edits is never skipped (``anchored_pages``).
* A row that is edited while the list is read has a timestamp at or after the newest
  timestamp in the list when reading began. That timestamp becomes the bookmark, and the
  next run reads down to it, including rows with that timestamp.

So every row arrives in this run or the next one, whatever people edit meanwhile. A row
may show up some time after its timestamp. So a run also reads some minutes before the
bookmark, and before the newest row that an earlier run has read. And a timestamp may be
in the future, so both are never later than the server's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tap_backlog.reading.pagination import (
    MOST_PASSES,
    PAGE_SIZE,
    anchored_pages,
    plain_pages,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tap_backlog.reading.pagination import Fetch
    from tap_backlog.rows import Row

_ABOVE_ALL = "~"
"""Sorts after every timestamp."""

MOST_STRETCHES = 6
"""How many stretches a state keeps. Each interruption may leave one, and a state must
stay small."""


@dataclass(frozen=True)
class Stretch:
    """A part of the list that has been read without a gap.

    Args:
        newest: Timestamp of its first row.
        oldest: Timestamp of its last row.
        id: Id of its last row.
        offset: Offset at which that row was.
    """

    newest: str
    oldest: str
    id: int | str
    offset: int


class Reached(NamedTuple):
    """Rows, and how far the list has been read, including them.

    ``stretches`` go from the top of the list down, with gaps between them.
    """

    rows: list[Row]
    stretches: list[Stretch]


@dataclass
class _Position:
    """How far down the list has been read: to the row ``id``, at ``offset``.

    ``oldest`` is the timestamp of that row. ``ids`` are the rows with this timestamp
    that have been read; if another run has read them, ``ids`` holds only the row itself
    (``resumed_at``). The first of them was at ``top``. ``is_disordered`` is set once
    they were seen in two different orders.
    """

    oldest: str = _ABOVE_ALL
    id: int | str = 0
    offset: int = 0
    top: int = 0
    ids: dict[int | str, None] = field(default_factory=dict)
    resumed_at: int | str | None = None
    is_disordered: bool = False

    def is_new(self, row: Row) -> bool:
        stamp: str = row["updated"]
        return stamp < self.oldest or (stamp == self.oldest and row["id"] not in self.ids)

    def is_passed(self, row: Row) -> bool:
        """Whether a row, and so every row before it, has been read."""
        if self.is_disordered and row["updated"] == self.oldest:
            return True
        return not self.is_new(row)

    def look_at(self, page: list[Row]) -> None:
        """Record whether rows with equal timestamps come in another order than before.

        Of these rows, those already read must come first and end with the row at this
        position. New rows may come only after them.
        """
        ties = [row["id"] for row in page if row["updated"] == self.oldest]
        places = {row_id: place for place, row_id in enumerate(self.ids)}
        places.pop(self.resumed_at or -1, None)
        read = [places[tie] for tie in ties if tie in places]
        if not read:
            return
        ends_on_page = page[-1]["id"] not in places
        self.is_disordered |= (
            read != sorted(read)
            or any(tie not in places for tie in ties[: len(read)])
            or (ends_on_page and read[-1] != len(self.ids) - 1)
        )

    def has_hidden(self, end: int) -> bool:
        """Whether the list has hidden rows with this timestamp.

        Args:
            end: Offset of the first row after those with this timestamp.
        """
        if not self.ids or self.resumed_at in self.ids:
            return self.is_disordered
        return self.is_disordered or end - self.top > len(self.ids)

    def advance(self, row: Row, place: int) -> None:
        if row["updated"] != self.oldest:
            self.oldest = row["updated"]
            self.top = place
            self.ids.clear()
            self.is_disordered = False
        self.id = row["id"]
        self.offset = place
        self.ids[self.id] = None


class NewestFirst:
    """Reads all rows whose ``updated`` is at or after a floor.

    While it reads, ``down_to`` is the timestamp down to which it continues after a full
    page.

    Args:
        fetch: Returns the rows from an offset, newest first.
        floor: Timestamp down to which to read, inclusive; "" for all.
        stretches: What earlier runs have read of the list before they were cut off.
        look_back: Gets the newest timestamp that was seen, and returns the timestamp
            after which rows may have shown up late.
        hold: Returns a timestamp, but not later than the server's clock.
        rows_at_once: Returns how many rows are yielded next; 0 for all of a page.
        leaves_top: Whether what is above the first stretch is left to a later reading,
            which looks back from the newest row of that stretch.
    """

    def __init__(  # noqa: PLR0913
        self,
        fetch: Fetch,
        floor: str,
        stretches: Sequence[Stretch] = (),
        *,
        look_back: Callable[[str], str] = str,
        hold: Callable[[str], str] = str,
        rows_at_once: Callable[[], int] = int,
        leaves_top: bool = False,
    ) -> None:
        self._leaves_top = self.has_left_top = bool(stretches) and leaves_top
        self._rows_at_once = rows_at_once
        self._fetch = fetch
        self._floor = floor
        self._look_back = look_back
        self._hold = hold
        self._below = list(stretches[1 - MOST_STRETCHES :])
        self._position = _Position()
        self.newest = ""
        self.down_to = _ABOVE_ALL
        self._mark = ""
        self._place_of_mark: int | None = None

    def pages(self) -> Iterator[Reached]:
        """Yield the rows page by page, with how far the list has been read."""
        while self._below:
            lower = self._below[0]
            down_to = self._look_back(lower.newest)
            is_late = down_to < lower.newest and lower.oldest >= down_to
            if is_late and not self._leaves_top:
                self._below.pop(0)  # rows may have shown up late anywhere in it
                continue
            self._mark = lower.newest
            if self._leaves_top:
                self._leaves_top = False
            else:
                yield from self._down(down_to)
            self._join(self._below.pop(0))
        yield from self._down(self._floor)

    def _join(self, lower: Stretch) -> None:
        """Continue from the end of a stretch whose beginning has been reached."""
        position = self._position
        after = position.offset + 1 if position.ids else 0
        moved_down = after if self._place_of_mark is None else self._place_of_mark
        # Some rows may have come from above that place. To start half a page too far up
        # is harmless.
        place = lower.offset + max(0, moved_down - PAGE_SIZE // 2)
        self.newest = self.newest or lower.newest
        self._position = _Position(
            oldest=lower.oldest,
            id=lower.id,
            offset=place,
            ids={lower.id: None},
            resumed_at=lower.id,
        )

    def _down(self, floor: str) -> Iterator[Reached]:
        """Read from the position down to a floor, inclusive."""
        self.down_to = floor
        self._place_of_mark = None
        position = self._position
        pages = anchored_pages(self._fetch_looking, position.is_passed, position.offset)
        for offset, page in pages:
            rows = self._take(page, offset, floor)
            if rows:
                yield from self._in_parts(rows, page, offset)
            if len(page) < PAGE_SIZE or page[-1]["updated"] < floor:
                return

    def _fetch_looking(self, offset: int) -> list[Row]:
        page = self._fetch(offset)
        self._position.look_at(page)
        return page

    def _take(self, page: list[Row], offset: int, floor: str) -> list[Row]:
        """Return the new rows of a page, and move the position past them."""
        position = self._position
        wanted = [row for row in page if row["updated"] >= floor]
        rows: list[Row] = []
        for place, row in enumerate(wanted, offset):
            if position.is_new(row):
                if row["updated"] < position.oldest and position.has_hidden(place):
                    rows += self._hidden_ties()
                position.advance(row, place)
                rows.append(row)
                self.newest = self.newest or self._hold(row["updated"])
                if self._place_of_mark is None and row["updated"] <= self._mark:
                    self._place_of_mark = place
        if len(wanted) < PAGE_SIZE and position.has_hidden(offset + len(wanted)):
            rows += self._hidden_ties()
        return rows

    def _hidden_ties(self) -> list[Row]:
        """Return the rows that a list has hidden: equal timestamps have no fixed order.

        It searches until it has read as many rows with this timestamp as the list has.
        """
        position = self._position
        down_to, self.down_to = self.down_to, _ABOVE_ALL
        hidden: list[Row] = []
        alive: set[int | str] = set()
        for _ in range(MOST_PASSES):
            places, found = 0, len(hidden)
            for _, page in plain_pages(self._fetch, max(0, position.top - PAGE_SIZE)):
                ties = [row for row in page if row["updated"] == position.oldest]
                hidden += [row for row in ties if row["id"] not in position.ids]
                alive.update(row["id"] for row in ties)
                position.ids |= dict.fromkeys(alive)
                places += len(ties)
                if page and page[-1]["updated"] < position.oldest:
                    break
            if len(alive) >= places and len(hidden) == found:
                break
        self.down_to = down_to
        position.is_disordered = False
        position.top = position.offset - len(position.ids)  # nothing is hidden any more
        return hidden

    def _in_parts(
        self, rows: list[Row], page: list[Row], offset: int
    ) -> Iterator[Reached]:
        """Yield the rows of a page, with how far the list has been read with them."""
        places = {row["id"]: place for place, row in enumerate(page, offset)}
        if all(row["id"] in places for row in rows):
            while len(rows) > (size := self._rows_at_once() or len(rows)):
                some, rows = rows[:size], rows[size:]
                last = some[-1]
                place = places[last["id"]]
                read = Stretch(self.newest, last["updated"], last["id"], place)
                yield Reached(some, [read, *self._below])
        yield self._reached(rows)

    def _reached(self, rows: list[Row]) -> Reached:
        at = self._position
        read = Stretch(self.newest, at.oldest, at.id, at.offset)
        return Reached(rows, [read, *self._below])
