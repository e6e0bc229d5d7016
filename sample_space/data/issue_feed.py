"""What the feed tells of issues: that they were made, and what their comments say."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_space.data.bulk import Bulk
    from sample_space.data.contents import Contents
    from sample_space.data.history import Change
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

ISSUE_ADDED, ISSUE_CHANGED, ISSUE_COMMENTED, ISSUE_DELETED = 1, 2, 3, 4
ISSUES_CHANGED = 14


class Event(NamedTuple):
    """An entry of the feed that has no id yet."""

    created: str
    kind: int
    content: Row
    home: ProjectData
    user: Row | None


def issue_content(issue: Row) -> Row:
    """Return what the feed says about an issue."""
    return {
        "id": issue["id"],
        "key_id": issue["keyId"],
        "summary": issue["summary"],
        "description": issue["description"],
        "attachments": [],
        "shared_files": [],
    }


def comment_content(issue: Row, comment: Row, changes: list[Change]) -> Row:
    """Return what the feed says about a comment, and about the changes it made."""
    return {
        **issue_content(issue),
        "comment": _text_of(comment),
        "changes": [change.in_feed() for change in changes],
    }


def bulk_content(
    number: int, issues: list[tuple[Row, Row]], changes: list[Change]
) -> Row:
    """Return what the feed says about issues that were changed together.

    Args:
        number: Distinguishes it.
        issues: The issues, each with the comment that the change made.
        changes: What was changed.
    """
    return {
        "tx_id": number,
        "comment": {"content": issues[0][1]["content"] or ""},
        "link": [
            {
                "id": issue["id"],
                "key_id": issue["keyId"],
                "title": issue["summary"],
                "comment": _text_of(comment),
            }
            for issue, comment in issues
        ],
        "changes": [change.in_feed_of_many() for change in changes],
    }


def _text_of(comment: Row) -> Row:
    return {"id": comment["id"], "content": comment["content"] or ""}


def events_of(
    issues: list[Row], contents: Contents, projects: list[ProjectData]
) -> list[Event]:
    """Return everything that ever happened to the issues, the oldest first."""
    homes = {home.id: home for home in projects}
    together = {
        contents.comments[issue["id"]][-1]["id"]
        for bulk in contents.bulks
        for issue in bulk.issues
    }
    events = [
        event
        for issue in issues
        for event in _of_issue(issue, contents, homes[issue["projectId"]], together)
    ]
    events += [_of_bulk(bulk, contents, homes) for bulk in contents.bulks]
    return sorted(events, key=attrgetter("created"))


def _of_issue(
    issue: Row, contents: Contents, home: ProjectData, together: set[int]
) -> Iterator[Event]:
    comments = contents.comments[issue["id"]]
    then = {**issue}
    for comment in reversed(comments):
        for change in contents.changes[comment["id"]]:
            if change.field == "description":
                then["description"] = change.before.told
    user = issue["createdUser"]
    yield Event(issue["created"], ISSUE_ADDED, issue_content(then), home, user)
    for comment in comments:
        changes = contents.changes[comment["id"]]
        for change in changes:
            if change.field == "description":
                then["description"] = change.after.told
        if comment["id"] not in together:
            kind = ISSUE_COMMENTED if comment["content"] else ISSUE_CHANGED
            content = comment_content(then, comment, changes)
            yield Event(comment["created"], kind, content, home, comment["createdUser"])


def _of_bulk(bulk: Bulk, contents: Contents, homes: dict[int, ProjectData]) -> Event:
    pairs = [(issue, contents.comments[issue["id"]][-1]) for issue in bulk.issues]
    issue, comment = pairs[0]
    home, user = homes[issue["projectId"]], comment["createdUser"]
    changes = contents.changes[comment["id"]]
    content = bulk_content(comment["id"] * 11, pairs, changes)
    return Event(comment["created"], ISSUES_CHANGED, content, home, user)
