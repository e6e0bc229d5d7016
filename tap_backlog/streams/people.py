"""People and the teams they are in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.forecast.costs import (
    OWNER,
    PROJECT_LIST,
    Forecast,
    Reading,
    pages_needed,
)
from tap_backlog.reading.pagination import PAGE_SIZE, STEP, offset_pages
from tap_backlog.rows import read
from tap_backlog.streams.base import BacklogStream, next_page
from tap_backlog.streams.members import ListPerRow, Parent, Parts
from tap_backlog.streams.page import Page
from tap_backlog.streams.per_project import ProjectStream
from tap_backlog.streams.shapes import (
    FREE_OBJECT,
    STAR_FIELDS,
    USER,
    USER_FIELDS,
    boolean,
    integer,
    key,
    many,
    nested,
    record,
    stamp_of,
    text,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.api.client import Params
    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import RawRows, Row


class Users(BacklogStream):
    """``GET users``; without the right to it, ``GET projects/:id/users``.

    See docs/api-facts.md, "Who may read what".
    """

    name = "users"
    path = "users"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Users of the space (ユーザー一覧の取得). A key that is no administrator's sees "
        "the members of its projects only.",
        key("id", "Id of the user."),
        *USER_FIELDS,
    )

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 0 if len(self.family.wanted) > 1 else 4

    def forecast(self, census: Census) -> Forecast:
        """Return one request; for a key that is no administrator's, one a project."""
        users = census.rows(self, self.path)
        own = Reading(self.name, self.path)
        if users is None and self.path in census.refused:
            projects = len(self.run.scope.visible)
            own = Reading(self.name, self.path, 1 + projects)
            members = self._some_members(census)
            census.is_guessing |= census.share < projects
            return Forecast(len(members), (PROJECT_LIST, own, OWNER), members)
        count = None if users is None else len(users)
        return Forecast(count, (own,), users or [])

    def _some_members(self, census: Census) -> list[Row]:
        """Return the members of a few projects, each once."""
        seen: dict[int, Row] = {}
        for project in self.run.scope.visible[: census.share]:
            members = census.rows(self, f"projects/{project['id']}/users")
            seen.update({user["id"]: user for user in members or ()})
        return list(seen.values())

    def pages(self) -> Iterator[Page]:
        """Yield all users of the space, or else the members of the projects."""
        try:
            users = self.ask(self.path)
        except RefusedError as refusal:
            self.run.client.confirm_key(refusal)
            yield from self._users_of_projects(refusal)
        else:
            yield Page(users)

    def _users_of_projects(self, refusal: RefusedError) -> Iterator[Page]:
        self.logger.warning(
            "The list of all users needs an administrator's key (%s); gathering the "
            "members of the projects that this key can see instead.",
            refusal.reason,
        )
        seen: set[int] = set()
        for project in self.steps.over(self.run.scope.visible, "projects"):
            try:
                members = self.ask(f"projects/{project['id']}/users")
            except RefusedError as closed:
                self.is_complete = False
                self.logger.info(
                    "The members of %s cannot be read (%s).",
                    read(project, "projectKey"),
                    closed.reason,
                )
                continue
            new = {user["id"]: user for user in members if user["id"] not in seen}
            seen.update(new)
            yield Page(list(new.values()))
        if not seen:
            raise refusal


TEAM_FIELDS = (
    text("name", "Name of the team."),
    many("members", USER, "Users in the team."),
    integer("displayOrder", "Place in lists."),
    nested("createdUser", USER, "Who made the team."),
    timestamp("created", "When the team was made."),
    nested("updatedUser", USER, "Who changed the team last."),
    timestamp("updated", "When the team was last changed."),
)


class Teams(BacklogStream):
    """``GET teams`` (docs/api-facts.md, "People, teams and stars")."""

    name = "teams"
    requests_in_words = "1 per 100 teams"
    wants_administrator = True
    path = "teams"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Teams of the space with their members (チーム一覧の取得).",
        key("id", "Id of the team."),
        *TEAM_FIELDS,
    )

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 3

    def forecast(self, census: Census) -> Forecast:
        """Return the pages of the list."""
        found = census.length(self, {"order": "asc"}, probes=min(2, census.share))
        requests = pages_needed(found.rows if found else 0)
        reading = Reading(self.name, self.path, requests, census.is_guessing)
        if found is None:
            return Forecast(None, (reading,))
        return Forecast(found.rows, (reading,), found.sample)

    def pages(self) -> Iterator[Page]:
        """Yield all teams, oldest first, so that new ones do not push others."""
        return map(Page, offset_pages(self._fetch))

    def _fetch(self, offset: int) -> list[Row]:
        def params(offset: int) -> Params:
            return {"order": "asc", "offset": offset, "count": PAGE_SIZE}

        return self.ask(
            self.path,
            params(offset),
            lambda rows: next_page(rows, self.path, params(offset + STEP)),
        )


class TeamMembers(Parts):
    """``members`` of a team."""

    name = "team_members"
    requests_in_words = "1 per 100 teams"
    follows_changes = False
    source = "teams"
    field = "members"
    parent_key = "teamId"
    stamp_field = "teamUpdated"
    parent_keys: ClassVar = ("teamId",)
    primary_keys: ClassVar = ("teamId", "id")
    schema: ClassVar = record(
        "Who is in which team (チームのメンバー).",
        key("teamId", "Id of the team."),
        key("id", "Id of the user."),
        *USER_FIELDS,
        stamp_of("teamUpdated", "team", "teams"),
    )


class ProjectPeople(ProjectStream):
    """A list of people or teams of each project."""

    primary_keys: ClassVar = ("projectId", "id")
    parent_keys: ClassVar = ("projectId",)


_PROJECT = key("projectId", "Id of the project.")


class ProjectUsers(ProjectPeople):
    """``GET projects/:id/users``."""

    name = "project_users"
    path = "projects/{project_id}/users"
    schema: ClassVar = record(
        "Who is in which project (プロジェクトユーザー一覧の取得).",
        _PROJECT,
        key("id", "Id of the user."),
        *USER_FIELDS,
    )


class ProjectAdministrators(ProjectPeople):
    """``GET projects/:id/administrators``."""

    name = "project_administrators"
    path = "projects/{project_id}/administrators"
    schema: ClassVar = record(
        "Who administers which project (プロジェクト管理者一覧の取得).",
        _PROJECT,
        key("id", "Id of the user."),
        *USER_FIELDS,
    )


class ProjectTeams(ProjectPeople):
    """``GET projects/:id/teams``."""

    name = "project_teams"
    path = "projects/{project_id}/teams"
    schema: ClassVar = record(
        "Which team is in which project (プロジェクトチーム一覧の取得).",
        _PROJECT,
        key("id", "Id of the team."),
        *TEAM_FIELDS,
    )


class UserStars(ListPerRow):
    """``GET users/:id/stars``."""

    name = "user_stars"
    requests_in_words = "1 per user"
    follows_changes = False
    source = "users"
    path = "users/{user_id}/stars"
    is_paged_by_id = True
    parent_keys: ClassVar = ("userId",)
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Stars that users were given (ユーザーの受け取ったスター一覧の取得).",
        key("id", "Id of the star."),
        key("userId", "Id of the user who was given it."),
        *STAR_FIELDS,
    )

    def parent_of(self, row: Row) -> Parent:
        """Return the stars of a user."""
        path = self.path.format(user_id=row["id"])
        return Parent(path, {"userId": row["id"]}, f"user {row['id']}", row["id"])


class Watchings(ListPerRow):
    """``GET users/:id/watchings``, paged by offset."""

    name = "watchings"
    requests_in_words = "1 per user"
    follows_changes = False
    source = "users"
    path = "users/{user_id}/watchings"
    parent_keys: ClassVar = ("userId",)
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Which user watches which issue (ウォッチ一覧の取得).",
        key("id", "Id of the watching."),
        key("userId", "Id of the user who watches."),
        boolean("resourceAlreadyRead", "Whether the issue has been read."),
        boolean("alreadyRead", "Whether the watching has been read."),
        text("note", "Note of the user."),
        text("type", "What is watched: `issue`."),
        nested("issue", FREE_OBJECT, "The issue that is watched."),
        timestamp("lastContentUpdated", "When the issue was last changed."),
        timestamp("created", "When watching began."),
        timestamp("updated", "When the watching was last changed."),
    )

    @property
    def has_pages(self) -> bool:
        """Whether a list may take several requests."""
        return True

    def parent_of(self, row: Row) -> Parent:
        """Return the watchings of a user."""
        path = self.path.format(user_id=row["id"])
        return Parent(path, {"userId": row["id"]}, f"user {row['id']}", row["id"])

    def rows_of(self, parent: Parent, then: Parent | None) -> Iterator[list[Row]]:
        """Yield the watchings, oldest first, so that new ones do not push others."""

        def params(offset: int) -> Params:
            paging = {"offset": offset, "count": PAGE_SIZE}
            return {"sort": "created", "order": "asc", **paging}

        def following(offset: int, rows: RawRows) -> tuple[str, Params | None] | None:
            if rows.count() == PAGE_SIZE:
                return parent.path, params(offset + STEP)
            return (then.path, params(0)) if then else None

        return offset_pages(
            lambda offset: self.ask(
                parent.path, params(offset), partial(following, offset)
            )
        )
