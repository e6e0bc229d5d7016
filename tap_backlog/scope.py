"""Which projects a run reads."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tap_backlog.errors import BacklogError
from tap_backlog.rows import fix_keys, is_integer, is_text, read

if TYPE_CHECKING:
    from tap_backlog.api.client import BacklogClient
    from tap_backlog.rows import Row
    from tap_backlog.settings.values import Settings


class ProjectScope:
    """The run's projects, which are asked for once and shared by all streams.

    Args:
        client: Sends ``GET projects``.
        settings: The settings; ``project_keys`` and ``include_archived`` are used.
    """

    def __init__(self, client: BacklogClient, settings: Settings) -> None:
        self._client = client
        self._keys = settings.project_keys
        self._include_archived = settings.include_archived

    @property
    def is_named(self) -> bool:
        """Whether the settings name projects, so that the list is always asked for."""
        return bool(self._keys)

    @property
    def is_restricted(self) -> bool:
        """Whether the settings leave projects out."""
        return bool(self._keys) or not self._include_archived

    @cached_property
    def space(self) -> Row:
        """The space itself.

        Raises:
            BacklogError: It lacks its key.
        """
        space = self._client.get_object("space")
        fix_keys([space], {"spaceKey": is_text}, "space")
        return space

    @cached_property
    def visible(self) -> list[Row]:
        """Every project that the key's owner has joined.

        Raises:
            BacklogError: One lacks its id.
        """
        projects = self._client.get_list("projects")
        fix_keys(projects, {"id": is_integer, "projectKey": is_text}, "projects")
        return projects

    @cached_property
    def projects(self) -> list[Row]:
        """The projects of this run.

        Raises:
            BacklogError: A key of ``project_keys`` is unknown.
        """
        known = {project["projectKey"] for project in self.visible}
        if unknown := [key for key in self._keys if key not in known]:
            message = (
                f"No project {', '.join(unknown)} among those that the owner of the key "
                f"has joined ({_some(sorted(filter(None, known)))}). Check "
                "`project_keys`."
            )
            raise BacklogError(message)
        return [project for project in self.visible if self._holds(project)]

    @cached_property
    def ids(self) -> list[int]:
        """Ids of the run's projects; archived projects come last."""
        in_use_first = sorted(self.projects, key=lambda p: bool(read(p, "archived")))
        return [project["id"] for project in in_use_first]

    def check(self) -> None:
        """Find wrong project keys before anything is written.

        Raises:
            BacklogError: A key of ``project_keys`` is unknown.
        """
        if self._keys:
            _ = self.projects

    def _holds(self, project: Row) -> bool:
        if self._keys and project["projectKey"] not in self._keys:
            return False
        return self._include_archived or not read(project, "archived")


def _some(names: list[str]) -> str:
    shown = 20
    return ", ".join(names[:shown]) + (", ..." if len(names) > shown else "") or "none"
