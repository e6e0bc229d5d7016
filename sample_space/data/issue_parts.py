"""What belongs to an issue: comments, participants, related issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.clock import parse, stamp
from sample_space.data.issues import without_children

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents

Row = dict[str, Any]

_TEXTS = ["", None, "対応しました。", "Fixed in main.", "確認お願いします 🙏", "a\u2028b"]
_FIELDS = ["assigner", "limitDate", "milestone", "description", "項目 3"]


def add_to_issue(
    contents: Contents,
    rng: random.Random,
    issue: Row,
    other: Row,
    users: list[Row],
    place: int,
    statuses: list[Row],
) -> None:
    """Add what belongs to an issue.

    Args:
        contents: Where it is added.
        rng: Decides what is added.
        issue: The issue.
        other: The issue before it.
        users: All users.
        place: The place of the issue in the space.
        statuses: Those of its project.
    """
    past = _statuses_before(issue, statuses)
    count = 230 if place == 3 else max(rng.randrange(5), len(past))
    contents.comments[issue["id"]] = [
        _comment(rng, issue, users, number, count, past) for number in range(count)
    ]
    contents.participants[issue["id"]] = rng.sample(users, min(place % 4, len(users)))
    if place % 6 == 1 and other is not issue:
        kind = {"type": "RELATES", "externalFileLinks": []}
        related = {**without_children(other), **kind}
        contents.related[issue["id"]] = [related]


def _statuses_before(issue: Row, statuses: list[Row]) -> list[str]:
    """Return the names of the statuses that an issue had before, in order."""
    order = issue["status"]["displayOrder"]
    return [status["name"] for status in statuses if status["displayOrder"] < order]


def _comment(
    rng: random.Random,
    issue: Row,
    users: list[Row],
    number: int,
    count: int,
    past: list[str],
) -> Row:
    """Return a comment; the first ones show how the issue got its status."""
    began, ended = parse(issue["created"]), parse(issue["updated"])
    when = stamp(began + (ended - began) * (number + 1) / count)
    changes = [_change(rng) for _ in range(rng.randrange(3))]
    if number < len(past):
        names = [*past, issue["status"]["name"]]
        changes.append(_changed("status", names[number], names[number + 1]))
    return {
        "id": issue["id"] * 1000 + number,
        "projectId": issue["projectId"],
        "issueId": issue["id"],
        "content": rng.choice(_TEXTS),
        "changeLog": changes or rng.choice([None, []]),
        "createdUser": rng.choice([*users, None]),
        "created": when,
        "updated": when,
        "stars": [],
        "notifications": [],
    }


def _change(rng: random.Random) -> Row:
    name = rng.choice(_FIELDS)
    info = {"id": 8003, "typeId": "3"} if name == "項目 3" else None
    values = rng.choice([None, "前"]), rng.choice(["2026-02-01", "後", None])
    return {**_changed(name, *values), "attributeInfo": info}


def _changed(field_name: str, before: str | None, after: str | None) -> Row:
    return {
        "field": field_name,
        "newValue": after,
        "originalValue": before,
        "attachmentInfo": None,
        "attributeInfo": None,
        "notificationInfo": None,
    }
