"""The tables as files for people: CSV, Parquet, or one Excel workbook."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from tap_backlog_duckdb import catalog, sql
from tap_backlog_duckdb.column_types import DAY, MOMENT, NESTED
from tap_backlog_duckdb.database import opened, with_memory
from tap_backlog_duckdb.errors import DoorError, first_line
from tap_backlog_duckdb.files import replaced
from tap_backlog_duckdb.report import counted, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

FORMATS = ("csv", "parquet", "xlsx")

DAYS = frozenset({"startDate", "dueDate", "releaseDueDate", "minDate", "maxDate", "date"})
"""Columns with a day, which Backlog writes as midnight in UTC or in the space's zone."""

_OPTIONS = {
    "csv": ("FORMAT csv, HEADER, NEW_LINE '\\r\\n', TIMESTAMPFORMAT '%Y-%m-%d %H:%M:%S'"),
    "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192",
}
"""Small row groups take little memory."""

_MEMORY = 128_000_000
"""Bytes, more than loading takes: values that are shown by name are taken apart."""

_TIMES_OF_MIDNIGHT = 3
"""Midnight in UTC, and in the space's zone in winter and in summer."""

_ROWS_AT_ONCE = 2_000

_FIRST = "issues"
"""A workbook opens with the table that people look for."""

_LONGEST_NAME = 60
"""Characters of a file's name; they may be Japanese, three bytes each."""


class Table(NamedTuple):
    """A table that is written.

    Args:
        name: Its name.
        types: Type of each column.
        days: Columns of times that are shown as days.
    """

    name: str
    types: dict[str, str]
    days: frozenset[str] = frozenset()


def export(path: Path, folder: Path, form: str, zone: str | None = None) -> None:
    """Write all tables of streams; a file is there when it is complete.

    Args:
        path: The DuckDB file.
        folder: Where the files go; it is made if it is not there.
        form: One of :data:`FORMATS`.
        zone: Time zone of times in CSV and Excel; by default that of the space, or else
            of this machine.

    Raises:
        DoorError: It cannot be done.
    """
    with opened(path, read_only=True) as connection:
        tables = _tables(connection)
        if not tables:
            message = f"{path} has no tables of streams."
            raise DoorError(message)
        zone = zone or _zone(connection, tables)
        _check_zone(connection, zone)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if form != "parquet":
                tables = [one._replace(days=_days(connection, one)) for one in tables]
            if form == "xlsx":
                queries = {table.name: _readable(table, zone) for table in tables}
                _write_workbook(connection, queries, folder / f"{path.stem}.xlsx")
            else:
                query = _with_bom if form == "csv" else _as_it_is
                queries = {table.name: query(table, zone) for table in tables}
                _write_files(connection, queries, folder, form)
        except duckdb.Error as error:
            raise DoorError(first_line(error)) from None
    if form != "parquet":
        say(f"Times are in the time zone {zone}.")


def _tables(connection: DuckDBPyConnection) -> list[Table]:
    if not catalog.is_prepared(connection):
        return []
    existing = catalog.columns_by_table(connection)
    names = sorted(catalog.tables(connection).values(), key=lambda n: (n != _FIRST, n))
    return [
        Table(name, {k: v for k, v in existing[name].items() if k != catalog.VERSION})
        for name in names
        if name in existing
    ]


def _days(connection: DuckDBPyConnection, table: Table) -> frozenset[str]:
    """Return the columns that hold days; another tap's `date` may be a moment."""
    moments = (name for name, kind in table.types.items() if kind == MOMENT)
    named = [name for name in moments if name in DAYS]
    if not named:
        return frozenset()
    counts = (f"count(DISTINCT CAST({sql.name(name)} AS TIME))" for name in named)
    query = f"SELECT {sql.listed(counts)} FROM {catalog.qualified(table.name)}"
    (found,) = _fetched(connection, query)
    pairs = zip(named, found, strict=True)
    return frozenset(name for name, count in pairs if count <= _TIMES_OF_MIDNIGHT)


def _zone(connection: DuckDBPyConnection, tables: list[Table]) -> str:
    for table in tables:
        if table.name == "space" and "timezone" in table.types:
            query = "SELECT max(timezone) FROM main.space"
            (found,) = connection.execute(query).fetchall()[0]
            if found:
                return str(found)
    with duckdb.connect() as fresh:
        (own,) = fresh.execute("SELECT current_setting('TimeZone')").fetchall()[0]
        return str(own)


def _check_zone(connection: DuckDBPyConnection, zone: str) -> None:
    query = "SELECT 1 FROM pg_timezone_names() WHERE lower(name) = lower(?)"
    if connection.execute(query, [zone]).fetchone() is None:
        message = f"`{zone}` is not a time zone. Name one such as Asia/Tokyo or UTC."
        raise DoorError(message)


def _as_it_is(table: Table, _zone: str) -> str:
    return _query(table, {name: sql.name(name) for name in table.types})


def _readable(table: Table, zone: str) -> str:
    """Return the query for rows as people read them: days as days, times in a zone."""
    return _query(table, _all_shown(table, zone))


def _with_bom(table: Table, zone: str) -> str:
    """Return the same, with a BOM before the first column and so before all."""
    first = next(iter(table.types))
    shown = _all_shown(table, zone)
    # DuckDB would put a name with these signs, and so the BOM, into quotes.
    title = re.sub(r'[",\r\n]', "_", first)
    return _query(table, {f"\ufeff{title}": shown.pop(first), **shown})


def _query(table: Table, columns: dict[str, str]) -> str:
    shown = (f"{value} AS {sql.name(name)}" for name, value in columns.items())
    return f"SELECT {sql.listed(shown)} FROM {catalog.qualified(table.name)}"


_IN_WORDS = """
CASE json_type({0})
    WHEN 'OBJECT'
        THEN coalesce(nullif(json_extract_string({0}, '$.name'), ''), {0}::VARCHAR)
    WHEN 'ARRAY' THEN CASE
        WHEN json_array_length({0}) = 0 THEN ''
        WHEN list_bool_and(list_transform(
            json_extract({0}, '$[*]'),
            lambda one: coalesce(json_extract_string(one, '$.name') <> '', false)
                AND NOT json_exists(one, '$.value')
        )) THEN array_to_string(json_extract_string({0}, '$[*].name'), ', ')
        ELSE {0}::VARCHAR
    END
    ELSE json_extract_string({0}, '$')
END
"""
"""What is nested, as people read it: things with a name by their name. What has a value
too, such as a custom field, and all else stays JSON, since a name would lose too much."""


def _all_shown(table: Table, zone: str) -> dict[str, str]:
    return {
        name: _shown(name, kind, zone, is_day=name in table.days)
        for name, kind in table.types.items()
    }


def _shown(name: str, kind: str, zone: str, *, is_day: bool) -> str:
    column = sql.name(name)
    if kind == NESTED:
        return _IN_WORDS.format(column)
    if kind != MOMENT:
        return column
    if is_day:
        return f"CAST({column} + INTERVAL 12 HOURS AS {DAY})"
    return f"timezone({sql.text(zone)}, timezone('UTC', {column}))"


def _write_files(
    connection: DuckDBPyConnection, queries: dict[str, str], folder: Path, form: str
) -> None:
    names = _file_names(queries)
    for name, query in zip(names, queries.values(), strict=True):
        path = folder / f"{name}.{form}"
        with replaced(path) as part:
            copy = f"COPY ({query}) TO {sql.text(str(part))} ({_OPTIONS[form]})"
            (count,) = _fetched(connection, copy)[0]
        say(f"{path}: {counted(count, 'row')}")


def _write_workbook(
    connection: DuckDBPyConnection, queries: dict[str, str], path: Path
) -> None:
    from tap_backlog_duckdb.workbook import Workbook  # noqa: PLC0415 - takes 3 MB

    with replaced(path) as part, contextlib.closing(Workbook(part)) as workbook:
        for name, query in queries.items():
            columns = connection.execute(f"{query} LIMIT 0").description or ()
            rows = _rows_of(connection, name, query)
            workbook.add(name, [column[0] for column in columns], rows)
    for line in workbook.said:
        say(line)
    say(f"{path}: {counted(len(queries), 'table')}")


def _rows_of(
    connection: DuckDBPyConnection, table: str, query: str
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query of one table; DuckDB holds a whole result in memory."""
    last = f"SELECT coalesce(max(rowid), -1) FROM {catalog.qualified(table)}"
    (end,) = connection.execute(last).fetchall()[0]
    for first in range(0, end + 1, _ROWS_AT_ONCE):
        some = f"rowid >= {first} AND rowid < {first + _ROWS_AT_ONCE}"
        yield from _fetched(connection, f"{query} WHERE {some}")


def _fetched(connection: DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return with_memory(connection, _MEMORY, lambda: connection.execute(query).fetchall())


def _file_names(tables: Iterable[str]) -> Iterator[str]:
    """Yield a name for the file of each table that every system takes."""
    taken: set[str] = set()
    for table in tables:
        safe = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", table)
        safe = safe[:_LONGEST_NAME].rstrip(" .") or "_"
        name, number = safe, 1
        while name.lower() in taken:
            number += 1
            name = f"{safe}_{number}"
        taken.add(name.lower())
        yield name
