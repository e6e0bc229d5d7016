"""Messages into the file: all in one transaction with the STATE that comes after them."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from typing import TYPE_CHECKING

import duckdb

from tap_backlog_duckdb import catalog
from tap_backlog_duckdb.database import MEMORY, reopen, with_memory
from tap_backlog_duckdb.errors import DoorError, RowError, first_line
from tap_backlog_duckdb.messages import CutOffError, Rows, read
from tap_backlog_duckdb.stream import Stream
from tap_backlog_duckdb.tables import table_for
from tap_backlog_duckdb.upsert import drop_older, upsert
from tap_backlog_duckdb.work import Activation, Work

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tap_backlog_duckdb.messages import Message
    from tap_backlog_duckdb.sources import Source

COMMIT_BYTES = 40_000_000
"""Rows of so many bytes are put into the file at the next STATE."""

COMMIT_SECONDS = 60
"""As are those that have waited for so long."""

COMMITS_PER_OPENING = 5
"""After so many, the file is opened again, so that memory does not grow."""

_NO_LAST_STATE = (
    "The messages end before a STATE, so the run was cut off. Rows after the last STATE "
    "were not loaded; the next run brings them."
)

_MEMORY_PER_BYTE = 12
"""What DuckDB needs for each byte of the longest line."""


class Loader:
    """Loads the messages of one run.

    Args:
        connection: The file.
        path: The file.
        folder: Where rows wait for their STATE.
    """

    def __init__(self, connection: DuckDBPyConnection, path: Path, folder: Path) -> None:
        self.loaded: Counter[str] = Counter()
        self._path = path
        self._commits = 0
        self._connection = connection
        self._work = Work(folder)
        self._state: str | None = None
        self._has_state = False
        self._cut_off: CutOffError | None = None
        self._last_commit = time.monotonic()
        catalog.prepare(connection)

    @property
    def last_state(self) -> str | None:
        """The state in the file, as it was sent."""
        return catalog.state(self._connection)

    def read(self, lines: Iterable[bytes]) -> None:
        """Take messages, and put rows into the file from time to time.

        Args:
            lines: One message per line.

        Raises:
            DoorError: A message cannot be used.
            OSError: There is no space for rows.
        """
        try:
            for message in read(lines):
                self._take(message)
        except CutOffError as error:
            self._cut_off = error

    def _take(self, message: Rows | Message) -> None:
        if isinstance(message, Rows):
            self._work.add_rows(message)
        elif message.type == "STATE":
            self._state, self._has_state = bytes(message.value).decode(), True
            self._work.mark()
            if self._is_time():
                self._commit()
        else:
            self._work.add(message)

    def _is_time(self) -> bool:
        waited = time.monotonic() - self._last_commit
        return self._work.size >= COMMIT_BYTES or waited >= COMMIT_SECONDS

    def finish(self, *, is_stopped: bool) -> None:
        """Put the rest into the file, or what came before the last STATE.

        Args:
            is_stopped: Whether the messages ended before their time.

        Raises:
            CutOffError: They did, without having been stopped.
            DoorError: Rows cannot be put into the file.
        """
        if self._has_state or self._cut_off or is_stopped:
            left_out = self._work.cut_back()
            if left_out and not self._cut_off:
                self._cut_off = CutOffError(_NO_LAST_STATE)
        self._commit()
        self._empty_log()
        if self._cut_off and not is_stopped:
            raise self._cut_off

    def _empty_log(self) -> None:
        """Put all into the file itself, so that a copy of it has everything.

        DuckDB would do so when it is closed, but its folder for what does not fit into
        memory is gone by then.
        """
        with contextlib.suppress(duckdb.Error):  # the log is as safe as the file
            checkpoint = "CHECKPOINT door"
            with_memory(
                self._connection, MEMORY, lambda: self._connection.execute(checkpoint)
            )

    def _commit(self) -> None:
        self._work.close()
        try:
            if self._commits >= COMMITS_PER_OPENING:
                reopen(self._connection, self._path)
                self._commits = 0
            memory = MEMORY + _MEMORY_PER_BYTE * self._work.longest
            while not with_memory(self._connection, memory, self._is_committed):
                pass
        except (duckdb.Error, OSError) as error:
            message = f"Rows cannot be put into the file: {first_line(error)}"
            raise DoorError(message) from None
        self._work.clear()
        self._commits += 1
        self._state = None
        self._last_commit = time.monotonic()

    def _is_committed(self) -> bool:
        """Try once; after a value that does not fit, the next try takes more care."""
        loaded: Counter[str] = Counter()
        self._connection.begin()
        try:
            for one in self._work.todo:
                self._do(one, loaded)
            if self._state is not None:
                catalog.keep_state(self._connection, self._state)
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
