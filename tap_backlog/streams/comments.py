"""Streams with one request per issue: comments, participants and related issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.reading.lists import BacklogList, IdList
from tap_backlog.rows import read
from tap_backlog.streams.issues import ISSUE_FIELDS
from tap_backlog.streams.kinds.dependents import ListPerRow, Parent, Parts
from tap_backlog.streams.shapes import (
    CHANGE,
    FREE_OBJECT,
    NOTIFICATION,
    STAR,
    USER,
    USER_FIELDS,
    integer,
    key,
    many,
    nested,
    record,
    stamp_of,
    text,
    text_key,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.rows import Row

_ISSUE = key("issueId", "Id of the issue.")
_ISSUE_UPDATED = stamp_of("issueUpdated", "issue", "issues")


class PerIssue(ListPerRow):
    """A list below ``issues/:id``."""

    source = "issues"
    requests_in_words = "1 per issue"
    added_keys: ClassVar = ("issueId",)

    def parent_of(self, row: Row) -> Parent:
        """Return the list of an issue."""
        return Parent(
            f"issues/{row['id']}/{self.path}",
            {"issueId": row["id"]},
            f"issue {read(row, 'issueKey') or row['id']}",
            read(row, "projectId"),
        )


class IssueComments(PerIssue):
    """``GET issues/:id/comments``, for issues that have changed.

    A new comment changes its issue (docs/api-facts.md, "What changes an issue"). For what
    a comment holds, see docs/api-facts.md, "Comments".
    """

    name = "issue_comments"
    path = "comments"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Comments of issues; every change of an issue makes one (課題コメントの取得).",
        key("id", "Id of the comment."),
        integer("projectId", "Id of the project."),
        _ISSUE,
        text("content", "Text; empty or null where only fields were changed."),
        many("changeLog", CHANGE, "What was changed along with it."),
        nested("createdUser", USER, "Who wrote it; null if the user is gone."),
        timestamp("created", "When it was written."),
        timestamp("updated", "When it was last changed."),
        many("stars", STAR, "Stars that it was given."),
        many("notifications", NOTIFICATION, "Who was notified."),
    )

    def parent_of(self, row: Row) -> Parent:
        """Return the comments of an issue."""
        parent = super().parent_of(row)
        keys = {**parent.keys, "projectId": read(row, "projectId")}
        return parent._replace(keys=keys)

    def list_at(self, path: str) -> BacklogList:
        """Return the comments of an issue."""
        return IdList(path)


class IssueChangeLog(Parts):
    """``changeLog`` of the comments, one row per change."""

    name = "issue_change_log"
    source = "issue_comments"
    field = "changeLog"
    source_key = "commentId"
    requests_in_words = "1 per issue"
    selected_by_default = False
    added_keys: ClassVar = ("commentId", "position")
    primary_keys: ClassVar = ("commentId", "position")
    schema: ClassVar = record(
        "History of the issues: what was changed, from what to what, when and by whom "
        "(課題の変更履歴).",
        key("commentId", "Id of the comment that the change made."),
        key("position", "Place among the changes of the comment, from 0."),
        _ISSUE,
        integer("projectId", "Id of the project."),
        text(
            "field",
            "What was changed: summary, description, component (category), version, "
            "milestone, status, assigner, issueType, startDate, limitDate (due date), "
            "priority, resolution, estimatedHours, actualHours, parentIssue, "
            "notification, attachment, commit, or the name of a custom field.",
        ),
        text("originalValue", "What it was before, as shown."),
        text("newValue", "What it became, as shown."),
        nested("attachmentInfo", FREE_OBJECT, "The attachment that was changed."),
        nested("attributeInfo", FREE_OBJECT, "The custom field that was changed."),
        nested("notificationInfo", FREE_OBJECT, "The notification that was sent."),
        nested("createdUser", USER, "Who changed it; null if the user is gone."),
        timestamp("created", "When it was changed."),
    )

    def parts_of(self, row: Row, item: Row, number: int) -> Iterator[Row]:
        """Yield a change, with what its comment says about it."""
        yield {
            "commentId": row["id"],
            "position": number,
            "issueId": row["issueId"],
            "projectId": row["projectId"],
            **{name: item.get(name) for name in CHANGE.wrapped},
            "createdUser": row.get("createdUser"),
            "created": row.get("created"),
        }


class IssueParticipants(PerIssue):
    """``GET issues/:id/participants``, for issues that have changed."""

    name = "issue_participants"
    path = "participants"
    stamp_field = "issueUpdated"
    primary_keys: ClassVar = ("issueId", "id")
    schema: ClassVar = record(
        "Who takes part in which issue (課題参加者の取得).",
        _ISSUE,
        key("id", "Id of the user."),
        *USER_FIELDS,
        _ISSUE_UPDATED,
    )


class RelatedIssues(PerIssue):
    """``GET issues/:id/relatedIssues``, for issues that have changed."""

    name = "related_issues"
    path = "relatedIssues"
    stamp_field = "issueUpdated"
    primary_keys: ClassVar = ("issueId", "id", "type")
    schema: ClassVar = record(
        "Which issue is related to which others (関連課題の取得).",
        _ISSUE,
        key("id", "Id of the issue that it is related to."),
        text_key("type", "How they are related: `RELATES`."),
        *ISSUE_FIELDS,
        timestamp("updated", "When the related issue was last changed."),
        _ISSUE_UPDATED,
    )
