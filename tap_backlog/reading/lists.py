"""Lists of Backlog: which requests read one, which comes next, and how long it is.

A list knows its requests. As soon as an answer is there, its reader knows the next
request: the look-ahead. After a full page comes the next page of the list. After any
other page comes ``then``, the first request of what is read after the list.
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
"""Returns the rows of one answer; None if it is refused, or if no request is left."""

_CLOSE_ENOUGH = 1.05
"""If the bounds of a length differ by at most this factor, the search stops."""

_MOST_PROBES = 2
"""Requests to spend on finding the end of a list, unless specified otherwise."""

_LONG = 5 * PAGE_SIZE
"""If there are more rows than this, both ends of a list are not enough for a guess."""


class Found(NamedTuple):
    """How many rows a list has.

    Args:
        rows: The number of rows.
        sample: Some of these rows.
        is_guess: Whether there may be more or fewer.
    """

    rows: float
    sample: list[Row]
    is_guess: bool = False


class BacklogList(Protocol):
    """What all lists have in common."""

    has_pages: ClassVar[bool]
    """Whether it may take several requests."""

    @property
    def first(self) -> Request:
        """The first request."""

    def pages(self, ask: Ask, then: Request | None = None) -> Iterator[list[Row]]:
        """Yield its rows, page by page.

        Args:
            ask: Sends a request.
            then: The next request after this list, if it is known.
        """

    def count(self, probe: Probe, share: int) -> Found | None:
        """Return how many rows it has; None if that is unknown.

        Args:
            probe: Sends a request.
            share: Requests that may be spent on it.
        """

    def requests_for(self, rows: float) -> int:
        """Return how many requests this many rows need."""


@dataclass(frozen=True)
class WholeList:
    """A list without pages.

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
    """A list paged by ``offset``; pages overlap by one row.

    Args:
        path: Path below the root of the API.
        params: Query parameters, except those of paging. If possible, they sort the
            oldest first, so that new rows do not push others down.
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
        """Return the request for the rows from an offset."""
        return Request(self.path, {**self.params, "offset": offset, "count": count})

    def page(
        self,
        ask: Ask,
        offset: int,
        then: Request | None = None,
        is_last: Callable[[RawRows], bool] = lambda _: False,
    ) -> list[Row]:
        """Return the rows from an offset.

        Args:
            ask: Sends a request.
            offset: The offset.
            then: The next request after this list, if it is known.
            is_last: Whether reading ends with a page, although the page is full.
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

        Up to one page, the number is exact. Beyond that, the end is found by bisection.

        Args:
            probe: Sends a request.
            is_counted: Whether a row counts; if so, all rows above it count too.
            probes: Requests that may be spent on finding the end.
            most: Returns an upper limit of the number, if a request can show it.
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
        """Return how many requests this many rows need: pages overlap by one row."""
        return 1 + max(0, round(rows) - 1) // STEP


@dataclass(frozen=True)
class IdList:
    """A list that only grows, paged by ``minId``.

    Args:
        path: Path below the root of the API.
        params: Query parameters, except those of paging.
        key: Field of a row that ``minId`` refers to.
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
        """The request for the newest rows, newest first."""
        return Request(self.path, {"order": "desc", "count": PAGE_SIZE, **self.params})

    def after(self, last_id: int) -> Request:
        """Return the request for the rows after an id; 0 for the beginning."""
        since: Params = {"minId": last_id} if last_id else {}
        paging: Params = {**since, "order": "asc", "count": PAGE_SIZE}
        return Request(self.path, {**paging, **self.params})

    def page(self, ask: Ask, last_id: int, then: Request | None = None) -> list[Row]:
        """Return the rows after an id; see :func:`id_pages` about the id itself.

        Args:
            ask: Sends a request.
            last_id: The id; 0 for the beginning.
            then: The next request after this list, if it is known.
        """

        def following(rows: RawRows) -> Request | None:
            if len(rows) < PAGE_SIZE:
                return then
            return self.after(rows.last(self.key) or 0)

        return ask(self.after(last_id), following)

    def pages(
        self, ask: Ask, then: Request | None = None, after: int = 0
    ) -> Iterator[list[Row]]:
        """Yield the rows with an id above ``after``, page by page.

        See :class:`BacklogList`.
        """
        return id_pages(lambda last_id: self.page(ask, last_id, then), after, self.key)

    def count(self, probe: Probe, share: int) -> Found | None:  # noqa: ARG002
        """Return how many rows it has; see :class:`BacklogList`."""
        return self.count_after(probe, 0)

    def count_after(self, probe: Probe, after: int) -> Found | None:
        """Return how many rows have an id above ``after``.

        Up to two pages, the number is exact. Beyond that, it is estimated from the
        density of ids at a few places.

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
        """Return how many rows there are per id on a page."""
        ids = [int(row[self.key]) for row in page]
        return len(ids) / (max(ids) - min(ids) + 1)

    def requests_for(self, rows: float) -> int:
        """Return how many requests this many rows need: the last page is not full."""
        return 1 + round(rows) // PAGE_SIZE
