"""What ends the command with one line instead of a traceback."""

from __future__ import annotations


class DoorError(Exception):
    """Something that the user can act on; its text is the line that is shown."""


class RowError(Exception):
    """DuckDB could not read rows in the types of their table.

    Args:
        reason: What DuckDB says.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def first_line(error: Exception) -> str:
    """Return what an error of DuckDB or of the system says, in one line.

    Args:
        error: Any error.
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = str(error).strip().split("\n")[0]
    for kind in ("IO Error: ", "Invalid Input Error: ", "Fatal Error: "):
        said = said.removeprefix(kind)
    return said or type(error).__name__
