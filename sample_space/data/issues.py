"""Issues of the sample space, with all eight kinds of custom field."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, day, longest_step, stamp
from sample_space.data.people import stranger

if TYPE_CHECKING:
    import random

    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

CHILDREN = "childIssueSummary"
"""The field of an issue that is sent only if it is requested."""

CLOSED = 4

PRIORITIES = [{"id": 2, "name": "高"}, {"id": 3, "name": "中"}, {"id": 4, "name": "低"}]
RESOLUTIONS = [
    {"id": 0, "name": "対応済み"},
    {"id": 1, "name": "対応しない"},
    {"id": 2, "name": "無効"},
    {"id": 3, "name": "重複"},
    {"id": 4, "name": "再現しない"},
]

_SUMMARIES = [
    "ログイン画面が崩れる",
    "Upload fails over 2 GB",
    "見積もりの作成",
    "Write the release notes",
    "検索結果の並び順 🔍",
    "Naïve café — “quotes” & <tags>",
    "バックアップの確認",
    "パスワード再設定",
]
TEXTS = [
    "",
    "再現手順:\n1. 開く\n2. 押す\n\n期待: 動く",
    "See the log:\r\n\tError at line 3",
    '改行\u2028と記号 \\ " / を含む説明\n' * 8,
    "絵文字 👩‍💻 と 𠮷野家",
    "A plain description. " * 40,
]
_ITEMS = [
    {"id": 1, "name": "Windows", "displayOrder": 0},
    {"id": 2, "name": "macOS", "displayOrder": 1},
    {"id": 3, "name": "その他", "displayOrder": 2},
]


def make_issue(
    rng: random.Random,
    issue_id: int,
    home: ProjectData,
    created: dt.datetime,
) -> Row:
    """Return a new issue, and count it in its project."""
    key_id = home.next_key_id
    home.next_key_id += 1
    status = rng.choice(home.statuses)
    author = rng.choice(home.members) if issue_id % 97 else None
    due = created + dt.timedelta(days=rng.randrange(60))
    rare = 1234.56 if issue_id % 10 == 0 else 4
    return {
        "id": issue_id,
        "projectId": home.id,
        "issueKey": f"{home.key}-{key_id}",
        "keyId": key_id,
        "issueType": rng.choice(home.issue_types),
        "summary": f"{rng.choice(_SUMMARIES)} #{key_id}",
        "description": rng.choice(TEXTS),
        "resolution": rng.choice(RESOLUTIONS) if status["id"] in {3, 4} else None,
        "priority": rng.choice(PRIORITIES),
        "status": status,
        "assignee": rng.choice([*home.members, stranger(), None]),
        "category": rng.sample(home.categories, min(issue_id % 3, len(home.categories))),
        "versions": rng.sample(home.versions, issue_id % 2),
        "milestone": rng.sample(home.versions, issue_id % 3),
        "startDate": day(created) if issue_id % 2 else None,
        "dueDate": day(due) if issue_id % 3 else None,
        "estimatedHours": rng.choice([None, 0, 0.25, 1.5, 8, rare]),
        "actualHours": rng.choice([None, 0.1, 3, 7.75]),
        "parentIssueId": None,
        CHILDREN: {"total": 0, "closed": 0},
        "createdUser": author,
        "created": stamp(created),
        "updatedUser": author,
        "updated": stamp(created),
        "customFields": _custom_fields(rng, issue_id, created),
        "attachments": _attachments(rng, issue_id),
        "sharedFiles": _shared_files(home, issue_id, created),
        "stars": _stars(home, issue_id, created),
    }


def without_children(issue: Row) -> Row:
    """Return an issue as it is sent if its child issues are not requested."""
    return {name: value for name, value in issue.items() if name != CHILDREN}


def _make_child(child: Row, parent: Row) -> None:
    child["parentIssueId"] = parent["id"]
    parent[CHILDREN]["total"] += 1
    parent[CHILDREN]["closed"] += child["status"]["id"] == CLOSED


def _custom_fields(
    rng: random.Random,
    issue_id: int,
    created: dt.datetime,
) -> list[Row]:
    """Return a value of every kind; each is sometimes empty."""
    values: list[Any] = [
        f"短い文 {issue_id}",
        "長い\n文章",
        rng.choice([0, 12, -3.5, 1234567.891]),
        day(created),
        _ITEMS[issue_id % 3],
        rng.sample(_ITEMS, 2),
        rng.sample(_ITEMS, 1),
        _ITEMS[(issue_id + 1) % 3],
    ]
    fields = []
    for kind, value in enumerate(values, 1):
        empty: list[Any] | None = [] if kind in {6, 7} and issue_id % 2 else None
        field: Row = {
            "id": 8000 + kind,
            "fieldTypeId": kind,
            "name": f"項目 {kind}",
            "value": empty if (issue_id + kind) % 5 == 0 else value,
        }
        if kind in {7, 8}:
            field["otherValue"] = "その他の理由" if issue_id % 4 == 0 else None
        fields.append(field)
    return fields


def _attachments(rng: random.Random, issue_id: int) -> list[Row]:
    return [
        {
            "id": 10 * issue_id + place,
            "name": f"スクリーンショット {place}.png",
            "size": rng.choice([0, 188_323, 5_000_000_000]),
        }
        for place in range(issue_id % 3)
    ]


def _shared_files(home: ProjectData, issue_id: int, created: dt.datetime) -> list[Row]:
    if issue_id % 17:
        return []
    return [
        {
            "id": 500_000 + issue_id,
            "projectId": home.id,
            "type": "file",
            "dir": "/設計/",
            "name": "plan.xlsx",
            "size": 2275,
            "createdUser": home.members[0],
            "created": stamp(created),
            "updatedUser": None,
            "updated": stamp(created),
        },
    ]


def _stars(home: ProjectData, issue_id: int, created: dt.datetime) -> list[Row]:
    if issue_id % 19:
        return []
    return [
        {
            "id": 700_000 + issue_id,
            "comment": None,
            "url": f"https://example.backlog.com/view/{home.key}-{home.next_key_id - 1}",
            "title": f"[{home.key}-{home.next_key_id - 1}]",
            "presenter": home.members[-1],
            "created": stamp(created + dt.timedelta(hours=1)),
        },
    ]


def make_issues(rng: random.Random, count: int, projects: list[ProjectData]) -> list[Row]:
    """Return issues in the order of their ids, which is the order of their creation.

    Some were made in the same second, as in an import. Most were edited later, and
    sometimes six issues next to each other were edited together.
    """
    issues: list[Row] = []
    created = edited = FIRST_DAY
    longest = longest_step(count, 20_000)
    for number in range(1, count + 1):
        if number % 4:
            created += dt.timedelta(seconds=rng.randrange(1, longest))
        issue = make_issue(rng, 100_000 + 3 * number, rng.choice(projects), created)
        is_edited_with_others = number % 30 in range(2, 7)
        if not is_edited_with_others:
            edited = created + dt.timedelta(seconds=rng.randrange(100_000, 5_000_000))
        if number % 5 or is_edited_with_others:
            issue["updated"] = stamp(edited)
        if number % 10 == 0:
            others = (i for i in reversed(issues) if i["projectId"] == issue["projectId"])
            if (parent := next(others, None)) and parent["parentIssueId"] is None:
                _make_child(issue, parent)
        issues.append(issue)
    return issues
