"""What must hold for a stream's rows, and two people who are in many of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sample_space import Space

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What must hold for the rows of a stream.

    Args:
        count: How many there are in the whole space.
        rows: Rows in full; in their places, there are no other rows.
        place: The fields that name the place of a row; none if all are in one place.
        lists: The space's own lists by place; each place must have exactly these rows.
        added: The fields that the stream's rows have and the space's own rows lack.
    """

    count: int
    rows: list[Row] = field(default_factory=list)
    place: tuple[str, ...] = ()
    lists: Callable[[Space], Mapping[Any, list[Row]]] | None = None
    added: tuple[str, ...] = ()


def table(names: tuple[str, ...], *rows: tuple[Any, ...]) -> list[Row]:
    """Return the rows of a table, which begins with its head."""
    return [dict(zip(names, row, strict=True)) for row in rows]


AOI: Row = {
    "id": 1001,
    "userId": "aoi",
    "name": "鈴木 葵",
    "roleType": 1,
    "lang": "ja",
    "nulabAccount": {"nulabId": "nulab-1", "name": "鈴木 葵", "uniqueId": "aoi"},
    "mailAddress": "aoi@example.com",
    "lastLoginTime": "2026-09-30T08:00:00Z",
}
REN: Row = {
    "id": 1002,
    "userId": "ren",
    "name": "高橋 蓮",
    "roleType": 2,
    "lang": None,
    "nulabAccount": None,
    "mailAddress": None,
    "lastLoginTime": None,
}
