"""What is requested for each issue: comments with their changes, and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.streams.truths.issues import BARE, LATELY, LONG_AGO, NEW, OLD
from tests.streams.truths.truth import AOI, REN, Row, Truth, table

if TYPE_CHECKING:
    from sample_space import Space

_NOON = "2025-01-06T12:00:00Z"
_FIELD_3 = {"id": 8003, "typeId": "3"}
_FILE_3 = {"id": 3, "name": "c.png"}


def put_into(space: Space) -> None:
    """Give comments, people and related issues to two issues, and none to a third."""
    three = table(
        _CHANGE,
        ("status", "未対応", "処理中", None, None, None),
        ("項目 3", None, "12", None, _FIELD_3, None),
        ("limitDate", "2026-02-01", None, None, None, None),
    )
    one = table(_CHANGE, ("attachment", None, "c.png", _FILE_3, None, None))
    head = ("id", "projectId", "issueId", "createdUser", "created", "changeLog")
    space.contents.comments |= {
        OLD: table(
            head,
            (2001, 50, OLD, AOI, _NOON, three),
            (2002, 50, OLD, REN, LONG_AGO, None),
            (2003, 50, OLD, REN, LONG_AGO, []),
        ),
        NEW: table(head, (2004, 52, NEW, None, LATELY, one)),
        BARE: [],
    }
    space.contents.participants |= {OLD: [AOI, REN], NEW: [AOI], BARE: []}
    space.contents.related |= {
        OLD: [_related(NEW, "APP-1"), _related(BARE, "HR-1")],
        NEW: [_related(OLD, "WEB-1")],
        BARE: [],
    }


def _related(issue_id: int, key: str) -> Row:
    return {"id": issue_id, "type": "RELATES", "issueKey": key, "updated": LATELY}


_CHANGE = (
    *("field", "originalValue", "newValue"),
    *("attachmentInfo", "attributeInfo", "notificationInfo"),
)
_OF_COMMENT = ("commentId", "position", "issueId", "projectId", "createdUser", "created")
_PLACE = ("issueId",)
_ADDED = ("issueId", "issueUpdated")

TRUTHS = {
    "issue_comments": Truth(
        count=517,
        place=_PLACE,
        lists=lambda space: space.contents.comments,
    ),
    "issue_change_log": Truth(
        count=651,
        rows=table(
            (*_OF_COMMENT, *_CHANGE),
            (
                *(2001, 0, OLD, 50, AOI, _NOON),
                *("status", "未対応", "処理中", None, None, None),
            ),
            (
                *(2001, 1, OLD, 50, AOI, _NOON),
                *("項目 3", None, "12", None, _FIELD_3, None),
            ),
            (
                *(2001, 2, OLD, 50, AOI, _NOON),
                *("limitDate", "2026-02-01", None, None, None, None),
            ),
            (
                *(2004, 0, NEW, 52, None, LATELY),
                *("attachment", None, "c.png", _FILE_3, None, None),
            ),
        ),
        place=("commentId",),
        lists=lambda space: {
            comment["id"]: comment["changeLog"] or []
            for comments in space.contents.comments.values()
            for comment in comments
        },
        added=_OF_COMMENT,
    ),
    "issue_participants": Truth(
        count=180,
        rows=[
            {"issueId": OLD, "issueUpdated": LONG_AGO, **AOI},
            {"issueId": OLD, "issueUpdated": LONG_AGO, **REN},
            {"issueId": NEW, "issueUpdated": LATELY, **AOI},
        ],
        place=_PLACE,
        lists=lambda space: space.contents.participants,
        added=_ADDED,
    ),
    "related_issues": Truth(
        count=22,
        rows=table(
            ("issueId", "issueUpdated", "id", "type", "issueKey", "updated"),
            (OLD, LONG_AGO, NEW, "RELATES", "APP-1", LATELY),
            (OLD, LONG_AGO, BARE, "RELATES", "HR-1", LATELY),
            (NEW, LATELY, OLD, "RELATES", "WEB-1", LATELY),
        ),
        place=_PLACE,
        lists=lambda space: space.contents.related,
        added=_ADDED,
    ),
}
