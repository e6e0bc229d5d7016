"""What every stream of Backlog shares.

A stream is a name, a path, keys and a schema. How requests are sent is the client's
business, which of them are needed to read a list is the paginators'.
"""

from __future__ import annotations

import abc
import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from singer_sdk import Stream
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from tap_backlog.errors import FATAL_CODES, BacklogError, RefusedError
from tap_backlog.settings import moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import RecordMessage

    from tap_backlog.client import Params, Row
    from tap_backlog.tap import TapBacklog

T = TypeVar("T")

_GONE = 404
_FORBIDDEN = 403


class BacklogStream(Stream, abc.ABC):
    """One report of Backlog.

    Args:
        tap: The tap, which holds the client and the scope of the run.
    """

    path: str
    """Path below the root of the API."""

    needs_projects = False
    """Whether the rows cannot be read without the list of projects."""

    def __init__(self, tap: TapBacklog) -> None:
        """Keep the tap; nothing is asked yet."""
        super().__init__(tap)
        self.tap = tap
        self.rows_read = 0
        self._has_been_answered = False
        self._unknown_fields: set[str] = set()

    @abc.abstractmethod
    def rows(self) -> Iterator[Row]:
        """Yield the stream's rows, as Backlog gives them."""

    def ask_one(self, path: str) -> Row:
        """Return one object; otherwise like :meth:`ask`.

        Args:
            path: Path below the root of the API.
        """
        row = self.tap.client.get_object(path)
        self._check([row])
        return row

    def ask(self, path: str, params: Params | None = None) -> list[Row]:
        """Return a list of rows, each with its keys in place.

        Args:
            path: Path below the root of the API.
            params: Query parameters.

        Raises:
            RefusedError: Backlog says no.
            BacklogError: No usable answer, or a row that lacks a key.
        """
        rows = self.tap.client.get_list(path, params)
        self._check(rows)
        return rows

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Yield the rows for the SDK; a report that the key may not read has none."""
        try:
            for row in self.rows():
                self.rows_read += 1
                yield self._record(row)
        except RefusedError as refusal:
            if self._has_been_answered:
                raise
            self.tap.client.confirm_key(refusal)
            self.tap.note_refusal(self.name, refusal.reason)

    def get_replication_key_signpost(self, context: Context | None = None) -> None:  # noqa: ARG002
        """Make sure of the scope; the bookmark needs no signpost.

        The SDK asks this just before it writes the SCHEMA: a wrong key, host or
        project is found while nothing has been written.
        """
        self.tap.scope.check()
        if self.needs_projects:
            _ = self.tap.scope.projects

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

    def save(self, **state: object) -> None:
        """Write a STATE, unless in batches: the SDK then does, after each.

        Args:
            state: New entries of the stream's state; None takes one out.
        """
        if not self.is_incremental:
            return
        for name, value in state.items():
            if value is None:
                self.stream_state.pop(name, None)
            else:
                self.stream_state[name] = value
        if self.get_batch_config(self.config) is None:
            self._write_state_message()

    def _increment_stream_state(
        self,
        latest_record: Record,
        *,
        context: Context | None = None,
    ) -> None:
        """Leave the bookmark alone: it moves with whole pages, see :meth:`save`."""

    def _check(self, rows: list[Row]) -> None:
        self._has_been_answered = True
        for row in rows:
            for name in self.required_fields:
                if row.get(name) is None:
                    message = (
                        f"Backlog sent a row of `{self.name}` without `{name}`, so the "
                        "rest cannot be trusted. Try again; where it stays, please "
                        "report it."
                    )
                    raise BacklogError(message)

    def _generate_record_messages(
        self, record: Record
    ) -> Generator[RecordMessage, None, None]:
        """Keep flattened records to the columns of their schema.

        The SDK makes a column of every field that a nested object holds, and leaves
        one for each that is null, whether or not the schema knows it: loaders fail
        on those.
        """
        for message in super()._generate_record_messages(record):
            columns = self._flattened_columns.get(message.stream)
            if columns is not None:
                self._tell_unknown(
                    name
                    for name, value in message.record.items()
                    if name not in columns and value is not None
                )
                message.record = {
                    name: value
                    for name, value in message.record.items()
                    if name in columns
                }
            yield message

    @cached_property
    def _flattened_columns(self) -> dict[str, set[str]]:
        """Columns by the name that the stream maps give the stream."""
        return {
            stream_map.stream_alias: set(stream_map.transformed_schema["properties"])
            for stream_map in self.stream_maps
            if stream_map.flattening_enabled
        }

    @property
    def required_fields(self) -> tuple[str, ...]:
        """Fields without which a row of Backlog is of no use."""
        keys = dict.fromkeys(self.primary_keys)
        if self.replication_key:
            keys[self.replication_key] = None
        return tuple(keys)

    def _record(self, row: Row) -> Record:
        known = self.schema["properties"]
        if row.keys() <= known.keys():
            return row
        self._tell_unknown(row.keys() - known.keys())
        return {name: value for name, value in row.items() if name in known}

    def _tell_unknown(self, names: Iterable[str]) -> None:
        if new := sorted(set(names) - self._unknown_fields):
            self._unknown_fields.update(new)
            self.logger.info(
                "Backlog sends `%s` with a field that this version leaves out: %s",
                self.name,
                ", ".join(new),
            )


class ListStream(BacklogStream):
    """A report that comes whole, in one answer."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the answer."""
        yield from self.ask(self.path)


class ProjectStream(BacklogStream):
    """A report that is asked for project by project.

    Its path holds ``{project_id}``.
    """

    needs_projects = True

    def rows(self) -> Iterator[Row]:
        """Yield the rows of all projects; a project that refuses is passed over.

        Raises:
            RefusedError: Every project refuses, or the key does not hold any more.
        """
        refusals: dict[str, RefusedError] = {}
        for project in self.tap.scope.projects:
            try:
                rows = self.ask(self.path.format(project_id=project["id"]))
            except RefusedError as refusal:
                if not _concerns_one_project(refusal):
                    raise
                refusals[str(project.get("projectKey"))] = refusal
            else:
                yield from rows
        if refusals:
            self._tell(refusals)

    def _tell(self, refusals: dict[str, RefusedError]) -> None:
        last = next(reversed(refusals.values()))
        if not self._has_been_answered:
            raise last
        self.logger.warning(
            "`%s` was left out for %d of %d projects (%s): %s",
            self.name,
            len(refusals),
            len(self.tap.scope.projects),
            ", ".join(refusals),
            last.reason,
        )


def _concerns_one_project(refusal: RefusedError) -> bool:
    return refusal.status in {_FORBIDDEN, _GONE} and refusal.code not in FATAL_CODES
