"""Issues, the main table."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.errors import BacklogError
from tap_backlog.newest_first import NewestFirst, Stretch
from tap_backlog.pagination import PAGE_SIZE, STEP
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
from tap_backlog.settings import moment
from tap_backlog.streams.base import BacklogStream, Page, next_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_backlog.client import Params
    from tap_backlog.rows import RawRows, Row

PROJECTS_PER_LIST = 250
"""Project ids in one request, so that its line stays under 8 kB."""

_STAMP = "%Y-%m-%dT%H:%M:%SZ"

_MARGIN = dt.timedelta(days=2)
"""``updatedSince`` is a day in a time zone that nobody names, so a day is not enough
to be sure; rows before the bookmark are dropped by their own stamp."""


@dataclass
class _Unfinished:
    """How far a run has come, as the state says it.

    Args:
        list: Index of the list that is being read; all before it are.
        of: Digest of all lists.
        bookmark: What will be the bookmark.
        read: What has been read of that list.
    """

    list: int
    of: int
    bookmark: str
    read: Sequence[Stretch]


class Issues(BacklogStream):
    """``GET issues``, by the newest change first."""

    name = "issues"
    path = "issues"
    primary_keys: ClassVar = ("id",)
    replication_key = "updated"
    needs_projects = True
    schema: ClassVar = record(
        "Issues of the projects (課題一覧の取得).",
        key("id", "Id of the issue; it stays when the issue moves."),
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
        timestamp("updated", "When it was last changed.", required=True),
        many("customFields", CUSTOM_FIELD_VALUE, "Values of the custom fields."),
        many("attachments", ATTACHMENT, "Attached files."),
        many("sharedFiles", SHARED_FILE, "Shared files that it points to."),
        many("externalFileLinks", EXTERNAL_FILE_LINK, "Files held elsewhere."),
        many("stars", STAR, "Stars that it was given."),
    )

    def pages(self) -> Iterator[Page]:
        """Yield the issues changed since the bookmark, itself included.

        While a reading is not finished the state holds how far it has come
        (``unfinished``), so that the next run goes on from there.
        """
        floor = self._floor()
        lists = self._lists()
        unfinished = self._unfinished(lists)
        # The first list is read first, so what is newest there is before all others.
        bookmark = unfinished.bookmark
        for index in range(unfinished.list, len(lists)):
            stretches = unfinished.read if index == unfinished.list else []
            fetch = partial(self._fetch, lists[index], floor)
            self._reader = reader = NewestFirst(fetch, floor, stretches)
            for rows, stretches_read in reader.pages():
                bookmark = reader.newest if index == 0 else bookmark
                reached = _Unfinished(index, _digest(lists), bookmark, stretches_read)
                yield Page(rows, {"unfinished": asdict(reached)})
        bookmark = max(floor, bookmark)
        yield Page(
            [],
            {
                "unfinished": None,
                "replication_key": self.replication_key if bookmark else None,
                "replication_key_value": bookmark or None,
            },
        )

    def _fetch(self, project_ids: list[int], floor: str, offset: int) -> list[Row]:
        since = (moment(floor) - _MARGIN).strftime("%Y-%m-%d") if floor else None

        def params(offset: int) -> Params:
            return {
                "projectId": project_ids,
                **({"updatedSince": since} if since else {}),
                "sort": "updated",
                "order": "desc",
                "offset": offset,
                "count": PAGE_SIZE,
            }

        def following(rows: RawRows) -> tuple[str, Params] | None:
            down_to = self._reader.down_to
            if down_to and str(rows.last("updated")) < down_to:
                return None
            then = params(offset + STEP)
            return next_page(rows, self.path, then, counted_by="issueKey")

        return self.ask(self.path, params(offset), following)

    def _floor(self) -> str:
        """Return the stamp down to which to read; "" where it is to the end."""
        floor = self.bookmark(moment) or self.start
        return floor.strftime(_STAMP) if floor else ""

    def _lists(self) -> list[list[int]]:
        """Return the project ids of each list to read: one, but in huge spaces.

        Without ``projectId[]`` Backlog may leave archived projects out.
        """
        ids = self.tap.scope.ids
        return [
            ids[first : first + PROJECTS_PER_LIST]
            for first in range(0, len(ids), PROJECTS_PER_LIST)
        ]

    def _unfinished(self, lists: list[list[int]]) -> _Unfinished:
        """Return how far the last run has come, if that was cut off.

        Raises:
            BacklogError: The state holds something else.
        """
        saved = self.state_at_start.get("unfinished") if self.is_incremental else None
        if not saved:
            return _Unfinished(0, _digest(lists), "", [])
        try:
            unfinished = _Unfinished(**saved)
            unfinished.read = [Stretch(**stretch) for stretch in saved["read"]]
        except (KeyError, TypeError):
            message = (
                f"The state's `unfinished` of `{self.name}` cannot be read. Take it "
                "out, or start without a state."
            )
            raise BacklogError(message) from None
        if unfinished.of != _digest(lists):
            return _Unfinished(0, _digest(lists), "", [])
        return unfinished


def _digest(lists: list[list[int]]) -> int:
    """Tell several lists from others: their parts may not be mixed up.

    A single list may grow between two runs.
    """
    return zlib.crc32(repr(lists).encode()) if len(lists) > 1 else 0
