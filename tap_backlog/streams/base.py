"""What every stream of Backlog shares.

A stream is a name, a path, keys and a schema. How requests are sent is the client's
business, which of them are needed to read a list is the paginators'.

Streams that hang on the rows of another (its attachments, its comments) form a family
with it. One reading of the source serves all of them that are selected.
"""

from __future__ import annotations

import abc
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError
from tap_backlog.forecast.costs import Forecast, Reading
from tap_backlog.reading.pagination import PAGE_SIZE, STEP
from tap_backlog.rows import fix_keys, is_integer, is_stamp, is_text, read
from tap_backlog.singer.interrupts import Interrupted
from tap_backlog.singer.stream import Page
from tap_backlog.steps import Steps
from tap_backlog.streams.bookmarks import BookmarkedStream
from tap_backlog.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record

    from tap_backlog.api.client import Following, Params
    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import RawRows, Row
    from tap_backlog.tap import TapBacklog

__all__ = ["BacklogStream", "Page", "next_page"]

_HEAD_FIELDS = ("id", "projectId", "issueKey", "repositoryId", "number", "updated")
"""What is kept of a row whose parts could not be read, to ask for them again."""

_MOST_FAILED = 20
"""Rows whose parts may fail in one run; beyond, the server is at fault, not a row."""


class BacklogStream(BookmarkedStream, abc.ABC):
    """One report of Backlog.

    Args:
        tap: The tap, which holds the client and the scope of the run.
    """

    path: str
    """Path below the root of the API."""

    needs_projects = False
    """Whether the rows cannot be read without the list of projects."""

    wants_administrator = False
    """Whether only an administrator's key may read it."""

    requests_in_words = "1"
    """What it costs on a first run, alone: docs/requests.md in a few words."""

    source: str | None = None
    """Name of the stream on whose rows this one hangs."""

    asks_per_row = False
    """Whether it asks for something for each row of its source."""

    parent_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that Backlog's rows lack, so that they are added here."""

    def __init__(self, tap: TapBacklog) -> None:
        super().__init__(tap)
        self.rows_passed = 0
        """Rows that have been read, selected or not."""
        self.steps = Steps()
        self.closed: set[object] = set()
        """Projects in which the key may not read it, though it may read its source."""
        self._failed_now: list[Row] = []
        self._failures = 0
        self._opened: Iterator[Page] | None = None
        self._is_read = False
        self._has_been_answered = False

    @abc.abstractmethod
    def pages(self) -> Iterator[Page]:
        """Yield the stream's rows, as Backlog gives them."""

    def derive(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Yield this stream's rows for some rows of its source.

        Args:
            rows: Rows of the source; of this stream itself, where it has none.
        """
        yield rows

    @property
    def forecast_rank(self) -> int:
        """When its turn in a forecast comes, which has few requests to spend.

        0 for lists that are long, or whose rows cost a request each; 1 and 2 for what is
        estimated from samples, with and without requests for each row; 3 for lists that
        may have a second page; 4 where a request tells of rows alone.
        """
        return 4

    def forecast(self, census: Census) -> Forecast:
        """Return what this stream will cost: one request, if nothing else is said.

        Args:
            census: Counts what there is.
        """
        rows = census.rows(self, self.path) if census.share else None
        count = None if rows is None else len(rows)
        return Forecast(count, (Reading(self.name, self.path),))

    def ask_one(self, path: str, params: Params | None = None) -> Row:
        """Return one object; otherwise like :meth:`ask`.

        Args:
            path: Path below the root of the API.
            params: Query parameters.
        """
        row = self.tap.client.get_object(path, params)
        self._check([row])
        return row

    def ask_one_if_any(self, path: str, params: Params | None = None) -> list[Row]:
        """Return one object in a list, or an empty one if Backlog says it has none.

        Args:
            path: Path below the root of the API.
            params: Query parameters.
        """
        row = self.tap.client.find_object(path, params)
        rows = [] if row is None else [row]
        self._check(rows)
        return rows

    def ask(
        self,
        path: str,
        params: Params | None = None,
        following: Following | None = None,
    ) -> list[Row]:
        """Return a list of rows, each with its keys in place, and plain.

        Args:
            path: Path below the root of the API.
            params: Query parameters.
            following: What is asked for next, see :meth:`BacklogClient.get_list`.

        Raises:
            RefusedError: Backlog says no.
            BacklogError: No usable answer, or a row that lacks a key.
        """
        look_ahead = following if self._may_look_ahead else None
        rows = self.tap.client.get_list(path, params, look_ahead)
        self._check(rows)
        return rows

    def tell_gone(self, what: str, refusal: RefusedError) -> None:
        """Log that something has vanished between its list and now.

        Whoever has left a project gets the same answer, so no table is emptied on it.

        Args:
            what: What it was, in users' words.
            refusal: Backlog's answer.
        """
        self.is_complete = False
        self.logger.info(
            "`%s` skips %s: it no longer exists (%s).", self.name, what, refusal.reason
        )

    def open(self) -> None:
        """Make sure of the scope and of the first page.

        A wrong key, host or project is found here, while nothing has been written. A
        report that the key may not read is noted, and has no rows.

        Raises:
            BacklogError: The run cannot go on.
        """
        self.lead.open_reading()

    def open_reading(self) -> None:
        """Ask for the first page of the family; see :meth:`open`."""
        if self._opened is not None or self._is_read:
            return
        self.tap.reading = self
        self.steps.begin()
        if not self.family:
            self._opened = iter(())
            return
        self.tap.scope.check()
        if self.needs_projects:
            _ = self.tap.scope.projects
        self.prepare()
        pages = iter(self.pages())
        try:
            first = next(pages, None)
        except RefusedError as refusal:
            if self._has_been_answered:
                raise
            self.tap.client.confirm_key(refusal)
            for member in self.family:
                self.tap.note_refusal(member.name, refusal.reason)
                member.is_complete = False
            first = None
        self._opened = _chain(first, pages)

    def probe(self) -> bool:
        """Ask for as little as tells whether the key may read it.

        That is the first page of its family, and what hangs on a row of that.

        Returns:
            Whether there was an answer, or nothing to ask for.

        Raises:
            BacklogError: Backlog cannot be asked.
        """
        lead = self.lead
        lead.open_reading()
        if self.name in self.tap.refused:
            return False
        if not self.asks_per_row:
            return True
        page = next(lead._pages_of_run(), None)  # noqa: SLF001
        lead._is_read = False  # noqa: SLF001 - each member asks for its own
        if page is not None:
            next(_derive_along(self._line, page.rows), None)
        return not self.closed

    def get_replication_key_signpost(self, context: Context | None = None) -> None:  # noqa: ARG002
        """Open the stream; the bookmark needs no signpost.

        The SDK asks this just before it writes the SCHEMA.
        """
        self.open()

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Yield plain rows, for those who use the stream without its messages."""
        lead, line = self.lead, self._line
        lead._is_read = False  # noqa: SLF001
        for page in lead._pages_of_run():  # noqa: SLF001
            for rows in _derive_along(line, page.rows):
                for row in rows:
                    self._count(1)
                    yield self._plain(row)

    def _sync_records(
        self,
        context: Context | None = None,
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write the rows of the whole family, unless that has been done."""
        try:
            try:
                if write_messages:
                    self.lead.write_family()
                else:
                    yield from super()._sync_records(context, write_messages=False)
            finally:
                self.tap.message_writer.finish()
        except Interrupted:
            self._repeat_state()
            raise
        if write_messages:
            self._activate_version()
            self._finalize_state(self.stream_state)
            if self.tap.message_writer.rows_since_state:
                self._repeat_state()  # loaders commit on it, changed or not
            else:
                self._write_state_message()

    def write_family(self) -> None:
        """Read once, and write the rows of every member that is selected."""
        if self._is_read:
            return
        for member in self.family:
            member.get_ready()
        with self.get_record_counter() as counter, self.get_sync_timer():
            for page in self._pages_of_run():
                self.rows_passed += len(page.rows)
                if not self.steps.goes_over_items:
                    self.advance(page)
                self.steps.begin_page(len(page.rows) * self._requests_per_row(page.only))
                self.spread(page.rows, page.only)
                self._save(page)
                self.steps.end_page()
                counter.increment(len(page.rows))

    def advance(self, page: Page) -> None:
        """Tell how far a page of a list brings the reading.

        Here, where nobody knows how long the list is, one more page is expected after a
        full one.

        Args:
            page: The page, which counts as passed.
        """
        may_go_on = len(page.rows) >= STEP  # the first row may be one of the page before
        share = self.rows_passed / (self.rows_passed + PAGE_SIZE) if may_go_on else 1.0
        self.steps.page_to(share, counted(self.rows_passed, "row"), is_guess=may_go_on)

    def _requests_per_row(self, only: frozenset[str] | None) -> int:
        """Return how many streams ask for something for each row of a page."""
        return sum(only is None or bool(s.names_below & only) for s in self._asking)

    def spread(self, rows: list[Row], only: frozenset[str] | None = None) -> None:
        """Write rows, and those of the streams that hang on them.

        Args:
            rows: Rows of this stream.
            only: The streams that want them; None for all.
        """
        if only is not None and self.name in only:
            only = None
        for own in self.derive(rows):
            if only is None and self in self.lead.family:
                self.put(own)
            for member in self._members:
                if only is None or only & member.names_below:
                    member.spread(own, only)

    @cached_property
    def names_below(self) -> frozenset[str]:
        """Names of this stream and of those that hang on it."""
        below = (s.name for s in self.tap.all_streams if self in s._line)  # noqa: SLF001
        return frozenset(below)

    def pass_over_failed(self, row: Row, label: str, error: BacklogError) -> None:
        """Leave out a row whose parts cannot be read, as long as the server is there.

        The state keeps the row, so that the next run asks again.

        Args:
            row: A row of the head of the family.
            label: How it is called in messages.
            error: What happened, after all tries.

        Raises:
            BacklogError: The server is gone altogether, or too many rows fail.
        """
        lead = self.lead
        if lead._failures >= _MOST_FAILED:  # noqa: SLF001
            raise error
        self.tap.client.confirm_server(error)
        lead._failures += 1  # noqa: SLF001
        self.keep_failed(row)
        self.is_complete = False
        self.tap.note_failure(self.name, label, error)

    def keep_failed(self, row: Row) -> None:
        """Let the state keep a row whose parts were not to be had.

        Args:
            row: A row of the head of the family.
        """
        head = {name: read(row, name) for name in _HEAD_FIELDS if name in row}
        self.lead.failed.setdefault(self.name, {})[str(row["id"])] = head
        self.lead._failed_now.append(head)  # noqa: SLF001

    def has_failed_before(self, row: Row) -> bool:
        """Whether an earlier run could not get the parts of a row either.

        Args:
            row: A row of the head of the family.
        """
        return str(row["id"]) in self.lead.failed.get(self.name, {})

    def _is_to_be_asked_again(self, row: Row) -> bool:
        """Whether a row failed in an earlier run, in a project that can be read now."""
        if row in self._failed_now:
            return False
        project_id = row.get("projectId")
        return project_id is None or project_id in self.tap.scope.ids

    def failed_before(self, name: str) -> Iterator[Row]:
        """Yield rows that failed in an earlier run, and not yet now.

        It ends when as many have failed as may, so that the run can go on.

        Args:
            name: The stream of the family for which they failed.
        """
        for row in list(self.failed.get(name, {}).values()):
            if self._failures >= _MOST_FAILED:
                return
            if self._is_to_be_asked_again(row):
                yield row

    def note_success(self, row: Row) -> None:
        """Take in that the parts of a row have been read.

        Args:
            row: A row of the head of the family.
        """
        if failed := self.lead.failed.get(self.name):
            failed.pop(str(row["id"]), None)

    @cached_property
    def lead(self) -> BacklogStream:
        """The stream at the head of the family, which reads."""
        return self._line[0]

    @property
    def name_of_family(self) -> str:
        """The name of this head of a family, or else of what is read for."""
        names = [member.name for member in self.family]
        return self.name if self.name in names or not names else names[-1]

    @cached_property
    def is_incremental(self) -> bool:
        """Whether the family goes on from a bookmark: all of it, or nothing of it."""
        if self.lead is not self:
            return self.lead.is_incremental
        asked = [self] if self in self.family else self.family
        return any(
            s.replication_method != REPLICATION_FULL_TABLE for s in asked or [self]
        )

    def check_replication_methods(self) -> None:
        """See that a family is read in one way.

        Raises:
            BacklogError: A part is to be read in full, and what it is part of is not.
        """
        if not self.is_incremental:
            return
        full = [
            member.name
            for member in self.family
            if member.replication_method == REPLICATION_FULL_TABLE
        ]
        if full:
            message = (
                f"`{full[0]}` cannot be read as FULL_TABLE while `{self.name}` is "
                "INCREMENTAL, since one reading serves both. Set the replication method "
                "of both in the catalog, or of neither."
            )
            raise BacklogError(message)

    @property
    def brings_all(self) -> bool:
        """Whether this run brings all rows there are, so that others may be dropped."""
        lead = self.lead
        begins_late = bool(lead.replication_key and lead.start)
        has_no_project = lead.needs_projects and not self.tap.scope.projects
        # What its source goes without, a part goes without too.
        is_complete = all(stream.is_complete for stream in self._line)
        return is_complete and not begins_late and not has_no_project

    @cached_property
    def _line(self) -> list[BacklogStream]:
        """The streams from the head of the family down to this one."""
        line: list[BacklogStream] = [self]
        while source := line[0].source:
            line.insert(0, self.tap.stream(source))
        return line

    @cached_property
    def family(self) -> list[BacklogStream]:
        """The streams that one reading serves: this one and what hangs on it.

        Only those that are selected, and of which the stream maps leave something.
        """
        return [
            stream
            for stream in self.tap.all_streams
            if self in stream._line  # noqa: SLF001
            and stream.selected
            and not stream.is_removed
        ]

    @cached_property
    def _asking(self) -> list[BacklogStream]:
        """The streams below that are needed, and ask for something for each row."""
        return [
            stream
            for stream in self.tap.all_streams
            if stream.asks_per_row
            and stream is not self
            and self in stream._line  # noqa: SLF001
            and stream.family
        ]

    @cached_property
    def _may_look_ahead(self) -> bool:
        """Whether nobody else asks for something before this stream asks again."""
        return not any(
            stream.asks_per_row
            for member in self.family
            for stream in member._line  # noqa: SLF001
            if stream is not self
        )

    @cached_property
    def _members(self) -> list[BacklogStream]:
        """The streams that hang on this one's rows, and are needed."""
        return [s for s in self.tap.all_streams if s.source == self.name and s.family]

    def prepare(self) -> None:
        """Take in the state, before anything is asked for."""
        reading = {s.name for s in self.tap.all_streams if self in s._line and s.family}  # noqa: SLF001
        self.prepare_state(self._names, reading, has_members=self._has_members)

    def family_state(self) -> Mapping[str, object]:
        """Return what the state says besides the bookmark."""
        return self.state_of_family(self._names, has_members=self._has_members)

    @property
    def _names(self) -> list[str]:
        return [member.name for member in self.family]

    @cached_property
    def _has_members(self) -> bool:
        return any(stream.source == self.name for stream in self.tap.all_streams)

    def _pages_of_run(self) -> Iterator[Page]:
        self.open_reading()
        pages, self._opened = self._opened, None
        self._is_read = True
        if pages is None:
            return
        yield from pages
        for name in [name for name in self.failed if name != self.name]:
            for row in self.failed_before(name):
                yield Page([row], only=frozenset({name}))

    def _check(self, rows: list[Row]) -> None:
        self._has_been_answered = True
        fix_keys(rows, self.required_fields, self.name)

    @cached_property
    def required_fields(self) -> Mapping[str, Callable[[object], bool]]:
        """Fields without which a row of Backlog is of no use, and what each must be."""
        keys = dict.fromkeys([*self.primary_keys, self.replication_key])
        return {
            name: _fitness(self.schema["properties"][name])
            for name in keys
            if name and name not in self.parent_keys
        }


def _derive_along(line: list[BacklogStream], rows: list[Row]) -> Iterator[list[Row]]:
    """Yield the rows of the last stream of a line, given rows of the first."""
    stream, *rest = line
    for own in stream.derive(rows):
        if rest:
            yield from _derive_along(rest, own)
        else:
            yield own


def _fitness(schema: dict[str, Any]) -> Callable[[object], bool]:
    if "integer" in schema["type"]:
        return is_integer
    return is_stamp if schema.get("format") == "date-time" else is_text


def _chain(first: Page | None, pages: Iterator[Page]) -> Iterator[Page]:
    if first is not None:
        yield first
        del first  # one page is held, not two
        yield from pages


def next_page(
    rows: RawRows,
    path: str,
    params: Params,
    counted_by: str = "",
) -> tuple[str, Params] | None:
    """Return what is asked for after a page: nothing more if that is not full.

    Args:
        rows: Rows of the page.
        path: Path of the list.
        params: Parameters of the page after it.
        counted_by: See :meth:`RawRows.count`.
    """
    return (path, params) if rows.count(counted_by) == PAGE_SIZE else None
