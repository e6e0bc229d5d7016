"""The activity feed: of the space, of a project, of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.endpoints.call import at
from sample_space.endpoints.lists import by_id
from sample_space.endpoints.parameters import BY_ID, Reader, numbers
from sample_space.endpoints.people import user_of

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]

_FEED: dict[str, Reader] = {**BY_ID, "activityTypeId[]": numbers}


def _activities(call: Call, rows: list[Row]) -> list[Row]:
    if unjoined := call.space.doors.unjoined:
        rows = [row for row in rows if (row["project"] or {}).get("id") not in unjoined]
    kinds = call.parameters.get("activityTypeId[]")
    if kinds and call.space.options.filters_activities:
        rows = [row for row in rows if row["type"] in kinds]
    return by_id(call, rows)


def _of_project(call: Call) -> list[Row]:
    home = call.project.id
    return _activities(
        call,
        [row for row in call.space.activities if row["project"]["id"] == home],
    )


def _of_user(call: Call) -> list[Row]:
    user = user_of(call)["id"]
    return _activities(
        call,
        [r for r in call.space.activities if (r["createdUser"] or {}).get("id") == user],
    )


ENDPOINTS = [
    at("space/activities", lambda call: _activities(call, call.space.activities), _FEED),
    at("projects/*/activities", _of_project, _FEED),
    at("users/*/activities", _of_user, _FEED),
]
