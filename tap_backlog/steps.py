"""The progress of reading a stream, for the display.

The run updates the steps, and the display reads them from another thread. Each value is
set in one operation, so no lock is needed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")


def share_of_time(begin: dt.datetime, reached: dt.datetime, end: dt.datetime) -> float:
    """Return how much of a time span has passed at a moment, from 0 to 1.

    Args:
        begin: Start of the span; after its end if reading goes back in time.
        reached: The moment.
        end: End of the span.
    """
    whole = (end - begin).total_seconds()
    passed = (reached - begin).total_seconds() / whole if whole else 1.0
    return min(max(passed, 0.0), 1.0)


class Steps:
    """The share of a stream that has been read.

    Reading goes from piece to piece, such as from project to project, or from page to
    page of a list. A page may need a request per row, and each of these increases the
    share too. The share never decreases.
    """

    def __init__(self) -> None:
        self.share = 0.0
        """Share that has been read, from 0 to 1."""

        self.is_guess = True
        """Whether the total is not known."""

        self.words = ""
        """How much of the total has been read, in users' words."""

        self.pieces_left = 1
        """Known pieces that have not been read; each needs at least one request."""

        self.began_at = 0.0
        """When reading began, by ``time.monotonic()``."""

        self._begin = self._end = 0.0
        self._page_begin = self._page_end = 0.0
        self._pages: int | None = None
        self._told = (0, 0, "")
        self._requests = self._answers = 0

    def begin(self) -> None:
        """Record that reading begins."""
        self.began_at = time.monotonic()

    @property
    def goes_over_items(self) -> bool:
        """Whether pages belong to an item, and the items determine the share."""
        return self._pages is not None

    def over(
        self,
        items: Sequence[T],
        unit: str,
        span: tuple[float, float] = (0.0, 1.0),
        weigh: Callable[[T], int] = lambda _: 1,
    ) -> Iterator[T]:
        """Yield items one by one.

        Args:
            items: The items.
            unit: What they are, in users' words, as a plural.
            span: Share of the stream before the first item and after the last one.
            weigh: Returns how many units an item counts as.
        """
        begin, end = span
        self.is_guess = end < 1
        total, done = sum(map(weigh, items)), 0
        for item in items:
            weight = weigh(item)
            self._told = (done, weight, f"of {total:,} {unit}")
            self.words = f"{done:,} of {total:,} {unit}"
            self.pieces_left = total - done
            self._begin = begin + (end - begin) * done / total
            done += weight
            self._end = begin + (end - begin) * done / total
            self._pages = 0
            self._move_to(self._begin)
            yield item
        self._pages = None
        self._begin = self._end = self._page_end = end
        self._move_to(end)

    def page_to(self, share: float, words: str, *, is_guess: bool) -> None:
        """Set the share that the current page will reach.

        Args:
            share: Share that has been read once the whole page has been read.
            words: How much of the total has been read, in users' words.
            is_guess: Whether the total is not known.
        """
        self.words = words
        self.is_guess = is_guess
        self.pieces_left = 1
        self._begin, self._end = self._page_end, max(share, self._page_end)

    def begin_page(self, requests: int) -> None:
        """Begin with the rows of a page.

        Args:
            requests: Requests that its rows need.
        """
        self._requests, self._answers = requests, 0
        self._page_begin, self._page_end = self._begin, self._end
        if self._pages is not None:  # the number of pages of an item is not known
            size, seen = self._end - self._begin, self._pages
            self._page_begin = self._begin + size * seen / (seen + 1)
            self._page_end = self._begin + size * (seen + 1) / (seen + 2)
            self._pages += 1

    def answer(self) -> None:
        """Record that one request for a row of the page has been answered."""
        self._answers += 1
        part = self._answers / max(self._requests, self._answers)
        self._move_to(self._page_begin + (self._page_end - self._page_begin) * part)

    def part_of_item(self, done: int, known: int) -> None:
        """Record how much of an item has been read, if its parts are known.

        Args:
            done: Parts that have been read.
            known: Parts that are known so far.
        """
        before, weight, rest = self._told
        if weight > 1:
            self.words = f"{before + min(done, weight):,} {rest}"
        part = done / max(known + 1, 1)
        self._move_to(self._begin + (self._end - self._begin) * part)

    def end_page(self) -> None:
        """Record that all rows of the page have been written."""
        self._move_to(self._page_end)

    def _move_to(self, share: float) -> None:
        self.share = max(self.share, min(share, 1.0))
