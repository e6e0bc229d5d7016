"""The files of a folder, a thousand per page."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_backlog.errors import BacklogError
from tap_backlog.request import Params, Request

if TYPE_CHECKING:
    from tap_backlog.request import Ask
    from tap_backlog.rows import RawRows, Row

_PAGE_SIZE = 1000
_STEP = _PAGE_SIZE - 1
_MOST_TURNS = 20


@dataclass(frozen=True)
class FileList:
    """A list paged by ``offset``, which is read again if its rows shift.

    See docs/api-facts.md, "Shared files".

    Args:
        path: Path below the root of the API.
    """

    path: str

    @property
    def first(self) -> Request:
        """The request for the first page."""
        return self.at(0)

    def at(self, offset: int) -> Request:
        """Return the request for the rows from an offset."""
        paging: Params = {"order": "asc", "offset": offset, "count": _PAGE_SIZE}
        return Request(self.path, paging)

    def rows(self, ask: Ask) -> list[Row]:
        """Return all rows, each once.

        Pages overlap by one row. If that row is a different one, files before it were
        added or removed, and the folder is read again.

        Args:
            ask: Sends a request.

        Raises:
            BacklogError: The rows shift every time.
        """
        for _ in range(_MOST_TURNS):
            found: dict[int, Row] = {}
            last_id = None
            for offset in itertools.count(0, _STEP):
                rows = self._page(ask, offset, last_id)
                if offset and not (rows and rows[0]["id"] == last_id):
                    break
                found |= {row["id"]: row for row in rows}
                if len(rows) < _PAGE_SIZE:
                    return list(found.values())
                last_id = rows[-1]["id"]
        message = (
            f"The folder {self.path} moves faster than it can be read. Try again later."
        )
        raise BacklogError(message)

    def _page(self, ask: Ask, offset: int, last_id: int | None) -> list[Row]:
        def following(rows: RawRows) -> Request | None:
            has_moved = offset and rows.first("id") != last_id
            return (
                None if has_moved or len(rows) < _PAGE_SIZE else self.at(offset + _STEP)
            )

        return ask(self.at(offset), following)
