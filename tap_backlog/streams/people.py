"""People and the teams they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.errors import RefusedError
from tap_backlog.pagination import PAGE_SIZE, STEP, offset_pages
from tap_backlog.rows import read
from tap_backlog.schemas import (
    USER,
    USER_FIELDS,
    integer,
    key,
    many,
    nested,
    record,
    text,
    timestamp,
)
from tap_backlog.streams.base import BacklogStream, Page, next_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.client import Params
    from tap_backlog.rows import Row


class Users(BacklogStream):
    """``GET users``; without the right to it, ``GET projects/:id/users``."""

    name = "users"
    path = "users"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Users of the space (ユーザー一覧の取得). A key that is no administrator's sees "
        "the members of its projects only.",
        key("id", "Id of the user."),
        *USER_FIELDS,
    )

    def pages(self) -> Iterator[Page]:
        """Yield all users of the space, or else the members of the projects."""
        try:
            users = self.ask(self.path)
        except RefusedError as refusal:
            self.tap.client.confirm_key(refusal)
            yield from self._users_of_projects(refusal)
        else:
            yield Page(users)

    def _users_of_projects(self, refusal: RefusedError) -> Iterator[Page]:
        self.logger.warning(
            "The list of all users wants an administrator's key (%s); gathering the "
            "members of the projects that this key can see instead.",
            refusal.reason,
        )
        seen: set[int] = set()
        for project in self.tap.scope.visible:
            try:
                members = self.ask(f"projects/{project['id']}/users")
            except RefusedError as closed:
                self.is_complete = False
                self.logger.info(
                    "The members of %s stay unknown (%s).",
                    read(project, "projectKey"),
                    closed.reason,
                )
                continue
            new = {user["id"]: user for user in members if user["id"] not in seen}
            seen.update(new)
            yield Page(list(new.values()))
        if not seen:
            raise refusal


class Teams(BacklogStream):
    """``GET teams``, paged by offset."""

    name = "teams"
    path = "teams"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Teams of the space with their members (チーム一覧の取得).",
        key("id", "Id of the team."),
        text("name", "Name of the team."),
        many("members", USER, "Users in the team."),
        integer("displayOrder", "Place in lists."),
        nested("createdUser", USER, "Who made the team."),
        timestamp("created", "When the team was made."),
        nested("updatedUser", USER, "Who changed the team last."),
        timestamp("updated", "When the team was last changed."),
    )

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
