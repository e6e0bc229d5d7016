"""What every stream of Backlog shares.

A stream is a name, a path, keys and a schema. How requests are sent is the client's
business, which of them are needed to read a list is the paginators'.

Streams that hang on the rows of another (its attachments, its comments) form a family
with it. One reading of the source serves all of them that are selected.
"""

from __future__ import annotations

import abc
import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from tap_backlog.errors import BacklogError, RefusedError
from tap_backlog.forecast import Forecast, Reading
from tap_backlog.interrupts import Interrupted
from tap_backlog.pagination import PAGE_SIZE
from tap_backlog.rows import fix_keys, is_integer, is_stamp, is_text
from tap_backlog.settings import moment, stamp
from tap_backlog.streams.writing import Page, WritingStream

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Generator, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record

    from tap_backlog.census import Census
    from tap_backlog.client import Following, Params
    from tap_backlog.rows import RawRows, Row
    from tap_backlog.tap import TapBacklog

__all__ = ["BacklogStream", "Page", "next_page"]

T = TypeVar("T")


class BacklogStream(WritingStream, abc.ABC):
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

    source: str | None = None
    """Name of the stream on whose rows this one hangs."""

    asks_per_row = False
    """Whether it asks for something for each row of its source."""

    parent_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that Backlog's rows lack, so that they are added here."""

    def __init__(self, tap: TapBacklog) -> None:
        """Nothing is asked yet."""
        super().__init__(tap)
        self.rows_passed = 0
        """Rows that have been read, selected or not."""
        self.rows_expected: int | None = None
        """How many there are, where a cheap request has told."""
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

        Args:
            what: What it was, in users' words.
            refusal: Backlog's answer.
        """
        self.logger.info(
            "`%s` goes without %s, which is gone (%s).", self.name, what, refusal.reason
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
        if not self.family:
            self._opened = iter(())
            return
        self.tap.scope.check()
        if self.needs_projects:
            _ = self.tap.scope.projects
        self.prepare_state()
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
        self.tap.reading = self
        with self.get_record_counter() as counter, self.get_sync_timer():
            for page in self._pages_of_run():
                self._spread(page.rows)
                self._save(page)
                self.rows_passed += len(page.rows)
                counter.increment(len(page.rows))

    def _spread(self, rows: list[Row]) -> None:
        for own in self.derive(rows):
            if self in self.lead.family:
                self.put(own)
            for member in self._members:
                member._spread(own)  # noqa: SLF001

    @cached_property
    def lead(self) -> BacklogStream:
        """The stream at the head of the family, which reads."""
        return self._line[0]

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

    def prepare_state(self) -> None:
        """Note the state, less what does not hold since a stream has joined."""
        if self.is_incremental and self._has_members:
            names = [member.name for member in self.family]
            new = set(names) - set(self.stream_state.get("streams", names))
            if new:
                self.logger.info(
                    "Reading `%s` from the start, since the state knows nothing of %s.",
                    self.name,
                    ", ".join(sorted(new)),
                )
                self.stream_state.clear()
        self.state_at_start = copy.deepcopy(dict(self.stream_state))

    def state_of_family(self) -> Mapping[str, object]:
        """Return the names of the streams that this reading served."""
        if not self._has_members:
            return {}
        return {"streams": [member.name for member in self.family]}

    @cached_property
    def _has_members(self) -> bool:
        return any(stream.source == self.name for stream in self.tap.all_streams)

    @cached_property
    def state_at_start(self) -> dict[str, Any]:
        """What the state held of this stream when the run began."""
        return copy.deepcopy(dict(self.stream_state))

    def _pages_of_run(self) -> Iterator[Page]:
        self.open_reading()
        pages, self._opened = self._opened, None
        self._is_read = True
        yield from pages or ()

    @property
    def start(self) -> dt.datetime | None:
        """The setting ``start_date``: how far back a first run reads."""
        start = self.config.get("start_date")
        return moment(start) if start else None

    def stamp_of_start(self) -> str:
        """Return the stamp of the bookmark, or of the first run's start; "" for none."""
        start = self.bookmark(moment) or self.start
        return stamp(start) if start else ""

    def bookmark(self, read: Callable[[Any], T]) -> T | None:
        """Return the replication key's value up to which all rows have been sent.

        Args:
            read: Turns the value in the state into one of its type.

        Raises:
            BacklogError: The state holds something else.
        """
        value = self.state_at_start.get("replication_key_value")
        if value is None or not self.is_incremental:
            return None
        try:
            return read(value)
        except (TypeError, ValueError):
            message = (
                f"The state's bookmark of `{self.name}` cannot be read: {value!r}. "
                "Mend the state, or start without it."
            )
            raise BacklogError(message) from None

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
