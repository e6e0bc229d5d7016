"""Who may read what: lists for administrators, projects that are closed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_space.endpoints.call import Call, Endpoint
    from sample_space.options import Options

Row = dict[str, Any]

ADMIN = 1


def check_role(user: Row, endpoint: Endpoint, options: Options) -> None:
    """Refuse what is for administrators only, unless the user is one.

    Raises:
        ApiError: It is, and the user is not.
    """
    if endpoint.for_admins and user["roleType"] != ADMIN:
        status, code = options.refusal
        raise ApiError(status, code, "You do not have permission.")


def check_doors(call: Call) -> None:
    """Refuse a call that asks for what is closed.

    Raises:
        ApiError: It does.
    """
    doors = call.space.doors
    if not (doors.unjoined or doors.closed):
        return
    asked = set(_projects_of(call))
    lists = "projectId[]" in call.parameters
    if asked & doors.unjoined and not (lists and call.space.options.omits_unjoined):
        raise ApiError(404, 6, "No project.")
    for shut in doors.closed:
        if shut.project_id in asked and re.fullmatch(shut.pattern, call.path):
            raise ApiError(shut.status, shut.code, "You do not have permission.")


def _projects_of(call: Call) -> Iterator[int]:
    """Yield the projects that a call asks about."""
    yield from call.parameters.get("projectId[]", ())
    keys = {data.key: data.id for data in call.space.projects}
    head, *rest = call.path.split("/")
    named = str(call.parameters.get("projectIdOrKey", ""))
    if head == "projects" and rest:
        named = rest[0]
    if named:
        yield keys.get(named) or int(named)
    contents = call.space.contents
    tables: dict[str, Any] = {
        "issues": call.space.issues,
        "wikis": contents.wikis,
        "documents": contents.documents,
    }
    if head in tables and rest:
        key = rest[0] if head == "documents" else rest[0].isdigit() and int(rest[0])
        if row := tables[head].get(key):
            yield row["projectId"]
