"""What only the key's owner sees: notifications, and what was viewed recently."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.forecast.costs import Cost, Forecast
from tap_backlog.reading.lists import BacklogList, OffsetList
from tap_backlog.rows import is_integer, plain, read_nested
from tap_backlog.streams.kinds.by_id import ByIdStream
from tap_backlog.streams.kinds.single import ListStream
from tap_backlog.streams.page import Page
from tap_backlog.streams.shapes import (
    FREE_OBJECT,
    PROJECT,
    USER,
    boolean,
    integer,
    key,
    nested,
    record,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.forecast.census import Census
    from tap_backlog.request import Following, Request
    from tap_backlog.rows import Row


class Notifications(ByIdStream):
    """``GET notifications``, by ascending id."""

    name = "notifications"
    path = "notifications"
    requests_in_words = "1 per 100 notifications"
    schema: ClassVar = record(
        "Notifications of the key's owner; whether one has been read is as it was when "
        "it was fetched (お知らせ一覧の取得).",
        key("id", "Id of the notification."),
        boolean("alreadyRead", "Whether it has been seen."),
        integer(
            "reason",
            "1 assigned, 2 commented, 3 issue added, 4 issue changed, 5 file added, 6 "
            "added to a project, 9 other, 10 pull request assigned, 11 commented, 12 "
            "added, 13 changed, 14 document commented, 15 answered, 17 mentioned.",
        ),
        boolean("resourceAlreadyRead", "Whether what it is about has been read."),
        nested("project", PROJECT, "The project."),
        nested("issue", FREE_OBJECT, "The issue that it is about."),
        nested("comment", FREE_OBJECT, "The comment that it is about."),
        nested("repository", FREE_OBJECT, "The repository that it is about."),
        nested("pullRequest", FREE_OBJECT, "The pull request that it is about."),
        nested("pullRequestComment", FREE_OBJECT, "The comment there."),
        nested("document", FREE_OBJECT, "The document that it is about."),
        nested("documentComment", FREE_OBJECT, "The comment there."),
        nested("documentCommentReply", FREE_OBJECT, "The reply there."),
        nested("sender", USER, "Who caused it."),
        timestamp("created", "When it was sent."),
    )

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 3

    def forecast(self, census: Census) -> Forecast:
        """Return the pages from the bookmark."""
        after = self.id_to_read_after()
        rows: float | None = None
        if not after:
            rows = census.count("notifications/count")
        if rows is None:
            found = census.found(self.feed.count_after(census.probe_of(self), after))
            rows = found.rows if found else None
        requests = self.feed.requests_for(rows or 0)
        cost = Cost(self.name, self.path, requests, census.is_guessing)
        return Forecast(rows, (cost,))

    def pages(self) -> Iterator[Page]:
        """Yield what is newer than the bookmark, and what may have shown up late."""
        yield from self.new_pages(self.id_to_read_after())


class RecentlyViewed(ListStream):
    """A list of what the key's owner viewed recently, paged by offset.

    See docs/api-facts.md, "People, teams and stars".
    """

    subject: ClassVar[str]
    """Field of a row that holds what was viewed."""

    def list_of(self) -> BacklogList:
        """Return the list, newest first."""
        return OffsetList(self.path, {"order": "desc"}, self._key)

    @property
    def _key(self) -> str:
        return str(self.primary_keys[0])

    def pages(self) -> Iterator[Page]:
        """Yield all rows, each once; rows of another shape are counted and logged."""
        odd = 0
        for rows in self.list_of().pages(self._ask_with_keys):
            known = [row for row in rows if is_integer(row[self._key])]
            odd += len(rows) - len(known)
            yield Page(known)
        if odd:
            self.logger.warning(
                "`%s` leaves out %d of its rows: they do not say in `%s` what was looked "
                "at. If it persists, please report it.",
                self.name,
                odd,
                self.subject,
            )

    def _ask_with_keys(self, request: Request, following: Following | None) -> list[Row]:
        rows = self.ask(request, following)
        return [{**row, self._key: self._key_of(row)} for row in rows]

    def _key_of(self, row: Row) -> int | str:
        """Return the id of what was viewed, or else the whole row as text.

        A row of another shape keeps its position, because it counts for the page size.
        """
        row_id = read_nested(row, self.subject).get("id")
        return row_id if isinstance(row_id, int) else str(plain(row))


class RecentlyViewedIssues(RecentlyViewed):
    """``GET users/myself/recentlyViewedIssues``."""

    name = "recently_viewed_issues"
    path = "users/myself/recentlyViewedIssues"
    requests_in_words = "1 per 100 issues"
    subject = "issue"
    primary_keys: ClassVar = ("issueId",)
    added_keys: ClassVar = ("issueId",)
    schema: ClassVar = record(
        "Issues that the key's owner looked at last (最近見た課題一覧の取得).",
        key("issueId", "Id of the issue."),
        nested("issue", FREE_OBJECT, "The issue."),
        timestamp("updated", "When it was looked at."),
    )


class RecentlyViewedProjects(RecentlyViewed):
    """``GET users/myself/recentlyViewedProjects``."""

    name = "recently_viewed_projects"
    path = "users/myself/recentlyViewedProjects"
    subject = "project"
    primary_keys: ClassVar = ("projectId",)
    added_keys: ClassVar = ("projectId",)
    schema: ClassVar = record(
        "Projects that the key's owner looked at last (最近見たプロジェクト一覧の取得).",
        key("projectId", "Id of the project."),
        nested("project", PROJECT, "The project."),
        timestamp("updated", "When it was looked at."),
    )


class RecentlyViewedWikis(RecentlyViewed):
    """``GET users/myself/recentlyViewedWikis``."""

    name = "recently_viewed_wikis"
    path = "users/myself/recentlyViewedWikis"
    subject = "page"
    primary_keys: ClassVar = ("pageId",)
    added_keys: ClassVar = ("pageId",)
    schema: ClassVar = record(
        "Wiki pages that the key's owner looked at last (最近見たWiki一覧の取得).",
        key("pageId", "Id of the page."),
        nested("page", FREE_OBJECT, "The page."),
        timestamp("updated", "When it was looked at."),
    )
