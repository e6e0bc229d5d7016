"""What a stream yields."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_backlog.rows import Row


class Page(NamedTuple):
    """Rows, and the changes to the state after they are written.

    ``state`` holds new entries of the stream's state; None removes an entry. ``only``
    names the streams of the family that want the rows, if not all of them do. ``is_last``
    is true if nothing follows for sure.
    """

    rows: list[Row]
    state: Mapping[str, object] | None = None
    only: frozenset[str] | None = None
    is_last: bool = False


def chain(first: Page | None, pages: Iterator[Page]) -> Iterator[Page]:
    """Yield a first page, if there is one, and then the others."""
    if first is not None:
        yield first
        del first  # one page is held, not two
        yield from pages
