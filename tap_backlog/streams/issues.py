"""Issues, the main table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.request import Request
from tap_backlog.streams.kinds.by_change import ByChangeStream
from tap_backlog.streams.shapes import (
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
from tap_backlog.times import earlier, moment

if TYPE_CHECKING:
    from tap_backlog.request import Following, Params
    from tap_backlog.rows import RawRows, Row

_MARGIN = dt.timedelta(days=2)
"""``updatedSince`` is a day in an undocumented time zone, so a margin of one day is not
safe. Rows before the bookmark are dropped by their own timestamp.

See docs/api-facts.md, "Issues".
"""

_FIRST_DAY = "1971"
"""No issue is older, and some servers do not accept older dates."""


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
    nested("createdUser", USER, "Who added it; null if the user is gone."),
    timestamp("created", "When it was added."),
    nested("updatedUser", USER, "Who changed it last; null if the user is gone."),
    many("customFields", CUSTOM_FIELD_VALUE, "Values of the custom fields."),
    many("attachments", ATTACHMENT, "Attached files."),
    many("sharedFiles", SHARED_FILE, "Shared files that it points to."),
    many("externalFileLinks", EXTERNAL_FILE_LINK, "Files held elsewhere."),
    many("stars", STAR, "Stars that it was given."),
)


_CHILDREN = "childIssueSummary"
_WITH_COMMENTS = {"issue_comments", "issue_change_log"}


class Issues(ByChangeStream):
    """``GET issues``, newest change first."""

    name = "issues"
    path = "issues"
    requests_in_words = "1 per 100 issues"
    count_path = "issues/count"
    schema: ClassVar = record(
        "Issues of the projects (課題一覧の取得).",
        key("id", "Id of the issue; it stays when the issue moves."),
        *ISSUE_FIELDS,
        nested(
            _CHILDREN,
            shape(
                integer("total", "Child issues."),
                integer("closed", "Child issues that are closed."),
            ),
            "How many child issues it has; null if the server does not tell.",
        ),
        timestamp("updated", "When it was last changed.", required=True),
    )
    _knows_expand = True

    @property
    def extras(self) -> Params:  # type: ignore[override]
        """Ask for the summary of child issues, which Backlog sends only on request."""
        is_sent = (
            self.name in self.run.wanted
            and _CHILDREN in self.run.wanted[self.name].fields
        )
        return {"expand": [_CHILDREN]} if is_sent and self._knows_expand else {}

    def ask(self, request: Request, following: Following | None = None) -> list[Row]:
        """Return a list of rows; without ``expand[]`` if the server refuses that.

        See docs/api-facts.md, "Issues".

        Args:
            request: The request.
            following: Returns the next request.
        """
        try:
            return super().ask(request, following)
        except RefusedError as refusal:
            if not refusal.is_malformed or "expand" not in request.params:
                raise
            self._knows_expand = False

            def then(rows: RawRows) -> Request | None:
                request = following(rows) if following else None
                return _unexpanded(request) if request else None

            rows = super().ask(_unexpanded(request), then)
            self.logger.info(
                "This server does not know `expand[]` (%s), so `%s` of `issues` stays "
                "empty.",
                refusal.reason,
                _CHILDREN,
            )
            return rows

    def filters(self, floor: str) -> dict[str, Any]:
        """Return ``updatedSince``, with a margin."""
        if floor < _FIRST_DAY:
            return {}
        day = earlier(moment(floor), _MARGIN).date()
        return {"updatedSince": day.isoformat()}

    @property
    def reread(self) -> dt.timedelta:
        """The setting ``comments_lookback_days``, if comments are read.

        An edited comment may not show in its issue (docs/api-facts.md, "What changes an
        issue").
        """
        reads_comments = _WITH_COMMENTS & self.run.wanted.keys()
        return self.run.settings.comments_lookback if reads_comments else dt.timedelta()


def _unexpanded(request: Request) -> Request:
    rest = {name: value for name, value in request.params.items() if name != "expand"}
    return Request(request.path, rest)
