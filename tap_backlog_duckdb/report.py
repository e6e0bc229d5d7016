"""What was loaded, a line a table."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb

from tap_backlog_duckdb import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection


def report(connection: DuckDBPyConnection, path: Path, loaded: Mapping[str, int]) -> None:
    """Print how many rows came for each table, and how many it has now.

    Args:
        connection: The file.
        path: The file.
        loaded: Rows that came, by table.
    """
    with contextlib.suppress(duckdb.Error):  # after a full disk; there is an error then
        lines = [
            (table, f"{count:,}", f"{_count(connection, table):,}")
            for table, count in sorted(loaded.items())
        ]
        rows = [("table", "rows loaded", "rows in the table"), *lines] if lines else []
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for table, came, now in rows:
            say(f"{table:<{widths[0]}}  {came:>{widths[1]}}  {now:>{widths[2]}}")
        total = sum(loaded.values())
        into = counted(len(lines), "table")
        say(f"{path}: {counted(total, 'row')} loaded into {into}.")


def _count(connection: DuckDBPyConnection, table: str) -> int:
    query = f"SELECT count(*) FROM {catalog.qualified(table)}"
    (count,) = connection.execute(query).fetchall()[0]
    return int(count)


def say(line: str) -> None:
    """Print a line.

    Args:
        line: The line.
    """
    print(line)  # noqa: T201 - what the user wants to know


def counted(number: int, what: str) -> str:
    """Return a number with what it counts: ``1 row``, ``2,000 rows``.

    Args:
        number: The number.
        what: What it counts, as a singular.
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
