"""The DuckDB file: open it, with little memory."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from typing import TYPE_CHECKING, TypeVar

import duckdb

from tap_backlog_duckdb import sql
from tap_backlog_duckdb.errors import DoorError, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

Result = TypeVar("Result")

MEMORY = 56_000_000
"""Bytes for DuckDB; its reader of JSON counts a buffer of 32 MB, which it hardly uses."""

MOST_MEMORY = 4_000_000_000
"""Bytes that DuckDB may take in the end; with more, a computer would suffer."""

_OPTIONS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": f"{MEMORY}B",
    "allocator_flush_threshold": "1MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

_ROW_GROUP_SIZE = 4096
"""Rows that DuckDB keeps in memory at once while they are written; its own is 122,880."""

_STORAGE_VERSION = "v1.2.0"
"""The oldest DuckDB that can read a new file."""


@contextlib.contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator[DuckDBPyConnection]:
    """Open a file for this process alone; it is made if there is none.

    Args:
        path: The file.
        read_only: Whether nothing is written; then it must be there.

    Raises:
        DoorError: It cannot be opened.
    """
    if not (path.is_file() if read_only else path.absolute().parent.is_dir()):
        message = f"There is no {'file' if read_only else 'folder for'} {path}."
        raise DoorError(message)
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(duckdb.connect(config=_OPTIONS))
            connection.execute("SET TimeZone = 'UTC'")
            if not read_only:
                folder = sql.text(str(_spill_folder(path)))
                connection.execute(f"SET temp_directory = {folder}")
        except duckdb.Error as error:
            raise DoorError(_why_not(path, error)) from None
        _attach(connection, path, read_only=read_only)
        yield connection


def _attach(connection: DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    options = f"TYPE duckdb, ROW_GROUP_SIZE {_ROW_GROUP_SIZE}"
    if not path.exists():
        options += f", STORAGE_VERSION {sql.text(_STORAGE_VERSION)}"
    options = "TYPE duckdb, READ_ONLY" if read_only else options
    name = sql.text(str(path.absolute()))  # never the address of a service
    try:
        # After a run that was killed, DuckDB goes through its log here.
        attach = f"ATTACH {name} AS door ({options})"
        with_memory(connection, MEMORY, lambda: connection.execute(attach))
        connection.execute("USE door")
    except duckdb.Error as error:
        raise DoorError(_why_not(path, error)) from None


def _folder_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.loading")


def _spill_folder(path: Path) -> Path:
    """Return where DuckDB puts what does not fit into memory: each process its own."""
    return _folder_beside(path) / f"duckdb-{os.getpid()}"


def reopen(connection: DuckDBPyConnection, path: Path) -> None:
    """Close a file and open it again, so that DuckDB forgets what it has written.

    It keeps a few kilobytes in memory for each row group, as long as the file is open.

    Args:
        connection: The file, not in a transaction.
        path: The file.

    Raises:
        DoorError: Another program has opened it in between.
    """
    connection.execute("USE memory")
    connection.execute("DETACH DATABASE IF EXISTS door")
    _attach(connection, path, read_only=False)


def _why_not(path: Path, error: duckdb.Error) -> str:
    said = str(error)
    if "lock" in said.lower():
        process = re.search(r"PID (\d+)", said)
        by = f" (process {process[1]})" if process else ""
        return f"{path} is open in another program{by}. Close it there, then try again."
    if "not a valid DuckDB database" in said:
        return f"{path} is not a DuckDB file. Name another one."
    return f"{path} cannot be opened: {first_line(error)}"


def with_memory(
    connection: DuckDBPyConnection, memory: int, act: Callable[[], Result]
) -> Result:
    """Do something with little memory, and again with twice as much if it is not enough.

    Args:
        connection: A connection.
        memory: Bytes for DuckDB at first.
        act: What is done; if memory is not enough, it leaves nothing behind.

    Raises:
        duckdb.OutOfMemoryException: All that it may take is not enough.
    """
    while True:
        connection.execute(f"SET memory_limit = '{memory}B'")
        try:
            return act()
        except duckdb.OutOfMemoryException:
            if memory > MOST_MEMORY:
                raise
            memory *= 2


@contextlib.contextmanager
def room_beside(path: Path) -> Iterator[Path]:
    """Make a folder for what is on its way into the file; it is removed at the end.

    It is beside the file, since there is space for as much again. A run that was killed
    leaves it behind; the next one, which has the file for itself, empties it.

    Args:
        path: The file, which is open.

    Raises:
        DoorError: It cannot be made.
    """
    folder = _folder_beside(path)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for one in folder.iterdir():
            if one != _spill_folder(path):
                shutil.rmtree(one, ignore_errors=True)
        (folder / "rows").mkdir(exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be made: {error.strerror}"
        raise DoorError(message) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
