"""Lists of which only changed rows are read, newest change first."""

from __future__ import annotations

import abc
from dataclasses import asdict
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError, TransientError
from tap_backlog.forecast.costs import PROJECT_LIST, Cost, Forecast
from tap_backlog.reading.lists import Found, OffsetList
from tap_backlog.reading.newest_first import NewestFirst, Stretch
from tap_backlog.reading.pagination import STEP
from tap_backlog.reading.server_clock import MARGIN, server_time, stamp_before
from tap_backlog.rows import is_integer, read
from tap_backlog.steps import share_of_time
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.kinds.changed_list import ChangedList
from tap_backlog.streams.kinds.unfinished import Unfinished, lists_of, stretches_of
from tap_backlog.streams.page import Page
from tap_backlog.times import moment, moment_if_any, stamp
from tap_backlog.wording import counted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tap_backlog.forecast.census import Census
    from tap_backlog.reading.newest_first import Reached
    from tap_backlog.request import Params
    from tap_backlog.rows import RawRows, Row
    from tap_backlog.state.coverage import Mark, Owed

_PROBES = 4
"""Requests that a forecast may spend to count changed rows."""


class ByChangeStream(BacklogStream, abc.ABC):
    """A list with ``sort=updated``, for several projects at once, paged by offset."""

    primary_keys: ClassVar = ("id",)
    replication_key = "updated"
    stops_between_pages = True
    needs_projects = True

    flag = ""
    """Field of a project that is false if the project does not use this feature."""

    extras: Params = MappingProxyType({})
    """Parameters that ask for more fields in each row."""

    covers_projects = True

    _mark_now: Mark = None
    _rows_expected: int | None = None
    _down_to = ""
    _top_left_of = ""
    """The newest row that was read of what is owed, if newer ones are left; else ""."""
    _top: dt.datetime | None = None
    _began: str | None = None
    """When reading the first list of this run began, by the server's clock; "" if that
    cannot be used."""

    def pages(self) -> Iterator[Page]:
        """Yield the rows changed since the bookmark, and what projects owe before it.

        Until a reading is finished, the state holds how far it has come (``unfinished``),
        so that the next run continues from there. What is owed is read after the rest, so
        that the bookmark of the rest is valid for it too.
        """
        wanted = self.project_ids()
        self.bookmark.owe_missing_projects(wanted, self.bookmark.mark)
        self._newest_of_run = ""
        if self.run.round.is_continued:
            self._began = ""  # some of it was read by earlier runs
        self._bookmark = self.bookmark.stamp_of_start()
        main = self.bookmark.coverage.good(wanted)
        try:
            if main:
                yield from self._main_pages(main)
        except RefusedError as refusal:
            if len(main) == len(wanted):
                raise
            self._confirm_projects(refusal)
            self._leave_out(set(main), refusal)
        yield self._page_of_bookmark({"unfinished": None})
        for owed in self.bookmark.coverage.due(set(wanted) - self.left_out):
            yield from self._owed_pages(owed)
            yield self._page_of_bookmark()

    def _main_pages(self, ids: list[int]) -> Iterator[Page]:
        """Yield the rows of the projects for which the bookmark is valid."""
        floor, lists = self.bookmark.floor, lists_of(ids)
        unfinished = Unfinished.of_state(self.bookmark.at_start, lists, self.name)
        if self.count_path and self.run.shows_live and not floor and len(lists) == 1:
            self._rows_expected = self._count_all(lists[0])
        self._mark_now = self.bookmark.mark
        # The first list is read before all others, so its newest timestamp is valid for
        # them too.
        bookmark = unfinished.bookmark
        if unfinished.list:
            self._began = ""  # the first list was read by an earlier run
        for index in range(unfinished.list, len(lists)):
            stretches = unfinished.read if index == unfinished.list else []
            reader = self._reader_of(lists[index], floor, stretches)
            for rows, stretches_read in reader.pages():
                self._down_to = floor
                bookmark = reader.newest if index == 0 else bookmark
                reached = Unfinished(index, unfinished.of, bookmark, stretches_read)
                yield Page(rows, {"unfinished": reached.as_state})
            self._newest_of_run = max(self._newest_of_run, reader.newest)
        self._bookmark = max(self._bookmark, bookmark)

    def advance(self, page: Page) -> None:
        """Update the progress after a page: by the number of rows, or by time."""
        if not page.rows:
            return
        passed, expected = self.rows_passed, self._rows_expected
        if expected:
            words = f"{passed:,} of {expected:,} rows"
            self.steps.page_to(passed / expected, words, is_guess=False)
        elif self._down_to:
            self._top = self._top or moment_if_any(page.rows[0]["updated"])
            lowest = moment_if_any(page.rows[-1]["updated"])
            if self._top and lowest:
                share = share_of_time(self._top, lowest, moment(self._down_to))
                self.steps.page_to(share, counted(passed, "row"), is_guess=True)
        else:
            super().advance(page)

    def _owed_pages(self, owed: Owed) -> Iterator[Page]:
        """Yield what some projects owe; they are read alone, and once."""
        if owed.streams:
            for project_id in self.family.try_parts(owed):
                for reached in self._alone([project_id], owed):
                    yield Page(reached.rows, only=owed.streams)
                    if project_id in self.family.closed_still(owed):
                        break
            return
        lists = lists_of(sorted(owed.projects))
        for part in lists:
            ids = set(part)
            for rows, stretches in self._alone(part, owed):
                if len(lists) == 1 and not ids & self.left_out:
                    owed.read = [asdict(one) for one in stretches]
                yield Page(rows)
            if self._top_left_of:
                owed.since, owed.read = self._top_left_of, []
            else:
                self.bookmark.coverage.settle(owed, owed.projects - ids | self.left_out)

    def _alone(self, ids: list[int], owed: Owed) -> Iterator[Reached]:
        """Read some projects that owe; projects that cannot be read are skipped."""
        self._mark_now = owed.since
        self._top_left_of = ""
        is_whole = len(ids) == len(owed.projects)
        stretches = stretches_of(owed.read) if is_whole else []
        reader = self._reader_of(ids, self.bookmark.floor_of(owed.since), stretches)
        try:
            yield from reader.pages()
        except RefusedError as refusal:
            self._confirm_projects(refusal)
            self._leave_out(set(ids), refusal)
        except TransientError as error:
            self._skip(set(ids), error)
        else:
            self._newest_of_run = max(self._newest_of_run, reader.newest)
            self._top_left_of = reader.newest if reader.has_left_top else ""

    def _confirm_projects(self, refusal: RefusedError) -> None:
        """Check that only some projects are closed, and that the key itself is valid.

        Raises:
            RefusedError: The key or the whole stream is refused.
        """
        if not refusal.may_concern_projects:
            raise refusal
        self.run.client.confirm_key(refusal)

    def _skip(self, project_ids: set[int], error: TransientError) -> None:
        """Skip projects whose list always fails, if the server is up."""
        self.run.client.confirm_server(error)
        self.left_out |= project_ids
        self.bookmark.coverage.read_anew(project_ids)
        self.is_complete = False
        what = f"projects {', '.join(self._keys(project_ids))}"
        self.run.record_failure(self.name, what, error)

    def _page_of_bookmark(self, state: Mapping[str, object] | None = None) -> Page:
        """Return a page that sets the bookmark, at the end of a list.

        Everything was read at or after the moment at which the first list began. So the
        newest timestamp up to that moment is valid for everything.
        """
        if self._began:
            newest = min(self._newest_of_run, stamp_before(self._began, MARGIN))
            self._bookmark = max(self._bookmark, newest)
        bookmark = self._bookmark
        entries = {
            **(state or {}),
            "replication_key": self.replication_key if bookmark else None,
            "replication_key_value": bookmark or None,
        }
        return Page([], entries, is_last=True)

    def _reader_of(
        self,
        ids: list[int],
        floor: str,
        stretches: Sequence[Stretch],
    ) -> NewestFirst:
        portion = self.family.portion
        changed = ChangedList(
            ids, partial(self.list_of, floor), self.ask, self._leave_out
        )

        def is_below(rows: RawRows) -> bool:
            down_to = reader.down_to
            return bool(down_to) and str(rows.last("updated")) < down_to

        def fetch(offset: int) -> list[Row]:
            rows = changed.page(offset, is_below)
            if changed.project_ids and self._began is None:
                now = server_time(self.run.client.answered_at)
                self._began = stamp(now) if now else ""
            return rows

        reader = NewestFirst(
            fetch,
            floor,
            stretches,
            look_back=self.bookmark.look_back,
            hold=self.bookmark.hold,
            rows_at_once=lambda: portion.rows_at_once(len(self.family.asking)),
            leaves_top=self.run.round.is_continued,
        )
        return reader

    def list_of(self, floor: str, project_ids: list[int]) -> OffsetList:
        """Return the list of some projects, newest change first.

        Args:
            floor: The timestamp down to which rows are wanted.
            project_ids: The projects.
        """
        filters = {"projectId": project_ids, **self.filters(floor), **self.extras}
        return OffsetList(self.path, {**filters, "sort": "updated", "order": "desc"})

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 0 if self.count_path or self.family.dependents(self) else 3

    def forecast(self, census: Census) -> Forecast:
        """Return the pages down to the bookmark, or from where the last run was cut off.

        The pages of projects that owe something are included.
        """
        wanted = self.project_ids()
        lists = lists_of(self.bookmark.coverage.good(wanted))
        unfinished = Unfinished.of_state(self.bookmark.at_start, lists, self.name)
        jobs = [(ids, self.bookmark.floor) for ids in lists[unfinished.list :]]
        for owed in self.bookmark.coverage.due(wanted):
            floor = self.bookmark.floor_of(owed.since)
            jobs += [(ids, floor) for ids in lists_of(sorted(owed.projects))]
        rows, requests, sample = 0.0, 0, list[Any]()
        for project_ids, floor in jobs:
            found = self._changed(project_ids, floor, census)
            if found is None:
                unknown = Cost(self.name, self.path, is_guess=True)
                return Forecast(None, (PROJECT_LIST, unknown))
            requests += OffsetList(self.path).requests_for(found.rows)
            rows += found.rows
            sample += found.sample
        if unfinished.read:
            already = min(unfinished.read[-1].offset, max(rows - 1, 0))
            rows -= already
            requests -= int(already // STEP)
        census.is_guessing |= bool(unfinished.read)
        cost = Cost(self.name, self.path, requests, census.is_guessing)
        return Forecast(rows, (PROJECT_LIST, cost), sample)

    def _changed(
        self,
        project_ids: list[int],
        floor: str,
        census: Census,
    ) -> Found | None:
        """Return how many rows of a list have changed since a timestamp, with samples."""
        asked = self.list_of(floor, project_ids)
        filters: Params = {"projectId": project_ids, **self.filters(floor)}

        def most() -> int | None:
            return census.count(self.count_path, filters) if self.count_path else None

        if not floor and (rows := most()) is not None:
            return Found(rows, census.rows(self, asked.first) or [])
        return census.found(
            asked.count_top(
                census.probe_of(self),
                lambda row: bool(row["updated"] >= floor),
                min(_PROBES, census.share),
                most,
            )
        )

    def _count_all(self, project_ids: list[int]) -> int | None:
        """Return how many rows there are, for the progress display."""
        try:
            answer = self.run.client.get_object(
                self.count_path, {"projectId": project_ids}
            )
        except BacklogError:
            return None
        count = read(answer, "count")
        return count if is_integer(count) else None

    def filters(self, floor: str) -> dict[str, Any]:  # noqa: ARG002
        """Return parameters that filter out older rows, if the API has such parameters.

        Args:
            floor: The timestamp down to which rows are wanted; "" for all rows.
        """
        return {}

    def project_ids(self) -> list[int]:
        """Return the ids of the projects to read."""
        without = {
            p["id"] for p in self.run.scope.projects if read(p, self.flag) is False
        }
        return [
            project_id for project_id in self.run.scope.ids if project_id not in without
        ]

    def _leave_out(self, project_ids: set[int], refusal: RefusedError) -> None:
        """Record that projects are not read in this run, and log a warning."""
        self.left_out |= project_ids
        self.bookmark.coverage.owe(project_ids, self._mark_now)
        self.bookmark.coverage.read_anew(project_ids)
        self.is_complete = False
        keys = self._keys(project_ids)
        self.logger.warning(
            "`%s` was left out for %d projects (%s): %s. The next run asks again.",
            self.name,
            len(keys),
            ", ".join(keys),
            refusal.reason,
        )

    def _keys(self, project_ids: Collection[int]) -> list[str]:
        projects = self.run.scope.projects
        return [p["projectKey"] for p in projects if p["id"] in project_ids]
