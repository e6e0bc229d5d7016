"""Projects, and the lists that each project has for its issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.forecast.costs import PROJECT_LIST, Forecast
from tap_backlog.rows import read
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.kinds.per_project import ProjectStream
from tap_backlog.streams.page import Page
from tap_backlog.streams.shapes import (
    CATEGORY_FIELDS,
    CREATED_AND_UPDATED,
    FREE_OBJECT,
    INT64,
    ISSUE_TYPE_FIELDS,
    PROJECT_FIELDS,
    STATUS_FIELDS,
    STATUS_ID,
    VERSION_FIELDS,
    boolean,
    calendar_date,
    integer,
    key,
    many,
    nested,
    number,
    record,
    shape,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row


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

    def forecast(self, census: Census) -> Forecast:  # noqa: ARG002
        """Return the list that all streams share."""
        return Forecast(len(self.run.scope.projects), (PROJECT_LIST,))

    def pages(self) -> Iterator[Page]:
        """Yield the projects of the run."""
        self.check(self.run.scope.projects)
        yield Page(self.run.scope.projects)


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


class Statuses(ProjectStream):
    """``GET projects/:id/statuses``.

    Some ids are the same in every project (docs/api-facts.md, "Ids and names").
    """

    name = "statuses"
    path = "projects/{project_id}/statuses"
    primary_keys: ClassVar = ("projectId", "id")
    added_keys: ClassVar = ("projectId",)
    schema: ClassVar = record(
        "Statuses of each project (状態一覧の取得).",
        key("projectId", "Id of the project."),
        key("id", STATUS_ID),
        *STATUS_FIELDS,
    )


class Milestones(ProjectStream):
    """``GET projects/:id/versions``: versions and milestones are the same."""

    name = "milestones"
    path = "projects/{project_id}/versions"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Milestones, which are versions too, of each project "
        "(バージョン(マイルストーン)一覧の取得).",
        key("id", "Id of the version or milestone."),
        *VERSION_FIELDS,
    )


class CustomFields(ProjectStream):
    """``GET projects/:id/customFields``."""

    name = "custom_fields"
    path = "projects/{project_id}/customFields"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Custom fields of each project (カスタム属性一覧の取得).",
        key("id", "Id of the custom field."),
        integer("projectId", "Id of the project."),
        integer(
            "typeId",
            "1 text, 2 text area, 3 number, 4 date, 5 single list, 6 multiple list, "
            "7 checkbox, 8 radio.",
        ),
        integer("version", "When it was last changed, in milliseconds since 1970."),
        text("name", "Name."),
        text("description", "Description."),
        boolean("required", "Whether it has to be filled in."),
        boolean("useIssueType", "Whether it belongs to some issue types only."),
        many("applicableIssueTypes", INT64, "Ids of these; empty for all."),
        integer("displayOrder", "Place in lists."),
        number("min", "Least number, of a field of numbers."),
        number("max", "Largest number, of a field of numbers."),
        calendar_date("minDate", "First day, of a field of dates."),
        calendar_date("maxDate", "Last day, of a field of dates."),
        number("initialValue", "Number to begin with."),
        text("unit", "Unit of a number."),
        nested(
            "initialDate",
            FREE_OBJECT,
            "Day to begin with: `id` 1 today, 2 today and `shift` days, 3 `date`.",
        ),
        many(
            "items",
            shape(
                integer("id", "Id of the item, unique in its field."),
                text("name", "Name of the item."),
                integer("displayOrder", "Place in lists."),
                boolean("allowInput", "Whether free text may go with it."),
            ),
            "Items to choose from.",
        ),
        boolean("allowAddItem", "Whether everybody may add items."),
        boolean("allowInput", "Whether free text may stand beside the items."),
    )

    def complete(self, row: Row, project: Row) -> Row:
        """Return a row whose bounds have one type per field, as tables need it.

        Backlog writes numbers and days into the same fields (docs/api-facts.md, "Custom
        fields").
        """
        bounds = {name: read(row, name) for name in ("min", "max")}
        days = {name: day for name, day in bounds.items() if isinstance(day, str)}
        moved = {f"{name}Date": day for name, day in days.items()}
        return {**super().complete(row, project), **dict.fromkeys(days), **moved}


class Webhooks(ProjectStream):
    """``GET projects/:id/webhooks``."""

    name = "webhooks"
    wants_administrator = True
    path = "projects/{project_id}/webhooks"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Webhooks of each project (Webhook一覧の取得).",
        key("id", "Id of the webhook."),
        integer("projectId", "Id of the project."),
        text("name", "Name."),
        text("description", "Description."),
        text("hookUrl", "Address that is called; it may hold a secret."),
        boolean("allEvent", "Whether everything that is done calls it."),
        many("activityTypeIds", INT64, "What calls it; see `type` of recent updates."),
        *CREATED_AND_UPDATED,
    )
