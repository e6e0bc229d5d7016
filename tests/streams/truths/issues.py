"""What issues have in lists: files, milestones, stars, values of custom fields.

``OLD`` is on the second page of issues, ``NEW`` on the first, and ``BARE`` has nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.streams.truths.truth import AOI, Row, Truth, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_space import Space

OLD, NEW, BARE = 100_003, 100_006, 100_009

LONG_AGO, LATELY = "2025-01-06T00:00:01Z", "2026-09-30T00:00:00Z"
"""When ``OLD`` and ``NEW`` were changed."""

_PARTS = ("attachments", "category", "milestone", "versions", "stars", "customFields")

_V1 = {"id": 601, "projectId": 50, "name": "v1.0", "releaseDueDate": None}
_V2 = {"id": 602, "projectId": 50, "name": "v2.0", "releaseDueDate": None}


def put_into(space: Space) -> None:
    """Give parts to an issue on each page, and take them from a third issue."""
    space.issues[OLD] |= {
        "projectId": 50,
        "updated": LONG_AGO,
        "attachments": [
            {"id": 1, "name": "a.png", "size": 0},
            {"id": 2, "name": "b.png", "size": 5_000_000_000},
        ],
        "category": [{"id": 501, "projectId": 50, "name": "画面", "displayOrder": 1}],
        "milestone": [_V1, _V2],
        "versions": [_V1],
        "stars": [{"id": 11, "comment": None, "presenter": AOI}],
        "customFields": [
            _field(1, 1, "短い文"),
            _field(2, 2, "長い\n文章"),
            _field(3, 3, 1234567.891),
            _field(4, 4, "2026-02-01T00:00:00Z"),
            _field(5, 5, {"id": 1, "name": "Windows", "displayOrder": 0}),
            _field(6, 6, [{"id": 2, "name": "macOS"}, {"id": 3, "name": "その他"}]),
            {**_field(7, 7, [{"id": 3, "name": "その他"}]), "otherValue": "BSD"},
            {**_field(8, 8, {"id": 3, "name": "その他"}), "otherValue": None},
        ],
    }
    space.issues[NEW] |= {
        "projectId": 52,
        "updated": LATELY,
        "attachments": [{"id": 3, "name": "c.png", "size": 12}],
        "category": [],
        "milestone": [_V2],
        "versions": [_V1, _V2],
        "stars": [{"id": 12, "comment": "いいね", "presenter": None}],
        "customFields": [
            _field(1, 1, None),
            _field(2, 2, ""),
            _field(3, 3, 0),
            _field(4, 4, None),
            _field(5, 5, {"id": None, "name": "消えた項目"}),
            _field(6, 6, []),
            {**_field(7, 7, None), "otherValue": "これだけ"},
            {**_field(8, 8, {"id": 1, "name": "Windows"}), "otherValue": "と BSD"},
            _field(9, 3, -3.5),
            _field(10, 6, ["名前だけ"]),
        ],
    }
    space.issues[BARE] |= {
        "projectId": 53,
        "updated": LATELY,
        **{name: [] for name in _PARTS},
    }


def _field(number: int, kind: int, value: object) -> Row:
    name = f"項目 {number}"
    return {"id": 8000 + number, "fieldTypeId": kind, "name": name, "value": value}


def _lists_of(field: str) -> Callable[[Space], dict[int, list[Row]]]:
    return lambda space: {issue["id"]: issue[field] for issue in space.issues.values()}


_PRECISE = Decimal("1234567.891")
_PLACE = ("issueId",)
_ADDED = ("issueId", "issueUpdated")

TRUTHS = {
    "issue_attachments": Truth(
        count=120,
        rows=table(
            ("issueId", "issueUpdated", "id", "name", "size"),
            (OLD, LONG_AGO, 1, "a.png", 0),
            (OLD, LONG_AGO, 2, "b.png", 5_000_000_000),
            (NEW, LATELY, 3, "c.png", 12),
        ),
        place=_PLACE,
        lists=_lists_of("attachments"),
        added=_ADDED,
    ),
    "issue_categories": Truth(
        count=79,
        rows=table(
            ("issueId", "issueUpdated", "id", "projectId", "name", "displayOrder"),
            (OLD, LONG_AGO, 501, 50, "画面", 1),
        ),
        place=_PLACE,
        lists=_lists_of("category"),
        added=_ADDED,
    ),
    "issue_milestones": Truth(
        count=120,
        rows=table(
            ("issueId", "issueUpdated", "id", "projectId", "name", "releaseDueDate"),
            (OLD, LONG_AGO, 601, 50, "v1.0", None),
            (OLD, LONG_AGO, 602, 50, "v2.0", None),
            (NEW, LATELY, 602, 50, "v2.0", None),
        ),
        place=_PLACE,
        lists=_lists_of("milestone"),
        added=_ADDED,
    ),
    "issue_versions": Truth(
        count=61,
        rows=table(
            ("issueId", "issueUpdated", "id", "projectId", "name", "releaseDueDate"),
            (OLD, LONG_AGO, 601, 50, "v1.0", None),
            (NEW, LATELY, 601, 50, "v1.0", None),
            (NEW, LATELY, 602, 50, "v2.0", None),
        ),
        place=_PLACE,
        lists=_lists_of("versions"),
        added=_ADDED,
    ),
    "issue_stars": Truth(
        count=8,
        rows=table(
            ("issueId", "issueUpdated", "id", "comment", "presenter"),
            (OLD, LONG_AGO, 11, None, AOI),
            (NEW, LATELY, 12, "いいね", None),
        ),
        place=_PLACE,
        lists=_lists_of("stars"),
        added=_ADDED,
    ),
    "issue_custom_field_values": Truth(
        count=920,
        rows=table(
            (
                *("issueId", "issueUpdated", "projectId", "fieldId", "fieldTypeId"),
                *("name", "itemId", "text", "number", "date"),
            ),
            (OLD, LONG_AGO, 50, 8001, 1, "項目 1", -1, "短い文", None, None),
            (OLD, LONG_AGO, 50, 8002, 2, "項目 2", -1, "長い\n文章", None, None),
            (OLD, LONG_AGO, 50, 8003, 3, "項目 3", -1, None, _PRECISE, None),
            (
                OLD,
                LONG_AGO,
                50,
                8004,
                4,
                "項目 4",
                -1,
                None,
                None,
                "2026-02-01T00:00:00Z",
            ),
            (OLD, LONG_AGO, 50, 8005, 5, "項目 5", 1, "Windows", None, None),
            (OLD, LONG_AGO, 50, 8006, 6, "項目 6", 2, "macOS", None, None),
            (OLD, LONG_AGO, 50, 8006, 6, "項目 6", 3, "その他", None, None),
            (OLD, LONG_AGO, 50, 8007, 7, "項目 7", 3, "その他", None, None),
            (OLD, LONG_AGO, 50, 8007, 7, "項目 7", -1, "BSD", None, None),
            (OLD, LONG_AGO, 50, 8008, 8, "項目 8", 3, "その他", None, None),
            (NEW, LATELY, 52, 8003, 3, "項目 3", -1, None, 0, None),
            (NEW, LATELY, 52, 8005, 5, "項目 5", -1, "消えた項目", None, None),
            (NEW, LATELY, 52, 8007, 7, "項目 7", -1, "これだけ", None, None),
            (NEW, LATELY, 52, 8008, 8, "項目 8", 1, "Windows", None, None),
            (NEW, LATELY, 52, 8008, 8, "項目 8", -1, "と BSD", None, None),
            (NEW, LATELY, 52, 8009, 3, "項目 9", -1, None, Decimal("-3.5"), None),
            (NEW, LATELY, 52, 8010, 6, "項目 10", -1, "名前だけ", None, None),
        ),
        place=_PLACE,
    ),
}
