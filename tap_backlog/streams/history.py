"""Streams made from the updates: the history of issues, and deletions."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tap_backlog.rows import is_integer, read, read_nested
from tap_backlog.streams.kinds.dependents import Derived
from tap_backlog.streams.shapes import USER, integer, key, nested, record, text, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.rows import Row

_ADDED = frozenset({1, 47})
"""Types of updates that add one issue, or several."""

_CHANGED = frozenset({2, 3, 14, 34, 35})
"""Types of updates that change one issue, or several."""


class FromUpdates(Derived):
    """Rows that are made from updates."""

    source = "recent_updates"
    requests_in_words = "1 per 100 updates"


class IssueHistory(FromUpdates):
    """``content`` of updates: the values of an issue over time, and who changed them.

    See docs/api-facts.md, "Updates".
    """

    name = "issue_history"
    primary_keys: ClassVar = ("activityId", "position")
    added_keys: ClassVar = ("activityId", "position")
    schema: ClassVar = record(
        "History of the issues, as far back as the updates reach: one row for an issue "
        "that was added, and one for each field that was changed (最近の更新から読んだ"
        "課題の履歴).",
        key("activityId", "Id of the update that tells of it; ids grow with time."),
        key("position", "Place among the changes of the update, from 0."),
        integer(
            "type",
            "What was done: 1 issue added, 2 changed, 3 commented, 14 issues changed "
            "together, 34 status deleted, 35 dates changed together, 47 issues added "
            "together.",
        ),
        integer("issueId", "Id of the issue."),
        integer("projectId", "Id of the project."),
        text("issueKey", "Key of the issue then, such as `WEB-12`."),
        text(
            "field",
            "What was changed, such as status, assigner, milestone or limitDate (due "
            "date); null if the issue was added.",
        ),
        text("fieldText", "The name of a custom field that was changed."),
        text(
            "oldValue",
            "What it was before; of a status and the like its id. Null if Backlog does "
            "not tell, as when issues are changed together.",
        ),
        text("newValue", "What it became; of a status and the like its id."),
        nested("changedUser", USER, "Who did it; null if the user is gone."),
        timestamp("changed", "When it was done."),
    )

    def rows_from(self, row: Row) -> Iterator[Row]:
        """Yield one row per added issue, and one per changed field of an issue."""
        kind = read(row, "type")
        if not is_integer(kind) or kind not in _ADDED | _CHANGED:
            return
        content, project = read_nested(row, "content"), read_nested(row, "project")
        changes = [_NOTHING] if kind in _ADDED else list(_changes_of(content))
        position = 0
        for issue in _issues_of(content):
            for change in changes:
                yield {
                    "activityId": row["id"],
                    "position": position,
                    "type": kind,
                    "issueId": issue["id"],
                    "projectId": project.get("id"),
                    "issueKey": _key_of(project, issue),
                    **change._asdict(),
                    "changedUser": row.get("createdUser"),
                    "changed": row.get("created"),
                }
                position += 1


class _Change(NamedTuple):
    field: str | None
    fieldText: str | None  # noqa: N815 - the column's name
    oldValue: str | None  # noqa: N815
    newValue: str | None  # noqa: N815


_NOTHING = _Change(None, None, None, None)


def _changes_of(content: dict[str, Any]) -> Iterator[_Change]:
    """Yield the changes in an update; a deleted status has only one change."""
    changes = content.get("changes")
    for change in changes if isinstance(changes, list) else [content.get("change")]:
        if isinstance(change, dict) and change.get("field") is not None:
            yield _Change(
                str(change["field"]),
                _text(change.get("field_text")),
                _text(change.get("old_value")),
                _text(change.get("new_value")),
            )


def _issues_of(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the issues of an update: its own issue, or the issues that it links."""
    links = content.get("link")
    for issue in links if isinstance(links, list) else [content]:
        if isinstance(issue, dict) and is_integer(issue.get("id")):
            yield issue


def _key_of(project: dict[str, Any], issue: dict[str, Any]) -> str | None:
    project_key, key_id = project.get("projectKey"), issue.get("key_id")
    has_key = project_key is not None and key_id is not None
    return f"{project_key}-{key_id}" if has_key else None


def _text(value: object) -> str | None:
    """Return a value as text, as Backlog writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


_GONE = {
    4: "issue",
    7: "wiki page",
    10: "shared file",
    24: "milestone",
    37: "document",
    42: "document comment",
    45: "reply",
}
"""What was deleted, by the type of the update."""

_INSIDE = {42: "comment", 45: "reply"}
"""Field of the content that may hold these; the content itself is their document."""


class Deletions(FromUpdates):
    """Updates that report a deletion.

    See docs/api-facts.md, "Updates".
    """

    name = "deletions"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "What was deleted, one row each, to take it out of what was loaded before: "
        "issues, wiki pages, shared files, milestones, documents, comments of documents "
        "and replies to them (最近の更新から読んだ削除).",
        key("id", "Id of the update that tells of it; ids grow with time."),
        integer(
            "type",
            "Type of the update: 4 issue, 7 wiki page, 10 shared file, 24 milestone, 37 "
            "document, 42 document comment, 45 reply.",
        ),
        text("what", "What is gone, in words: `issue`, `wiki page`, and so on."),
        text("itemId", "Id of what is gone."),
        integer("projectId", "Id of its project."),
        nested("deletedUser", USER, "Who deleted it; null if the user is gone."),
        timestamp("deleted", "When it was deleted."),
    )

    def rows_from(self, row: Row) -> Iterator[Row]:
        """Yield one row if something was deleted."""
        kind = read(row, "type")
        if not is_integer(kind) or kind not in _GONE:
            return
        content = read_nested(row, "content")
        inside = content.get(_INSIDE.get(kind, ""))
        item_id = (inside if isinstance(inside, dict) else content).get("id")
        yield {
            "id": row["id"],
            "type": kind,
            "what": _GONE[kind],
            "itemId": None if item_id is None else str(item_id),
            "projectId": read_nested(row, "project").get("id"),
            "deletedUser": row.get("createdUser"),
            "deleted": row.get("created"),
        }
