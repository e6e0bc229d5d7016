"""Projects, and what every project has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError
from sample_space.endpoints.call import at
from sample_space.endpoints.parameters import Reader, boolean, word

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_space.endpoints.call import Call

Row = dict[str, Any]

IN_PROJECT: dict[str, Reader] = {"projectIdOrKey": word}
"""The parameter of lists that name their project in the query."""


def list_of_project(name: str, flag: str = "") -> Callable[[Call], object]:
    """Return a handler for what belongs to a project; it refuses if a flag is off."""

    def handle(call: Call) -> object:
        if flag and not call.project.project[flag]:
            raise ApiError(403, 5, "It is off in this project.")
        return getattr(call.space.contents, name).get(call.project.id, [])

    return handle


def project_in_query(call: Call, flag: str) -> int:
    """Return the id of the project that the query names.

    Raises:
        ApiError: There is none, or its flag is off.
    """
    wanted = str(call.parameters.get("projectIdOrKey", ""))
    for data in call.space.projects:
        if wanted in {str(data.id), data.key}:
            if not data.project[flag]:
                raise ApiError(403, 5, "It is off in this project.")
            return data.id
    raise ApiError(404, 6, "No project.")


def _projects(call: Call) -> list[Row]:
    unjoined = call.space.doors.unjoined
    rows = [data.project for data in call.space.projects if data.id not in unjoined]
    if "archived" in call.parameters:
        rows = [row for row in rows if row["archived"] == call.parameters["archived"]]
    return rows


ENDPOINTS = [
    at("projects", _projects, {"archived": boolean, "all": boolean}),
    at("projects/*", lambda call: call.project.project),
    at(
        "projects/*/users",
        lambda call: call.project.members,
        {"excludeGroupMembers": boolean},
    ),
    at("projects/*/administrators", lambda call: call.project.members[:1]),
    at("projects/*/teams", lambda call: call.space.teams[: call.project.id % 4]),
    at("projects/*/statuses", lambda call: call.project.statuses),
    at("projects/*/issueTypes", lambda call: call.project.issue_types),
    at("projects/*/categories", lambda call: call.project.categories),
    at("projects/*/versions", lambda call: call.project.versions),
    at("projects/*/customFields", list_of_project("custom_fields")),
    at("projects/*/webhooks", list_of_project("webhooks"), for_admins=True),
    at("projects/*/diskUsage", list_of_project("usage"), for_admins=True),
]
