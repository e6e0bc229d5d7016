"""The activity feed: everything that anybody does, one row each."""

from __future__ import annotations

import abc
import math
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.forecast import PROJECT_LIST, Forecast, Reading, id_pages_needed
from tap_backlog.pagination import PAGE_SIZE, after_id, id_pages, last_id_before
from tap_backlog.rows import is_integer, is_stamp, read, read_nested
from tap_backlog.schemas import (
    FREE_OBJECT,
    NOTIFICATION,
    PROJECT,
    USER,
    integer,
    key,
    many,
    nested,
    record,
    text,
    timestamp,
)
from tap_backlog.settings import moment
from tap_backlog.streams.base import BacklogStream, Page, next_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_backlog.census import Census
    from tap_backlog.client import Params
    from tap_backlog.rows import RawRows, Row

_DISORDER = 3600.0
"""Seconds by which an update may bear an older stamp than one with a smaller id."""

_TYPICAL_PROBES = 4
"""Requests that it mostly takes to find where a moment lies in a long list."""

_ISSUE_DELETED = 4


class ActivityStream(BacklogStream, abc.ABC):
    """Rows from ``GET space/activities``, by ascending id."""

    path = "space/activities"
    primary_keys: ClassVar = ("id",)
    replication_key = "id"
    activity_types: ClassVar[list[int]] = []
    """Kinds of activities to ask for; all if empty."""

    @cached_property
    def required_fields(self) -> Mapping[str, Callable[[object], bool]]:
        """The id alone: rows may be of another shape than what they are made of."""
        return {"id": is_integer}

    def row_of(self, activity: Row) -> Row:
        """Return the row that an activity becomes."""
        return activity

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 4 if self.activity_types else 0

    def forecast(self, census: Census) -> Forecast:
        """Return the pages from the bookmark, or else from ``start_date``, on."""
        after, probes = self.bookmark(int) or 0, 0
        if not after and self.start:
            after, probes = self._guess_last_id_before(self.start.timestamp(), census)
        found = census.newer_than(self, self._kinds, after)
        shared = (PROJECT_LIST,) if self.tap.scope.is_restricted else ()
        if found is None:
            return Forecast(None, (*shared, Reading(self.name, self.path)))
        requests = probes + id_pages_needed(found.rows)
        reading = Reading(self.name, self.path, requests)
        share = 1.0
        if found.sample:
            in_scope = sum(self._is_in_scope(row) for row in found.sample)
            share = in_scope / len(found.sample)
        return Forecast(found.rows * share, (*shared, reading))

    def _guess_last_id_before(self, start: float, census: Census) -> tuple[int, int]:
        """Return about the last id before a moment, and the requests to find it."""
        newest = census.rows(self, self.path, self._params("desc")) or []
        older = [row for row in newest if _made_at(row) < start - _DISORDER]
        if older or len(newest) < PAGE_SIZE:
            return (int(older[0]["id"]) if older else 0), 1
        oldest = census.rows(self, self.path, self._params("asc")) or newest
        first, last = oldest[0], newest[0]
        passed = (start - _made_at(first)) / (_made_at(last) - _made_at(first) or 1)
        ids = int(last["id"]) - int(first["id"])
        return int(first["id"]) + int(ids * min(max(passed, 0), 1)), 1 + _TYPICAL_PROBES

    def pages(self) -> Iterator[Page]:
        """Yield what was done since the bookmark, or else since ``start_date``."""
        bookmark = self.bookmark(int)
        start = self.start.timestamp() if self.start and bookmark is None else None
        after = self._last_id_before(start) if start else bookmark or 0
        for activities in id_pages(self._fetch, after):
            rows = [
                self.row_of(activity)
                for activity in activities
                if self._is_in_scope(activity)
                and not (start and _made_at(activity) < start)
            ]
            last_id = activities[-1]["id"]
            yield Page(
                rows,
                {
                    "replication_key": self.replication_key,
                    "replication_key_value": last_id,
                },
            )

    def _fetch(self, last_id: int) -> list[Row]:
        def following(rows: RawRows) -> tuple[str, Params] | None:
            return next_page(rows, self.path, self._params("asc", rows.last("id") or 0))

        return self.ask(self.path, self._params("asc", last_id), following)

    def _params(self, order: str, last_id: int = 0) -> Params:
        return {**after_id(last_id, order), **self._kinds}

    @property
    def _kinds(self) -> Params:
        return {"activityTypeId": self.activity_types} if self.activity_types else {}

    def _last_id_before(self, start: float) -> int:
        def probe(last_id: int) -> list[Row]:
            return self.ask(self.path, self._params("asc", last_id))

        newest = self.ask(self.path, self._params("desc"))
        return last_id_before(start - _DISORDER, _made_at, probe, newest)

    def _is_in_scope(self, activity: Row) -> bool:
        scope = self.tap.scope
        return (
            not scope.is_restricted
            or read_nested(activity, "project").get("id") in scope.ids
        )


class RecentUpdates(ActivityStream):
    """All activities, as they come."""

    name = "recent_updates"
    schema: ClassVar = record(
        "What was done in the space, one row each: issues, comments, wiki pages, "
        "files, pull requests, documents and more (最近の更新の取得).",
        key("id", "Id of the update; ids grow with time."),
        nested("project", PROJECT, "Project in which it was done."),
        integer(
            "type",
            "What was done: 1 issue added, 2 changed, 3 commented, 4 deleted, 5 wiki "
            "page added, 6 changed, 7 deleted, 8 file added, 9 changed, 10 deleted, 11 "
            "Subversion commit, 12 git push, 13 git repository made, 14 issues changed "
            "together, 15 user joined, 16 left, 17 notification added, 18 pull request "
            "added, 19 changed, 20 commented, 21 deleted or merged, 22 milestone added, "
            "23 changed, 24 deleted, 25 team joined, 26 left, 34 status deleted, 35 "
            "dates changed together, 36 document added, 37 deleted, 38 renamed, 39 "
            "changed, 40 to 45 document comments and replies, 46 file attached to a "
            "document, 47 issues added together, 48 documents added together, 49 "
            "mention in a document.",
        ),
        nested(
            "content",
            FREE_OBJECT,
            "What it was done to; its fields depend on `type`.",
        ),
        many("notifications", NOTIFICATION, "Always empty in this list."),
        nested("createdUser", USER, "Who did it; null if the user is gone."),
        timestamp("created", "When it was done."),
    )


class DeletedIssues(ActivityStream):
    """The activities that tell of an issue that was deleted (type 4)."""

    name = "deleted_issues"
    activity_types: ClassVar = [_ISSUE_DELETED]
    schema: ClassVar = record(
        "Issues that were deleted, one row each, to take them out of what was loaded "
        "before (課題の削除).",
        key("id", "Id of the update that tells of it; ids grow with time."),
        integer("issueId", "Id of the issue that was deleted."),
        integer("keyId", "The number in its key."),
        integer("projectId", "Id of its project."),
        text("projectKey", "Key of its project."),
        text("issueKey", "Its key, such as `WEB-12`."),
        nested("deletedUser", USER, "Who deleted it; null if the user is gone."),
        timestamp("deleted", "When it was deleted."),
    )

    def row_of(self, activity: Row) -> Row:
        """Return what was deleted, from where, when and by whom."""
        content = read_nested(activity, "content")
        project = read_nested(activity, "project")
        key_id, project_key = content.get("key_id"), project.get("projectKey")
        has_key = key_id is not None and project_key is not None
        return {
            "id": activity["id"],
            "issueId": content.get("id"),
            "keyId": key_id,
            "projectId": project.get("id"),
            "projectKey": project_key,
            "issueKey": f"{project_key}-{key_id}" if has_key else None,
            "deletedUser": activity.get("createdUser"),
            "deleted": activity.get("created"),
        }


def _made_at(activity: Row) -> float:
    """Return when it was made; what nobody can date is not left out for being old."""
    created = read(activity, "created")
    try:
        return moment(created).timestamp() if is_stamp(created) else math.inf
    except ValueError:  # such as February 31
        return math.inf
