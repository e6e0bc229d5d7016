"""A Singer stream: what the SDK sees of a report of Backlog."""

from __future__ import annotations

import logging
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL
from singer_sdk.singerlib.messages import StateMessage

from tap_backlog.errors import BacklogError
from tap_backlog.rows import plain, write_stamps
from tap_backlog.run import Wanted
from tap_backlog.singer.flattening import Flattener, json_text
from tap_backlog.singer.interrupts import Interrupted
from tap_backlog.singer.readable_text import readable_text
from tap_backlog.singer.readable_times import ReadableTimes
from tap_backlog.singer.selection import Selection, complete
from tap_backlog.singer.stream_maps import name_failures
from tap_backlog.streams import FAMILIES_OF_PROJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.mapper import StreamMap
    from singer_sdk.singerlib.catalog import MetadataMapping
    from singer_sdk.tap_base import Tap

    from tap_backlog.rows import Row
    from tap_backlog.run import Run
    from tap_backlog.singer.messages import MessageWriter
    from tap_backlog.streams.base import BacklogStream
    from tap_backlog.streams.family import Family
    from tap_backlog.streams.page import Page

_ROWS_AT_ONCE = 20
"""Rows that are written before the next look whether the run is to stop."""

_ROWS_PER_STATE = 900
_SECONDS_PER_STATE = 25.0


class Sync(NamedTuple):
    """What the Singer streams of one run share.

    Args:
        run: What the run shares.
        reports: What is read, by the name of the stream.
    """

    run: Run
    reports: Mapping[str, BacklogStream]


class SingerStream(Stream):
    """Writes the rows of a report as they came, if nobody wants to know what they hold.

    Stream maps, flattening and selection inside of nested objects need plain values.

    Args:
        tap: The tap, which holds the writer of messages.
        report_type: What is read.
        get_sync: Returns what the streams of a run share, once all are selected.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    """Rows are sent as they came, on both ways."""

    def __init__(
        self,
        tap: Tap,
        report_type: type[BacklogStream],
        get_sync: Callable[[], Sync],
    ) -> None:
        super().__init__(tap, report_type.schema, report_type.name)
        self.primary_keys = report_type.primary_keys
        self.replication_key = report_type.replication_key
        self.selected_by_default = report_type.selected_by_default
        if report_type.follows_changes:
            self.forced_replication_method = REPLICATION_INCREMENTAL
        self._get_sync = get_sync
        self._unknown_fields: set[str] = set()
        self._has_schema_out = False

    @property
    def _writer(self) -> MessageWriter:
        writer: Any = self._tap.message_writer
        return cast("MessageWriter", writer)

    @property
    def _run(self) -> Run:
        return self._get_sync().run

    @cached_property
    def _report(self) -> BacklogStream:
        return self._get_sync().reports[self.name]

    @property
    def _family(self) -> Family:
        return self._report.family

    def _beside(self, name: str) -> SingerStream:
        """Return another stream of the tap."""
        return cast("SingerStream", self._tap.streams[name])

    @property
    def wanted(self) -> Wanted:
        """What is wanted of it, by the catalog and the settings."""
        is_in_full = self.replication_method == REPLICATION_FULL_TABLE
        return Wanted(self.selection.fields, is_in_full)

    # --- From the report to messages

    def open(self) -> None:
        """Make sure of the scope and of the first page, and take the state in.

        Raises:
            BacklogError: The run cannot go on.
        """
        family = self._family
        if not family.open() or not family.is_incremental or not family.wanted:
            return
        if family.head.covers_projects:
            run = self._run
            run.known_projects.admit(run.scope.ids, FAMILIES_OF_PROJECTS)
        if family.bookmark.begins_anew:
            self._beside(family.head.name).stream_state.clear()

    def get_replication_key_signpost(self, context: Context | None = None) -> None:  # noqa: ARG002
        """Open the stream; the bookmark needs no signpost.

        The SDK asks this just before it writes the SCHEMA.
        """
        self.open()

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Yield plain rows, for those who use the stream without its messages."""
        for rows in self._family.rows_of(self._report):
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
                    self._write_family()
                else:
                    yield from super()._sync_records(context, write_messages=False)
            finally:
                self._writer.finish()
        except Interrupted:
            self._repeat_state()
            raise
        if write_messages:
            self._activate_version()
            self._finalize_state(self.stream_state)
            if self._writer.rows_since_state:
                self._repeat_state()  # loaders commit on it, changed or not
            else:
                self._write_state_message()

    def _write_family(self) -> None:
        """Read once, and write the rows of every stream of the family that is wanted."""
        family = self._family
        if family.is_read:
            return
        served = {stream.name: self._beside(stream.name) for stream in family.wanted}
        for stream in served.values():
            stream.get_ready()
        head = self._beside(family.head.name)
        with head.get_record_counter() as counter, head.get_sync_timer():
            for page in family.pages():
                for name, rows in family.spread(page):
                    served[name].put(rows)
                head.save(page)
                counter.increment(len(page.rows))

    def put(self, rows: list[Row]) -> None:
        """Write rows.

        Args:
            rows: Rows of this stream.
        """
        writer = self._writer
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            if self._sends_rows_as_they_are:
                records = [self._selected(row) for row in some]
                writer.write_rows(self.name, records, self._stream_version)
            else:
                for row in some:
                    self._write_record_message(self._plain(row))
            self._count(len(some))
            self._check_max_record_limit(self._run.counters.rows[self.name])

    def get_ready(self) -> None:
        """Write the SCHEMA, and fix the version, where another stream brings the rows."""
        if self._stream_version is None and self._activates_versions:
            self._stream_version = self._initialized_at // 1000
        for name in self.selection.emptied:
            self.logger.warning(
                "`%s.%s` is selected, but nothing that is in it, so it comes empty. "
                "Select what is in it too, or leave it out.",
                self.name,
                name,
            )
        self._write_schema_message()

    @property
    def _activates_versions(self) -> bool:
        return self.emit_activate_version_messages and not self._family.is_incremental

    def write_schema(self) -> None:
        """Write the SCHEMA alone, whether the stream is selected or not."""
        self.selected = True
        self._write_schema_message()

    def _write_schema_message(self) -> None:
        """Write the SCHEMA once: loaders flush on each."""
        if not self._has_schema_out:
            self._has_schema_out = True
            _ = self._mappers  # which may change what the schema says
            super()._write_schema_message()

    @property
    def is_removed(self) -> bool:
        """Whether the stream maps leave nothing of it."""
        return all(isinstance(one, RemoveRecordTransform) for one in self.stream_maps)

    def _count(self, rows: int) -> None:
        self._run.counters.rows[self.name] += rows
        self.state_manager.is_flushed = False
        if self._writer.rows_since_state >= _ROWS_PER_STATE:
            self._repeat_state()

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Hold the message back until all rows are out.

        Loaders drop all other rows on it: at the start, as the SDK sends it, it would
        empty the table where the run fails, or the report is refused.
        """

    def _activate_version(self) -> None:
        """Let loaders drop the rows of before, once all of today's are out."""
        if self._stream_version is not None and self._family.brings_all(self._report):
            super()._write_activate_version_message(self._stream_version)

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """Send rows the one way: the writer of messages puts them into files."""

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

    def finalize_state_progress_markers(
        self, state: dict[str, Any] | None = None
    ) -> None:
        """Note that the stream is through: the SDK comes here after each."""
        super().finalize_state_progress_markers(state)
        counters = self._run.counters
        counters.done.add(self.name)
        counters.tell_done(self.name, counters.rows[self.name])

    def save(self, page: Page) -> None:
        """Let the state follow the rows of a page, and write it.

        Args:
            page: A page of this stream, which is at the head of its family.
        """
        if self._family.keeps_bookmark:
            # A signal in the middle would write a state that is changed by half.
            with self._writer.interrupts.held_off():
                self._change_state({**(page.state or {}), **self._family.state})
        self._write_state_message()
        if time.monotonic() - self._writer.last_state_at > _SECONDS_PER_STATE:
            self._repeat_state()
        self._writer.flush()

    def _change_state(self, entries: Mapping[str, object]) -> None:
        """Put entries into the stream's state; None takes one out."""
        self._run.complete_state()
        for name, value in entries.items():
            if value is None:
                self.stream_state.pop(name, None)
            else:
                self.stream_state[name] = value
            self.state_manager.is_flushed = False

    def _repeat_state(self) -> None:
        """Write the state whether or not it has changed: loaders commit on it."""
        self._writer.write_message(StateMessage(value=self.tap_state))

    def _increment_stream_state(
        self,
        latest_record: Record,
        *,
        context: Context | None = None,
    ) -> None:
        """Leave the bookmark alone: it moves with whole pages."""

    def _write_record_message(self, record: Record) -> None:
        """Map a row as the SDK does, but walk through it only where that is needed."""
        for stream_map in self._mappers:
            mapped = stream_map.transform(record)
            if mapped is not None:
                self._writer.write_row(
                    stream_map.stream_alias, mapped, self._stream_version
                )

    @cached_property
    def _mappers(self) -> list[StreamMap]:
        """The stream maps, with a faster way of flattening."""
        text_of = readable_text if self.config.get("readable_lists") else json_text
        for stream_map in self.stream_maps:
            name_failures(stream_map, self.name, self.primary_keys)
            if stream_map.flattening_options and stream_map.flattening_enabled:
                flattener = Flattener(
                    stream_map.transformed_schema["properties"],
                    stream_map.flattening_options,
                    self._tell_unknown,
                    text_of,
                )
                flatten: Callable[[Row], Row] = flattener.flatten
                if self.config.get("readable_times"):
                    times = ReadableTimes.of(stream_map.transformed_schema)
                    flatten = times.after(flatten)
                setattr(stream_map, "flatten_record", flatten)  # noqa: B010
        return self.stream_maps

    @cached_property
    def _sends_rows_as_they_are(self) -> bool:
        """Whether nothing in the run depends on what is inside of the rows' fields."""
        (stream_map, *others) = self.stream_maps
        return (
            not others
            and type(stream_map) is SameRecordTransform
            and not stream_map.flattening_enabled
            and not self.selection.looks_inside
        )

    @property
    def metadata(self) -> MetadataMapping:
        """What the catalog says of each field, those inside of lists included."""
        is_complete = self._metadata is not None
        metadata = super().metadata
        if not is_complete:
            complete(metadata, self.effective_schema)
        return metadata

    @cached_property
    def selection(self) -> Selection:
        """What is sent of the rows, and of the schema."""
        left_out = self.config.get("leave_out_fields") or ()
        keys = filter(None, (*self.primary_keys, self.replication_key))
        return Selection(self.effective_schema, self.mask, left_out, keys)

    @cached_property
    def _fields(self) -> frozenset[str]:
        """The root fields that are sent."""
        return self.selection.fields

    @cached_property
    def _moments(self) -> list[str]:
        """The root fields that hold moments."""
        properties = self.schema["properties"]
        return [n for n, one in properties.items() if one.get("format") == "date-time"]

    def _selected(self, row: Row) -> Row:
        write_stamps(row, self._moments)
        fields = self._fields
        if row.keys() <= fields:
            return row
        self._tell_unknown(row.keys() - self.schema["properties"].keys())
        return {name: value for name, value in row.items() if name in fields}

    def _plain(self, row: Row) -> Row:
        try:
            return self.selection.apply(plain(self._selected(row)))
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
