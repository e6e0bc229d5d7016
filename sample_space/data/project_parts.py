"""What every project has: custom fields, webhooks, its disk usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, TODAY, day
from sample_space.data.authorship import authorship

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

_GIB = 2**30


def add_to_project(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    """Add what every project has."""
    project_id = home.id
    contents.usage[project_id] = {
        "projectId": project_id,
        **{
            name: rng.randrange(9) * _GIB
            for name in (
                *("issue", "wiki", "document", "file"),
                *("subversion", "git", "gitLFS"),
            )
        },
    }
    contents.webhooks[project_id] = [
        {
            "id": project_id * 10 + number,
            "name": f"hook {number}",
            "description": "",
            "hookUrl": "https://example.com/hook",
            "allEvent": number == 0,
            "activityTypeIds": [] if number == 0 else [1, 2, 3],
            **authorship(rng, home, number),
        }
        for number in range(project_id % 3)
    ]
    contents.custom_fields[project_id] = [
        _custom_field(project_id, kind) for kind in range(1, 9)
    ]


def _custom_field(project_id: int, kind: int) -> Row:
    definition: Row = {
        "id": project_id * 100 + kind,
        "typeId": kind,
        "version": 1_700_000_000_000 + kind,
        "name": f"項目 {kind}",
        "description": "" if kind % 2 else None,
        "required": kind == 1,
        "useIssueType": True,
        "applicableIssueTypes": [project_id * 10] if kind == 2 else [],
        "displayOrder": kind,
    }
    if kind % 2:
        definition["projectId"] = project_id
    if kind == 3:
        definition |= {"min": 0, "max": 99.5, "initialValue": None, "unit": "円"}
    if kind == 4:
        shift = {"id": 2, "date": None, "shift": 7}
        definition |= {"min": day(FIRST_DAY), "max": day(TODAY), "initialDate": shift}
    if kind > 4:
        items = [{"id": n, "name": f"item {n}", "displayOrder": n} for n in (1, 2, 3)]
        definition |= {"items": items, "allowAddItem": False}
    if kind > 6:
        definition["allowInput"] = True
    return definition
