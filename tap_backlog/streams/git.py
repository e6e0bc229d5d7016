"""Git repositories and pull requests."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import TransientError
from tap_backlog.forecast.costs import PROJECT_LIST, Cost, Forecast
from tap_backlog.reading.lists import OffsetList
from tap_backlog.reading.pagination import PAGE_SIZE
from tap_backlog.rows import read
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.kinds.in_turn import ProjectsInTurn
from tap_backlog.streams.kinds.per_project import ProjectStream
from tap_backlog.streams.page import Page
from tap_backlog.streams.shapes import (
    ATTACHMENT,
    CREATED_AND_UPDATED,
    FREE_OBJECT,
    STAR,
    USER,
    integer,
    key,
    many,
    nested,
    record,
    shape,
    text,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row
    from tap_backlog.run import Run

_REPOSITORIES = "repositories"
"""Repositories whose pull requests have been read."""

_LISTED = "listed"
"""Projects whose repositories are known; with an id behind it, these repositories."""


class GitRepositories(ProjectStream):
    """``GET projects/:id/git/repositories``, once per run for all that need it."""

    name = "git_repositories"
    path = "projects/{project_id}/git/repositories"
    reads_projects_alone = False  # pull requests need the whole list
    flag = "useGit"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Git repositories (Gitリポジトリ一覧の取得).",
        key("id", "Id of the repository."),
        integer("projectId", "Id of the project."),
        text("name", "Name of the repository."),
        text("description", "Description."),
        text("hookUrl", "Address that is called on a push."),
        text("httpUrl", "Address to clone from by HTTPS."),
        text("sshUrl", "Address to clone from by SSH."),
        integer("displayOrder", "Place in lists."),
        timestamp("pushedAt", "Last push; null before the first."),
        *CREATED_AND_UPDATED,
    )
    _kept: list[Page] | None = None
    began: str | None = None
    """The ``Date`` header of the last answer before the first list was asked for."""

    _is_in_turn = False
    """Whether the pull requests of a project are read before the next list."""

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return self.peers["pull_requests"].forecast_rank

    def forecast(self, census: Census) -> Forecast:
        """Return one request per project."""
        projects = self._projects_with_feature()
        sample: list[Row] = []

        def count(project: Row) -> int | None:
            rows = census.rows(self, self.request_of(project))
            sample.extend(self.complete(row, project) for row in rows or ())
            return None if rows is None else len(rows)

        rows = census.estimate(projects, count, len(projects))
        cost = Cost(self.name, self.path, len(projects))
        return Forecast(rows, (PROJECT_LIST, cost), sample)

    def pages(self) -> Iterator[Page]:
        """Yield the repositories of all projects."""
        if self.family.portion.may_be_one_of_several:
            yield from super().pages()
            return
        if self._kept is None:
            self.began = self.run.client.answered_at
            self._kept = list(super().pages())
        yield from self._kept

    def pages_in_turn(self) -> Iterator[Page]:
        """Yield the repositories of each project that is left, when its turn comes."""
        self._is_in_turn = True
        yield from super().pages()

    def rows_of(self, project: Row, then: Row | None) -> Iterator[list[Row]]:
        """See :meth:`ProjectStream.rows_of`; in turn, pull requests are asked between."""
        known = self._pull_requests.repositories_of(project["id"])
        if self._is_in_turn and known is not None:
            yield [{"id": i, "projectId": project["id"]} for i in known]
            return
        for rows in super().rows_of(project, None if self._is_in_turn else then):
            self._pull_requests.learn(project["id"], rows)
            yield rows

    def is_left(self, project_id: int) -> bool:
        """See :meth:`ProjectStream.is_left`."""
        if self._is_in_turn:
            return not self._pull_requests.is_done(project_id)
        return project_id not in self.family.portion.done_of()

    def end_project(self, project_id: int) -> None:
        """See :meth:`ProjectStream.end_project`."""
        is_read = project_id not in self.refused
        if self._is_in_turn and is_read:
            self._pull_requests.end_project(project_id)
        elif not self._is_in_turn and self.family.portion.may_be_one_of_several:
            self.family.portion.end([project_id] if is_read else [])

    @property
    def _pull_requests(self) -> PullRequests:
        return cast("PullRequests", self.peers["pull_requests"])


class PullRequests(BacklogStream):
    """``GET projects/:id/git/repositories/:repo/pullRequests``.

    The list has no sort order and no filter by date (docs/api-facts.md, "Git and pull
    requests"). So it is read in full, and unchanged rows are dropped.
    """

    name = "pull_requests"
    path = "projects/{project_id}/git/repositories/{repository_id}/pullRequests"
    requests_in_words = "1 or more per repository"
    primary_keys: ClassVar = ("id",)
    replication_key = "updated"
    needs_projects = True
    covers_projects = True
    lists_everything = True
    schema: ClassVar = record(
        "Pull requests (プルリクエスト一覧の取得).",
        key("id", "Id of the pull request."),
        integer("projectId", "Id of the project."),
        integer("repositoryId", "Id of the repository."),
        integer("number", "Number in the repository."),
        text("summary", "Summary."),
        text("description", "Description."),
        text("base", "Branch into which it is merged."),
        text("branch", "Branch that is merged."),
        nested(
            "status",
            shape(
                integer("id", "1 open, 2 closed, 3 merged."), text("name", "Its name.")
            ),
            "Status.",
        ),
        nested("assignee", USER, "Who is to merge it."),
        nested("issue", FREE_OBJECT, "The issue that it belongs to, often its id alone."),
        text("baseCommit", "Commit at which the branches part."),
        text("branchCommit", "Last commit of the branch."),
        text("mergeCommit", "Commit that merged it."),
        timestamp("closeAt", "When it was closed."),
        timestamp("mergeAt", "When it was merged."),
        *CREATED_AND_UPDATED[:-1],
        timestamp("updated", "When it was last changed.", required=True),
        many("attachments", ATTACHMENT, "Attached files, if Backlog sends them."),
        many("stars", STAR, "Stars that it was given, if Backlog sends them."),
    )

    def __init__(self, run: Run, peers: Mapping[str, BacklogStream]) -> None:
        super().__init__(run, peers)
        self._closed: set[int] = set()
        """Projects of which something could not be read."""

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 1 if self.family.dependents(self) else 2

    def forecast(self, census: Census) -> Forecast:
        """Return the pages of each repository, at least one, estimated from some."""
        source = census.forecast(self.peers["git_repositories"])
        repositories = source.sample
        probes, pages = 0, 0
        sample: list[Row] = []

        def count(repository: Row) -> float | None:
            nonlocal probes, pages
            asked = self._list_of(repository)
            rows = census.rows(self, asked.first)
            if rows is None:
                return None
            total = len(rows)
            if total == PAGE_SIZE:
                total = census.count(f"{asked.path}/count") or total
            probes, pages = probes + 1, pages + asked.requests_for(total)
            floor = self.bookmark.floor_of(
                self.bookmark.mark_of(read(repository, "projectId"))
            )
            changed = [self._placed(r, repository) for r in rows if r["updated"] >= floor]
            sample.extend(changed)
            return len(changed) / max(len(rows), 1) * total

        changed = census.estimate(repositories, count, len(repositories))
        count_of_lists = source.rows or 0
        requests = round(count_of_lists * (pages / probes if probes else 1))
        if changed is not None and repositories:
            changed *= count_of_lists / len(repositories)
        census.is_guessing |= probes < count_of_lists
        cost = Cost(self.name, self.path, requests, census.is_guessing)
        return Forecast(changed, (*source.costs, cost), sample)

    def pages(self) -> Iterator[Page]:
        """Yield the pull requests changed at or after the bookmark."""
        repositories = self._repositories
        ids = repositories.project_ids()
        self.bookmark.owe_missing_projects(ids, self.bookmark.mark)
        for repository in self._left():
            project_id = read(repository, "projectId")
            try:
                for raw in self._list_of(repository).pages(self.ask):
                    rows = [self._placed(row, repository) for row in raw]
                    self._turns.note(rows)
                    yield from self._pages_of(project_id, rows)
            except RefusedError as refusal:
                if refusal.is_gone:
                    self.log_gone(f"repository {repository['id']}", refusal)
                else:
                    self._leave_out(repository, refusal)
                self._closed.add(project_id)
            except TransientError as error:
                self._skip(repository, error)
                self._closed.add(project_id)
        yield from self._last_page(self._closed | set(repositories.refused), ids)

    def _left(self) -> Iterator[Row]:
        """Yield the repositories that are left to read.

        If the run has a budget, it may stop after each of them.
        """
        repositories, portion = self._repositories, self.family.portion
        if not portion.may_be_one_of_several:
            listed = [row for page in repositories.pages() for row in page.rows]
            self.has_been_answered = True
            yield from self.steps.over(listed, "repositories")
            return
        for page in repositories.pages_in_turn():
            self.has_been_answered = True
            for repository in page.rows:
                if repository["id"] not in portion.done_of(_REPOSITORIES):
                    yield repository
                    project_id = read(repository, "projectId")
                    is_closed = self.family.is_closed(project_id) or (
                        project_id in self._closed
                    )
                    done = [] if is_closed else [repository["id"]]
                    portion.end(done, _REPOSITORIES)

    # --- If several runs read together

    @cached_property
    def _turns(self) -> ProjectsInTurn:
        began = self._repositories.began or self.run.client.answered_at
        return ProjectsInTurn(self, began)

    def is_done(self, project_id: int) -> bool:
        """Return whether a project has been read."""
        return self._turns.is_done(project_id)

    def end_project(self, project_id: int) -> None:
        """Record that the pull requests of a project have been read."""
        if project_id not in self._closed:
            self._turns.end(project_id)

    def learn(self, project_id: int, repositories: list[Row]) -> None:
        """Take in the repositories of a project, so that a later run need not ask.

        Args:
            project_id: The project.
            repositories: All of them.
        """
        portion = self.family.portion
        if portion.may_be_one_of_several and self.family.wanted:
            portion.note([project_id], _LISTED)
            portion.note([row["id"] for row in repositories], f"{_LISTED} {project_id}")

    def repositories_of(self, project_id: int) -> list[int] | None:
        """Return the repositories of a project, as learned before; None if not known."""
        portion = self.family.portion
        if project_id not in portion.done_of(_LISTED):
            return None
        return sorted(portion.done_of(f"{_LISTED} {project_id}"))

    @property
    def _repositories(self) -> GitRepositories:
        return cast("GitRepositories", self.peers["git_repositories"])

    def _pages_of(self, project_id: int, rows: list[Row]) -> Iterator[Page]:
        """Yield the changed rows, and rows for which dependents still owe something."""
        floor = self.bookmark.floor_of(self.bookmark.mark_of(project_id))
        yield Page([row for row in rows if row["updated"] >= floor])
        for owed in self.bookmark.coverage.of_streams(project_id):
            since = self.bookmark.floor_of(owed.since)
            before = [row for row in rows if since <= row["updated"] < floor]
            if project_id not in self.family.closed_still(owed):
                yield Page(before, only=owed.streams)

    def _last_page(self, closed: set[int], ids: list[int]) -> Iterator[Page]:
        """Yield the bookmark for all projects that were read."""
        for project_id in closed:
            self.bookmark.coverage.owe({project_id}, self.bookmark.mark_of(project_id))
        if self.family.portion.may_be_one_of_several:
            self._turns.settle(ids)
        else:
            for owed in self.bookmark.coverage.due([i for i in ids if i not in closed]):
                self.bookmark.coverage.settle(owed, self.family.closed_still(owed))
        if bookmark := max(self._turns.bookmark, self.bookmark.stamp_of_start()):
            name = self.replication_key
            yield Page([], {"replication_key": name, "replication_key_value": bookmark})

    def _leave_out(self, repository: Row, refusal: RefusedError) -> None:
        """Skip a repository that is closed to the key, if the key itself is valid."""
        if not refusal.is_closed:
            raise refusal
        self.run.client.confirm_key(refusal)
        self.is_complete = False
        self.logger.warning(
            "`%s` skips repository %s: %s. The next run asks again.",
            self.name,
            repository["id"],
            refusal.reason,
        )

    def _skip(self, repository: Row, error: TransientError) -> None:
        """Skip a repository whose list always fails, if the server is up."""
        self.run.client.confirm_server(error)
        self.is_complete = False
        self.run.record_failure(self.name, f"repository {repository['id']}", error)

    def _list_of(self, repository: Row) -> OffsetList:
        project_id = read(repository, "projectId")
        return OffsetList(
            self.path.format(project_id=project_id, repository_id=repository["id"])
        )

    def _placed(self, row: Row, repository: Row) -> Row:
        project_id = read(repository, "projectId")
        return {**row, "projectId": project_id, "repositoryId": repository["id"]}
