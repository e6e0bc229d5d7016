"""Projects: their people, and what each has for its issues."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.streams.truths.truth import AOI, REN, Truth, table

if TYPE_CHECKING:
    from sample_space import Space

_NEXT_WEEK = {"id": 2, "date": None, "shift": 7}
_ITEMS = [{"id": 1, "name": "macOS", "displayOrder": 0}]


def put_into(space: Space) -> None:
    """Add members, custom fields and webhooks; some projects have none."""
    web, ops, app, hr = space.projects
    web.members[:] = [AOI, REN]
    ops.members[:] = [REN]
    app.members[:] = [AOI]
    hr.members.clear()
    bounds = ("id", "typeId", "min", "max")
    space.contents.custom_fields = {
        50: [
            {"id": 7001, "projectId": 50, "typeId": 1, "name": "メモ"},
            {"id": 7002, "typeId": 3, "min": 0, "max": 99.5, "unit": "円"},
            {
                "id": 7003,
                "projectId": 50,
                "typeId": 4,
                "min": "2025-01-06T00:00:00Z",
                "max": "2026-10-01T00:00:00Z",
                "initialDate": _NEXT_WEEK,
            },
        ],
        51: table(
            bounds,
            (7004, 4, None, "2026-12-31T00:00:00Z"),
            (7005, 4, "2026-12-01T00:00:00Z", None),
            (7006, 4, None, None),
            (7007, 3, None, -3),
        ),
        53: [{"id": 7008, "projectId": 53, "typeId": 7, "items": _ITEMS}],
    }
    webhook = ("id", "name", "allEvent", "activityTypeIds")
    space.contents.webhooks = {
        50: table(webhook, (801, "all", True, [])),
        52: table(webhook, (802, "some", False, [1, 2]), (803, "one", False, [3])),
    }


_PLACE = ("projectId",)

TRUTHS = {
    "project_users": Truth(
        count=4,
        rows=[
            {"projectId": 50, **AOI},
            {"projectId": 50, **REN},
            {"projectId": 51, **REN},
            {"projectId": 52, **AOI},
        ],
    ),
    "project_administrators": Truth(
        count=3,
        rows=[
            {"projectId": 50, **AOI},
            {"projectId": 51, **REN},
            {"projectId": 52, **AOI},
        ],
    ),
    "statuses": Truth(
        count=16,
        rows=table(
            ("projectId", "id", "name", "color", "displayOrder"),
            (51, 1, "未対応", "#ed8077", 1000),
            (51, 2, "処理中", "#4488c5", 2000),
            (51, 3, "処理済み", "#5eb5a6", 3000),
            (51, 4, "完了", "#b0be3c", 4000),
        ),
        place=_PLACE,
        lists=lambda space: {home.id: home.statuses for home in space.projects},
    ),
    "milestones": Truth(
        count=12,
        place=_PLACE,
        lists=lambda space: {home.id: home.versions for home in space.projects},
    ),
    "custom_fields": Truth(
        count=8,
        rows=[
            {"projectId": 50, "id": 7001, "typeId": 1, "name": "メモ"},
            {
                "projectId": 50,
                "id": 7002,
                "typeId": 3,
                "min": 0,
                "max": Decimal("99.5"),
                "unit": "円",
            },
            {
                "projectId": 50,
                "id": 7003,
                "typeId": 4,
                "min": None,
                "max": None,
                "minDate": "2025-01-06T00:00:00Z",
                "maxDate": "2026-10-01T00:00:00Z",
                "initialDate": _NEXT_WEEK,
            },
            {
                "projectId": 51,
                "id": 7004,
                "typeId": 4,
                "min": None,
                "max": None,
                "maxDate": "2026-12-31T00:00:00Z",
            },
            {
                "projectId": 51,
                "id": 7005,
                "typeId": 4,
                "min": None,
                "max": None,
                "minDate": "2026-12-01T00:00:00Z",
            },
            {"projectId": 51, "id": 7006, "typeId": 4, "min": None, "max": None},
            {"projectId": 51, "id": 7007, "typeId": 3, "min": None, "max": -3},
            {"projectId": 53, "id": 7008, "typeId": 7, "items": _ITEMS},
        ],
    ),
    "webhooks": Truth(
        count=3,
        rows=table(
            ("projectId", "id", "name", "allEvent", "activityTypeIds"),
            (50, 801, "all", True, []),
            (52, 802, "some", False, [1, 2]),
            (52, 803, "one", False, [3]),
        ),
    ),
    "project_disk_usage": Truth(
        count=4,
        place=_PLACE,
        lists=lambda space: {key: [row] for key, row in space.contents.usage.items()},
    ),
    "shared_files": Truth(
        count=1134,
        place=_PLACE,
        lists=lambda space: space.contents.files,
    ),
}
