"""Reading lists by pages while others change them.

Nothing here knows HTTP or Singer: a page is what ``fetch`` returns.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE_SIZE = 100
"""The most rows that Backlog gives at once (parameter ``count``)."""

Row: TypeAlias = "dict[str, Any]"
Fetch: TypeAlias = "Callable[[int], list[Row]]"


def anchored_pages(
    fetch: Fetch,
    is_read: Callable[[Row], bool],
    offset: int = 0,
) -> Iterator[tuple[int, list[Row]]]:
    """Yield pages that lock into each other, with the offset of each.

    Each page starts on the last row of the one before. Where that place holds a
    row that has not been read, rows have moved up past the reader (something
    before was deleted), and the reader steps back until it stands on read ground.
    Rows that moved down merely come twice.

    Args:
        fetch: Returns up to ``PAGE_SIZE`` rows from an offset on.
        is_read: Whether a row, and so all that stands before it, has been read.
        offset: Where to start; above 0, the row there is expected to be read.
    """
    step = PAGE_SIZE - 1
    while True:
        rows = fetch(offset)
        if offset and not (rows and is_read(rows[0])):
            offset = max(0, offset - step)
            step *= 2
            continue
        step = PAGE_SIZE - 1
        yield offset, rows
        if len(rows) < PAGE_SIZE:
            return
        offset += step


def offset_rows(fetch: Fetch) -> Iterator[Row]:
    """Yield every row of a list paged by offset, each once.

    Args:
        fetch: Returns up to ``PAGE_SIZE`` rows from an offset on.
    """
    read: set[int] = set()
    for _, rows in anchored_pages(fetch, lambda row: row["id"] in read):
        for row in rows:
            if row["id"] not in read:
                read.add(row["id"])
                yield row


def id_pages(fetch: Fetch, after: int) -> Iterator[list[Row]]:
    """Yield the rows with ids above one, ascending, page by page.

    Right whether the list's ``minId`` includes its id or not: the last id goes
    out unchanged, and what comes again is dropped.

    Args:
        fetch: Returns up to ``PAGE_SIZE`` rows, ascending, from an id on.
        after: Rows up to this id are read already.
    """
    while True:
        page = fetch(after)
        rows = [row for row in page if row["id"] > after]
        if rows:
            yield rows
            after = rows[-1]["id"]
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
    their time and by halves in turn, without reading what lies before it.

    Args:
        start: Moment from which on rows are wanted, as ``made_at`` counts.
        made_at: The moment of a row.
        fetch: Returns up to ``PAGE_SIZE`` rows, ascending, from an id on.
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
