"""Stars and watchings of a user."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, stamp

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents

Row = dict[str, Any]


def add_to_user(
    contents: Contents,
    rng: random.Random,
    user: Row,
    issues: list[Row],
) -> None:
    """Add a user's stars and watchings; one user has more than a page of each."""
    count = 130 if user["id"] == 1002 else 2
    contents.stars[user["id"]] = [
        {
            "id": user["id"] * 1000 + number,
            "comment": None,
            "url": "https://example.backlog.com/view/WEB-1",
            "title": "[WEB-1]",
            "presenter": user,
            "created": stamp(FIRST_DAY + dt.timedelta(hours=number)),
        }
        for number in range(count)
    ]
    watched = rng.sample(issues, min(len(issues), 105 if user["id"] == 1001 else 3))
    contents.watchings[user["id"]] = [
        {
            "id": user["id"] * 1000 + number,
            "resourceAlreadyRead": bool(number % 2),
            "note": "気になる",
            "type": "issue",
            "issue": {"id": issue["id"], "issueKey": issue["issueKey"]},
            "lastContentUpdated": None,
            "created": stamp(FIRST_DAY + dt.timedelta(hours=number)),
            "updated": stamp(FIRST_DAY + dt.timedelta(hours=number)),
        }
        for number, issue in enumerate(watched)
    ]
