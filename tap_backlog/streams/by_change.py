"""Lists of which only what changed is read, by the newest change first."""

from __future__ import annotations

import abc
import datetime as dt
import zlib
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tap_backlog.errors import BacklogError
from tap_backlog.forecast import PROJECT_LIST, Forecast, Found, Reading, pages_needed
from tap_backlog.newest_first import NewestFirst, Stretch
from tap_backlog.pagination import PAGE_SIZE, STEP
from tap_backlog.rows import is_integer, read
from tap_backlog.settings import earlier, moment, stamp
from tap_backlog.streams.base import BacklogStream, Page, next_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_backlog.census import Census
    from tap_backlog.client import Params
    from tap_backlog.rows import RawRows, Row

_PROBES = 4
"""Requests that a forecast may spend on how many rows have changed."""

PROJECTS_PER_LIST = 250
"""Project ids in one request, so that its line stays under 8 kB."""


@dataclass
class _Unfinished:
    """How far a run has come, as the state says it.

    Args:
        list: Index of the list that is being read; all before it are.
        of: Digest of all lists.
        bookmark: What will be the bookmark.
        read: What has been read of that list.
    """

    list: int
    of: int
    bookmark: str
    read: Sequence[Stretch]


class ByChangeStream(BacklogStream, abc.ABC):
    """A list with ``sort=updated``, for several projects at once, paged by offset."""

    primary_keys: ClassVar = ("id",)
    replication_key = "updated"
    needs_projects = True

    flag = ""
    """Field of a project that is false where it has nothing of the kind."""

    count_path = ""
    """Path that counts the rows of the list for the same filters, if there is one."""

    counted_by = ""
    """See :meth:`RawRows.count`."""

    lookback: dt.timedelta = dt.timedelta()
    """How far behind the bookmark reading goes."""

    def pages(self) -> Iterator[Page]:
        """Yield the rows changed since the bookmark, itself included.

        While a reading is not finished the state holds how far it has come
        (``unfinished``), so that the next run goes on from there.
        """
        floor = self._floor()
        lists = self._lists()
        unfinished = self._unfinished(lists)
        if self.count_path and self.tap.shows_live and not floor and len(lists) == 1:
            self.rows_expected = self._count_all(lists[0])
        # The first list is read first, so what is newest there is before all others.
        bookmark = unfinished.bookmark
        for index in range(unfinished.list, len(lists)):
            stretches = unfinished.read if index == unfinished.list else []
            fetch = partial(self._fetch, lists[index], floor)
            self._reader = reader = NewestFirst(fetch, floor, stretches)
            for rows, stretches_read in reader.pages():
                bookmark = reader.newest if index == 0 else bookmark
                reached = _Unfinished(index, _digest(lists), bookmark, stretches_read)
                yield Page(rows, {"unfinished": asdict(reached)})
        bookmark = max(self.stamp_of_start(), bookmark)
        yield Page(
            [],
            {
                "unfinished": None,
                "replication_key": self.replication_key if bookmark else None,
                "replication_key_value": bookmark or None,
            },
        )

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 0 if self.count_path or self._members else 3

    def forecast(self, census: Census) -> Forecast:
        """Return the pages down to the bookmark, or from where the last run was cut."""
        floor, lists = self._floor(), self._lists()
        unfinished = self._unfinished(lists)
        rows, requests, sample = 0.0, 0, list[Any]()
        for project_ids in lists[unfinished.list :]:
            found = self._changed(project_ids, floor, census)
            if found is None:
                return Forecast(None, (PROJECT_LIST, Reading(self.name, self.path)))
            requests += pages_needed(found.rows)
            rows += found.rows
            sample += found.sample
        if unfinished.read:
            already = min(unfinished.read[-1].offset, max(rows - 1, 0))
            rows -= already
            requests -= int(already // STEP)
        reading = Reading(self.name, self.path, requests)
        return Forecast(rows, (PROJECT_LIST, reading), sample)

    def _changed(
        self,
        project_ids: list[int],
        floor: str,
        census: Census,
    ) -> Found | None:
        """Return how many rows of a list have changed since a stamp, and some of them."""
        filters = {"projectId": project_ids, **self.filters(floor)}

        def most() -> int | None:
            return census.count(self.count_path, filters) if self.count_path else None

        if not floor and (rows := most()) is not None:
            sample = census.rows(self, self.path, {**filters, "count": PAGE_SIZE})
            return Found(rows, sample or [])
        return census.length(
            self,
            {**filters, "sort": "updated", "order": "desc"},
            lambda row: bool(row["updated"] >= floor),
            most,
            probes=min(_PROBES, census.share),
        )

    def _count_all(self, project_ids: list[int]) -> int | None:
        """Return how many rows there are, for whoever watches."""
        try:
            answer = self.tap.client.get_object(
                self.count_path, {"projectId": project_ids}
            )
        except BacklogError:
            return None
        count = read(answer, "count")
        return count if is_integer(count) else None

    def filters(self, floor: str) -> dict[str, Any]:  # noqa: ARG002
        """Return parameters that leave out rows older than a stamp, if there are any.

        Args:
            floor: The stamp; "" where all rows are wanted.
        """
        return {}

    def project_ids(self) -> list[int]:
        """Return the ids of the projects to read."""
        without = {
            p["id"] for p in self.tap.scope.projects if read(p, self.flag) is False
        }
        return [
            project_id for project_id in self.tap.scope.ids if project_id not in without
        ]

    def _fetch(self, project_ids: list[int], floor: str, offset: int) -> list[Row]:
        def params(offset: int) -> Params:
            return {
                "projectId": project_ids,
                **self.filters(floor),
                "sort": "updated",
                "order": "desc",
                "offset": offset,
                "count": PAGE_SIZE,
            }

        def following(rows: RawRows) -> tuple[str, Params] | None:
            down_to = self._reader.down_to
            if down_to and str(rows.last("updated")) < down_to:
                return None
            return next_page(rows, self.path, params(offset + STEP), self.counted_by)

        return self.ask(self.path, params(offset), following)

    def _floor(self) -> str:
        """Return the stamp down to which to read; "" where it is to the end."""
        bookmark = self.bookmark(moment)
        if bookmark and self.lookback:
            return stamp(earlier(bookmark, self.lookback))
        return self.stamp_of_start()

    def _lists(self) -> list[list[int]]:
        """Return the project ids of each list to read: one, but in huge spaces.

        Without ``projectId[]`` Backlog may leave archived projects out.
        """
        ids = self.project_ids()
        return [
            ids[first : first + PROJECTS_PER_LIST]
            for first in range(0, len(ids), PROJECTS_PER_LIST)
        ]

    def _unfinished(self, lists: list[list[int]]) -> _Unfinished:
        """Return how far the last run has come, if that was cut off.

        Raises:
            BacklogError: The state holds something else.
        """
        saved = self.state_at_start.get("unfinished") if self.is_incremental else None
        if not saved:
            return _Unfinished(0, _digest(lists), "", [])
        try:
            unfinished = _Unfinished(**saved)
            unfinished.read = [Stretch(**stretch) for stretch in saved["read"]]
        except (KeyError, TypeError):
            message = (
                f"The state's `unfinished` of `{self.name}` cannot be read. Take it "
                "out, or start without a state."
            )
            raise BacklogError(message) from None
        if unfinished.of != _digest(lists):
            return _Unfinished(0, _digest(lists), "", [])
        return unfinished


def _digest(lists: list[list[int]]) -> int:
    """Tell several lists from others: their parts may not be mixed up.

    A single list may grow between two runs.
    """
    return zlib.crc32(repr(lists).encode()) if len(lists) > 1 else 0
