"""Rows in files: what to select from, and how the value of each column is read.

JSON is read in two ways. The fast one lets DuckDB read values in the types of the table,
and fails if one does not fit. The careful one reads texts, and can find such values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_backlog_duckdb import sql
from tap_backlog_duckdb.column_types import (
    DAY,
    INTEGER,
    LARGE,
    MOMENT,
    NESTED,
    TEXT,
    converted,
    has_one_type,
)
from tap_backlog_duckdb.nested import json_from

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tap_backlog_duckdb.stream import Stream

RESCUED = "_rescued_data"
"""A column of tap-backlog's Parquet files: values that do not fit their own columns."""

_READ_AS = {INTEGER: TEXT, LARGE: TEXT, MOMENT: "TIMESTAMPTZ"}
"""DuckDB would round 1.5, and drop the offset of a timestamp."""


@dataclass
class Source(ABC):
    """Files with the rows of a stream.

    Args:
        stream: The stream.
        version: SQL for the version of a row; none if rows have none.
        paths: The files.
        is_careful: Whether each value is looked at.
    """

    stream: Stream
    version: str | None = None
    paths: list[Path] = field(default_factory=list)
    is_careful: bool = False

    @abstractmethod
    def relation(self, types: dict[str, str]) -> str:
        """Return what to select from: it has ``record``, and perhaps ``version``.

        Args:
            types: Type of each property in the table.
        """

    @abstractmethod
    def value(self, name: str, kind: str) -> str:
        """Return the expression for a value.

        Args:
            name: Name of the property.
            kind: Type of its column.
        """

    def look_into(self, connection: DuckDBPyConnection) -> None:  # noqa: B027
        """Look into the files, if that is needed to read them.

        Args:
            connection: Any connection.
        """


@dataclass
class JsonLines(Source):
    """Lines of JSON: messages, or rows alone.

    Args:
        are_messages: Whether a line is a RECORD.
        longest: Bytes of the longest line.
    """

    are_messages: bool = True
    longest: int = 0

    def __post_init__(self) -> None:
        """Find out whether DuckDB can read the rows by itself."""
        names = [name.lower() for name in self.stream.properties]
        if len(set(names)) < len(names) or "" in names:  # a STRUCT has no such fields
            self.is_careful = True

    def relation(self, types: dict[str, str]) -> str:
        """See :meth:`Source.relation`."""
        fields = [(one, _READ_AS.get(kind, kind)) for one, kind in types.items()]
        if self.are_messages:
            struct = sql.listed(f"{sql.name(one)} {kind}" for one, kind in fields)
            record = "JSON" if self.is_careful else f"STRUCT({struct})"
            return self._read({"record": record, "version": INTEGER})
        if self.is_careful:
            return f"(SELECT json AS record FROM {self._read({})})"
        return f"(SELECT rows AS record FROM {self._read(dict(fields))} AS rows)"

    def _read(self, columns: dict[str, str]) -> str:
        reader = "read_json" if columns else "read_ndjson_objects"
        options = [sql.files(self.paths), f"maximum_object_size = {self.longest + 1024}"]
        if columns:
            types = (
                f"{sql.text(one)}: {sql.text(kind)}" for one, kind in columns.items()
            )
            options += [
                "format = 'newline_delimited'",
                f"columns = {{{sql.listed(types)}}}",
            ]
        return f"{reader}({sql.listed(options)})"

    def value(self, name: str, kind: str) -> str:
        """See :meth:`Source.value`."""
        if not self.is_careful:
            return _as(f"struct_extract(record, {sql.text(name)})", kind)
        path = _pointer(name)
        if kind != NESTED:
            return _as(f"(record ->> {path})", kind)
        is_null = f"json_type(record, {path}) = 'NULL'"
        return f"CASE WHEN {is_null} THEN NULL ELSE record -> {path} END"


def _pointer(name: str) -> str:
    return sql.text("/" + name.replace("~", "~0").replace("/", "~1"))


def _as(raw: str, kind: str) -> str:
    if kind == MOMENT:
        return f"timezone('UTC', CAST({raw} AS TIMESTAMPTZ))"
    if kind in {INTEGER, LARGE}:
        is_whole = f"CAST({raw} AS DOUBLE) = floor(CAST({raw} AS DOUBLE))"
        is_fraction = f"contains({raw}, '.') AND NOT {is_whole}"
        refused = f"CAST('the fraction ' || {raw} AS {kind})"
        return f"CASE WHEN {is_fraction} THEN {refused} ELSE CAST({raw} AS {kind}) END"
    return f"CAST({raw} AS {kind})"


@dataclass
class Parquet(Source):
    """Parquet files, with nested columns as structs and lists, or as JSON text."""

    def __post_init__(self) -> None:
        """Begin without knowing what is in the files."""
        self._types: dict[str, str] = {}

    def look_into(self, connection: DuckDBPyConnection) -> None:
        """Find out the types of the columns.

        Args:
            connection: Any connection.
        """
        described = connection.execute(f"DESCRIBE SELECT * FROM {self._read()}")
        self._types = {row[0]: row[1] for row in described.fetchall()}
        self.is_careful |= RESCUED in self._types

    def relation(self, types: dict[str, str]) -> str:  # noqa: ARG002 - the files have them
        """See :meth:`Source.relation`."""
        return f"(SELECT rows AS record FROM {self._read()} AS rows)"

    def _read(self) -> str:
        return f"read_parquet({sql.files(self.paths)}, union_by_name = true)"

    def value(self, name: str, kind: str) -> str:
        """See :meth:`Source.value`."""
        own = self._own(name, kind)
        if RESCUED not in self._types:
            return own
        rescued = f"CAST(struct_extract(record, {sql.text(RESCUED)}) AS JSON)"
        if kind == NESTED:
            return f"coalesce({own}, {rescued} -> {_pointer(name)})"
        return f"coalesce({own}, {_as(f'({rescued} ->> {_pointer(name)})', kind)})"

    def _own(self, name: str, kind: str) -> str:
        """Return the expression for what the column itself holds."""
        have = self._types.get(name)
        if have is None:
            return "NULL"
        raw = f"struct_extract(record, {sql.text(name)})"
        if kind == NESTED:
            return json_from(raw, have, self.stream.properties[name])
        if have == kind == TEXT and not has_one_type(self.stream.properties[name]):
            return f"coalesce(TRY_CAST({raw} AS JSON) ->> '$', {raw})"
        if have == "TIMESTAMP WITH TIME ZONE" and kind in {MOMENT, DAY, TEXT}:
            return converted(f"timezone('UTC', {raw})", MOMENT, kind)
        if have.startswith(MOMENT):
            return converted(f"CAST({raw} AS TIMESTAMP)", MOMENT, kind)
        return _as(raw, kind) if have == TEXT else f"CAST({raw} AS {kind})"
