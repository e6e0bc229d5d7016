"""Reading lists by pages while others change them.

Nothing here sends a request or knows Singer: a page is what ``fetch`` returns.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_backlog.rows import Row

PAGE_SIZE = 100
"""The most rows that Backlog sends per page (docs/api-facts.md, "Lists by offset")."""

STEP = PAGE_SIZE - 1
"""From the first row of a page to its last row, which is the first of the next page."""

MOST_PASSES = 20
"""How often a list is read at most, if it shows fewer rows than it has."""

_MOST_PROBES = 24
"""How many requests a bisection may take to find where to continue."""

Fetch: TypeAlias = "Callable[[int], list[Row]]"
"""Returns up to ``PAGE_SIZE`` rows, from an offset or an id."""


def anchored_pages(
    fetch: Fetch,
    is_read: Callable[[Row], bool],
    offset: int = 0,
) -> Iterator[tuple[int, list[Row]]]:
    """Yield pages that overlap by one row, with the offset of each.

    Each page starts on the last row of the page before. If the row at that offset has
    not been read yet, rows have moved up past the reader, because a row before them was
    deleted: the reader goes back to a row that has been read. If a whole page has been
    read already, rows have moved down: the reader goes on until there is a new row.

    Args:
        fetch: Returns the rows from an offset.
        is_read: Whether a row, and so every row before it, has been read.
        offset: Where to start; above 0, the row there should have been read already.
    """
    while True:
        offset, rows = _page_at_border(fetch, is_read, offset)
        yield offset, rows
        if len(rows) < PAGE_SIZE:
            return
        offset += STEP


def _page_at_border(
    fetch: Fetch,
    is_read: Callable[[Row], bool],
    offset: int,
) -> tuple[int, list[Row]]:
    """Return the page on which the rows already read end, and its offset.

    Args:
        fetch: As above.
        is_read: As above.
        offset: The expected start of that page.
    """
    read_at, unread_at = 0, None
    step = STEP
    for probe in itertools.count():
        rows = fetch(offset)
        is_lost = probe > _MOST_PROBES  # rows move faster than the search
        if offset and not (rows and is_read(rows[0])):
            unread_at = offset
        elif len(rows) == PAGE_SIZE and is_read(rows[-1]) and not is_lost:
            read_at = offset + STEP
        else:
            break
        if unread_at is None:
            offset += step
        elif is_lost or read_at == 0:
            offset = max(0, unread_at - step)
        elif read_at >= unread_at:
            read_at, unread_at = 0, None
        else:
            offset = max(read_at, min((read_at + unread_at) // 2, unread_at - STEP))
        step *= 2
    return offset, rows


def plain_pages(fetch: Fetch, offset: int = 0) -> Iterator[tuple[int, list[Row]]]:
    """Yield pages one after the other, without overlap, with the offset of each.

    Args:
        fetch: Returns the rows from an offset.
        offset: Where to start.
    """
    while True:
        rows = fetch(offset)
        yield offset, rows
        if len(rows) < PAGE_SIZE:
            return
        offset += PAGE_SIZE


def offset_pages(fetch: Fetch, key: str = "id") -> Iterator[list[Row]]:
    """Yield every row of a list paged by offset, each once.

    A list may show fewer different rows than its length. Then it has hidden some: it
    shows rows that sort as equal in another order on each page (docs/api-facts.md,
    "Lists by offset"). So it is read again.

    Args:
        fetch: Returns the rows from an offset.
        key: Field by which rows are identified.
    """
    read: set[Any] = set()
    pages = anchored_pages(fetch, lambda row: row[key] in read)
    for _ in range(MOST_PASSES):
        places = 0
        for offset, page in pages:
            places = offset + len(page)
            if new := {row[key]: row for row in page if row[key] not in read}:
                read.update(new)
                yield list(new.values())
        if len(read) >= places:
            return
        pages = plain_pages(fetch)


def id_pages(fetch: Fetch, after: int, key: str = "id") -> Iterator[list[Row]]:
    """Yield the rows with an id above ``after``, ascending, page by page.

    This is right whether the list's ``minId`` includes its id or not (docs/api-facts.md,
    "Lists by id"): the last id is sent unchanged, and a row that comes again is dropped.

    Args:
        fetch: Returns the rows from an id, ascending.
        after: Rows up to this id have been read already.
        key: Field that holds the id.
    """
    while True:
        page = fetch(after)
        rows = [row for row in page if row[key] > after]
        if rows:
            yield rows
            after = rows[-1][key]
        if len(page) < PAGE_SIZE or not rows:
            return


def last_id_before(
    start: float,
    created_at: Callable[[Row], float],
    fetch: Fetch,
    newest: list[Row],
) -> int:
    """Return an id up to which a growing list does not have to be read.

    Ids grow with time. So the id is guessed between known rows, in turn by their time
    and by bisection. The rows before it are not read.

    Args:
        start: Moment from which rows are wanted, in the unit of ``created_at``.
        created_at: Returns the moment of a row.
        fetch: Returns the rows from an id, ascending.
        newest: The newest rows, descending.

    Returns:
        An id: rows up to it are older than ``start``, the next one is not.
    """
    low = high = (0, 0.0)
    for row in newest:
        if created_at(row) < start:
            return int(row["id"])
        high = (row["id"], created_at(row))
    if len(newest) < PAGE_SIZE:
        return 0
    guess = 0
    for by_time in itertools.cycle((True, False)):
        rows = [row for row in fetch(guess) if row["id"] > guess]
        older = list(itertools.takewhile(lambda row: created_at(row) < start, rows))
        if older:
            low = (older[-1]["id"], created_at(older[-1]))
        if older and len(older) < len(rows):
            break
        if not older:
            high = (guess, created_at(rows[0]) if rows else high[1])
        if high[0] - low[0] <= 1:
            break
        guess = _between(low, high, start if by_time else None)
    return low[0]


def _between(
    low: tuple[int, float],
    high: tuple[int, float],
    start: float | None,
) -> int:
    """Return an id between two: the likely id at ``start``, or the middle."""
    share = 0.5
    if start is not None and low[1] < start < high[1]:
        share = (start - low[1]) / (high[1] - low[1])
    guess = low[0] + int((high[0] - low[0]) * share)
    return min(max(guess, low[0] + 1), high[0] - 1)
