"""A Singer stream: a Backlog stream as the SDK sees it."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from singer_sdk.singerlib.messages import StateMessage

from tap_backlog.budget import BudgetSpent
from tap_backlog.run import Wanted
from tap_backlog.singer.interrupts import Interrupted
from tap_backlog.singer.records import RecordStream
from tap_backlog.streams import FAMILIES_OF_PROJECTS
from tap_backlog.streams.outlook import requests_left

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.tap_base import Tap

    from tap_backlog.rows import Row
    from tap_backlog.run import Run
    from tap_backlog.streams.base import BacklogStream
    from tap_backlog.streams.family import Family
    from tap_backlog.streams.page import Page

_ROWS_AT_ONCE = 20
"""Rows that are written between two checks whether the run has to stop."""

_ROWS_PER_STATE = 900
_SECONDS_PER_STATE = 25.0


class Sync(NamedTuple):
    """What the Singer streams of one run share.

    Args:
        run: What the run shares.
        origins: The Backlog streams, by name.
    """

    run: Run
    origins: Mapping[str, BacklogStream]


class SingerStream(RecordStream):
    """A Backlog stream as a stream of the SDK: its messages, and its state.

    Args:
        tap: The tap, which has the message writer.
        stream_type: The class of the Backlog stream.
        get_sync: Returns what the streams of a run share, once streams are selected.
    """

    def __init__(
        self,
        tap: Tap,
        stream_type: type[BacklogStream],
        get_sync: Callable[[], Sync],
    ) -> None:
        super().__init__(tap, stream_type)
        self._get_sync = get_sync
        self._has_schema_out = False

    @property
    def _run(self) -> Run:
        return self._get_sync().run

    @cached_property
    def _origin(self) -> BacklogStream:
        return self._get_sync().origins[self.name]

    @property
    def _family(self) -> Family:
        return self._origin.family

    def _beside(self, name: str) -> SingerStream:
        """Return another stream of the tap."""
        return cast("SingerStream", self._tap.streams[name])

    @property
    def wanted(self) -> Wanted:
        """What is wanted of it, by the catalog and the settings."""
        is_in_full = self.replication_method == REPLICATION_FULL_TABLE
        return Wanted(self.selection.fields, is_in_full)

    # --- From the Backlog stream to messages

    def open(self) -> None:
        """Get the scope and the first page, and read the state.

        Raises:
            BacklogError: The run cannot go on.
        """
        family = self._family
        budget = self._run.budget
        if not family.is_read and budget.is_spent and budget.has_brought_something:
            self._stop()
            raise BudgetSpent
        if not family.open() or not family.is_incremental or not family.wanted:
            return
        if family.head.covers_projects:
            run = self._run
            run.known_projects.admit(run.scope.ids, FAMILIES_OF_PROJECTS)
        if family.bookmark.starts_over:
            self._beside(family.head.name).stream_state.clear()

    def _stop(self) -> None:
        """Write a last STATE, from which the next run goes on."""
        run, origins = self._get_sync()
        run.stop(requests_left(run, origins))
        self._repeat_state()

    def get_replication_key_signpost(self, context: Context | None = None) -> None:  # noqa: ARG002
        """Open the stream; the bookmark does not need a signpost.

        The SDK calls this just before it writes the SCHEMA.
        """
        self.open()

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Yield plain rows, for code that uses the stream without its messages."""
        for rows in self._family.rows_of(self._origin):
            for row in rows:
                self._count(1)
                yield self.plain_of(row)

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
                self.writer.finish()
        except Interrupted:
            self._repeat_state()
            raise
        except BudgetSpent:
            self._stop()
            raise
        if write_messages:
            self._activate_version()
            self._finalize_state(self.stream_state)
            if self.writer.rows_since_state:
                self._repeat_state()  # loaders commit on it, even if it is unchanged
            else:
                self._write_state_message()

    def _write_family(self) -> None:
        """Read once, and write the rows of every wanted stream of the family."""
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
        family.record_end()
        if self._run.keeps_more_than_bookmarks:
            self._run.complete_state()
            self.state_manager.is_flushed = False

    def put(self, rows: list[Row]) -> None:
        """Write rows.

        Args:
            rows: Rows of this stream.
        """
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            self.write(some)
            self._count(len(some))
            self._check_max_record_limit(self._run.counters.rows[self.name])

    def get_ready(self) -> None:
        """Write the SCHEMA and set the version, also if another stream reads the rows."""
        if self._stream_version is None and self._activates_versions:
            self._stream_version = self._initialized_at
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
        """Write only the SCHEMA, even if the stream is not selected."""
        self.selected = True
        self._write_schema_message()

    def _write_schema_message(self) -> None:
        """Write the SCHEMA only once: loaders flush on each SCHEMA."""
        if not self._has_schema_out:
            self._has_schema_out = True
            _ = self.mappers  # these may change the schema
            super()._write_schema_message()

    def _count(self, rows: int) -> None:
        self._run.counters.rows[self.name] += rows
        self.state_manager.is_flushed = False
        if self.writer.rows_since_state >= _ROWS_PER_STATE:
            self._repeat_state()

    def _write_activate_version_message(self, full_table_version: int) -> None:  # noqa: ARG002
        """Hold the message back until all rows are out.

        Loaders then drop all other rows. The SDK sends it at the start: it would empty
        the table if the run fails, or if the stream is refused. Its version is a second,
        which two short runs can share; then no row would be dropped.
        """
        self._stream_version = self._initialized_at

    def _activate_version(self) -> None:
        """Let loaders drop older rows, once all rows of this run are out."""
        if self._stream_version is not None and self._family.brings_all(self._origin):
            super()._write_activate_version_message(self._stream_version)

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """Do not use the SDK's batches: the message writer puts rows into files."""

    def finalize_state_progress_markers(
        self, state: dict[str, Any] | None = None
    ) -> None:
        """Record that the stream is finished: the SDK calls this after each stream."""
        super().finalize_state_progress_markers(state)
        counters = self._run.counters
        counters.done.add(self.name)
        counters.tell_done(self.name, counters.rows[self.name])

    def save(self, page: Page) -> None:
        """Update the state after the rows of a page, and write it.

        Args:
            page: A page of this stream, which is the head of its family.
        """
        if self._family.keeps_bookmark:
            # A signal in between would write a state that is only half changed.
            with self.writer.interrupts.held_off():
                self._change_state({**(page.state or {}), **self._family.state})
        elif self._family.keeps_place:
            entries = {**(page.state or {}), **self._family.state}
            self._run.round.move_to(self.name, entries)
        self._write_state_message()
        if time.monotonic() - self.writer.last_state_at > _SECONDS_PER_STATE:
            self._repeat_state()
        self.writer.flush()

    def _change_state(self, entries: Mapping[str, object]) -> None:
        """Put entries into the stream's state; None removes an entry."""
        self._run.complete_state()
        for name, value in entries.items():
            if value is None:
                self.stream_state.pop(name, None)
            else:
                self.stream_state[name] = value
            self.state_manager.is_flushed = False

    def _repeat_state(self) -> None:
        """Write the state even if it is unchanged: loaders commit on it."""
        self.writer.write_message(StateMessage(value=self.tap_state))

    def _increment_stream_state(
        self,
        latest_record: Record,
        *,
        context: Context | None = None,
    ) -> None:
        """Do not change the bookmark: it changes only after whole pages."""
