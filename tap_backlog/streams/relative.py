"""A stream as its family sees it."""

from __future__ import annotations

import abc
import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.rows import Row
    from tap_backlog.streams.page import Page


class Relative(abc.ABC):
    """A stream among those that one reading serves, see ``Family``."""

    name: ClassVar[str]
    """Name of the stream."""

    source: ClassVar[str | None] = None
    """Name of the stream on whose rows this one hangs."""

    replication_key: ClassVar[str | None] = None
    """Field by which the bookmark is kept."""

    needs_projects: ClassVar[bool] = False
    """Whether the rows cannot be read without the list of projects."""

    asks_per_row: ClassVar[bool] = False
    """Whether it asks for something for each row of its source."""

    lists_everything: ClassVar[bool] = False
    """Whether its lists are read in full, though what has not changed is dropped."""

    reads_projects_alone: ClassVar[bool] = False
    """Whether some projects can be read without the others."""

    covers_projects: ClassVar[bool] = False
    """Whether the bookmark speaks of projects, so that the state names them."""

    def __init__(self) -> None:
        self.steps = Steps()
        self.is_complete = True
        """Whether all rows that there are have come so far."""
        self.has_been_answered = False
        """Whether Backlog has answered a request of this stream."""
        self.rows_passed = 0
        """Rows that have been read, selected or not."""
        self.closed: set[object] = set()
        """Projects in which the key may not read it, though it may read its source."""
        self.left_out: set[int] = set()
        """Projects that are not read in this run, though they could be."""

    @abc.abstractmethod
    def pages(self) -> Iterator[Page]:
        """Yield the stream's rows, as Backlog gives them."""

    def derive(self, rows: list[Row]) -> Iterator[list[Row]]:
        """Yield this stream's rows for some rows of its source.

        Args:
            rows: Rows of the source; of this stream itself, if it has none.
        """
        yield rows

    @abc.abstractmethod
    def advance(self, page: Page) -> None:
        """Tell how far a page of a list brings the reading.

        Args:
            page: The page, which counts as passed.
        """

    @property
    def reread(self) -> dt.timedelta:
        """How far behind the bookmark reading goes, other than for what shows up late."""
        return dt.timedelta()
