"""Lists that only grow, read by ascending id from the bookmark."""

from __future__ import annotations

import abc
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.errors import BacklogError
from tap_backlog.reading.lists import IdList
from tap_backlog.reading.newest_ids import IdBookmark, created_at
from tap_backlog.reading.pagination import PAGE_SIZE
from tap_backlog.reading.server_clock import server_time
from tap_backlog.rows import is_integer
from tap_backlog.steps import share_of_time
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.page import Page
from tap_backlog.times import moment_if_any
from tap_backlog.wording import counted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from tap_backlog.rows import Row


class ByIdStream(BacklogStream, abc.ABC):
    """A list with ``minId``; the state keeps the id where the look-back begins."""

    primary_keys: ClassVar = ("id",)
    replication_key = "id"
    stops_between_pages = True

    _rows_listed = 0
    _first_made: dt.datetime | None = None

    @property
    def feed(self) -> IdList:
        """The list."""
        return IdList(self.path)

    def row_of(self, listed: Row) -> Row:
        """Return this stream's row for a row of the list; here it is unchanged."""
        return listed

    def new_pages(self, after: int) -> Iterator[Page]:
        """Yield the rows with an id above ``after``, each page with its state.

        Args:
            after: The id.
        """
        bookmark = IdBookmark(
            self.bookmark.value(_id) or 0,
            self.id_to_start_after() if self._goes_on else after,
            self.bookmark.lookback,
            self._settled,
            keeps_start=self._goes_on,
        )
        for listed in self.feed.pages(self.ask, after=after):
            bookmark.note(listed, self.run.client.answered_at)
            self._advance_to(listed)
            is_last = len(listed) < PAGE_SIZE
            yield Page(self.wanted(listed), bookmark.state, is_last=is_last)

    def id_to_read_after(self) -> int:
        """Return the id after which this run reads; 0 without a bookmark."""
        last = self.bookmark.value(_id) or 0
        return last if self._goes_on else self.id_to_start_after()

    @cached_property
    def _goes_on(self) -> bool:
        """Whether this run leaves it to a later one to look back.

        It does if a run of the same round has stopped in the list a short time ago: else
        each run might read no more than the same again.
        """
        return self.family.portion.is_continued and self._settled is None

    @cached_property
    def _settled(self) -> dt.datetime | None:
        """When rows were made that cannot show up late any more.

        It is known if a run of the same round has stopped in this list long ago.
        """
        now = server_time(self.run.client.answered_at)
        stopped = moment_if_any(self.run.round.stopped)
        if not (self.family.portion.is_continued and now and stopped):
            return None
        settled = now - self.bookmark.lookback
        return settled if settled >= stopped else None

    def advance(self, page: Page) -> None:
        """Do nothing: progress counts the rows of the list; a page may hold fewer."""

    def _advance_to(self, listed: list[Row]) -> None:
        """Update the progress after rows of the list: by their time, up to now."""
        self._rows_listed += len(listed)
        may_go_on = len(listed) >= PAGE_SIZE
        share = 1.0
        if may_go_on:
            self._first_made = self._first_made or created_at(listed[0])
            last, now = created_at(listed[-1]), server_time(self.run.client.answered_at)
            share = self._rows_listed / (self._rows_listed + PAGE_SIZE)
            if self._first_made and last and now:
                share = share_of_time(self._first_made, last, now)
        words = counted(self._rows_listed, "row")
        self.steps.page_to(share, words, is_guess=may_go_on)

    def wanted(self, listed: list[Row]) -> list[Row]:
        """Return this stream's rows among the rows of the list."""
        return [self.row_of(one) for one in listed]

    def id_to_start_after(self) -> int:
        """Return the id up to which no more rows can show up; 0 without a bookmark.

        Raises:
            BacklogError: The state does not hold a valid id.
        """
        bookmark = self.bookmark.value(_id) or 0
        kept = self.bookmark.at_start.get("lookback_id")
        if kept is None or not (bookmark and self.bookmark.lookback):
            return bookmark
        try:
            return min(_id(kept), bookmark)
        except ValueError:
            message = (
                f"The state's `lookback_id` of `{self.name}` cannot be read. Take it "
                "out, or start without a state."
            )
            raise BacklogError(message) from None


def _id(value: object) -> int:
    if not is_integer(value):
        raise ValueError(value)
    return int(str(value))
