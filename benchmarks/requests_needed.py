"""How many requests reading issues costs: ``make bench-requests``.

Naive paging requests pages of 100 until one is short, from the day of its bookmark on.
The least possible is one request per hundred rows that have to be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.moving_list import MovingList
from tap_backlog.reading.newest_first import NewestFirst
from tap_backlog.reading.pagination import PAGE_SIZE, plain_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (1_000, 10_000, 100_000)
CHANGES = 250
TOUCHED_ON_THE_LAST_DAY = 600


class Counted:
    """A list that counts its requests.

    Args:
        rows: The rows, the newest change first.
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.requests = 0

    def page(self, offset: int) -> list[dict[str, Any]]:
        """Return a page."""
        self.requests += 1
        return self.rows[offset : offset + PAGE_SIZE]


def naive(rows: list[dict[str, Any]], bookmark: str) -> int:
    """Return the requests of naive paging since the day of the bookmark."""
    counted = Counted([row for row in rows if row["updated"] >= bookmark[:10]])
    for _ in plain_pages(counted.page):
        pass
    return counted.requests


def ours(rows: list[dict[str, Any]], bookmark: str) -> int:
    """Return the requests of this tap."""
    counted = Counted(rows)
    for _ in NewestFirst(counted.page, bookmark).pages():
        pass
    return counted.requests


def least(rows: list[dict[str, Any]], bookmark: str) -> int:
    """Return the smallest number of requests that can bring what changed."""
    changed = len([row for row in rows if row["updated"] > bookmark])
    return max(1, -(-changed // PAGE_SIZE))


def scenes(size: int) -> Iterator[tuple[str, list[dict[str, Any]], str]]:
    """Yield what is measured: its name, the list, the bookmark."""
    space = MovingList()
    space.add(size)
    listed = space.page(0, size)
    # Edit some rows, all on the day after that of the others.
    space.wait(86_400)
    space.now = space.now.replace(hour=1)
    for place in range(TOUCHED_ON_THE_LAST_DAY):
        space.edit([place])
        space.wait(60)
    listed = space.page(0, size)
    bookmark = str(listed[0]["updated"])
    yield "first run", listed, ""
    yield "nothing changed", listed, bookmark
    for place in range(CHANGES):
        space.edit([size - 1 - place])
        space.wait(1)
    yield f"{CHANGES} changes", space.page(0, size), bookmark


def main() -> None:
    """Print the table."""
    say("Requests for issues; 600 were changed on the day of the bookmark.\n")
    say("| issues | run | naive | this tap | least |")
    say("|---:|---|---:|---:|---:|")
    for size in SIZES:
        for name, rows, bookmark in scenes(size):
            counts = [count(rows, bookmark) for count in (naive, ours, least)]
            columns = " | ".join(f"{count:,}" for count in counts)
            say(f"| {size:,} | {name} | {columns} |")


def say(line: str) -> None:
    """Print a line."""
    print(line)  # noqa: T201


if __name__ == "__main__":
    main()
