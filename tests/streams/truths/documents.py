"""Documents, the comments on them, and their tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.streams.truths.truth import Row, Truth, table

if TYPE_CHECKING:
    from sample_space import Space


def put_into(space: Space) -> None:
    """Add a tree of three levels with a trash, and two without optional parts."""
    space.contents.trees = {
        50: {
            "projectId": 50,
            "activeTree": {
                "id": "Active",
                "children": [
                    _node(
                        "a1", "議事録", _node("a11", "1月"), _node("a12", "2月", _DEEP)
                    ),
                    _node("a2", "設計"),
                    _node("a3", "一覧", _node("a31", "1月")),
                ],
            },
            "trashTree": {
                "id": "Trash",
                "children": [
                    _node("t1", "古い", _node("t11", "下書き")),
                    _node("t2", "没"),
                ],
            },
        },
        52: {
            "activeTree": {
                "id": "Active",
                "children": [
                    {"id": "a1", "name": "同じ ID", "children": None},
                    {
                        "id": "b2",
                        "name": None,
                        "emoji": "🎉",
                        "emojiType": "unicode",
                        "statusId": 1,
                        "updated": "2026-09-01T00:00:00Z",
                    },
                ],
            },
        },
        53: {
            "activeTree": {"id": "Active"},
            "trashTree": {"id": "Trash", "children": [_GONE]},
        },
    }


def _node(node_id: str, name: str, *children: Row) -> Row:
    return {"id": node_id, "name": name, "emoji": "", "children": list(children)}


_DEEP = {"id": "a121", "name": "3日", "emoji": "📅", "children": []}
_GONE = {"id": "c1", "name": "没"}

TRUTHS = {
    "documents": Truth(
        count=120,
        lists=lambda space: {(): list(space.contents.documents.values())},
    ),
    "document_comments": Truth(
        count=117,
        place=("documentId",),
        lists=lambda space: space.contents.document_comments,
    ),
    "document_tree": Truth(
        count=13,
        rows=table(
            (
                *("projectId", "trashed", "id", "parentId", "position", "name"),
                *("emoji", "emojiType", "statusId", "updated"),
            ),
            (50, False, "a1", None, 0, "議事録", "", None, None, None),
            (50, False, "a11", "a1", 0, "1月", "", None, None, None),
            (50, False, "a12", "a1", 1, "2月", "", None, None, None),
            (50, False, "a121", "a12", 0, "3日", "📅", None, None, None),
            (50, False, "a2", None, 1, "設計", "", None, None, None),
            (50, False, "a3", None, 2, "一覧", "", None, None, None),
            (50, False, "a31", "a3", 0, "1月", "", None, None, None),
            (50, True, "t1", None, 0, "古い", "", None, None, None),
            (50, True, "t11", "t1", 0, "下書き", "", None, None, None),
            (50, True, "t2", None, 1, "没", "", None, None, None),
            (52, False, "a1", None, 0, "同じ ID", None, None, None, None),
            (52, False, "b2", None, 1, None, "🎉", "unicode", 1, "2026-09-01T00:00:00Z"),
            (53, True, "c1", None, 0, "没", None, None, None, None),
        ),
    ),
}
