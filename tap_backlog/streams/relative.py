"""A stream as its family sees it."""

from __future__ import annotations

import abc
import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_backlog.rows import Row
    from tap_backlog.streams.page import Page


class Relative(abc.ABC):
    """A stream in a family, see ``Family``."""

    name: ClassVar[str]
    """Name of the stream."""

    source: ClassVar[str | None] = None
    """Name of the stream on whose rows this one depends."""

    replication_key: ClassVar[str | None] = None
    """Field whose value is the bookmark."""

    needs_projects: ClassVar[bool] = False
    """Whether the rows cannot be read without the list of projects."""

    wants_administrator: ClassVar[bool] = False
    """Whether only an administrator's key may read it."""

    asks_per_row: ClassVar[bool] = False
    """Whether it sends a request per row of its source."""

    lists_everything: ClassVar[bool] = False
    """Whether its lists are read in full, although unchanged rows are dropped."""

    reads_projects_alone: ClassVar[bool] = False
    """Whether some projects can be read without the others."""

    was_alone: ClassVar[bool] = False
    """Whether states exist that were written when no stream depended on it."""

    stops_between_pages: ClassVar[bool] = False
    """Whether its bookmark lets the next run go on after any page."""

    covers_projects: ClassVar[bool] = False
    """Whether the bookmark depends on projects, so that the state names them."""

    def __init__(self) -> None:
        self.steps = Steps()
        self.is_complete = True
        """Whether no existing row has been skipped so far."""
        self.has_been_answered = False
        """Whether Backlog has answered a request of this stream."""
        self.rows_passed = 0
        """Rows that have been read, selected or not."""
        self.closed: set[object] = set()
        """Projects in which the key may not read it, but may read its source."""
        self.left_out: set[int] = set()
        """Projects that are skipped in this run, although they are in its scope."""

    @abc.abstractmethod
    def pages(self) -> Iterator[Page]:
        """Yield the stream's rows, as Backlog sends them."""

    def derive(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Yield this stream's rows for some rows of its source.

        Args:
            rows: Rows of the source; of this stream itself, if it has none.
        """
        yield rows

    @abc.abstractmethod
    def advance(self, page: Page) -> None:
        """Update the progress after a page of a list.

        Args:
            page: The page; its rows are already counted.
        """

    @property
    def reread(self) -> dt.timedelta:
        """How far before the bookmark to read, for other reasons than late rows."""
        return dt.timedelta()


def derive_along(line: Sequence[Relative], rows: list[Row]) -> Iterator[list[Row]]:
    """Yield the rows of the last stream in a line, from rows of the first."""
    stream, *rest = line
    for own in stream.derive(rows):
        if rest:
            yield from derive_along(rest, own)
        else:
            yield own
