"""Rows into their table: the last row of a key stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb

from tap_backlog_duckdb import catalog, sql
from tap_backlog_duckdb.column_types import at_least
from tap_backlog_duckdb.errors import RowError, first_line
from tap_backlog_duckdb.tables import Table, all_survive, retype, table_for

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tap_backlog_duckdb.sources import Source

_BAD_ROWS = (duckdb.ConversionException, duckdb.InvalidInputException)


def upsert(connection: DuckDBPyConnection, source: Source) -> tuple[str, int]:
    """Put rows into the table of their stream; return its name, and how many came.

    Args:
        connection: The file, in a transaction.
        source: The rows.

    Raises:
        RowError: A value does not fit; the transaction is over.
    """
    try:
        return _upserted(connection, source)
    except _BAD_ROWS as error:
        raise RowError(_without_file(first_line(error))) from None


def _without_file(reason: str) -> str:
    return re.sub(r' in file "[^"]*", (at byte \d+ )?in line \d+', "", reason)


def _upserted(connection: DuckDBPyConnection, source: Source) -> tuple[str, int]:
    keys = source.stream.keys
    table = table_for(connection, source.stream, has_version=source.version is not None)
    source.look_into(connection)
    if source.is_careful:
        table = _widened(connection, source, table)
    (last,) = _one(connection, f"SELECT coalesce(max(rowid), -1) FROM {_name(table)}")
    (count,) = _one(connection, _insertion(source, table))
    if key := [sql.name(one.name) for one in table.columns if one.property in keys]:
        _check_keys(connection, table, key, last)
        connection.execute(_replacement(table, key, last))
    return table.name, count


def _one(connection: DuckDBPyConnection, statement: str) -> tuple[Any, ...]:
    return connection.execute(statement).fetchone() or (None,)


def _name(table: Table) -> str:
    return catalog.qualified(table.name)


def _values(source: Source, table: Table) -> dict[str, str]:
    return {
        one.name: source.value(one.property, table.types[one.name])
        for one in table.columns
    }


def _relation(source: Source, table: Table) -> str:
    return source.relation({c.property: table.types[c.name] for c in table.columns})


def _insertion(source: Source, table: Table) -> str:
    values = _values(source, table)
    if source.version is not None:
        values[catalog.VERSION] = source.version
    columns = sql.listed(map(sql.name, values))
    selected = f"SELECT {sql.listed(values.values())} FROM {_relation(source, table)}"
    return f"INSERT INTO {_name(table)} ({columns}) {selected}"


def _check_keys(
    connection: DuckDBPyConnection, table: Table, keys: list[str], last: int
) -> None:
    has_none = " AND ".join(f"{key} IS NULL" for key in keys)
    query = f"SELECT 1 FROM {_name(table)} WHERE rowid > {last} AND {has_none} LIMIT 1"
    if connection.execute(query).fetchone():
        reason = f"it has no {', '.join(keys)}."
        raise RowError(reason)


def _replacement(table: Table, keys: list[str], last: int) -> str:
    """Return what deletes the older rows of the keys that came.

    Rows have numbers (``rowid``) in the order in which they were inserted.
    """
    same = " AND ".join(f"old.{key} IS NOT DISTINCT FROM new.{key}" for key in keys)
    names = sql.listed(keys)
    return f"""
        DELETE FROM {_name(table)} AS old
        USING (
            SELECT {names}, max(rowid) AS last FROM {_name(table)}
            WHERE rowid > {last} GROUP BY {names}
        ) AS new
        WHERE {same} AND old.rowid < new.last
    """


def _widened(connection: DuckDBPyConnection, source: Source, table: Table) -> Table:
    """Give each column a type that holds all values that come."""
    types = dict(table.types)
    for column in table.columns:
        have = types[column.name]
        best = next(
            kind
            for kind in at_least(have)
            if _all_fit(connection, source, table, column.property, kind)
            and all_survive(connection, table.name, column.name, have, kind)
        )
        retype(connection, table.name, column.name, have, best)
        types[column.name] = best
    return table._replace(types=types)


def _all_fit(
    connection: DuckDBPyConnection, source: Source, table: Table, name: str, kind: str
) -> bool:
    given = source.value(name, "VARCHAR")
    lost = f"{given} IS NOT NULL AND TRY({source.value(name, kind)}) IS NULL"
    query = f"SELECT 1 FROM {_relation(source, table)} WHERE {lost} LIMIT 1"
    return kind in {"VARCHAR", "JSON"} or connection.execute(query).fetchone() is None


def drop_older(connection: DuckDBPyConnection, stream: str, version: int) -> None:
    """Delete the rows that do not have the version of the newest complete reading.

    Args:
        connection: The file, in a transaction.
        stream: Name of the stream.
        version: The version.
    """
    name = catalog.tables(connection).get(stream)
    columns = catalog.columns_by_table(connection).get(name or "")
    if name and columns:
        older = f"coalesce({catalog.VERSION} < {version}, true)"
        older = older if catalog.VERSION in columns else "true"
        connection.execute(f"DELETE FROM {catalog.qualified(name)} WHERE {older}")
