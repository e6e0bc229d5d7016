"""Issues, the main table."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, ClassVar

from tap_backlog.schemas import (
    ATTACHMENT,
    CATEGORY,
    CUSTOM_FIELD_VALUE,
    EXTERNAL_FILE_LINK,
    ISSUE_TYPE,
    PRIORITY,
    RESOLUTION,
    SHARED_FILE,
    STAR,
    STATUS,
    USER,
    VERSION,
    calendar_date,
    integer,
    key,
    many,
    nested,
    number,
    record,
    shape,
    text,
    timestamp,
)
from tap_backlog.settings import earlier, moment
from tap_backlog.streams.by_change import ByChangeStream

_MARGIN = dt.timedelta(days=2)
_FIRST_DAY = "1971"
"""No issue is older, and not every server knows every older date."""
"""``updatedSince`` is a day in a time zone that nobody names, so a day is not enough
to be sure; rows before the bookmark are dropped by their own stamp."""


ISSUE_FIELDS = (
    integer("projectId", "Id of the project."),
    text("issueKey", "Key of the issue, such as `WEB-12`."),
    integer("keyId", "The number in the key."),
    nested("issueType", ISSUE_TYPE, "Issue type."),
    text("summary", "Summary."),
    text("description", "Description, in the project's way of formatting."),
    nested("resolution", RESOLUTION, "How it was resolved."),
    nested("priority", PRIORITY, "Priority."),
    nested("status", STATUS, "Status."),
    nested("assignee", USER, "Who is to do it."),
    many("category", CATEGORY, "Categories."),
    many("versions", VERSION, "Versions that it concerns."),
    many("milestone", VERSION, "Milestones by which it is due."),
    calendar_date("startDate", "First day of work."),
    calendar_date("dueDate", "Day on which it is due."),
    number("estimatedHours", "Estimated hours."),
    number("actualHours", "Hours spent."),
    integer("parentIssueId", "Id of the parent issue."),
    nested(
        "childIssueSummary",
        shape(
            integer("total", "Child issues."),
            integer("closed", "Child issues that are closed."),
        ),
        "How many child issues it has, where Backlog tells.",
    ),
    nested("createdUser", USER, "Who added it; null if the user is gone."),
    timestamp("created", "When it was added."),
    nested("updatedUser", USER, "Who changed it last; null if the user is gone."),
    many("customFields", CUSTOM_FIELD_VALUE, "Values of the custom fields."),
    many("attachments", ATTACHMENT, "Attached files."),
    many("sharedFiles", SHARED_FILE, "Shared files that it points to."),
    many("externalFileLinks", EXTERNAL_FILE_LINK, "Files held elsewhere."),
    many("stars", STAR, "Stars that it was given."),
)


class Issues(ByChangeStream):
    """``GET issues``, by the newest change first."""

    name = "issues"
    path = "issues"
    count_path = "issues/count"
    counted_by = "issueKey"
    schema: ClassVar = record(
        "Issues of the projects (課題一覧の取得).",
        key("id", "Id of the issue; it stays when the issue moves."),
        *ISSUE_FIELDS,
        timestamp("updated", "When it was last changed.", required=True),
    )

    def filters(self, floor: str) -> dict[str, Any]:
        """Return ``updatedSince``, with a margin."""
        if floor < _FIRST_DAY:
            return {}
        day = earlier(moment(floor), _MARGIN).date()
        return {"updatedSince": day.isoformat()}

    @cached_property
    def lookback(self) -> dt.timedelta:  # type: ignore[override]
        """The setting ``comments_lookback_days``, where comments are read."""
        reads_comments = any(
            member.name in {"issue_comments", "issue_change_log"}
            for member in self.family
        )
        days = self.config.get("comments_lookback_days") or 0
        return dt.timedelta(days=days if reads_comments else 0)
