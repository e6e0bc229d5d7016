"""People and the teams they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.forecast.costs import (
    OWNER,
    PROJECT_LIST,
    Cost,
    Forecast,
)
from tap_backlog.reading.lists import BacklogList, IdList, OffsetList
from tap_backlog.request import Request
from tap_backlog.rows import read
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.kinds.dependents import ListPerRow, Parent, Parts
from tap_backlog.streams.kinds.per_project import ProjectStream
from tap_backlog.streams.kinds.single import ListStream
from tap_backlog.streams.page import Page
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

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row


class Users(BacklogStream):
    """``GET users``; if the key may not read it, ``GET projects/:id/users``.

    See docs/api-facts.md, "Who may read what".
    """

    name = "users"
    path = "users"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Users of the space (ユーザー一覧の取得). A key that is not an administrator's "
        "sees the members of its projects only.",
        key("id", "Id of the user."),
        *USER_FIELDS,
    )

    @property
    def forecast_rank(self) -> int:
        """See :attr:`BacklogStream.forecast_rank`."""
        return 0 if len(self.family.wanted) > 1 else 4

    def forecast(self, census: Census) -> Forecast:
        """Return one request; one per project if the owner is not an administrator."""
        users = census.rows(self, Request(self.path))
        own = Cost(self.name, self.path)
        if users is None and self.path in census.refused:
            projects = len(self.run.scope.visible)
            own = Cost(self.name, self.path, 1 + projects)
            members = self._some_members(census)
            census.is_guessing |= census.share < projects
            return Forecast(len(members), (PROJECT_LIST, own, OWNER), members)
        count = None if users is None else len(users)
        return Forecast(count, (own,), users or [])

    def _some_members(self, census: Census) -> list[Row]:
        """Return the members of a few projects, each once."""
        seen: dict[int, Row] = {}
        for project in self.run.scope.visible[: census.share]:
            members = census.rows(self, _members_of(project))
            seen.update({user["id"]: user for user in members or ()})
        return list(seen.values())

    def pages(self) -> Iterator[Page]:
        """Yield all users of the space, or else the members of the projects."""
        try:
            users = self.ask(Request(self.path))
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
                members = self.ask(_members_of(project))
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


def _members_of(project: Row) -> Request:
    return Request(f"projects/{project['id']}/users")


TEAM_FIELDS = (
    text("name", "Name of the team."),
    many("members", USER, "Users in the team."),
    integer("displayOrder", "Place in lists."),
    nested("createdUser", USER, "Who made the team."),
    timestamp("created", "When the team was made."),
    nested("updatedUser", USER, "Who changed the team last."),
    timestamp("updated", "When the team was last changed."),
)


class Teams(ListStream):
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

    def list_of(self) -> BacklogList:
        """Return the list, oldest first, so that new rows push no others down."""
        return OffsetList(self.path, {"order": "asc"})


class TeamMembers(Parts):
    """``members`` of a team."""

    name = "team_members"
    requests_in_words = "1 per 100 teams"
    follows_changes = False
    source = "teams"
    field = "members"
    source_key = "teamId"
    stamp_field = "teamUpdated"
    added_keys: ClassVar = ("teamId",)
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
    added_keys: ClassVar = ("projectId",)


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


class PerUser(ListPerRow):
    """A list below ``users/:id``."""

    source = "users"
    requests_in_words = "1 per user"
    follows_changes = False
    added_keys: ClassVar = ("userId",)

    def parent_of(self, row: Row) -> Parent:
        """Return the list of a user."""
        path = self.path.format(user_id=row["id"])
        return Parent(path, {"userId": row["id"]}, f"user {row['id']}", row["id"])


class UserStars(PerUser):
    """``GET users/:id/stars``."""

    name = "user_stars"
    path = "users/{user_id}/stars"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Stars that users were given (ユーザーの受け取ったスター一覧の取得).",
        key("id", "Id of the star."),
        key("userId", "Id of the user who was given it."),
        *STAR_FIELDS,
    )

    def list_at(self, path: str) -> BacklogList:
        """Return the stars."""
        return IdList(path)


class Watchings(PerUser):
    """``GET users/:id/watchings``, paged by offset."""

    name = "watchings"
    path = "users/{user_id}/watchings"
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

    def list_at(self, path: str) -> BacklogList:
        """Return the watchings, oldest first, so that new rows push no others down."""
        return OffsetList(path, {"sort": "created", "order": "asc"})
