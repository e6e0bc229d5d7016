"""Rows whose parts could not be read, which the state keeps for the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_backlog.rows import read

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from tap_backlog.errors import BacklogError
    from tap_backlog.rows import Row

_FIELDS = ("id", "projectId", "issueKey", "repositoryId", "number", "updated")
"""What is kept of a row, to ask for its parts again."""

_MOST = 20
"""Rows whose parts may fail in one run. If more fail, the cause is the server, not a
row."""


class FailedRows:
    """Rows of the head of a family whose parts failed, by the stream that failed.

    Args:
        entry: The entry of the family in the state.
        streams: The streams that ask for something in this run.
    """

    def __init__(self, entry: Mapping[str, Any], streams: Collection[str]) -> None:
        failed = entry.get("failed")
        self._rows: dict[str, dict[str, Row]] = {
            name: {str(r["id"]): r for r in rows if isinstance(r, dict) and "id" in r}
            for name, rows in (failed.items() if isinstance(failed, dict) else ())
            if isinstance(rows, list) and name in streams
        }
        self._of_now: list[Row] = []
        self._failures = 0

    @property
    def as_state(self) -> dict[str, list[Row]] | None:
        """Their form in the state; None for no rows."""
        kept = {name: list(rows.values()) for name, rows in self._rows.items()}
        return {name: rows for name, rows in kept.items() if rows} or None

    @property
    def streams(self) -> list[str]:
        """The streams for which some rows have failed."""
        return list(self._rows)

    def check_limit(self, error: BacklogError) -> None:
        """Check that not too many rows have failed in this run.

        Args:
            error: The current failure, which is raised if there are too many.
        """
        if self._failures >= _MOST:
            raise error

    def add(self, stream: str, row: Row) -> None:
        """Count and keep a row that failed in this run; see :meth:`keep`."""
        self._failures += 1
        self.keep(stream, row)

    def keep(self, stream: str, row: Row) -> None:
        """Let the state keep a row whose parts could not be read.

        Args:
            stream: The stream that asked for them.
            row: A row of the head of the family.
        """
        head = {name: read(row, name) for name in _FIELDS if name in row}
        self._rows.setdefault(stream, {})[str(row["id"])] = head
        self._of_now.append(head)

    def forget(self, stream: str, row: Row) -> None:
        """Remove a row whose parts have been read, or are no longer tried."""
        if rows := self._rows.get(stream):
            rows.pop(str(row["id"]), None)

    def has(self, stream: str, row: Row) -> bool:
        """Return whether an earlier run could not read the parts of a row either."""
        return str(row["id"]) in self._rows.get(stream, {})

    def to_ask_again(
        self, stream: str, is_readable: Callable[[object], bool]
    ) -> Iterator[Row]:
        """Yield rows that failed in an earlier run, and not yet in this one.

        It stops at the limit of failures, so that the run can go on.

        Args:
            stream: The stream for which they failed.
            is_readable: Whether the project with an id can be read now; a row may have no
                project.
        """
        for row in list(self._rows.get(stream, {}).values()):
            if self._failures >= _MOST:
                return
            if row not in self._of_now and is_readable(row.get("projectId")):
                yield row
