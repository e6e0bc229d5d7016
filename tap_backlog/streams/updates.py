"""The activity feed: everything that anyone does, one row each."""

from __future__ import annotations

import abc
import math
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import TransientError
from tap_backlog.forecast.costs import PROJECT_LIST, Cost, Forecast
from tap_backlog.reading.lists import IdList
from tap_backlog.reading.newest_ids import created_at
from tap_backlog.reading.pagination import PAGE_SIZE, last_id_before
from tap_backlog.rows import is_integer, read, read_nested
from tap_backlog.streams.kinds.by_id import ByIdStream
from tap_backlog.streams.page import Page
from tap_backlog.streams.shapes import (
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row
    from tap_backlog.state.coverage import Owed

_DISORDER = 3600.0
"""Seconds by which the timestamp of an update may be older than that of an update with a
smaller id."""

_TYPICAL_PROBES = 4
"""Requests that are usually needed to find a moment in a long list."""

_ISSUE_DELETED = 4


class ActivityStream(ByIdStream, abc.ABC):
    """Rows from ``GET space/activities``, by ascending id.

    The feed covers all joined projects. So a project that is new or was missing owes its
    older rows, which come from ``GET projects/:id/activities`` (docs/api-facts.md,
    "Updates").
    """

    path = "space/activities"
    project_path = "projects/{project_id}/activities"
    covers_projects = True
    needs_projects = True
    activity_types: ClassVar[list[int]] = []
    """Kinds of activities to ask for; all if empty."""

    @cached_property
    def required_fields(self) -> Mapping[str, Callable[[object], bool]]:
        """Only the id: this stream's rows may differ in shape from the feed's rows."""
        return {"id": is_integer}

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 4 if self.activity_types else 0

    def forecast(self, census: Census) -> Forecast:
        """Return the pages from the bookmark, or else from ``start_date``."""
        after, probes = self.id_to_read_after(), 0
        if not after and self.bookmark.start:
            after, probes = self._guess_last_id_before(
                self.bookmark.start.timestamp(), census
            )
        found = census.found(self.feed.count_after(census.probe_of(self), after))
        shared = (PROJECT_LIST,)
        if found is None:
            unknown = Cost(self.name, self.path, is_guess=True)
            return Forecast(None, (*shared, unknown))
        requests = probes + self.feed.requests_for(found.rows)
        owing = self.bookmark.coverage.whole & set(self.run.scope.ids)
        requests += len(owing)
        is_guess = census.is_guessing or bool(probes or owing)
        cost = Cost(self.name, self.path, requests, is_guess)
        sample = [row for row in found.sample if self._is_in_scope(row)]
        share = len(sample) / len(found.sample) if found.sample else 1.0
        census.is_guessing |= bool(probes or owing) or share < 1
        return Forecast(found.rows * share, (*shared, cost), sample)

    def _guess_last_id_before(self, start: float, census: Census) -> tuple[int, int]:
        """Return roughly the last id before a moment, and the requests to find it."""
        newest = census.rows(self, self.feed.newest) or []
        older = [row for row in newest if _made_at(row) < start - _DISORDER]
        if older or len(newest) < PAGE_SIZE:
            return (int(older[0]["id"]) if older else 0), 1
        oldest = census.rows(self, self.feed.first) or newest
        first, last = oldest[0], newest[0]
        passed = (start - _made_at(first)) / (_made_at(last) - _made_at(first) or 1)
        ids = int(last["id"]) - int(first["id"])
        return int(first["id"]) + int(ids * min(max(passed, 0), 1)), 1 + _TYPICAL_PROBES

    def pages(self) -> Iterator[Page]:
        """Yield the updates since the bookmark, or else since ``start_date``.

        After that come the older updates that projects owe.
        """
        ids = self.run.scope.ids
        after = self.id_to_read_after()
        self.bookmark.owe_missing_projects(ids, after or None)
        if self.bookmark.is_first_reading:
            after = self._id_before_start(self.feed)
        yield from self.new_pages(after)
        for owed in self.bookmark.coverage.due(ids):
            for project_id in sorted(owed.projects):
                alone = self.bookmark.coverage.part(owed, project_id)
                yield from self._owed_pages(alone, project_id, after)

    def _owed_pages(self, owed: Owed, project_id: int, until: int) -> Iterator[Page]:
        """Yield what a project owes, up to the id where reading the feed began."""
        feed = self._feed_at(self.project_path.format(project_id=project_id))
        try:
            since = owed.since if isinstance(owed.since, int) else None
            after = self._id_before_start(feed) if since is None else since
            for listed in feed.pages(self.ask, after=after):
                owed.since = min(listed[-1]["id"], until)
                due = [one for one in listed if one["id"] <= until]
                yield Page(self._wanted(due, from_start=since is None))
                if owed.since == until:
                    break
        except TransientError as error:
            self._skip(project_id, error)
            return
        except RefusedError as refusal:
            if refusal.is_fatal:
                raise
            self.is_complete = False
            self.logger.warning(
                "`%s` skips the past of project %d: %s. The next run asks again.",
                self.name,
                project_id,
                refusal.reason,
            )
            return
        self.bookmark.coverage.settle(owed)
        yield Page([], is_last=True)

    def _skip(self, project_id: int, error: TransientError) -> None:
        """Skip a project whose feed always fails, if the server is up."""
        self.run.client.confirm_server(error)
        self.is_complete = False
        self.run.record_failure(self.name, f"project {project_id}", error)

    def wanted(self, listed: list[Row]) -> list[Row]:
        """Return the rows of the run's projects, from ``start_date`` if it applies."""
        return self._wanted(listed, from_start=self.bookmark.is_first_reading)

    def _wanted(self, listed: list[Row], *, from_start: bool) -> list[Row]:
        start = (
            self.bookmark.start.timestamp()
            if self.bookmark.start and from_start
            else None
        )
        return [
            self.row_of(activity)
            for activity in listed
            if self._is_in_scope(activity) and not (start and _made_at(activity) < start)
        ]

    @property
    def feed(self) -> IdList:
        """The feed of the space, of the kinds that are wanted."""
        return self._feed_at(self.path)

    def _feed_at(self, path: str) -> IdList:
        kinds = self.activity_types
        return IdList(path, {"activityTypeId": kinds} if kinds else {})

    def _id_before_start(self, feed: IdList) -> int:
        """Return an id up to which every row is older than ``start_date``."""
        if not self.bookmark.start:
            return 0

        def probe(last_id: int) -> list[Row]:
            return self.ask(feed.after(last_id))

        newest = self.ask(feed.newest)
        moment_of_start = self.bookmark.start.timestamp() - _DISORDER
        return last_id_before(moment_of_start, _made_at, probe, newest)

    def _is_in_scope(self, activity: Row) -> bool:
        """Whether it is asked for: a server may ignore the filter by kind.

        See docs/api-facts.md, "Updates".
        """
        kinds = self.activity_types
        if kinds and read(activity, "type") not in kinds:
            return False
        scope = self.run.scope
        return (
            not scope.is_restricted
            or read_nested(activity, "project").get("id") in scope.ids
        )


class RecentUpdates(ActivityStream):
    """All activities, as they come."""

    name = "recent_updates"
    was_alone = True
    requests_in_words = "1 per 100 updates"
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
    """The activities that report a deleted issue (type 4)."""

    name = "deleted_issues"
    requests_in_words = "1 per 100 deletions"
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

    def row_of(self, listed: Row) -> Row:
        """Return what was deleted, from where, when and by whom."""
        activity = listed
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
    """Return when it was created; without a date it never counts as too old."""
    made = created_at(activity)
    return made.timestamp() if made else math.inf
