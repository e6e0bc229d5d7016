"""How far the reading of a stream has come, for whoever watches.

The run moves the steps on, and a thread that shows them looks at them. Each value is
set in one go, so that no lock is needed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")


def share_of_time(begin: dt.datetime, reached: dt.datetime, end: dt.datetime) -> float:
    """Return how much of a time has passed at a moment, from 0 to 1.

    Args:
        begin: When it begins; may lie after its end, where reading goes back in time.
        reached: The moment.
        end: When it ends.
    """
    whole = (end - begin).total_seconds()
    passed = (reached - begin).total_seconds() / whole if whole else 1.0
    return min(max(passed, 0.0), 1.0)


class Steps:
    """The share of a stream that has been read.

    Reading goes from piece to piece, such as from project to project, or from page to
    page of a list. A page may take a request for each of its rows, of which each moves
    the share on too. The share never moves back.
    """

    def __init__(self) -> None:
        self.share = 0.0
        """Share that is read, from 0 to 1."""

        self.is_guess = True
        """Whether the whole is not known."""

        self.words = ""
        """What has been read of what, in users' words."""

        self.pieces_left = 1
        """Pieces that are known of and not read, each of one request or more."""

        self.began_at = 0.0
        """When reading began, by ``time.monotonic()``."""

        self._begin = self._end = 0.0
        self._page_begin = self._page_end = 0.0
        self._pages: int | None = None
        self._told = (0, 0, "")
        self._requests = self._answers = 0

    def begin(self) -> None:
        """Take in that reading begins."""
        self.began_at = time.monotonic()

    @property
    def goes_over_items(self) -> bool:
        """Whether pages are of an item, and the items tell the share."""
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
            span: Share of the stream that is read before the first and after the last.
            weigh: Returns how many units an item stands for.
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
        """Take in how far the page that has just come brings the stream.

        Args:
            share: Share that is read once all of the page is.
            words: What has been read of what, in users' words.
            is_guess: Whether the whole is not known.
        """
        self.words = words
        self.is_guess = is_guess
        self.pieces_left = 1
        self._begin, self._end = self._page_end, max(share, self._page_end)

    def begin_page(self, requests: int) -> None:
        """Begin with the rows of a page.

        Args:
            requests: Requests that its rows take.
        """
        self._requests, self._answers = requests, 0
        self._page_begin, self._page_end = self._begin, self._end
        if self._pages is not None:  # nobody knows how many pages an item has
            size, seen = self._end - self._begin, self._pages
            self._page_begin = self._begin + size * seen / (seen + 1)
            self._page_end = self._begin + size * (seen + 1) / (seen + 2)
            self._pages += 1

    def answer(self) -> None:
        """Take in that what a row of the page takes has been answered."""
        self._answers += 1
        part = self._answers / max(self._requests, self._answers)
        self._move_to(self._page_begin + (self._page_end - self._page_begin) * part)

    def part_of_item(self, done: int, known: int) -> None:
        """Take in how much of an item is read, where that shows on the way.

        Args:
            done: Parts that are read.
            known: Parts that are known of.
        """
        before, weight, rest = self._told
        if weight > 1:
            self.words = f"{before + min(done, weight):,} {rest}"
        part = done / max(known + 1, 1)
        self._move_to(self._begin + (self._end - self._begin) * part)

    def end_page(self) -> None:
        """Take in that all rows of the page are out."""
        self._move_to(self._page_end)

    def _move_to(self, share: float) -> None:
        self.share = max(self.share, min(share, 1.0))
