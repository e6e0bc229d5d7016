"""Teams and their members, and the stars and watchings of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.streams.truths.truth import AOI, REN, Row, Truth, table

if TYPE_CHECKING:
    from sample_space import Space

_TEAM: Row = {
    "id": 301,
    "name": "開発",
    "members": [AOI, REN],
    "displayOrder": None,
    "createdUser": AOI,
    "created": "2025-01-06T01:00:00Z",
    "updatedUser": None,
    "updated": "2025-02-01T00:00:00Z",
}
_ISSUE = {"id": 100_003, "issueKey": "WEB-1"}


def put_into(space: Space) -> None:
    """Add teams on both pages, and users with and without stars and watchings."""
    space.teams[0] = dict(_TEAM)
    space.teams[1]["members"] = []
    space.teams[129] |= {"members": [REN], "updated": "2026-09-01T00:00:00Z"}
    star = ("id", "title", "comment", "presenter")
    space.contents.stars |= {
        1003: table(
            star, (901, "[WEB-1]", None, REN), (902, "[WEB-2]", "ありがとう", AOI)
        ),
        1004: table(star, (903, "[OPS-1]", None, None)),
        1005: [],
    }
    watching = ("id", "note", "issue", "created")
    space.contents.watchings |= {
        1003: table(
            watching,
            (911, "気になる", _ISSUE, "2026-09-01T00:00:00Z"),
            (912, None, None, "2026-09-02T00:00:00Z"),
        ),
        1004: [],
    }


TRUTHS = {
    "project_teams": Truth(
        count=6,
        rows=[{"projectId": 53, **_TEAM}],
        place=("projectId",),
        lists=lambda space: {
            50: space.teams[:2],
            51: space.teams[:3],
            53: space.teams[:1],
        },
        added=("projectId",),
    ),
    "team_members": Truth(
        count=319,
        rows=[
            {"teamId": 301, "teamUpdated": "2025-02-01T00:00:00Z", **AOI},
            {"teamId": 301, "teamUpdated": "2025-02-01T00:00:00Z", **REN},
            {"teamId": 430, "teamUpdated": "2026-09-01T00:00:00Z", **REN},
        ],
        place=("teamId",),
        lists=lambda space: {team["id"]: team["members"] for team in space.teams},
        added=("teamId", "teamUpdated"),
    ),
    "user_stars": Truth(
        count=149,
        rows=table(
            ("userId", "id", "title", "comment", "presenter"),
            (1003, 901, "[WEB-1]", None, REN),
            (1003, 902, "[WEB-2]", "ありがとう", AOI),
            (1004, 903, "[OPS-1]", None, None),
        ),
        place=("userId",),
        lists=lambda space: space.contents.stars,
        added=("userId",),
    ),
    "watchings": Truth(
        count=134,
        rows=table(
            ("userId", "id", "note", "issue", "created"),
            (1003, 911, "気になる", _ISSUE, "2026-09-01T00:00:00Z"),
            (1003, 912, None, None, "2026-09-02T00:00:00Z"),
        ),
        place=("userId",),
        lists=lambda space: space.contents.watchings,
        added=("userId",),
    ),
}
