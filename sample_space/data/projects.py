"""Projects of the sample space, with the lists that each has for its issues."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, day

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

Row = dict[str, Any]

_NAMES = [
    ("WEB", "Webサイトリニューアル"), ("OPS", "運用"), ("APP", "Mobile app"),
    ("HR_2026", "採用 2026"), ("LIB", "Library <core> & tools"), ("OLD", "旧システム"),
    ("SALES", "営業支援"),
]  # fmt: skip
_TYPES = [
    ("タスク", "#7ea800"),
    ("バグ", "#990000"),
    ("要望", "#ff9200"),
    ("Other", "#2779ca"),
]
_CATEGORIES = ["画面", "API", "ドキュメント", "インフラ", "Security"]
_STATUSES = [
    (1, "未対応", "#ed8077"), (2, "処理中", "#4488c5"), (3, "処理済み", "#5eb5a6"),
    (4, "完了", "#b0be3c"),
]  # fmt: skip
_FLAGS = {
    "chartEnabled": True,
    "useResolvedForChart": False,
    "subtaskingEnabled": True,
    "projectLeaderCanEditProjectLeader": False,
    "useWiki": True,
    "useDocument": True,
    "useFileSharing": True,
    "useWikiTreeView": True,
    "useOriginalImageSizeAtWiki": False,
    "useSubversion": False,
    "useGit": True,
    "useDevAttributes": True,
}


_OPTIONAL = ("useWiki", "useDocument", "useGit", "useFileSharing")
"""What is off in the second project."""


@dataclass
class ProjectData:
    """A project and what belongs to it."""

    project: Row
    members: list[Row]
    issue_types: list[Row] = field(default_factory=list)
    categories: list[Row] = field(default_factory=list)
    versions: list[Row] = field(default_factory=list)
    statuses: list[Row] = field(default_factory=list)
    next_key_id: int = 1

    @property
    def id(self) -> int:
        """The project's id."""
        return int(self.project["id"])

    @property
    def key(self) -> str:
        """The project's key."""
        return str(self.project["projectKey"])


def make_projects(
    rng: random.Random,
    count: int,
    users: list[Row],
    ids: Sequence[int],
) -> list[ProjectData]:
    """Return projects; the second last is archived, the last has no categories."""
    return [_project(rng, ids[number], number, count, users) for number in range(count)]


def _project(
    rng: random.Random,
    project_id: int,
    number: int,
    count: int,
    users: list[Row],
) -> ProjectData:
    key, name = _NAMES[number % len(_NAMES)]
    if number >= len(_NAMES):
        key, name = f"{key}{number}", f"{name} {number}"
    project = {
        "id": project_id,
        "projectKey": key,
        "name": name,
        **_FLAGS,
        **dict.fromkeys(_OPTIONAL, number != 1),
        "textFormattingRule": "markdown" if number % 2 else "backlog",
        "archived": number == count - 2,
        "displayOrder": 2147483646,
    }
    data = ProjectData(
        project,
        # The first two users are in all projects, each of the others in one.
        [u for place, u in enumerate(users) if place % count == number or place < 2],
    )
    data.issue_types = [
        {
            "id": 10 * project_id + place,
            "projectId": project_id,
            "name": type_name,
            "color": color,
            "displayOrder": place,
            "templateSummary": None if place else "件名: ",
            "templateDescription": None if place else "## 再現手順\n",
        }
        for place, (type_name, color) in enumerate(_TYPES)
    ]
    if number != count - 1:
        data.categories = [
            {
                "id": 10 * project_id + place,
                "projectId": project_id,
                "name": category,
                "displayOrder": 2147483646,
            }
            for place, category in enumerate(_CATEGORIES)
        ]
    data.versions = [
        {
            "id": 10 * project_id + place,
            "projectId": project_id,
            "name": f"v{place + 1}.0",
            "description": None if place else "初回リリース",
            "startDate": day(FIRST_DAY + dt.timedelta(days=90 * place)),
            "releaseDueDate": None
            if place == 2
            else day(FIRST_DAY + dt.timedelta(days=90 * place + rng.randrange(80))),
            "archived": place == 0,
            "displayOrder": place,
        }
        for place in range(3)
    ]
    data.statuses = [
        {
            "id": status_id,
            "projectId": project_id,
            "name": status,
            "color": color,
            "displayOrder": 1000 * place,
        }
        for place, (status_id, status, color) in enumerate(_STATUSES, 1)
    ]
    return data
