"""The activity feed: everything that anybody does, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.pagination import PAGE_SIZE, id_pages, last_id_before
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
    timestamp,
)
from tap_backlog.settings import moment
from tap_backlog.streams.base import BacklogStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.client import Row

_DISORDER = 3600.0
"""Seconds by which an update may bear an older stamp than one with a smaller id."""


class RecentUpdates(BacklogStream):
    """``GET space/activities``, by ascending id."""

    name = "recent_updates"
    path = "space/activities"
    primary_keys: ClassVar = ("id",)
    replication_key = "id"
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

    def rows(self) -> Iterator[Row]:
        """Yield the updates since the bookmark, or else since ``start_date``."""
        bookmark = self.bookmark(int)
        start = self.start.timestamp() if self.start and bookmark is None else None
        after = self._last_id_before(start) if start else bookmark or 0
        for page in id_pages(self._fetch, after):
            for row in page:
                if self._is_in_scope(row) and not (start and _made_at(row) < start):
                    yield row
            self.save(
                replication_key=self.replication_key,
                replication_key_value=page[-1]["id"],
            )

    def _fetch(self, last_id: int) -> list[Row]:
        since = {"minId": last_id} if last_id else {}
        return self.ask(self.path, {**since, "order": "asc", "count": PAGE_SIZE})

    def _last_id_before(self, start: float) -> int:
        newest = self.ask(self.path, {"order": "desc", "count": PAGE_SIZE})
        return last_id_before(start - _DISORDER, _made_at, self._fetch, newest)

    def _is_in_scope(self, row: Row) -> bool:
        scope = self.tap.scope
        return (
            not scope.is_restricted or (row.get("project") or {}).get("id") in scope.ids
        )


def _made_at(row: Row) -> float:
    return moment(row["created"]).timestamp()
