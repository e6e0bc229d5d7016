"""The rows that the page counts, as columns of numbers: small, and quick to read.

Names stand once, in lists; rows have their place there. A day is a number: the days since
``first``. Rows about issues come in the order of issues, which say how many are theirs.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

_QUERIES = Path(__file__).parent / "data"

Row = dict[str, Any]
Columns = dict[str, list[Any]]


class Names:
    """A list in which each name stands once."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._places: dict[Any, int] = {}

    def place(self, key: Any, name: Any = None) -> int:  # noqa: ANN401
        """Return the place of a name; it is added if it is new.

        Args:
            key: What it is known by; -1 is the place of None.
            name: What stands in the list, if that is not the key.
        """
        if key is None:
            return -1
        if key not in self._places:
            self._places[key] = len(self.all)
            self.all.append(key if name is None else name)
        return self._places[key]


class Data:
    """What the page knows.

    Args:
        connection: The file, with the views of the schema ``report``.
        today: The day of the report.
    """

    def __init__(self, connection: DuckDBPyConnection, today: dt.date) -> None:
        self._connection = connection
        self._today = today
        self._projects, self._people = Names(), Names()
        self._statuses, self._combinations = Names(), Names()
        self._milestones: dict[str, int] = {}
        self._combination(None)

    def columns(self) -> dict[str, Any]:
        """Return everything, ready to become JSON."""
        issues = list(self._rows("issues"))
        days = [row["created_on"] for row in issues if row["created_on"]]
        self._first = min(days, default=self._today)
        for row in self._rows("statuses"):
            self._status(row["status_name"], is_closed=row["is_closed"], row=row)
        milestones = [self._milestone(row) for row in self._rows("milestones")]
        places = {row["issue_id"]: place for place, row in enumerate(issues)}
        states, stays = list(self._rows("states")), list(self._rows("stays"))
        found = {
            "milestones": milestones,
            "issues": self._issues(issues, states, stays),
            "states": self._states(states),
            "stays": self._stays(stays),
            "reopenings": self._reopenings(self._rows("reopenings"), places),
            "hours": self._hours(self._rows("hours"), places),
        }
        return {
            "first": self._first.isoformat(),
            "today": self._day(self._today),
            "projects": self._projects.all,
            "people": self._people.all,
            "statuses": self._statuses.all,
            "ownStatuses": self._own_statuses(),
            "combinations": self._combinations.all,
            **found,
        }

    def _rows(self, name: str) -> Iterable[Row]:
        query = (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")
        found = self._connection.execute(query)
        names = [column[0] for column in found.description or ()]
        return (dict(zip(names, row, strict=True)) for row in found.fetchall())

    def _day(self, day: dt.date | None) -> int | None:
        return None if day is None else (day - self._first).days

    def _person(self, row: Row, role: str) -> int:
        number = row[f"{role}_id"]
        return self._people.place(number, [number, row[f"{role}_name"]])

    def _status(self, name: str, *, is_closed: bool, row: Row | None = None) -> int:
        known = row or {}
        text = [name, _color(known), int(is_closed), known.get("status_order")]
        return self._statuses.place((name, is_closed), text)

    def _own_statuses(self) -> dict[int, dict[int, tuple[str, int]]]:
        """Return the colour and the order of each status, by project and status."""
        found: dict[int, dict[int, tuple[str, int]]] = {}
        for row in self._rows("own_statuses"):
            if row["project_key"] not in self._projects.all:
                continue  # no issues, no milestones
            project = self._projects.place(row["project_key"])
            status = self._status(row["status_name"], is_closed=row["is_closed"])
            own = _color(row), row["status_order"]
            found.setdefault(project, {}).setdefault(status, own)
        return found

    def _combination(self, ids: str | None) -> int:
        known = (self._milestones.get(one) for one in (ids or "").split(", "))
        return self._combinations.place(tuple(one for one in known if one is not None))

    def _milestone(self, row: Row) -> Row:
        self._milestones[str(row["milestone_id"])] = len(self._milestones)
        return {
            "id": row["milestone_id"],
            "project": self._projects.place(row["project_key"]),
            "name": row["milestone_name"],
            "start": self._day(row["start_date"]),
            "due": self._day(row["due_date"]),
            "first": self._day(row["first_day"]),
            "last": self._day(row["last_day"]),
            "archived": bool(row["is_archived"]),
        }

    def _issues(self, issues: list[Row], states: list[Row], stays: list[Row]) -> Columns:
        counts = [Counter(row["issue_id"] for row in rows) for rows in (states, stays)]
        columns = [
            {
                "project": self._projects.place(row["project_key"]),
                "number": _number(row["issue_key"], row["project_key"]),
                "summary": row["summary"],
                "status": self._status(
                    row["status_name"], is_closed=bool(row["is_closed"])
                ),
                "person": self._person(row, "assignee"),
                "combination": self._combination(row["milestone_ids"]),
                "created": self._day(row["created_on"]),
                "closed": self._day(row["closed_on"]) if row["is_closed"] else None,
                "due": self._day(row["due_date"]),
                "dueBefore": self._day(row["earlier_due_date"]),
                "estimated": _short(row["estimated_hours"]),
                "actual": _short(row["actual_hours"]),
                "lead": _short(row["lead_time_days"]),
                "cycle": _short(row["cycle_time_days"]),
                "reopened": row["reopened_count"],
                "reopenedOn": self._day(row["last_reopened_on"]),
                "still": row["days_without_move"],
                "states": counts[0][row["issue_id"]],
                "stays": counts[1][row["issue_id"]],
            }
            for row in issues
        ]
        return _columns(columns, _ISSUE)

    def _states(self, states: list[Row]) -> Columns:
        rows = [
            {
                "day": self._day(row["day"]),
                "status": self._status(
                    row["status_name"], is_closed=bool(row["is_closed"])
                ),
                "person": self._person(row, "assignee"),
                "combination": self._combination(row["milestone_ids"]),
                "hours": _short(row["estimated_hours"]),
            }
            for row in states
        ]
        return _columns(rows, ("day", "status", "person", "combination", "hours"))

    def _stays(self, stays: list[Row]) -> Columns:
        rows = [
            {
                "status": self._status(row["status_name"], is_closed=False),
                "hours": _short(row["hours"]),
            }
            for row in stays
        ]
        return _columns(rows, ("status", "hours"))

    def _reopenings(self, found: Iterable[Row], places: dict[int, int]) -> Columns:
        rows = [
            {"issue": places[row["issue_id"]], "day": self._day(row["reopened_on"])}
            for row in found
        ]
        return _columns(rows, ("issue", "day"))

    def _hours(self, found: Iterable[Row], places: dict[int, int]) -> Columns:
        rows = [
            {
                "issue": places[row["issue_id"]],
                "person": self._person(row, "person"),
                "day": self._day(row["day"]),
                "hours": _short(row["hours"]),
                "first": row["is_first"],
            }
            for row in found
        ]
        return _columns(rows, ("issue", "person", "day", "hours", "first"))


_ISSUE = (
    *("project", "number", "summary", "status", "person", "combination", "created"),
    *("closed", "due", "dueBefore", "estimated", "actual", "lead", "cycle", "reopened"),
    *("reopenedOn", "still", "states", "stays"),
)


def _columns(rows: list[Row], names: tuple[str, ...]) -> Columns:
    return {name: [row[name] for row in rows] for name in names}


def _number(key: str, project: str) -> int | str:
    """Return the number in an issue's key; the key itself if it is of another form."""
    begin, _, number = key.rpartition("-")
    return int(number) if begin == project and number.isdecimal() else key


def _color(row: Row) -> str:
    return str(row.get("color") or "#999999")


def _short(number: Any) -> float | int | None:  # noqa: ANN401 - also DECIMAL
    if number is None:
        return None
    rounded = round(float(number), 2)
    return int(rounded) if rounded.is_integer() else rounded
