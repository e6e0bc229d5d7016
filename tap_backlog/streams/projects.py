"""Projects, and the lists that each project keeps for its issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.schemas import (
    CATEGORY_FIELDS,
    ISSUE_TYPE_FIELDS,
    PROJECT_FIELDS,
    key,
    record,
)
from tap_backlog.streams.base import BacklogStream, Page
from tap_backlog.streams.per_project import ProjectStream

if TYPE_CHECKING:
    from collections.abc import Iterator


class Projects(BacklogStream):
    """``GET projects``, from the list that all streams share."""

    name = "projects"
    path = "projects"
    primary_keys: ClassVar = ("id",)
    needs_projects = True
    schema: ClassVar = record(
        "Projects that the key's owner has joined (プロジェクト一覧の取得).",
        key("id", "Id of the project."),
        *PROJECT_FIELDS,
    )

    def pages(self) -> Iterator[Page]:
        """Yield the projects of the run."""
        self._check(self.tap.scope.projects)
        yield Page(self.tap.scope.projects)


class IssueTypes(ProjectStream):
    """``GET projects/:id/issueTypes``."""

    name = "issue_types"
    path = "projects/{project_id}/issueTypes"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Issue types of each project (種別一覧の取得).",
        key("id", "Id of the issue type."),
        *ISSUE_TYPE_FIELDS,
    )


class Categories(ProjectStream):
    """``GET projects/:id/categories``."""

    name = "categories"
    path = "projects/{project_id}/categories"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Categories of each project (カテゴリー一覧の取得).",
        key("id", "Id of the category."),
        *CATEGORY_FIELDS,
    )
