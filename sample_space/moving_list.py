"""A list that people work on while somebody reads it, and nothing else.

It has the same rules as the issues of a space, but needs no server: an edit gives a row
the current second as its timestamp, and the list is sorted by timestamp.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from sample_space.clock import TODAY, stamp

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable


class TieOrder(Enum):
    """How rows of one timestamp are sorted (docs/api-facts.md, "Lists by offset")."""

    BY_ID = "by id"
    BY_ID_DESCENDING = "by id, descending"
    ANY = "another one with each page"


@dataclass
class MovingList:
    """Rows with ``id``, ``updated`` and a version that counts their edits.

    Args:
        tie_order: How rows with the same timestamp are sorted.
        seed: For the order of such rows, if it changes.
    """

    tie_order: TieOrder = TieOrder.BY_ID
    seed: int = 0
    now: dt.datetime = TODAY
    rows: dict[int, dict[str, object]] = field(default_factory=dict)
    pages_given: int = 0
    _last_id: int = 0
    _version: int = 0

    def __post_init__(self) -> None:
        """Make the order of rows with the same timestamp repeatable."""
        self._rng = random.Random(self.seed)

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.now += type(TODAY - TODAY)(seconds=seconds)

    def add(self, count: int) -> None:
        """Add rows, all in the current second."""
        ids = range(self._last_id + 1, self._last_id + 1 + count)
        self._last_id += count
        self._stamp(ids)

    def edit(self, places: Iterable[int]) -> None:
        """Edit the rows at some places of the list, all in the current second."""
        self._stamp(self._ids_at(places))

    def delete(self, places: Iterable[int]) -> None:
        """Delete the rows at some places of the list."""
        for row_id in self._ids_at(places):
            del self.rows[row_id]

    def page(self, offset: int, count: int = 100) -> list[dict[str, object]]:
        """Return a page of the list, the newest change first."""
        self.pages_given += 1
        rows = list(self.rows.values())
        if self.tie_order is TieOrder.ANY:
            self._rng.shuffle(rows)
        else:
            descends = self.tie_order is TieOrder.BY_ID_DESCENDING
            rows.sort(key=lambda row: str(row["id"]).zfill(9), reverse=descends)
        rows.sort(key=lambda row: str(row["updated"]), reverse=True)
        return [dict(row) for row in rows[offset : offset + count]]

    def _ids_at(self, places: Iterable[int]) -> list[int]:
        ids = sorted(self.rows)
        return list({ids[place % len(ids)]: None for place in places if ids})

    def _stamp(self, ids: Iterable[int]) -> None:
        self._version += 1
        for row_id in ids:
            self.rows[row_id] = {
                "id": row_id,
                "updated": stamp(self.now),
                "version": self._version,
            }
