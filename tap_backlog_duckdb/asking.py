"""SQL from a file, asked of the tables; the rows go to stdout as CSV."""

from __future__ import annotations

import csv
import sys
import tempfile
from typing import TYPE_CHECKING

import duckdb

from tap_backlog_duckdb import sql
from tap_backlog_duckdb.database import opened
from tap_backlog_duckdb.errors import DoorError, first_line

if TYPE_CHECKING:
    from pathlib import Path

_AT_ONCE = 1000
"""Rows that are held in memory."""


def ask(path: Path, question: Path) -> None:
    """Run SQL on a file that it cannot change, and print the rows of its last statement.

    Args:
        path: The DuckDB file.
        question: The file with the SQL.

    Raises:
        DoorError: It cannot be done.
    """
    try:
        statements = question.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{question} cannot be read: {first_line(error)}"
        raise DoorError(message) from None
    with (
        opened(path, read_only=True) as connection,
        tempfile.TemporaryDirectory() as folder,
    ):
        # Nothing is loaded meanwhile, so it may have what DuckDB takes by itself.
        connection.execute("RESET memory_limit; RESET threads")
        connection.execute(f"SET temp_directory = {sql.text(folder)}")
        try:
            _print(connection.execute(statements))
        except duckdb.Error as error:
            message = f"{question}: {first_line(error)}"
            if "read-only mode" in message:
                message = (
                    f"{question} would change the tables, and --sql only reads them. Run "
                    "it in DuckDB itself."
                )
            raise DoorError(message) from None


def _print(result: duckdb.DuckDBPyConnection) -> None:
    if not result.description:
        return
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow([column[0] for column in result.description])
    while rows := result.fetchmany(_AT_ONCE):
        out.writerows(rows)
