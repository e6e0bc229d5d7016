"""Messages into the file, from time to time, at a STATE."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tap_backlog_duckdb import catalog
from tap_backlog_duckdb.commits import Commits
from tap_backlog_duckdb.messages import CutOffError, Rows, read
from tap_backlog_duckdb.work import Work

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tap_backlog_duckdb.messages import Message

COMMIT_BYTES = 40_000_000
"""Rows of so many bytes are put into the file at the next STATE."""

COMMIT_SECONDS = 60
"""As are those that have waited for so long."""

_NO_LAST_STATE = (
    "The messages end before a STATE, so the run was cut off. Rows after the last STATE "
    "were not loaded; the next run brings them."
)


class Loader:
    """Loads the messages of one run.

    Args:
        connection: The file.
        path: The file.
        folder: Where rows wait for their STATE.
    """

    def __init__(self, connection: DuckDBPyConnection, path: Path, folder: Path) -> None:
        self._commits = Commits(connection, path)
        self._connection = connection
        self._work = Work(folder)
        self._state: str | None = None
        self._has_state = False
        self._cut_off: CutOffError | None = None
        self._last_commit = time.monotonic()
        catalog.prepare(connection)

    @property
    def loaded(self) -> Counter[str]:
        """How many rows came into each table."""
        return self._commits.loaded

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
        self._commits.finish()
        if self._cut_off and not is_stopped:
            raise self._cut_off

    def close(self) -> None:
        """Wait until nothing uses the file any more."""
        self._commits.close()

    def _commit(self) -> None:
        self._work.close()
        work, self._work = self._work, self._work.next()
        state, self._state = self._state, None
        self._commits.begin(work, state)
        self._last_commit = time.monotonic()
