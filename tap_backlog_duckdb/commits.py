"""Transactions: rows, tables and the STATE after them, all or nothing.

They run in a thread of their own, one after the other, while the next messages come:
neither tap nor DuckDB waits for the other.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import duckdb

from tap_backlog_duckdb import catalog
from tap_backlog_duckdb.database import MEMORY, reopen, with_memory
from tap_backlog_duckdb.errors import DoorError, RowError, first_line
from tap_backlog_duckdb.stream import Stream
from tap_backlog_duckdb.tables import table_for
from tap_backlog_duckdb.upsert import drop_older, upsert
from tap_backlog_duckdb.work import Activation

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tap_backlog_duckdb.sources import Source
    from tap_backlog_duckdb.work import Work

COMMITS_PER_OPENING = 5
"""After so many, the file is opened again, so that memory does not grow."""

_MEMORY_PER_BYTE = 12
"""What DuckDB needs for each byte of the longest line."""


class Commits:
    """Puts one work after the other into a file.

    The connection belongs to it from :meth:`begin` until :meth:`finish`. After a failure
    it puts nothing more into the file, since a later STATE would say that all is there.

    Args:
        connection: The file.
        path: The file.
    """

    def __init__(self, connection: DuckDBPyConnection, path: Path) -> None:
        self.loaded: Counter[str] = Counter()
        self._connection = connection
        self._path = path
        self._count = 0
        self._thread = ThreadPoolExecutor(1, "commits")
        self._last: Future[None] | None = None

    def begin(self, work: Work, state: str | None) -> None:
        """Put a work into the file; the one before is waited for.

        Args:
            work: Complete, its files are closed.
            state: The STATE after it, if there is one.

        Raises:
            DoorError: The one before cannot be put into the file.
        """
        self._wait()
        self._last = self._thread.submit(self._put, work, state)

    def finish(self) -> None:
        """Wait until everything is in the file itself, so that a copy has everything.

        DuckDB would empty its log when it is closed, but its folder for what does not fit
        into memory is gone by then.

        Raises:
            DoorError: It cannot be put into the file.
        """
        self._wait()
        with contextlib.suppress(duckdb.Error):  # the log is as safe as the file
            checkpoint = "CHECKPOINT door"
            with_memory(
                self._connection, MEMORY, lambda: self._connection.execute(checkpoint)
            )

    def _wait(self) -> None:
        if self._last:
            self._last.result()

    def close(self) -> None:
        """Wait until the thread does nothing more."""
        self._thread.shutdown()

    def _put(self, work: Work, state: str | None) -> None:
        try:
            if self._count >= COMMITS_PER_OPENING:
                reopen(self._connection, self._path)
                self._count = 0
            memory = MEMORY + _MEMORY_PER_BYTE * work.longest
            while not with_memory(
                self._connection, memory, lambda: self._is_committed(work, state)
            ):
                pass
            work.clear()
        except (duckdb.Error, OSError) as error:
            message = f"Rows cannot be put into the file: {first_line(error)}"
            raise DoorError(message) from None
        self._count += 1

    def _is_committed(self, work: Work, state: str | None) -> bool:
        """Try once; after a value that does not fit, the next try takes more care."""
        loaded: Counter[str] = Counter()
        self._connection.begin()
        try:
            for one in work.todo:
                self._do(one, loaded)
            if state is not None:
                catalog.keep_state(self._connection, state)
            self._connection.commit()
        except _TryAgain:
            self._connection.rollback()
            return False
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._connection.rollback()
            raise
        self.loaded.update(loaded)
        return True

    def _do(self, one: Stream | Source | Activation, loaded: Counter[str]) -> None:
        if isinstance(one, Activation):
            drop_older(self._connection, one.stream, one.version)
        elif isinstance(one, Stream):
            loaded[table_for(self._connection, one).name] += 0
        elif one.paths:
            loaded.update(self._upsert(one))

    def _upsert(self, source: Source) -> dict[str, int]:
        try:
            table, count = upsert(self._connection, source)
        except RowError as error:
            if source.is_careful:
                message = (
                    f"A row of `{source.stream.name}` cannot be read: {error.reason}"
                )
                raise DoorError(message) from None
            source.is_careful = True
            raise _TryAgain from None
        return {table: count}


class _TryAgain(Exception):  # noqa: N818 - nothing is wrong
    """The transaction must be done again."""
