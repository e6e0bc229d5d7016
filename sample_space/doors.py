"""What the key's owner does not see: projects, kinds of things in them, late rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sample_space.endpoints.registry import Call

Row = dict[str, Any]


@dataclass
class Closed:
    """What is refused in a project.

    Args:
        project_id: The project.
        pattern: Matches the paths below the API that are refused.
        status: HTTP status of the answer.
        code: Backlog's code in it.
    """

    project_id: int
    pattern: str
    status: int = 403
    code: int = 5


@dataclass
class Doors:
    """What is shut for the key's owner.

    Args:
        unjoined: Projects that its owner has left, or that are deleted.
        closed: What is refused in some projects.
        late: Ids of rows that lists do not show yet.
    """

    unjoined: set[int] = field(default_factory=set)
    closed: list[Closed] = field(default_factory=list)
    late: set[object] = field(default_factory=set)

    def shown(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that lists show already."""
        if not self.late:
            return list(rows)
        return [row for row in rows if row.get("id") not in self.late]

    def check(self, call: Call) -> None:
        """Refuse a call that asks for what is shut.

        Raises:
            ApiError: It does.
        """
        if not (self.unjoined or self.closed):
            return
        asked = set(_projects_of(call))
        lists = "projectId[]" in call.parameters
        if asked & self.unjoined and not (lists and call.space.options.omits_unjoined):
            raise ApiError(404, 6, "No project.")
        for shut in self.closed:
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
