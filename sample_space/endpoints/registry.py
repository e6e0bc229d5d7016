"""The paths of the API: parameters, right to read, and what comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError
from sample_space.data.issues import CHILDREN, without_children
from sample_space.endpoints import issue_list
from sample_space.endpoints.parameters import BY_ID, BY_OFFSET, Reader, boolean, numbers
from sample_space.endpoints.projects import PATHS, by_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sample_space.data.projects import ProjectData
    from sample_space.quota import Quota
    from sample_space.space import Space

Row = dict[str, Any]

ADMIN = 1


@dataclass
class Call:
    """One request: who asks what."""

    space: Space
    user: Row
    quota: Quota
    path: str
    arguments: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def project(self) -> ProjectData:
        """The project that the path names, by id or key."""
        for data in self.space.projects:
            if self.arguments[0] in {str(data.id), data.key}:
                return data
        raise ApiError(404, 6, "No project.")


@dataclass
class Endpoint:
    """A path with its parameters; ``for_admins`` where others are refused."""

    pattern: re.Pattern[str]
    handle: Callable[[Call], object]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    for_admins: bool = False


def find(path: str) -> tuple[Endpoint, tuple[str, ...]]:
    """Return the endpoint of a path, and the ids in it.

    Raises:
        ApiError: There is none.
    """
    for endpoint in ENDPOINTS:
        if match := endpoint.pattern.fullmatch(path):
            return endpoint, match.groups()
    raise ApiError(404, 6, "No such API.")


def _at(
    template: str,
    handle: Callable[[Call], object],
    readers: Mapping[str, Reader] | None = None,
    *,
    for_admins: bool = False,
) -> Endpoint:
    pattern = re.compile(re.sub(r"(?<![.)])\*", "([^/]+)", template))
    return Endpoint(pattern, handle, readers or {}, for_admins)


def _projects(call: Call) -> list[Row]:
    unjoined = call.space.doors.unjoined
    rows = [data.project for data in call.space.projects if data.id not in unjoined]
    if "archived" in call.parameters:
        rows = [row for row in rows if row["archived"] == call.parameters["archived"]]
    return rows


def _teams(call: Call) -> list[Row]:
    ascends = call.parameters.get("order", "desc") == "asc"
    rows = sorted(call.space.teams, key=lambda team: team["id"], reverse=not ascends)
    return issue_list.page(rows, call.parameters)


def _user(call: Call) -> Row:
    for user in call.space.users:
        if str(user["id"]) == call.arguments[0]:
            return user
    raise ApiError(404, 6, "No user.")


def _issue(call: Call) -> Row:
    for issue in call.space.issues.values():
        if call.arguments[0] in {str(issue["id"]), issue["issueKey"]}:
            return issue
    raise ApiError(404, 6, "No issue.")


def _issues(call: Call) -> list[Row]:
    parameters = call.parameters
    if "expand[]" in parameters and not call.space.options.knows_expand:
        raise ApiError(400, 7, "Unknown parameter: expand[]")
    rows = issue_list.page(call.space.arranged_issues(parameters), parameters)
    if CHILDREN in parameters.get("expand[]", ()):
        return rows
    return [without_children(row) for row in rows]


def _issue_count(call: Call) -> Row:
    return {"count": len(issue_list.select(call.space, call.parameters))}


def _activities(call: Call, rows: list[Row]) -> list[Row]:
    if unjoined := call.space.doors.unjoined:
        rows = [row for row in rows if (row["project"] or {}).get("id") not in unjoined]
    kinds = call.parameters.get("activityTypeId[]")
    if kinds and call.space.options.filters_activities:
        rows = [row for row in rows if row["type"] in kinds]
    return by_id(call, rows)


def _project_activities(call: Call) -> list[Row]:
    home = call.project.id
    return _activities(
        call,
        [row for row in call.space.activities if row["project"]["id"] == home],
    )


def _user_activities(call: Call) -> list[Row]:
    user = _user(call)["id"]
    return _activities(
        call,
        [r for r in call.space.activities if (r["createdUser"] or {}).get("id") == user],
    )


def _rate_limit(call: Call) -> Row:
    return {"rateLimit": {kind: call.quota.state(kind) for kind in call.quota.limits}}


_FEED: dict[str, Reader] = {**BY_ID, "activityTypeId[]": numbers}

ENDPOINTS = [
    _at("space", lambda call: call.space.info),
    _at("space/activities", lambda call: _activities(call, call.space.activities), _FEED),
    _at("rateLimit", _rate_limit),
    _at("users", lambda call: call.space.users, for_admins=True),
    _at("users/myself", lambda call: call.user),
    _at("users/(\\d+)", _user),
    _at("users/*/activities", _user_activities, _FEED),
    _at("teams", _teams, BY_OFFSET, for_admins=True),
    _at("projects", _projects, {"archived": boolean, "all": boolean}),
    _at("projects/*", lambda call: call.project.project),
    _at(
        "projects/*/users",
        lambda call: call.project.members,
        {"excludeGroupMembers": boolean},
    ),
    _at("projects/*/statuses", lambda call: call.project.statuses),
    _at("projects/*/issueTypes", lambda call: call.project.issue_types),
    _at("projects/*/categories", lambda call: call.project.categories),
    _at("projects/*/versions", lambda call: call.project.versions),
    _at("projects/*/activities", _project_activities, _FEED),
    _at("issues", _issues, issue_list.PARAMETERS),
    _at("issues/count", _issue_count, issue_list.FILTERS),
    _at("issues/*", lambda call: without_children(_issue(call))),
    *(
        _at(template, handle, readers, for_admins=for_admins)
        for template, handle, readers, for_admins in PATHS
    ),
]
