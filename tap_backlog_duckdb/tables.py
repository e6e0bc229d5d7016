"""Tables that fit what is going to be put into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tap_backlog_duckdb import catalog, sql
from tap_backlog_duckdb.column_types import at_least, converted, survives

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tap_backlog_duckdb.catalog import Column
    from tap_backlog_duckdb.stream import Stream


class Table(NamedTuple):
    """The table of a stream.

    Args:
        name: Its name.
        columns: The columns of the stream.
        types: Type of each column.
    """

    name: str
    columns: list[Column]
    types: dict[str, str]


def table_for(
    connection: DuckDBPyConnection, stream: Stream, *, has_version: bool = False
) -> Table:
    """Return the table of a stream; it is made, or changed, if that is needed.

    A column keeps its values. It gets the type that the stream says if all of them are
    the same in it, else the narrowest one in which they are.

    Args:
        connection: The file.
        stream: The stream.
        has_version: Whether its rows have a version.

    Raises:
        DoorError: There is a table of this name that was made by somebody else.
    """
    name = catalog.table_of(connection, stream.name)
    columns = catalog.columns_of(connection, stream.name, stream.properties)
    wanted = {one.name: stream.type_of(one.property) for one in columns}
    if has_version:
        wanted[catalog.VERSION] = "BIGINT"
    have = catalog.columns_by_table(connection).get(name)
    if have is None:
        defined = sql.listed(f"{sql.name(one)} {kind}" for one, kind in wanted.items())
        connection.execute(f"CREATE TABLE {catalog.qualified(name)} ({defined})")
        return Table(name, columns, wanted)
    types = {}
    for column, kind in wanted.items():
        types[column] = _fit(connection, name, column, have.get(column), kind)
    return Table(name, columns, types)


def _fit(
    connection: DuckDBPyConnection, table: str, column: str, have: str | None, want: str
) -> str:
    """Make a column hold what comes; return its type."""
    if have == want:
        return want
    if have is None:
        change = f"ADD COLUMN {sql.name(column)} {want}"
        connection.execute(f"ALTER TABLE {catalog.qualified(table)} {change}")
        return want
    best = next(
        kind
        for kind in at_least(want)
        if all_survive(connection, table, column, have, kind)
    )
    retype(connection, table, column, have, best)
    return best


def all_survive(
    connection: DuckDBPyConnection, table: str, column: str, have: str, want: str
) -> bool:
    """Return whether all values of a column are the same in another type.

    Args:
        connection: The file.
        table: The table.
        column: The column.
        have: Its type.
        want: The other type.
    """
    condition = survives(sql.name(column), have, want)
    lost = f"SELECT 1 FROM {catalog.qualified(table)} WHERE NOT ({condition}) LIMIT 1"
    return connection.execute(lost).fetchone() is None


def retype(
    connection: DuckDBPyConnection, table: str, column: str, have: str, want: str
) -> None:
    """Change the type of a column.

    Args:
        connection: The file.
        table: The table.
        column: The column.
        have: Its type.
        want: Its new type.
    """
    if have == want:
        return
    types = catalog.columns_by_table(connection)[table] | {column: want}
    values = {one: sql.name(one) for one in types}
    values[column] = converted(sql.name(column), have, want)
    old, new = catalog.qualified(table), catalog.qualified(f"{table} in its new types")
    defined = sql.listed(f"{sql.name(one)} {kind}" for one, kind in types.items())
    # ALTER TYPE would leave DuckDB unable to commit if rows had been deleted before.
    connection.execute(f"CREATE TABLE {new} ({defined})")
    connection.execute(
        f"INSERT INTO {new} SELECT {sql.listed(values.values())} FROM {old}"
    )
    connection.execute(f"DROP TABLE {old}")
    connection.execute(f"ALTER TABLE {new} RENAME TO {sql.name(table)}")
