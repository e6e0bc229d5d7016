"""What belongs to an issue: comments, participants, related issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.clock import parse, stamp
from sample_space.data.bulk import find_bulks
from sample_space.data.history import CUSTOM_FIELD, Step, changes_of
from sample_space.data.issues import without_children

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

_TEXTS = ["", None, "対応しました。", "Fixed in main.", "確認お願いします 🙏", "a\u2028b"]
_FIELDS = [
    ("assigner", "priority"),
    ("limitDate", "issueType"),
    ("milestone", "resolution"),
    ("description", CUSTOM_FIELD),
    ("estimatedHours", "actualHours"),
]


def add_to_issues(
    contents: Contents,
    rng: random.Random,
    issues: list[Row],
    users: list[Row],
    projects: list[ProjectData],
) -> None:
    """Add what belongs to issues.

    Args:
        contents: Where it is added.
        rng: Decides what is added.
        issues: All issues; who changed them last, and when, follows from the comments.
        users: All users.
        projects: All projects.
    """
    homes = {home.id: home for home in projects}
    steps: dict[int, list[list[Step]]] = {}
    for place, issue in enumerate(issues):
        statuses = homes[issue["projectId"]].statuses
        past = statuses.index(issue["status"])
        count = 230 if place == 3 else max(rng.randrange(5), past)
        made = [
            _comment(rng, issue, users, number, count, past) for number in range(count)
        ]
        contents.comments[issue["id"]] = [comment for comment, _ in made]
        steps[issue["id"]] = [of_comment for _, of_comment in made]
        issue["updated"] = made[-1][0]["created"] if made else issue["created"]
        contents.participants[issue["id"]] = rng.sample(users, min(place % 4, len(users)))
    contents.bulks = find_bulks(issues, homes, steps)
    for bulk in contents.bulks:
        first, *others = (contents.comments[issue["id"]][-1] for issue in bulk.issues)
        for comment in others:
            comment |= {name: first[name] for name in ("content", "createdUser")}
    for issue in issues:
        _write(contents, issue, homes[issue["projectId"]], steps[issue["id"]])
    for place, issue in enumerate(issues):
        if place % 6 == 1:
            other = issues[place - 1]
            kind = {"type": "RELATES", "externalFileLinks": []}
            related = {**without_children(other), **kind}
            contents.related[issue["id"]] = [related]


def _comment(
    rng: random.Random,
    issue: Row,
    users: list[Row],
    number: int,
    count: int,
    past: int,
) -> tuple[Row, list[Step]]:
    """Return a comment and what it changes; the first ones change the status."""
    began, ended = parse(issue["created"]), parse(issue["updated"])
    when = stamp(began + (ended - began) * (number + 1) / count)
    steps: list[Step] = []
    for _ in range(rng.randrange(3)):
        pair = rng.choice(_FIELDS)
        field = rng.choice(pair)
        if any(step.field == field for step in steps):
            field = pair[1 - pair.index(field)]
        steps.append(Step(field, rng.choice(range(3))))
    if number < past:
        steps.append(Step("status"))
    comment = {
        "id": issue["id"] * 1000 + number,
        "projectId": issue["projectId"],
        "issueId": issue["id"],
        "content": rng.choice(_TEXTS),
        "changeLog": None if steps else rng.choice([None, []]),
        "createdUser": rng.choice([*users, None]),
        "created": when,
        "updated": when,
        "stars": [],
        "notifications": [],
    }
    return comment, steps


def _write(
    contents: Contents, issue: Row, home: ProjectData, steps: list[list[Step]]
) -> None:
    """Write the changes of an issue into its comments, and who was last into it."""
    comments = contents.comments[issue["id"]]
    history = changes_of(issue, home, steps)
    for comment, changes in zip(comments, history, strict=True):
        contents.changes[comment["id"]] = changes
        if changes:
            comment["changeLog"] = [change.in_comment() for change in changes]
        elif not comment["content"]:
            comment["content"] = "確認しました。"
        issue["updatedUser"] = comment["createdUser"]
