"""Issues that somebody changed together, all to the same value."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sample_space.data.history import Step, Value, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sample_space.data.projects import ProjectData

Row = dict[str, Any]
Steps = dict[int, list[list[Step]]]


class Bulk(NamedTuple):
    """Issues of one project, and the field of which their last comments tell."""

    field: str
    issues: list[Row]


def find_bulks(
    issues: list[Row], homes: Mapping[int, ProjectData], steps: Steps
) -> list[Bulk]:
    """Return what was changed together: issues that were last changed in one second.

    Args:
        issues: All issues.
        homes: The projects by id.
        steps: By id of an issue, what each of its comments changes. Changed in place:
            the last comments of these issues change only what all of them change.
    """
    groups: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for issue in issues:
        if steps[issue["id"]] and issue["updated"] > issue["created"]:
            groups[issue["projectId"], issue["updated"]].append(issue)
    bulks = []
    for (project_id, _), group in groups.items():
        if bulk := _bulk_in(group, homes[project_id], steps):
            bulks.append(bulk)
            for issue in bulk.issues:
                _make_room(steps[issue["id"]], bulk.field)
    return bulks


def _bulk_in(group: list[Row], home: ProjectData, steps: Steps) -> Bulk | None:
    for field in ("status", "priority", "issueType", "assigner"):
        alike: dict[Value, list[Row]] = defaultdict(list)
        for issue in group:
            last = steps[issue["id"]][-1]
            may_be = (
                issue["status"] != home.statuses[0]
                if field == "status"
                else Step("status") not in last
            )
            if may_be:
                alike[value_of(issue, field)].append(issue)
        for some in alike.values():
            if len(some) > 1:
                return Bulk(field, some)
    return None


def _make_room(steps: list[list[Step]], field: str) -> None:
    """Let the last comment change only a field; its status steps come last then."""
    status = Step("status")
    if field == "status":
        count = sum(status in of_comment for of_comment in steps)
        for place, of_comment in enumerate(steps):
            is_late = place >= len(steps) - count
            steps[place] = [s for s in of_comment if s != status] + [status] * is_late
    steps[-1] = [Step(field)]
