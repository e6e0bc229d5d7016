"""Families: streams that share one reading."""

from __future__ import annotations

import random
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError
from tap_backlog.rows import read
from tap_backlog.streams.bookmark import Bookmark
from tap_backlog.streams.failed import FailedRows
from tap_backlog.streams.page import Page, chain
from tap_backlog.streams.portion import Portion
from tap_backlog.streams.relative import derive_along

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_backlog.rows import Row
    from tap_backlog.run import Run
    from tap_backlog.state.coverage import Owed
    from tap_backlog.streams.relative import Relative

_MOST_REFUSED_AGAIN = 3


class Family:
    """A stream (the head) and all streams that depend on its rows, directly or not.

    The head reads once for all of them, even if it is not wanted itself.

    Args:
        run: What the run shares.
        head: The stream that reads.
        streams: The head and all its dependents, sorted by name.
    """

    def __init__(self, run: Run, head: Relative, streams: Sequence[Relative]) -> None:
        self.head = head
        self.is_read = False
        """Whether its pages have been yielded."""
        self.requests_before = 0
        """Requests that the run had sent when its reading began."""
        self._run = run
        self._streams = {stream.name: stream for stream in streams}
        self._opened: Iterator[Page] | None = None
        self._refused_again = 0

    @cached_property
    def wanted(self) -> list[Relative]:
        """The streams for which it is read."""
        return [s for s in self._streams.values() if s.name in self._run.wanted]

    @cached_property
    def _lines(self) -> dict[str, list[Relative]]:
        """For each stream, the streams from the head down to it."""
        return {name: self._line(stream) for name, stream in self._streams.items()}

    def _line(self, stream: Relative) -> list[Relative]:
        above = self._line(self._streams[stream.source]) if stream.source else []
        return [*above, stream]

    @cached_property
    def _names_from(self) -> dict[str, frozenset[str]]:
        """For each stream, its name and the names of all its dependents."""
        return {
            name: frozenset(n for n, line in self._lines.items() if stream in line)
            for name, stream in self._streams.items()
        }

    @cached_property
    def needed(self) -> list[Relative]:
        """The streams that are wanted, or that have a wanted dependent."""
        served = frozenset(self._served)
        return [s for s in self._streams.values() if self._names_from[s.name] & served]

    def dependents(self, stream: Relative) -> list[Relative]:
        """Return the needed streams that depend directly on a stream's rows."""
        return self._dependents[stream.name]

    @cached_property
    def _dependents(self) -> dict[str, list[Relative]]:
        return {
            name: [one for one in self.needed if one.source == name]
            for name in self._streams
        }

    @property
    def display_name(self) -> str:
        """The name of the head if it is wanted, or else of a stream it is read for."""
        names = [stream.name for stream in self.wanted]
        return self.head.name if self.head.name in names or not names else names[-1]

    @cached_property
    def is_incremental(self) -> bool:
        """Whether it continues from a bookmark: the whole family, or no stream of it."""
        asked = [self.head] if self.head in self.wanted else self.wanted
        return not all(self._run.wanted[stream.name].is_in_full for stream in asked)

    @property
    def keeps_bookmark(self) -> bool:
        """Whether this run leaves a bookmark in the state."""
        return bool(self.head.replication_key) and self.is_incremental

    @property
    def keeps_place(self) -> bool:
        """Whether the next run can go on after any page, by a bookmark or the round."""
        leaves_place = self.keeps_bookmark or self.portion.may_be_one_of_several
        return self.head.stops_between_pages and leaves_place

    def check_replication_methods(self) -> None:
        """Check that one replication method is set for the whole family.

        Raises:
            BacklogError: A part is FULL_TABLE, but the stream it is part of is not.
        """
        full = [s.name for s in self.wanted if self._run.wanted[s.name].is_in_full]
        if self.is_incremental and full:
            message = (
                f"`{full[0]}` cannot be read as FULL_TABLE while `{self.head.name}` is "
                "INCREMENTAL, since one reading serves both. Set the replication method "
                "of both in the catalog, or of neither."
            )
            raise BacklogError(message)

    @cached_property
    def bookmark(self) -> Bookmark:
        """Where its reading begins; it reads the state on first use."""
        return Bookmark(
            self._run,
            self.head,
            kept=self._kept,
            served=self._served,
            needed=self._needed_names,
            has_dependents=self._has_dependents,
        )

    @property
    def _kept(self) -> Mapping[str, Any]:
        """Its entry in the state; without bookmarks, where a round goes on."""
        name = self.head.name
        if self.is_incremental:
            kept: Mapping[str, Any] = self._run.bookmarks.get(name, {})
            return kept
        return self._run.round.place_of(name)

    @cached_property
    def failed(self) -> FailedRows:
        """Rows of the head whose parts could not be read."""
        return FailedRows(self.bookmark.at_start, self._needed_names)

    @property
    def _served(self) -> list[str]:
        return [stream.name for stream in self.wanted]

    @property
    def _needed_names(self) -> set[str]:
        return {stream.name for stream in self.needed}

    @property
    def _has_dependents(self) -> bool:
        return len(self._streams) > 1

    @property
    def state(self) -> Mapping[str, object]:
        """Its entries in the state, besides the bookmark; None removes an entry."""
        state: dict[str, object] = {}
        if self._has_dependents:
            state |= {"streams": self._served, "failed": self.failed.as_state}
        if self.head.covers_projects:
            state["owed"] = self.bookmark.coverage.as_state()
        return state

    @cached_property
    def portion(self) -> Portion:
        """What of it is left to read."""
        reads_in_full = not self.is_incremental or self.head.lists_everything
        return Portion(self._run, self.head, self.wanted, reads_in_full=reads_in_full)

    def record_end(self) -> None:
        """Record that it has been read, and which of its streams completely."""
        self.portion.record(
            stream.name
            for stream in self.wanted
            if all(one.is_complete for one in self._lines[stream.name])
        )

    def may_look_ahead(self, stream: Relative) -> bool:
        """Return whether no other stream sends a request between two of this stream."""
        return stream.name in self._looking_ahead

    @cached_property
    def _looking_ahead(self) -> frozenset[str]:
        def others(name: str) -> set[Relative]:
            served = self._names_from[name] & set(self._served)
            along = {one for below in served for one in self._lines[below]}
            return along - {self._streams[name]}

        return frozenset(
            name
            for name in self._streams
            if not any(other.asks_per_row for other in others(name))
        )

    def brings_all(self, stream: Relative) -> bool:
        """Return whether this run brings every existing row of a stream."""
        head = self.head
        begins_late = bool(head.replication_key and self._run.settings.start_date)
        has_no_project = head.needs_projects and not self._run.scope.projects
        # If its source is not complete, a part is not complete either.
        is_complete = all(one.is_complete for one in self._lines[stream.name])
        is_whole = self.portion.is_whole
        return is_complete and is_whole and not begins_late and not has_no_project

    # --- Reading

    def open(self) -> bool:
        """Get the scope and the first page.

        A wrong key, host or project is found here, before anything is written. A stream
        that the key may not read is recorded, and has no rows.

        Returns:
            Whether this was the first call.

        Raises:
            BacklogError: The run cannot go on.
        """
        if self._opened is not None or self.is_read:
            return False
        self._run.counters.current = (self.display_name, self.head.steps)
        self.requests_before = self._run.client.requests_sent
        self.head.steps.begin()
        if not self.wanted:
            self._opened = iter(())
            return True
        self._run.scope.check()
        if self.head.needs_projects:
            _ = self._run.scope.projects
        _ = self.bookmark
        pages = iter(self.head.pages())
        try:
            first = next(pages, None)
        except RefusedError as refusal:
            if self.head.has_been_answered:
                raise
            self._run.client.confirm_key(refusal)
            for stream in self.wanted:
                self._run.record_refusal(stream.name, refusal.reason)
                stream.is_complete = False
            first = None
        self._opened = chain(first, pages)
        return True

    def pages(self) -> Iterator[Page]:
        """Yield the pages of the head, and rows whose parts failed in an earlier run."""
        self.open()
        pages, self._opened = self._opened, None
        self.is_read = True
        if pages is None:
            return
        yield from self.portion.within_budget(
            pages, len(self.asking), self.came_whole, keeps_place=self.keeps_place
        )
        for name in self.failed.streams:
            if name != self.head.name:
                for row in self.failed_before(name):
                    yield Page([row], only=frozenset({name}))

    def came_whole(self, row: Row) -> bool:
        """Return whether everything that belongs to a row of the head was read."""
        project_id = read(row, "projectId")
        return not any(
            project_id in one.closed or self.failed.has(one.name, row)
            for one in self.asking
        )

    def failed_before(self, stream: str) -> Iterator[Row]:
        """Yield rows of the head that failed for a stream, and not yet in this run."""
        return self.failed.to_ask_again(stream, self._is_readable)

    def _is_readable(self, project_id: object) -> bool:
        return project_id is None or project_id in self._run.scope.ids

    def spread(self, page: Page) -> Iterator[tuple[str, list[Row]]]:
        """Yield the rows of a page and their dependents' rows, each with its stream.

        Args:
            page: A page of the head.
        """
        head = self.head
        head.rows_passed += len(page.rows)
        if not head.steps.goes_over_items:
            head.advance(page)
        asking = [s for s in self.asking if self._is_meant(s, page.only)]
        head.steps.begin_page(len(page.rows) * len(asking))
        yield from self._spread(head, page.rows, page.only)
        head.steps.end_page()

    def _spread(
        self, stream: Relative, rows: list[Row], only: frozenset[str] | None
    ) -> Iterator[tuple[str, list[Row]]]:
        if only is not None and stream.name in only:
            only = None
        for own in stream.derive(rows):
            if only is None and stream in self.wanted:
                yield stream.name, own
            for dependent in self.dependents(stream):
                if self._is_meant(dependent, only):
                    yield from self._spread(dependent, own, only)

    def _is_meant(self, stream: Relative, only: frozenset[str] | None) -> bool:
        """Whether a page is for a stream, or for one of its dependents."""
        return only is None or bool(only & self._names_from[stream.name])

    @cached_property
    def asking(self) -> list[Relative]:
        """The needed streams that send a request per row."""
        return [stream for stream in self.needed if stream.asks_per_row]

    def rows_of(self, stream: Relative) -> Iterator[list[Row]]:
        """Yield the rows of only one stream; each call reads them again."""
        self.is_read = False
        for page in self.pages():
            yield from derive_along(self._lines[stream.name], page.rows)

    def probe(self, stream: Relative) -> bool:
        """Check with few requests whether the key may read a stream.

        It reads the first page of the head, and the stream's rows for one row of that.

        Returns:
            Whether there was an answer, or nothing to ask for.

        Raises:
            BacklogError: Backlog cannot be asked.
        """
        self.open()
        if stream.name in self._run.refused:
            return False
        if not stream.asks_per_row:
            return True
        page = next(self.pages(), None)
        self.is_read = False  # each stream asks for its own page
        if page is not None:
            next(derive_along(self._lines[stream.name], page.rows), None)
        return not stream.closed

    # --- What some streams owe

    def is_closed(self, project_id: int) -> bool:
        """Return whether a stream may not read what it needs in a project.

        Args:
            project_id: The project.
        """
        return any(project_id in stream.closed for stream in self.asking)

    def owe_part(self, project_id: int, stream: str) -> None:
        """Record that a stream may not read what it needs in a project.

        Args:
            project_id: The project.
            stream: The stream.
        """
        if self.head.covers_projects:
            mark = self.bookmark.mark_of(project_id)
            self.bookmark.coverage.owe({project_id}, mark, (stream,))

    def closed_still(self, owed: Owed) -> set[int]:
        """Return projects in which the owing streams still may not read what they need.

        Args:
            owed: What is owed.
        """
        closed = [self._streams[name].closed for name in owed.streams]
        return {i for i in owed.projects for some in closed if i in some}

    def try_parts(self, owed: Owed) -> Iterator[int]:
        """Yield projects in which streams should be tried again, in random order.

        It stops once some were refused again, so that projects which stay closed cost
        few requests. The random order gives each project its turn.

        Args:
            owed: What the streams owe.
        """
        waiting = sorted(owed.projects - self.closed_still(owed))
        for project_id in random.sample(waiting, len(waiting)):
            if self._refused_again >= _MOST_REFUSED_AGAIN:
                return
            yield project_id
            if project_id in self.closed_still(owed) | self.head.left_out:
                self._refused_again += 1
            else:
                coverage = self.bookmark.coverage
                coverage.settle(owed, owed.projects - {project_id})
