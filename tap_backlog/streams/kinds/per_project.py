"""Streams with one request per project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_backlog.api.refusals import RefusedError
from tap_backlog.errors import TransientError
from tap_backlog.forecast.costs import PROJECT_LIST, Cost, Forecast
from tap_backlog.request import Request
from tap_backlog.rows import read
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_backlog.errors import BacklogError
    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row
    from tap_backlog.run import Run


class ProjectStream(BacklogStream):
    """A stream with one request per project.

    Its path contains ``{project_id}``.
    """

    needs_projects = True
    requests_in_words = "1 per project"

    reads_projects_alone = True

    flag = ""
    """Field of a project that is false if the project does not use this feature.

    See docs/api-facts.md, "Projects".
    """

    share_of_projects = 1.0
    """Share of the progress that is reached once all projects have been read."""

    def __init__(self, run: Run, peers: Mapping[str, BacklogStream]) -> None:
        super().__init__(run, peers)
        self.refused: dict[int, BacklogError] = {}
        """Projects that could not be read in this run, each with the reason."""

    def pages(self) -> Iterator[Page]:
        """Yield the rows of all projects; a project that is refused is skipped.

        Raises:
            RefusedError: Every project is refused, or the key is no longer valid.
        """
        projects = self._projects_with_feature()
        span = (0.0, self.share_of_projects)
        for place, project in enumerate(self.steps.over(projects, "projects", span)):
            then = projects[place + 1] if place + 1 < len(projects) else None
            try:
                for rows in self.rows_of(project, then):
                    yield Page(rows)
            except RefusedError as refusal:
                is_off = refusal.is_off and not self.has_been_answered
                if is_off or not refusal.may_concern_one_project:
                    raise
                self.refused[project["id"]] = refusal
            except TransientError as error:
                self._skip(project, error)
            self.end_project(project["id"])
        if self.refused:
            self._tell(self.refused, projects)

    def end_project(self, project_id: int) -> None:
        """Record that a project has been read, and all that depends on its rows.

        Args:
            project_id: The project.

        Raises:
            BudgetSpent: The run may not go on.
        """
        if self.reads_projects_alone:
            is_read = project_id not in self.refused
            self.family.portion.end([project_id] if is_read else [])

    def _skip(self, project: Row, error: TransientError) -> None:
        """Skip a project whose list always fails, if the server is up."""
        self.run.client.confirm_server(error)
        self.refused[project["id"]] = error
        self.is_complete = False
        self.run.record_failure(self.name, f"project {project['projectKey']}", error)

    def forecast(self, census: Census) -> Forecast:
        """Return one request per project; rows are estimated from some projects."""
        projects = self._projects_with_feature()
        rows = census.estimate(projects, lambda project: self._count_in(project, census))
        cost = Cost(self.name, self.path, len(projects))
        return Forecast(rows, (PROJECT_LIST, cost))

    def _count_in(self, project: Row, census: Census) -> int | None:
        path = self.request_of(project).path
        lists = census.spend(path, lambda: list(self.rows_of(project, None)))
        return None if lists is None else sum(map(len, lists))

    def request_of(self, project: Row) -> Request:
        """Return the request for a project."""
        return Request(self.path.format(project_id=project["id"]))

    def rows_of(self, project: Row, then: Row | None) -> Iterator[list[Row]]:
        """Yield the rows of a project.

        Args:
            project: The project.
            then: The next project, which is asked for early.
        """
        following = self.request_of(then) if then else None
        rows = self.ask(self.request_of(project), lambda _: following)
        yield [self.complete(row, project) for row in rows]

    def complete(self, row: Row, project: Row) -> Row:
        """Return a row with ``projectId``, if the schema has it and the row lacks it."""
        if "projectId" in self.schema["properties"] and read(row, "projectId") is None:
            return {**row, "projectId": project["id"]}
        return row

    def project_ids(self) -> list[int]:
        """Return the ids of the projects that use this feature."""
        return [project["id"] for project in self._projects_with_feature()]

    def is_left(self, project_id: int) -> bool:
        """Return whether this run has to read a project.

        Args:
            project_id: The project.
        """
        return not self.reads_projects_alone or self.family.portion.has_project(
            project_id
        )

    def _projects_with_feature(self) -> list[Row]:
        """Return the projects that use this feature, as their flags say."""
        projects = [one for one in self.run.scope.projects if self.is_left(one["id"])]
        if not self.flag:
            return projects
        without = [p["projectKey"] for p in projects if read(p, self.flag) is False]
        if without:
            self.logger.info(
                "`%s`: off in %d of %d projects (%s).",
                self.name,
                len(without),
                len(projects),
                ", ".join(without[:20]),
            )
        return [p for p in projects if p["projectKey"] not in without]

    def _tell(self, refused: dict[int, BacklogError], projects: list[Row]) -> None:
        refusals = {i: why for i, why in refused.items() if isinstance(why, RefusedError)}
        if not refusals:
            return
        last = next(reversed(refusals.values()))
        is_whole = all(map(self.is_left, self.run.scope.ids))
        is_all = is_whole and len(refused) == len(projects)
        if is_all and not self.has_been_answered:
            raise last
        self.is_complete = False
        self.logger.warning(
            "`%s` was left out for %d of %d projects (%s): %s",
            self.name,
            len(refusals),
            len(projects),
            ", ".join(p["projectKey"] for p in projects if p["id"] in refusals),
            last.reason,
        )
