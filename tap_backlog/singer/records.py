"""From rows to records: selection, stream maps and flattening."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL

from tap_backlog.errors import BacklogError
from tap_backlog.rows import plain, write_stamps
from tap_backlog.singer.expressions import Mapper, schema_before_flattening
from tap_backlog.singer.flattening import Flattener, json_text
from tap_backlog.singer.messages import json_lines, mapped_lines
from tap_backlog.singer.readable_text import readable_text
from tap_backlog.singer.readable_times import ReadableTimes
from tap_backlog.singer.selection import Selection, complete
from tap_backlog.singer.stream_maps import name_failures
from tap_backlog.streams.shapes import without_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from singer_sdk.mapper import StreamMap
    from singer_sdk.singerlib.catalog import MetadataMapping
    from singer_sdk.tap_base import Tap

    from tap_backlog.rows import Row
    from tap_backlog.singer.messages import MessageWriter
    from tap_backlog.streams.base import BacklogStream


class RecordStream(Stream):
    """Sends rows as they came, if nothing needs their content.

    Stream maps, flattening and selection inside nested objects need plain values.

    Args:
        tap: The tap, which has the message writer.
        stream_type: The class of the Backlog stream.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    """Values are sent as they came, raw or plain."""

    def __init__(self, tap: Tap, stream_type: type[BacklogStream]) -> None:
        super().__init__(tap, stream_type.schema, stream_type.name)
        self.primary_keys = stream_type.primary_keys
        self.replication_key = stream_type.replication_key
        self.selected_by_default = stream_type.selected_by_default
        if stream_type.follows_changes:
            self.forced_replication_method = REPLICATION_INCREMENTAL
        self._unknown_fields: set[str] = set()
        # Only the rows of a list came as they are; parts of them were made from values.
        self._lines_of = mapped_lines if stream_type.source else json_lines

    @property
    def writer(self) -> MessageWriter:
        """The message writer."""
        writer: Any = self._tap.message_writer
        return cast("MessageWriter", writer)

    @property
    def is_removed(self) -> bool:
        """Whether the stream maps remove the whole stream."""
        return all(isinstance(one, RemoveRecordTransform) for one in self.stream_maps)

    def log(
        self,
        message: str,
        *args: Any,  # noqa: ANN401
        level: int = logging.INFO,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        """Log for this stream, but not errors: the command reports those."""
        if level < logging.ERROR:
            super().log(message, *args, level=level, **kwargs)

    def write(self, rows: list[Row]) -> None:
        """Write rows, and go through their fields only as far as that is needed.

        Args:
            rows: Rows as they came.

        Raises:
            BacklogError: A row cannot be read, or an expression fails on it.
        """
        version = self._stream_version
        if self.sends_rows_as_they_are:
            sent = [self.selected_of(row) for row in rows]
            self.writer.write_rows(self.name, sent, version, self._lines_of)
            return
        looks_inside = self.selection.looks_inside
        sent = [
            (self.plain_of if looks_inside else self.selected_of)(row) for row in rows
        ]
        for mapper in self.mappers:
            mapped = list(self._mapped(mapper, sent))
            self.writer.write_rows(mapper.alias, mapped, version, mapped_lines)

    def _mapped(self, mapper: Mapper, rows: list[Row]) -> Iterator[Row]:
        row: Row = {}
        try:
            for row in rows:
                if mapped := mapper.apply(row):
                    yield mapped
        except (ValueError, RecursionError) as error:
            raise self._unreadable(row, error) from None

    @cached_property
    def mappers(self) -> list[Mapper]:
        """The stream maps, made faster."""
        return [self._mapper(stream_map) for stream_map in self.stream_maps]

    def _mapper(self, stream_map: StreamMap) -> Mapper:
        name_failures(stream_map, self.name, self.primary_keys)
        schema = stream_map.transformed_schema = without_version(
            stream_map.transformed_schema
        )
        if stream_map.flattening_options and stream_map.flattening_enabled:
            is_readable = self.config.get("readable_lists")
            flatten: Callable[[Row], Row] = Flattener(
                schema_before_flattening(stream_map),
                schema["properties"],
                stream_map.flattening_options,
                self.log_unknown,
                readable_text if is_readable else json_text,
            ).flatten
            if self.config.get("readable_times"):
                flatten = ReadableTimes.of(schema).after(flatten)
            setattr(stream_map, "flatten_record", flatten)  # noqa: B010
        return Mapper.of(stream_map, self.primary_keys)

    @cached_property
    def sends_rows_as_they_are(self) -> bool:
        """Whether nothing in the run depends on the content of the rows' fields."""
        (stream_map, *others) = self.stream_maps
        return (
            not others
            and type(stream_map) is SameRecordTransform
            and not stream_map.flattening_enabled
            and not self.selection.looks_inside
        )

    @property
    def metadata(self) -> MetadataMapping:
        """What the catalog says about each field, including fields inside lists."""
        is_complete = self._metadata is not None
        metadata = super().metadata
        if not is_complete:
            complete(metadata, self.effective_schema)
        return metadata

    @cached_property
    def selection(self) -> Selection:
        """Which parts of the rows and of the schema are sent."""
        left_out = self.config.get("leave_out_fields") or ()
        keys = filter(None, (*self.primary_keys, self.replication_key))
        return Selection(self.effective_schema, self.mask, left_out, keys)

    @cached_property
    def _fields(self) -> frozenset[str]:
        """The root fields that are sent."""
        return self.selection.fields

    @cached_property
    def _moments(self) -> list[str]:
        """The root fields that hold timestamps."""
        properties = self.schema["properties"]
        return [n for n, one in properties.items() if one.get("format") == "date-time"]

    def selected_of(self, row: Row) -> Row:
        """Return a row without the root fields that are not sent."""
        write_stamps(row, self._moments)
        fields = self._fields
        if row.keys() <= fields:
            return row
        self.log_unknown(row.keys() - self.schema["properties"].keys())
        return {name: value for name, value in row.items() if name in fields}

    def plain_of(self, row: Row) -> Row:
        """Return a row with plain values, and only with the parts that are sent.

        Raises:
            BacklogError: A value cannot be read.
        """
        try:
            return self.selection.apply(plain(self.selected_of(row)))
        except (ValueError, RecursionError) as error:
            raise self._unreadable(row, error) from None

    def _unreadable(self, row: Row, error: Exception) -> BacklogError:
        keys = ", ".join(f"{name} {row.get(name)}" for name in self.primary_keys)
        message = f"A row of `{self.name}` ({keys}) cannot be read: {error}."
        return BacklogError(message)

    def log_unknown(self, names: Iterable[str]) -> None:
        """Log fields that are left out since they are not in the schema, each once."""
        if new := sorted(set(names) - self._unknown_fields):
            self._unknown_fields.update(new)
            self.logger.info(
                "Backlog sends `%s` with a field that this version leaves out: %s",
                self.name,
                ", ".join(new),
            )
