"""Which table holds which stream, and which column which property.

DuckDB takes ``id`` and ``Id`` for one name, so a stream may have to go into a table of
another name, always the same. Schema ``singer`` of the file remembers that and the state.
Schema ``main`` has the tables of the streams and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tap_backlog_duckdb import sql
from tap_backlog_duckdb.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from duckdb import DuckDBPyConnection

VERSION = "_sdc_table_version"
"""The column for ACTIVATE_VERSION; only tables of streams that send versions have it."""

_TABLES = """
CREATE SCHEMA IF NOT EXISTS singer;
CREATE TABLE IF NOT EXISTS singer.state (value JSON, loaded TIMESTAMP);
CREATE TABLE IF NOT EXISTS singer.tables (stream VARCHAR, table_name VARCHAR);
CREATE TABLE IF NOT EXISTS singer.columns (
    stream VARCHAR, property VARCHAR, column_name VARCHAR
);
"""


class Column(NamedTuple):
    """A property of a stream, and its column.

    Args:
        property: Its name in the messages.
        name: Its name in the table.
    """

    property: str
    name: str


def prepare(connection: DuckDBPyConnection) -> None:
    """Make the tables of the schema ``singer``, if they are not there.

    Args:
        connection: The file.
    """
    connection.execute(_TABLES)


def is_prepared(connection: DuckDBPyConnection) -> bool:
    """Return whether this command has put something into the file.

    Args:
        connection: The file.
    """
    query = """
        SELECT 1 FROM duckdb_tables() WHERE database_name = current_database()
        AND schema_name = 'singer' AND table_name = 'tables'
    """
    return connection.execute(query).fetchone() is not None


def state(connection: DuckDBPyConnection) -> str | None:
    """Return the state in which the last run ended, as it was sent.

    Args:
        connection: The file.
    """
    row = connection.execute("SELECT value::VARCHAR FROM singer.state").fetchone()
    return None if row is None else str(row[0])


def keep_state(connection: DuckDBPyConnection, value: str) -> None:
    """Replace the state.

    Args:
        connection: The file.
        value: The state, as it was sent.
    """
    connection.execute("DELETE FROM singer.state")
    connection.execute("INSERT INTO singer.state VALUES (?, now()::TIMESTAMP)", [value])


def tables(connection: DuckDBPyConnection) -> dict[str, str]:
    """Return the table of each stream.

    Args:
        connection: The file.
    """
    found = connection.execute("SELECT stream, table_name FROM singer.tables")
    return dict(found.fetchall())


def table_of(connection: DuckDBPyConnection, stream: str) -> str:
    """Return the table of a stream, with a name that is free if it is new.

    Args:
        connection: The file.
        stream: Name of the stream.

    Raises:
        DoorError: There is a table of this name that was made by somebody else.
    """
    known = tables(connection)
    if stream in known:
        return known[stream]
    name = _free(stream, {one.lower() for one in known.values()})
    if name.lower() in {one.lower() for one in columns_by_table(connection)}:
        message = (
            f"The file has a table `{name}` already, which this command did not make. "
            "Rename or drop it, or load into another file."
        )
        raise DoorError(message)
    connection.execute("INSERT INTO singer.tables VALUES (?, ?)", [stream, name])
    return name


def columns_of(
    connection: DuckDBPyConnection, stream: str, properties: Iterable[str]
) -> list[Column]:
    """Return the column of each property, with names that are free if they are new.

    Args:
        connection: The file.
        stream: Name of the stream.
        properties: Their names in the messages.
    """
    query = "SELECT property, column_name FROM singer.columns WHERE stream = ?"
    known: dict[str, str] = dict(connection.execute(query, [stream]).fetchall())
    for one in properties:
        if one not in known:
            taken = {VERSION, "rowid", *(name.lower() for name in known.values())}
            known[one] = _free(one or "_", taken)
            new = [stream, one, known[one]]
            connection.execute("INSERT INTO singer.columns VALUES (?, ?, ?)", new)
    return [Column(one, known[one]) for one in properties]


def _free(wanted: str, taken: Container[str]) -> str:
    name, number = wanted, 1
    while name.lower() in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def columns_by_table(connection: DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the columns of all tables and views in schema ``main``, with their types.

    Args:
        connection: The file.
    """
    query = """
        SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
        ORDER BY table_name, column_index
    """
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(query).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def qualified(table: str) -> str:
    """Return a table as SQL writes it.

    Args:
        table: Its name.
    """
    return f"main.{sql.name(table)}"
