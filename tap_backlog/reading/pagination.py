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
"""The most rows that Backlog gives at once (docs/api-facts.md, "Lists by offset")."""

STEP = PAGE_SIZE - 1
"""From the first row of a page to its last, on which the next one starts."""

MOST_PASSES = 20
"""How often a list is read that gives fewer rows than it has places."""

_MOST_PROBES = 24
"""How often the place to go on from is looked for by bisection."""

Fetch: TypeAlias = "Callable[[int], list[Row]]"
"""Returns up to ``PAGE_SIZE`` rows, from an offset or an id on."""


def anchored_pages(
    fetch: Fetch,
    is_read: Callable[[Row], bool],
    offset: int = 0,
) -> Iterator[tuple[int, list[Row]]]:
    """Yield pages that lock into each other, with the offset of each.

    Each page starts on the last row of the one before. Where that place holds a
    row that has not been read, rows have moved up past the reader (something
    before was deleted): the reader goes back until it stands on read ground.
    Where a whole page has been read, rows have moved down: it goes on until there
    is something new.

    Args:
        fetch: Returns the rows from an offset on.
        is_read: Whether a row, and so all that stands before it, has been read.
        offset: Where to start; above 0, the row there is expected to be read.
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
    """Return the page on which the read rows end, and its offset.

    Args:
        fetch: As above.
        is_read: As above.
        offset: Where that page is expected to start.
    """
    read_at, unread_at = 0, None
    step = STEP
    for probe in itertools.count():
        rows = fetch(offset)
        is_lost = probe > _MOST_PROBES  # it moves faster than it can be searched
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
    """Yield pages one after the other, with the offset of each.

    Args:
        fetch: Returns the rows from an offset on.
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

    A list that gives fewer rows than it has places has hidden some, by showing
    equal ones in another order with each page (docs/api-facts.md, "Lists by offset"):
    it is read again.

    Args:
        fetch: Returns the rows from an offset on.
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
    """Yield the rows with ids above one, ascending, page by page.

    Right whether the list's ``minId`` includes its id or not (docs/api-facts.md, "Lists
    by id"): the last id goes out unchanged, and what comes again is dropped.

    Args:
        fetch: Returns the rows from an id on, ascending.
        after: Rows up to this id are read already.
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
    made_at: Callable[[Row], float],
    fetch: Fetch,
    newest: list[Row],
) -> int:
    """Return an id up to which a growing list need not be read.

    Ids grow with time, so the place is found by guessing between known rows, by
    their time and by bisection in turn, without reading what lies before it.

    Args:
        start: Moment from which on rows are wanted, as ``made_at`` counts.
        made_at: The moment of a row.
        fetch: Returns the rows from an id on, ascending.
        newest: The newest rows, descending.

    Returns:
        An id: rows up to it are older than ``start``, the next one is not.
    """
    low = high = (0, 0.0)
    for row in newest:
        if made_at(row) < start:
            return int(row["id"])
        high = (row["id"], made_at(row))
    if len(newest) < PAGE_SIZE:
        return 0
    guess = 0
    for by_time in itertools.cycle((True, False)):
        rows = [row for row in fetch(guess) if row["id"] > guess]
        older = list(itertools.takewhile(lambda row: made_at(row) < start, rows))
        if older:
            low = (older[-1]["id"], made_at(older[-1]))
        if older and len(older) < len(rows):
            break
        if not older:
            high = (guess, made_at(rows[0]) if rows else high[1])
        if high[0] - low[0] <= 1:
            break
        guess = _between(low, high, start if by_time else None)
    return low[0]


def _between(
    low: tuple[int, float],
    high: tuple[int, float],
    start: float | None,
) -> int:
    """Return an id between two: where ``start`` is due, or in the middle."""
    share = 0.5
    if start is not None and low[1] < start < high[1]:
        share = (start - low[1]) / (high[1] - low[1])
    guess = low[0] + int((high[0] - low[0]) * share)
    return min(max(guess, low[0] + 1), high[0] - 1)
