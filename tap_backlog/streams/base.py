"""What every stream of Backlog shares.

A stream is a name, a path, keys and a schema. How requests are sent is the client's
business, which of them are needed to read a list is the paginators'.
"""

from __future__ import annotations

import abc
import logging
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from singer_sdk import Stream
from singer_sdk.helpers._catalog import pop_deselected_record_properties
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from singer_sdk.singerlib.messages import StateMessage

from tap_backlog.errors import BacklogError, RefusedError
from tap_backlog.flattening import Flattener
from tap_backlog.interrupts import Interrupted
from tap_backlog.pagination import PAGE_SIZE
from tap_backlog.rows import fix_keys, is_integer, is_stamp, is_text, plain
from tap_backlog.settings import moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.mapper import StreamMap

    from tap_backlog.client import Following, Params
    from tap_backlog.rows import RawRows, Row
    from tap_backlog.tap import TapBacklog

T = TypeVar("T")

_ROOT_DEPTH = 2
"""Length of a root field's breadcrumb, ``("properties", name)``."""

_ROWS_AT_ONCE = 20
"""Rows that are written before the next look whether the run is to stop."""

_ROWS_PER_STATE = 900
_SECONDS_PER_STATE = 25.0


class Page(NamedTuple):
    """Rows, and what the state says once they are out.

    ``state`` holds new entries of the stream's state; None takes one out.
    """

    rows: list[Row]
    state: Mapping[str, object] | None = None


class BacklogStream(Stream, abc.ABC):
    """One report of Backlog.

    Args:
        tap: The tap, which holds the client and the scope of the run.
    """

    path: str
    """Path below the root of the API."""

    needs_projects = False
    """Whether the rows cannot be read without the list of projects."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    """Rows are sent as they came, on both ways (see :meth:`_sync_records`)."""

    def __init__(self, tap: TapBacklog) -> None:
        """Keep the tap; nothing is asked yet."""
        super().__init__(tap)
        self.tap = tap
        self.rows_read = 0
        self.is_complete = True
        self._opened: Iterator[Page] | None = None
        self._has_been_answered = False
        self._unknown_fields: set[str] = set()
        self._rows_since_state = 0
        self._last_state_at = time.monotonic()

    @abc.abstractmethod
    def pages(self) -> Iterator[Page]:
        """Yield the stream's rows, as Backlog gives them."""

    def ask_one(self, path: str) -> Row:
        """Return one object; otherwise like :meth:`ask`.

        Args:
            path: Path below the root of the API.
        """
        row = self.tap.client.get_object(path)
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
        rows = self.tap.client.get_list(path, params, following)
        self._check(rows)
        return rows

    def open(self) -> None:
        """Make sure of the scope and of the first page.

        A wrong key, host or project is found here, while nothing has been written. A
        report that the key may not read is noted, and has no rows.

        Raises:
            BacklogError: The run cannot go on.
        """
        if self._opened is not None:
            return
        if all(isinstance(one, RemoveRecordTransform) for one in self.stream_maps):
            self._opened = iter(())
            return
        self.tap.scope.check()
        if self.needs_projects:
            _ = self.tap.scope.projects
        pages = iter(self.pages())
        try:
            first = next(pages, None)
        except RefusedError as refusal:
            if self._has_been_answered:
                raise
            self.tap.client.confirm_key(refusal)
            self.tap.note_refusal(self.name, refusal.reason)
            self.is_complete = False
            first = None
        self._opened = _chain(first, pages)

    def get_replication_key_signpost(self, context: Context | None = None) -> None:  # noqa: ARG002
        """Open the stream; the bookmark needs no signpost.

        The SDK asks this just before it writes the SCHEMA.
        """
        self.open()

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Yield plain rows for the SDK."""
        for page in self._pages_of_run():
            for row in page.rows:
                self._count(1)
                yield self._plain(row)
            self._save(page)

    def _sync_records(
        self,
        context: Context | None = None,
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write the rows; as they came, where nobody wants to know what they hold.

        Stream maps, flattening and selection inside of nested objects need plain
        values, and go the SDK's way.
        """
        try:
            if write_messages and self._sends_rows_as_they_are:
                self._write_pages()
            else:
                yield from super()._sync_records(context, write_messages=write_messages)
        except Interrupted:
            self._repeat_state()
            raise
        if write_messages:
            if self._stream_version is not None and self.is_complete:
                super()._write_activate_version_message(self._stream_version)
            self._write_state_message()

    def _pages_of_run(self) -> Iterator[Page]:
        self.open()
        pages, self._opened = self._opened, None
        yield from pages or ()

    def _write_pages(self) -> None:
        with self.get_record_counter() as counter, self.get_sync_timer():
            for page in self._pages_of_run():
                self._write(page)
                counter.increment(len(page.rows))
        self._finalize_state(self.stream_state)

    def _write(self, page: Page) -> None:
        writer = self.tap.message_writer
        for first in range(0, len(page.rows), _ROWS_AT_ONCE):
            rows = page.rows[first : first + _ROWS_AT_ONCE]
            records = [self._selected(row) for row in rows]
            writer.write_rows(self.name, records, self._stream_version)
            self._count(len(rows))
        self._save(page)

    def _count(self, rows: int) -> None:
        self.rows_read += rows
        self._rows_since_state += rows
        self.state_manager.is_flushed = False
        if self._rows_since_state >= _ROWS_PER_STATE:
            self._repeat_state()

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Hold the message back until all rows are out, unless they go in batches.

        Loaders drop all other rows on it: at the start, as the SDK sends it, it would
        empty the table where the run fails, or the report is refused.
        """
        if self._goes_in_batches and self.is_complete:
            super()._write_activate_version_message(full_table_version)

    @property
    def _goes_in_batches(self) -> bool:
        return self.get_batch_config(self.config) is not None

    def log(
        self,
        message: str,
        *args: Any,  # noqa: ANN401
        level: int = logging.INFO,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        """Log for this stream, but leave the wording of failures to the command."""
        if level < logging.ERROR:
            super().log(message, *args, level=level, **kwargs)

    def log_sync_costs(self) -> None:
        """Let the tap close its log after the last stream."""
        super().log_sync_costs()
        self.tap.note_end(self)

    @property
    def is_incremental(self) -> bool:
        """Whether this run goes on from a bookmark and leaves one."""
        return self.replication_method != REPLICATION_FULL_TABLE

    @property
    def start(self) -> dt.datetime | None:
        """The setting ``start_date``: how far back a first run reads."""
        start = self.config.get("start_date")
        return moment(start) if start else None

    def bookmark(self, read: Callable[[Any], T]) -> T | None:
        """Return the replication key's value up to which all rows have been sent.

        Args:
            read: Turns the value in the state into one of its type.

        Raises:
            BacklogError: The state holds something else.
        """
        value = self.stream_state.get("replication_key_value")
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

    def _save(self, page: Page) -> None:
        """Let the state follow the rows of a page, and write it.

        In batches the SDK writes it, after each.
        """
        if self.is_incremental:
            for name, value in (page.state or {}).items():
                if value is None:
                    self.stream_state.pop(name, None)
                else:
                    self.stream_state[name] = value
                self.state_manager.is_flushed = False
        if self._goes_in_batches:
            return
        self._write_state_message()
        if time.monotonic() - self._last_state_at > _SECONDS_PER_STATE:
            self._repeat_state()
        self.tap.message_writer.flush()

    def _write_state_message(self) -> None:
        """Write the state where it has changed."""
        if not self.state_manager.is_flushed:
            self._note_state()
        super()._write_state_message()

    def _repeat_state(self) -> None:
        """Write the state whether or not it has changed: loaders commit on it."""
        if not self._goes_in_batches:
            self._note_state()
            self.tap.write_message(StateMessage(value=self.tap_state))

    def _note_state(self) -> None:
        self._rows_since_state = 0
        self._last_state_at = time.monotonic()

    def _increment_stream_state(
        self,
        latest_record: Record,
        *,
        context: Context | None = None,
    ) -> None:
        """Leave the bookmark alone: it moves with whole pages."""

    def _check(self, rows: list[Row]) -> None:
        self._has_been_answered = True
        fix_keys(rows, self.required_fields, self.name)

    def _write_record_message(self, record: Record) -> None:
        """Map a row as the SDK does, but walk through it only where that is needed."""
        if self._deselects_inside:
            pop_deselected_record_properties(record, self.schema, self.mask)
        for stream_map in self._mappers:
            mapped = stream_map.transform(record)
            if mapped is not None:
                self.tap.message_writer.write_row(
                    stream_map.stream_alias, mapped, self._stream_version
                )

    @cached_property
    def _mappers(self) -> list[StreamMap]:
        """The stream maps, with a faster way of flattening."""
        for stream_map in self.stream_maps:
            if stream_map.flattening_options and stream_map.flattening_enabled:
                flattener = Flattener(
                    stream_map.transformed_schema["properties"],
                    stream_map.flattening_options,
                    self._tell_unknown,
                )
                setattr(stream_map, "flatten_record", flattener.flatten)  # noqa: B010
        return self.stream_maps

    @cached_property
    def required_fields(self) -> Mapping[str, Callable[[object], bool]]:
        """Fields without which a row of Backlog is of no use, and what each must be."""
        keys = dict.fromkeys([*self.primary_keys, self.replication_key])
        return {name: _fitness(self.schema["properties"][name]) for name in keys if name}

    @cached_property
    def _sends_rows_as_they_are(self) -> bool:
        """Whether nothing in the run depends on what is inside of the rows' fields."""
        (stream_map, *others) = self.stream_maps
        return (
            not others
            and type(stream_map) is SameRecordTransform
            and not stream_map.flattening_enabled
            and not self._deselects_inside
        )

    @cached_property
    def _deselects_inside(self) -> bool:
        """Whether part of a field that is sent is not."""
        return any(
            not is_selected and breadcrumb[1] in self._fields
            for breadcrumb, is_selected in self.mask.items()
            if len(breadcrumb) > _ROOT_DEPTH
        )

    @cached_property
    def _fields(self) -> frozenset[str]:
        """The root fields that are sent."""
        return frozenset(
            name
            for name in self.effective_schema["properties"]
            if self.mask["properties", name]
        )

    def _selected(self, row: Row) -> Row:
        fields = self._fields
        if row.keys() <= fields:
            return row
        self._tell_unknown(row.keys() - self.schema["properties"].keys())
        return {name: value for name, value in row.items() if name in fields}

    def _plain(self, row: Row) -> Row:
        try:
            return plain(self._selected(row))
        except (ValueError, RecursionError) as error:
            keys = ", ".join(f"{name} {row.get(name)}" for name in self.primary_keys)
            message = f"A row of `{self.name}` ({keys}) cannot be read: {error}."
            raise BacklogError(message) from None

    def _tell_unknown(self, names: Iterable[str]) -> None:
        if new := sorted(set(names) - self._unknown_fields):
            self._unknown_fields.update(new)
            self.logger.info(
                "Backlog sends `%s` with a field that this version leaves out: %s",
                self.name,
                ", ".join(new),
            )


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
