"""Lists of Backlog: which requests read one, which comes next, and how long it is.

A list knows its requests. Its reader knows, as soon as an answer is there, what will be
asked for next: the look-ahead. A full page is followed by the next page of the list, and
any other by ``then``, the first request of whatever is read after the list.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, TypeAlias

from tap_backlog.reading.pagination import (
    PAGE_SIZE,
    STEP,
    id_pages,
    offset_pages,
)
from tap_backlog.request import Params, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_backlog.request import Ask
    from tap_backlog.rows import RawRows, Row

Probe: TypeAlias = "Callable[[Request], list[Row] | None]"
"""Returns the rows of one answer; None if it is refused, or one too many."""

_CLOSE_ENOUGH = 1.05
"""Factor between the bounds of a length at which it is not narrowed down further."""

_MOST_PROBES = 2
"""Requests that the end of a list is worth, if nothing else is said."""

_LONG = 5 * PAGE_SIZE
"""Rows that are too many to be guessed from both ends of a list alone."""


class Found(NamedTuple):
    """How many rows there are.

    Args:
        rows: How many.
        sample: Some of them.
        is_guess: Whether there may be more or fewer.
    """

    rows: float
    sample: list[Row]
    is_guess: bool = False


class BacklogList(Protocol):
    """What all lists can be asked."""

    has_pages: ClassVar[bool]
    """Whether it may take several requests."""

    @property
    def first(self) -> Request:
        """The first request."""

    def pages(self, ask: Ask, then: Request | None = None) -> Iterator[list[Row]]:
        """Yield its rows, page by page.

        Args:
            ask: Sends a request.
            then: What is asked for after this list, if that is known.
        """

    def count(self, probe: Probe, share: int) -> Found | None:
        """Return how many rows it has; None if nothing tells.

        Args:
            probe: Sends a request.
            share: Requests that may be spent on it.
        """

    def requests_for(self, rows: float) -> int:
        """Return how many requests bring so many rows."""


@dataclass(frozen=True)
class WholeList:
    """A list that comes at once.

    Args:
        path: Path below the root of the API.
        params: Query parameters.
    """

    path: str
    params: Params = field(default_factory=dict)

    has_pages: ClassVar[bool] = False

    @property
    def first(self) -> Request:
        """The one request."""
        return Request(self.path, self.params)

    def pages(self, ask: Ask, then: Request | None = None) -> Iterator[list[Row]]:
        """Yield all rows; see :class:`BacklogList`."""
        yield ask(self.first, lambda _: then)

    def count(self, probe: Probe, share: int) -> Found | None:
        """Return how many rows it has; see :class:`BacklogList`."""
        rows = probe(self.first) if share else None
        return None if rows is None else Found(len(rows), rows)

    def requests_for(self, rows: float) -> int:  # noqa: ARG002
        """Return 1; see :class:`BacklogList`."""
        return 1


@dataclass(frozen=True)
class OffsetList:
    """A list in pages by ``offset``, which lock into each other by one row.

    Args:
        path: Path below the root of the API.
        params: Query parameters, except those of paging. Oldest first, if there is a
            choice, so that new rows do not push others.
        key: Field by which rows are identified.
    """

    path: str
    params: Params = field(default_factory=dict)
    key: str = "id"

    has_pages: ClassVar[bool] = True

    @property
    def first(self) -> Request:
        """The request for the first page."""
        return self.at(0)

    def at(self, offset: int, count: int = PAGE_SIZE) -> Request:
        """Return the request for the rows from an offset on."""
        return Request(self.path, {**self.params, "offset": offset, "count": count})

    def page(
        self,
        ask: Ask,
        offset: int,
        then: Request | None = None,
        is_last: Callable[[RawRows], bool] = lambda _: False,
    ) -> list[Row]:
        """Return the rows from an offset on.

        Args:
            ask: Sends a request.
            offset: The offset.
            then: What is asked for after this list, if that is known.
            is_last: Whether reading ends with a page though it is full.
        """

        def following(rows: RawRows) -> Request | None:
            if len(rows) < PAGE_SIZE:
                return then
            return None if is_last(rows) else self.at(offset + STEP)

        return ask(self.at(offset), following)

    def pages(self, ask: Ask, then: Request | None = None) -> Iterator[list[Row]]:
        """Yield every row once, page by page; see :class:`BacklogList`."""
        return offset_pages(lambda offset: self.page(ask, offset, then), self.key)

    def count(self, probe: Probe, share: int) -> Found | None:
        """Return how many rows it has; see :class:`BacklogList`."""
        return self.count_top(probe, lambda _: True, min(_MOST_PROBES, share))

    def count_top(
        self,
        probe: Probe,
        is_counted: Callable[[Row], bool],
        probes: int,
        most: Callable[[], int | None] = lambda: None,
    ) -> Found | None:
        """Return how many rows at the top of the list count.

        Up to a page it is exact; beyond, the end is looked for by bisection.

        Args:
            probe: Sends a request.
            is_counted: Whether a row counts; all rows above it do too then.
            probes: Requests that may be spent on looking for the end.
            most: Says how many may count at most, if a request can tell.
        """
        page = probe(self.first)
        if page is None:
            return None
        counted = [row for row in page if is_counted(row)]
        if len(counted) < PAGE_SIZE:
            return Found(len(counted), counted)
        low, high = PAGE_SIZE, most() if probes else None
        for _ in range(probes):
            if high is not None and high <= low * _CLOSE_ENOUGH:
                break
            place = low * 4 if high is None else round(math.sqrt(low * high))
            row = probe(self.at(place, 1))
            if row is None:
                break
            if row and is_counted(row[0]):
                low = place + 1
            else:
                high = place
        return Found(math.sqrt(low * (high or low)), counted, is_guess=True)

    def requests_for(self, rows: float) -> int:
        """Return how many requests bring so many rows: pages overlap by one row."""
        return 1 + max(0, round(rows) - 1) // STEP


@dataclass(frozen=True)
class IdList:
    """A list that only grows, in pages by ``minId``.

    Args:
        path: Path below the root of the API.
        params: Query parameters, except those of paging.
        key: Field of a row that ``minId`` means.
    """

    path: str
    params: Params = field(default_factory=dict)
    key: str = "id"

    has_pages: ClassVar[bool] = True

    @property
    def first(self) -> Request:
        """The request for the oldest rows."""
        return self.after(0)

    @property
    def newest(self) -> Request:
        """The request for the newest rows, the newest first."""
        return Request(self.path, {"order": "desc", "count": PAGE_SIZE, **self.params})

    def after(self, last_id: int) -> Request:
        """Return the request for the rows from an id on; 0 for the beginning."""
        since: Params = {"minId": last_id} if last_id else {}
        paging: Params = {**since, "order": "asc", "count": PAGE_SIZE}
        return Request(self.path, {**paging, **self.params})

    def page(self, ask: Ask, last_id: int, then: Request | None = None) -> list[Row]:
        """Return the rows from an id on.

        Args:
            ask: Sends a request.
            last_id: The id; 0 for the beginning.
            then: What is asked for after this list, if that is known.
        """

        def following(rows: RawRows) -> Request | None:
            if len(rows) < PAGE_SIZE:
                return then
            return self.after(rows.last(self.key) or 0)

        return ask(self.after(last_id), following)

    def pages(
        self, ask: Ask, then: Request | None = None, after: int = 0
    ) -> Iterator[list[Row]]:
        """Yield the rows with ids above one, page by page; see :class:`BacklogList`."""
        return id_pages(lambda last_id: self.page(ask, last_id, then), after, self.key)

    def count(self, probe: Probe, share: int) -> Found | None:  # noqa: ARG002
        """Return how many rows it has; see :class:`BacklogList`."""
        return self.count_after(probe, 0)

    def count_after(self, probe: Probe, after: int) -> Found | None:
        """Return how many rows have an id above one.

        Up to two pages it is exact; beyond, it is how densely ids stand at a few places.

        Args:
            probe: Sends a request.
            after: The id; 0 for all rows.
        """
        oldest = self._after(probe, after)
        if oldest is None:
            return None
        if len(oldest) < PAGE_SIZE - 1:
            return Found(len(oldest), oldest)
        newest = probe(self.newest)
        if newest is None:
            return Found(len(oldest), oldest, is_guess=True)
        low, high = int(oldest[-1][self.key]), int(newest[-1][self.key])
        if high <= low + 1:
            ids = {row[self.key] for row in (*oldest, *newest)}
            return Found(sum(row_id > after for row_id in ids), newest)
        densities = [self._density(oldest), self._density(newest)]
        inside = statistics.fmean(densities) * (high - low - 1)
        if inside > _LONG:
            places = [low + (high - low) * part // 3 for part in (1, 2)]
            between = [self._after(probe, place) for place in places]
            densities += [self._density(page) for page in between if page]
            inside = statistics.fmean(densities) * (high - low - 1)
        return Found(len(oldest) + len(newest) + inside, newest, is_guess=True)

    def _after(self, probe: Probe, after: int) -> list[Row] | None:
        page = probe(self.after(after))
        return page and [row for row in page if row[self.key] > after]

    def _density(self, page: list[Row]) -> float:
        """Return how many rows there are for each id, on a page."""
        ids = [int(row[self.key]) for row in page]
        return len(ids) / (max(ids) - min(ids) + 1)

    def requests_for(self, rows: float) -> int:
        """Return how many requests bring so many rows: the last page is not full."""
        return 1 + round(rows) // PAGE_SIZE
