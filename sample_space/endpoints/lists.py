"""Pages of lists, by offset and by id, and errors for rows that do not exist.

See docs/api-facts.md, "Lists by offset" and docs/api-facts.md, "Lists by id".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]


def page(rows: list[Row], parameters: dict[str, Any]) -> list[Row]:
    """Return the page of a list at ``offset``, with ``count`` rows."""
    offset = parameters.get("offset", 0)
    return rows[offset : offset + parameters.get("count", 20)]


def by_offset(call: Call, rows: list[Row], key: str) -> list[Row]:
    """Return a page of a list that is sorted by a field, by ``order`` and ``offset``."""
    ascends = call.parameters.get("order", "desc") == "asc"
    rows = call.space.doors.shown(rows)
    rows.sort(key=lambda row: row[key], reverse=not ascends)
    return page(rows, call.parameters)


def by_id(call: Call, rows: list[Row], key: str = "id") -> list[Row]:
    """Return a page of a list by ``minId``, ``maxId`` and ``order``."""
    given = call.parameters
    rows = call.space.doors.shown(rows)
    low, high = given.get("minId"), given.get("maxId")
    edge = 0 if call.space.options.ids_inclusive else 1
    if low is not None:
        rows = [row for row in rows if row[key] >= low + edge]
    if high is not None:
        rows = [row for row in rows if row[key] <= high - edge]
    if given.get("order", "desc") == "desc":
        rows = rows[::-1]
    return rows[: given.get("count", 20)]


def found(table: Any, key: Any) -> Any:  # noqa: ANN401
    """Return an entry of a table.

    Raises:
        ApiError: There is none.
    """
    try:
        return table[key]
    except KeyError:
        raise ApiError(404, 6, "No resource.") from None
