"""What only the key's owner sees, and priorities and resolutions of the space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.streams.truths.truth import Truth, table

if TYPE_CHECKING:
    from sample_space import Space

_TODAY, _BEFORE = "2026-09-30T09:00:00Z", "2026-01-02T09:00:00Z"
_FIRST_ISSUE = {"id": 100_003, "issueKey": "WEB-1"}
_LAST_ISSUE = {"id": 100_360, "issueKey": "APP-9"}
_APP = {"id": 52, "projectKey": "APP", "archived": True}
_WEB = {"id": 50, "projectKey": "WEB", "archived": False}
_PAGE_1 = {"id": 5001, "projectId": 50, "name": "ページ/1"}
_PAGE_2 = {"id": 5300, "projectId": 53, "name": "ページ/2"}


def put_into(space: Space) -> None:
    """Add recently viewed things: the first and last of 120 issues, and all others."""
    contents = space.contents
    contents.viewed_issues[0] = {"issue": _FIRST_ISSUE, "updated": _TODAY}
    contents.viewed_issues[119] = {"issue": _LAST_ISSUE, "updated": _BEFORE}
    contents.viewed_projects = table(
        ("project", "updated"), (_APP, _TODAY), (_WEB, _BEFORE)
    )
    contents.viewed_wikis = table(
        ("page", "updated"), (_PAGE_1, _TODAY), (_PAGE_2, _BEFORE)
    )


TRUTHS = {
    "notifications": Truth(
        count=120,
        lists=lambda space: {(): space.contents.notifications},
    ),
    "recently_viewed_issues": Truth(
        count=120,
        rows=table(
            ("issueId", "issue", "updated"),
            (100_003, _FIRST_ISSUE, _TODAY),
            (100_360, _LAST_ISSUE, _BEFORE),
        ),
        place=("issueId",),
        lists=lambda space: {
            row["issue"]["id"]: [row] for row in space.contents.viewed_issues
        },
        added=("issueId",),
    ),
    "recently_viewed_projects": Truth(
        count=2,
        rows=table(
            ("projectId", "project", "updated"),
            (52, _APP, _TODAY),
            (50, _WEB, _BEFORE),
        ),
    ),
    "recently_viewed_wikis": Truth(
        count=2,
        rows=table(
            ("pageId", "page", "updated"),
            (5001, _PAGE_1, _TODAY),
            (5300, _PAGE_2, _BEFORE),
        ),
    ),
    "priorities": Truth(
        count=3,
        rows=table(("id", "name"), (2, "高"), (3, "中"), (4, "低")),
    ),
    "resolutions": Truth(
        count=5,
        rows=table(
            ("id", "name"),
            (0, "対応済み"),
            (1, "対応しない"),
            (2, "無効"),
            (3, "重複"),
            (4, "再現しない"),
        ),
    ),
}
