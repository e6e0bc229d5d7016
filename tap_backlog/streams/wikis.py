"""Wiki pages, their history and their tags."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import BacklogError
from tap_backlog.forecast.costs import PROJECT_LIST, Cost, Forecast
from tap_backlog.reading.in_full import FullReading
from tap_backlog.reading.lists import BacklogList, IdList
from tap_backlog.request import Request
from tap_backlog.rows import read
from tap_backlog.streams.kinds.dependents import ListPerRow, Parent
from tap_backlog.streams.kinds.in_turn import ProjectsInTurn
from tap_backlog.streams.kinds.per_project import ProjectStream
from tap_backlog.streams.page import Page
from tap_backlog.streams.shapes import (
    ATTACHMENT,
    SHARED_FILE,
    STAR,
    TAG,
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
    from collections.abc import Collection, Iterable, Iterator

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row
    from tap_backlog.state.coverage import Owed

_AT_ONCE = 10
"""Wiki pages that are read between two states."""

_SHARE_OF_LISTS = 0.1
"""Share of the progress for the lists: reading the texts after them takes far longer."""


class Wikis(ProjectStream):
    """``GET wikis`` to find changes, and ``GET wikis/:id`` for each wiki page.

    The list has no texts and no filter by time (docs/api-facts.md, "Wiki pages").
    """

    name = "wikis"
    path = "wikis"
    requests_in_words = "1 per wiki page"
    flag = "useWiki"
    share_of_projects = _SHARE_OF_LISTS
    primary_keys: ClassVar = ("id",)
    replication_key = "updated"
    selected_by_default = False
    covers_projects = True
    lists_everything = True
    reads_projects_alone = False
    schema: ClassVar = record(
        "Wiki pages with their content (Wikiページ情報の取得).",
        key("id", "Id of the page."),
        integer("projectId", "Id of the project."),
        text("name", "Name of the page."),
        text("content", "Text of the page."),
        many("tags", TAG, "Tags."),
        many("attachments", ATTACHMENT, "Attached files."),
        many("sharedFiles", SHARED_FILE, "Shared files that it points to."),
        many("stars", STAR, "Stars that it was given."),
        nested("createdUser", USER, "Who added it; null if the user is gone."),
        timestamp("created", "When it was added."),
        nested("updatedUser", USER, "Who changed it last."),
        timestamp("updated", "When it was last changed.", required=True),
    )

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 1

    def forecast(self, census: Census) -> Forecast:
        """Return one list per project, and one request per changed wiki page."""
        projects = self._projects_with_feature()
        sample: list[Row] = []

        def count(project: Row) -> int | None:
            rows = census.rows(self, self.request_of(project))
            floor = self.bookmark.floor_of(self.bookmark.mark_of(project["id"]))
            changed = [row for row in rows or () if row["updated"] >= floor]
            sample.extend(changed)
            return None if rows is None else len(changed)

        pages = census.estimate(projects, count, len(projects))
        lists = (PROJECT_LIST, Cost(self.name, self.path, len(projects)))
        contents = Cost("wiki pages", "wikis/0", round(pages or 0), census.is_guessing)
        return Forecast(pages, (*lists, contents), sample, for_dependents=lists)

    def request_of(self, project: Row) -> Request:
        """Return the list of a project."""
        return Request(self.path, {"projectIdOrKey": project["id"]})

    def pages(self) -> Iterator[Page]:
        """Yield the wiki pages changed since the bookmark, oldest change first.

        So each state can hold a newer bookmark. After that comes what projects owe.
        """
        if self.family.portion.may_be_one_of_several:
            yield from self._pages_in_turn()
            return
        reading = FullReading(self.run.client.answered_at)
        bookmark = self.bookmark.stamp_of_start()
        heads: list[Row] = []
        for page in super().pages():
            reading.note(page.rows)
            heads += map(_head, page.rows)
        heads.sort(key=lambda row: str(row["updated"]))
        ids = [
            p["id"] for p in self._projects_with_feature() if p["id"] not in self.refused
        ]
        for project_id in self.refused:
            self.bookmark.coverage.owe({project_id}, self.bookmark.mark_of(project_id))
        self.bookmark.owe_missing_projects(ids, self.bookmark.mark)
        newest = reading.bookmark
        good = set(self.bookmark.coverage.good(ids))
        floor = self.bookmark.floor_of(self.bookmark.mark)
        tens = list(_tens(_since(floor, heads, good)))
        for some in self.steps.over(tens, "pages", (_SHARE_OF_LISTS, 1.0), len):
            reached = max(bookmark, min(newest, some[-1]["updated"]))
            page = self._page(list(self._in_full(some)), reached)
            yield page._replace(is_last=some is tens[-1])
        bookmark = max(bookmark, newest)
        yield self._page([], bookmark)
        for owed in self.bookmark.coverage.due(set(ids) - self.left_out):
            yield from self._owed_pages(owed, heads, newest)
            yield self._page([], bookmark)
        yield self._page(
            list(self._in_full(self.family.failed_before(self.name))), bookmark
        )

    # --- If several runs read together

    @cached_property
    def _turns(self) -> ProjectsInTurn:
        return ProjectsInTurn(self, self.run.client.answered_at)

    def is_left(self, project_id: int) -> bool:
        """See :meth:`ProjectStream.is_left`."""
        is_shared = self.family.portion.may_be_one_of_several
        return not (is_shared and self._turns.is_done(project_id))

    def end_project(self, project_id: int) -> None:
        """See :meth:`ProjectStream.end_project`."""
        is_shared = self.family.portion.may_be_one_of_several
        if is_shared and project_id not in self.refused | dict.fromkeys(self.left_out):
            self._turns.end(project_id)

    def rows_of(self, project: Row, then: Row | None) -> Iterator[list[Row]]:
        """See :meth:`ProjectStream.rows_of`; in turn, wiki pages are asked between."""
        is_shared = self.family.portion.may_be_one_of_several
        return super().rows_of(project, None if is_shared else then)

    def _pages_in_turn(self) -> Iterator[Page]:
        """Yield the changed wiki pages of one project after another, and the bookmark."""
        bookmark, turns = self.bookmark, self._turns
        done = {i for i in self.run.scope.ids if turns.is_done(i)}
        ids = [*self.project_ids(), *sorted(done)]
        bookmark.owe_missing_projects(ids, bookmark.mark)
        for page in super().pages():
            turns.note(page.rows)
            heads = sorted(map(_head, page.rows), key=lambda row: str(row["updated"]))
            for project_id in {head["projectId"] for head in heads}:
                yield from self._pages_of(project_id, heads)
        for project_id in (self.refused.keys() | self.left_out) - done:
            bookmark.coverage.owe({project_id}, bookmark.mark_of(project_id))
        turns.settle(ids)
        failed = list(self._in_full(self.family.failed_before(self.name)))
        yield self._page(failed, max(bookmark.stamp_of_start(), turns.bookmark))

    def _pages_of(self, project_id: int, heads: list[Row]) -> Iterator[Page]:
        """Yield what is left to read of a project, a few wiki pages at a time."""
        portion = self.family.portion
        floor = self.bookmark.floor_of(self.bookmark.mark_of(project_id))
        here = {project_id}
        left = [one for one in _since(floor, heads, here) if not portion.has_read(one)]
        per_row = len(self.family.asking) + 1
        while left:
            size = portion.rows_at_once(per_row)
            some, left = left[:size], left[size:]
            yield Page(list(self._in_full(some)))
            portion.end([one["id"] for one in some if self._came(one)], "", per_row)
        for owed in self.bookmark.coverage.of_streams(project_id):
            since = self.bookmark.floor_of(owed.since)
            before = [
                head for head in _since(since, heads, here) if head["updated"] < floor
            ]
            if project_id not in self.family.closed_still(owed):
                yield Page(before, only=owed.streams)

    def _came(self, head: Row) -> bool:
        """Whether a wiki page was read, so that the runs after this one skip it."""
        is_closed = head["projectId"] in self.left_out
        has_failed = self.family.failed.has(self.name, head)
        return not (is_closed or has_failed) and self.family.came_whole(head)

    # --- What projects owe

    def _owed_pages(self, owed: Owed, heads: list[Row], newest: str) -> Iterator[Page]:
        """Yield what some projects owe."""
        floor = self.bookmark.floor_of(owed.since)
        if owed.streams:
            for project_id in self.family.try_parts(owed):
                yield Page(_since(floor, heads, {project_id}), only=owed.streams)
            return
        for some in _tens(_since(floor, heads, owed.projects)):
            rows = list(self._in_full(some))
            if not owed.projects & self.left_out:
                owed.since = min(newest, some[-1]["updated"]) or owed.since
            yield Page(rows)
        self.bookmark.coverage.settle(owed, self.left_out)

    def _page(self, rows: list[Row], bookmark: str) -> Page:
        if not bookmark:
            return Page(rows)
        key = self.replication_key
        return Page(rows, {"replication_key": key, "replication_key_value": bookmark})

    def _in_full(self, heads: Iterable[Row]) -> Iterator[Row]:
        for place, head in enumerate(heads):
            self.steps.part_of_item(place, _AT_ONCE)
            if head.get("projectId") in self.left_out:
                continue
            if self.name not in self.run.wanted:
                yield head
                continue
            try:
                yield self.ask_one(f"wikis/{head['id']}")
                self.family.failed.forget(self.name, head)
            except RefusedError as refusal:
                self._skip_wiki_page(head, refusal)
            except BacklogError as error:
                self.skip_failed(head, f"page {head['id']}", error)

    def _skip_wiki_page(self, head: Row, refusal: RefusedError) -> None:
        """Skip a wiki page that is gone, or its project if that is closed now."""
        if refusal.is_gone:
            self.log_gone(f"page {head['id']}", refusal)
            if self.family.failed.has(self.name, head):
                self.family.failed.forget(self.name, head)
            else:
                self.family.failed.keep(self.name, head)
            return
        if not refusal.may_concern_projects:
            self.skip_failed(head, f"page {head['id']}", refusal)
            return
        self.run.client.confirm_key(refusal)
        project_id = head["projectId"]
        self.left_out.add(project_id)
        self.bookmark.coverage.owe({project_id}, self.bookmark.mark_of(project_id))
        self.is_complete = False
        self.logger.warning(
            "`%s` is left out from page %s of its project on: %s. The next run asks "
            "again.",
            self.name,
            head["id"],
            refusal.reason,
        )


def _since(floor: str, heads: list[Row], projects: Collection[int]) -> list[Row]:
    return [
        head
        for head in heads
        if head["updated"] >= floor and head["projectId"] in projects
    ]


def _tens(heads: list[Row]) -> Iterator[list[Row]]:
    for first in range(0, len(heads), _AT_ONCE):
        yield heads[first : first + _AT_ONCE]


def _head(row: Row) -> dict[str, Any]:
    project_id = read(row, "projectId")
    return {"id": row["id"], "updated": row["updated"], "projectId": project_id}


class WikiHistory(ListPerRow):
    """``GET wikis/:id/history``, for wiki pages that have changed.

    Its ``minId`` is the number of a version (docs/api-facts.md, "Wiki pages").
    """

    name = "wiki_history"
    source = "wikis"
    path = "wikis/{wiki_id}/history"
    requests_in_words = "1 per wiki page"
    added_keys: ClassVar = ("pageId",)
    primary_keys: ClassVar = ("pageId", "version")
    schema: ClassVar = record(
        "Versions of wiki pages (Wikiページ更新履歴一覧の取得).",
        key("pageId", "Id of the page."),
        key("version", "Number of the version, from 1."),
        text("name", "Name of the page then."),
        text("content", "Text of the page then."),
        nested("createdUser", USER, "Who wrote it; null if the user is gone."),
        timestamp("created", "When it was written."),
    )

    def parent_of(self, row: Row) -> Parent:
        """Return the history of a wiki page."""
        return Parent(
            self.path.format(wiki_id=row["id"]),
            {"pageId": row["id"]},
            f"wiki page {row['id']}",
            read(row, "projectId"),
        )

    def list_at(self, path: str) -> BacklogList:
        """Return the versions of a wiki page."""
        return IdList(path, key="version")


class WikiTags(ProjectStream):
    """``GET wikis/tags``."""

    name = "wiki_tags"
    path = "wikis/tags"
    flag = "useWiki"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Tags of wiki pages (Wikiページタグ一覧の取得).",
        key("id", "Id of the tag."),
        integer("projectId", "Id of the project."),
        text("name", "Name of the tag."),
    )

    def request_of(self, project: Row) -> Request:
        """Return the tags of a project."""
        return Request(self.path, {"projectIdOrKey": project["id"]})
