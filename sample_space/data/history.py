"""What was changed in an issue: the same in its comments, in the feed and in the issue.

A past is made up from its end: the last change of a field leads to what the issue has
now (docs/api-facts.md, "Comments" and "Updates").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sample_space.clock import day, parse
from sample_space.data.issues import PRIORITIES, RESOLUTIONS, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

CUSTOM_FIELD = "項目 3"
"""The custom field that people change; a number."""

_CUSTOM_ID = 8003


class Value(NamedTuple):
    """A value as comments show it and as the feed tells it: of a status name and id."""

    shown: str | None
    told: str | None


class Step(NamedTuple):
    """A field that a comment changes; ``draw`` chooses what it was before."""

    field: str
    draw: int = 0


@dataclass(frozen=True)
class Change:
    """What a field was, and what it became."""

    field: str
    before: Value
    after: Value

    def in_comment(self) -> Row:
        """Return the change as the ``changeLog`` of a comment has it."""
        is_custom = self.field == CUSTOM_FIELD
        return {
            "field": self.field,
            "newValue": self.after.shown,
            "originalValue": self.before.shown,
            "attachmentInfo": None,
            "attributeInfo": {"id": _CUSTOM_ID, "typeId": "3"} if is_custom else None,
            "notificationInfo": None,
        }

    def in_feed(self) -> Row:
        """Return the change as an entry of the feed has it."""
        return {**self.in_feed_of_many(), "old_value": self.before.told}

    def in_feed_of_many(self) -> Row:
        """Return the change of several issues, which may have had different values."""
        row = {"field": self.field, "new_value": self.after.told, "type": "standard"}
        if self.field == CUSTOM_FIELD:
            name = f"customField_{_CUSTOM_ID}"
            row |= {"field": name, "field_text": CUSTOM_FIELD, "type": "custom"}
        return row


def _item(item: Row | None) -> Value:
    return Value(item["name"], str(item["id"])) if item else Value(None, None)


def _text(value: object) -> Value:
    text = None if value is None else str(value)
    return Value(text, text)


def _names(items: list[Row]) -> Value:
    return _text(", ".join(item["name"] for item in items) or None)


_PRESENT: dict[str, Callable[[Row], Value]] = {
    "status": lambda issue: _item(issue["status"]),
    "assigner": lambda issue: _item(issue["assignee"]),
    "priority": lambda issue: _item(issue["priority"]),
    "issueType": lambda issue: _item(issue["issueType"]),
    "resolution": lambda issue: _item(issue["resolution"]),
    "milestone": lambda issue: _names(issue["milestone"]),
    "limitDate": lambda issue: _text(issue["dueDate"] and issue["dueDate"][:10]),
    "description": lambda issue: _text(issue["description"]),
    "estimatedHours": lambda issue: _text(issue["estimatedHours"]),
    "actualHours": lambda issue: _text(issue["actualHours"]),
    CUSTOM_FIELD: lambda issue: _text(issue["customFields"][2]["value"]),
}


def value_of(issue: Row, field: str) -> Value:
    """Return what an issue has now."""
    return _PRESENT[field](issue)


def _before(issue: Row, home: ProjectData, step: Step, after: Value) -> Value:
    """Return what a field was before a change: of a status the one before it."""
    if step.field == "status":
        names = [_item(status) for status in home.statuses]
        return names[names.index(after) - 1]
    values = _candidates(issue, home, step.field)
    turned = values[step.draw :] + values[: step.draw]
    return next(value for value in turned if value != after)


def _candidates(issue: Row, home: ProjectData, field: str) -> list[Value]:
    if field == "milestone":
        return [_names([]), _names(home.versions[:1]), _names(home.versions[1:2])]
    if field == "limitDate":
        first = parse(issue["created"])
        days = [day(first + dt.timedelta(days=n))[:10] for n in (7, 14)]
        return [_text(value) for value in (None, *days)]
    if field == "description":
        return [_text(value) for value in TEXTS[:3]]
    items: dict[str, list[Row | None]] = {
        "assigner": [home.members[0], None, home.members[-1]],
        "priority": [*PRIORITIES],
        "issueType": [*home.issue_types[:3]],
        "resolution": [None, *RESOLUTIONS[:2]],
    }
    if field in items:
        return [_item(item) for item in items[field]]
    return [_text(value) for value in (None, 12, 2.5)]


def changes_of(
    issue: Row, home: ProjectData, steps: list[list[Step]]
) -> list[list[Change]]:
    """Return the changes of an issue, comment by comment.

    Args:
        issue: As it is after all of them.
        home: Its project.
        steps: What each comment changes, the oldest comment first.
    """
    now: dict[str, Value] = {}
    changes: list[list[Change]] = []
    for of_comment in reversed(steps):
        made = []
        for step in of_comment:
            after = now.get(step.field) or value_of(issue, step.field)
            before = _before(issue, home, step, after)
            made.append(Change(step.field, before, after))
            now[step.field] = before
        changes.append(made)
    return changes[::-1]
