"""``GET issues``: filters, order and pages."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from sample_space.clock import parse
from sample_space.endpoints.parameters import (
    BY_OFFSET,
    Reader,
    boolean,
    date,
    numbers,
    one_of,
    whole_number,
    word,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_space.space import Space

Row = dict[str, Any]

SORTS = (
    "issueType", "category", "version", "milestone", "summary", "status", "priority",
    "attachment", "sharedFile", "created", "createdUser", "updated", "updatedUser",
    "assignee", "startDate", "dueDate", "estimatedHours", "actualHours", "childIssue",
)  # fmt: skip

_ID_FILTERS: dict[str, Callable[[Row], list[int]]] = {
    "projectId[]": lambda issue: [issue["projectId"]],
    "issueTypeId[]": lambda issue: [issue["issueType"]["id"]],
    "categoryId[]": lambda issue: [entry["id"] for entry in issue["category"]],
    "versionId[]": lambda issue: [entry["id"] for entry in issue["versions"]],
    "milestoneId[]": lambda issue: [entry["id"] for entry in issue["milestone"]],
    "statusId[]": lambda issue: [issue["status"]["id"]],
    "priorityId[]": lambda issue: [issue["priority"]["id"]],
    "assigneeId[]": lambda issue: [(issue["assignee"] or {}).get("id", 0)],
    "createdUserId[]": lambda issue: [(issue["createdUser"] or {}).get("id", 0)],
    "resolutionId[]": lambda issue: [(issue["resolution"] or {}).get("id", -1)],
    "parentIssueId[]": lambda issue: [issue["parentIssueId"] or 0],
    "id[]": lambda issue: [issue["id"]],
}
_DATE_FILTERS = {
    f"{field}{side}": field
    for field in ("created", "updated", "startDate", "dueDate")
    for side in ("Since", "Until")
}

_OTHER_FILTERS: dict[str, Callable[[Row, Any], bool]] = {
    "keyword": lambda issue, word: word in issue["summary"] + issue["description"],
    "attachment": lambda issue, has: bool(issue["attachments"]) == has,
    "sharedFile": lambda issue, has: bool(issue["sharedFiles"]) == has,
    "hasDueDate": lambda issue, _: not issue["dueDate"],
    "parentChild": lambda issue, kind: kind != 1 or not issue["parentIssueId"],
}

FILTERS: dict[str, Reader] = {
    **dict.fromkeys(_ID_FILTERS, numbers),
    **dict.fromkeys(_DATE_FILTERS, date),
    "keyword": word,
    "attachment": boolean,
    "sharedFile": boolean,
    "hasDueDate": one_of("false"),
    "parentChild": whole_number(0, 10),
}
PARAMETERS: dict[str, Reader] = {
    **FILTERS,
    **BY_OFFSET,
    "sort": one_of(*SORTS),
    "expand[]": words,
}


def arranged(space: Space, parameters: dict[str, Any]) -> list[Row]:
    """Return a filtered and sorted list of issues, kept until something changes."""

    def make() -> list[Row]:
        return arrange(space, select(space, parameters), parameters)

    if space.options.shuffles_ties:
        return make()
    paging = {"offset", "count"}
    wish = repr([(k, v) for k, v in sorted(parameters.items()) if k not in paging])
    return space.kept(wish, make)


def select(space: Space, parameters: dict[str, Any]) -> list[Row]:
    """Return the issues that match the filters, not sorted yet."""
    archived = {data.id for data in space.projects if data.project["archived"]}
    rows = space.doors.shown(space.issues.values())
    if unjoined := space.doors.unjoined:
        rows = [issue for issue in rows if issue["projectId"] not in unjoined]
    if "projectId[]" not in parameters and not space.options.lists_archived:
        rows = [issue for issue in rows if issue["projectId"] not in archived]
    rows = _select_by_date(space, _select_by_id(rows, parameters), parameters)
    for name, holds in _OTHER_FILTERS.items():
        if name in parameters:
            wanted = parameters[name]
            rows = [issue for issue in rows if holds(issue, wanted)]
    return rows


def _select_by_id(rows: list[Row], parameters: dict[str, Any]) -> list[Row]:
    for name, ids_of in _ID_FILTERS.items():
        if wanted := set(parameters.get(name, ())):
            rows = [issue for issue in rows if not wanted.isdisjoint(ids_of(issue))]
    return rows


def _select_by_date(
    space: Space, rows: list[Row], parameters: dict[str, Any]
) -> list[Row]:
    for name, field in _DATE_FILTERS.items():
        if name in parameters:
            first, last = _day(parameters[name], space.options.utc_offset)
            if name.endswith("Since"):
                rows = [i for i in rows if i[field] and parse(i[field]) >= first]
            else:
                rows = [i for i in rows if i[field] and parse(i[field]) < last]
    return rows


def _day(text: str, utc_offset: int) -> tuple[dt.datetime, dt.datetime]:
    zone = dt.timezone(dt.timedelta(hours=utc_offset))
    first = dt.datetime.fromisoformat(text).replace(tzinfo=zone)
    return first, first + dt.timedelta(days=1)


def arrange(space: Space, rows: list[Row], parameters: dict[str, Any]) -> list[Row]:
    """Return the issues in the requested order; those with equal sort values by id."""
    sort = parameters.get("sort", "created")
    rows = sorted(rows, key=lambda issue: issue["id"])
    if space.options.shuffles_ties:
        random.shuffle(rows)
    descends = parameters.get("order", "desc") == "desc"
    return sorted(rows, key=lambda issue: _sort_value(issue, sort), reverse=descends)


def _sort_value(issue: Row, sort: str) -> str:
    value = issue.get(sort)
    if isinstance(value, dict):
        value = value.get("id")
    return f"{value:020.4f}" if isinstance(value, (int, float)) else str(value or "")
