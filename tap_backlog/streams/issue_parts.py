"""Items of the lists in an issue, one row each; they need no extra request."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from tap_backlog.rows import is_integer, read
from tap_backlog.streams.kinds.dependents import Parts
from tap_backlog.streams.shapes import (
    ATTACHMENT_FIELDS,
    CATEGORY_FIELDS,
    DATE_FIELD,
    NUMBER_FIELD,
    STAR_FIELDS,
    VERSION_FIELDS,
    calendar_date,
    integer,
    key,
    number,
    record,
    stamp_of,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.rows import Row

_ISSUE = key("issueId", "Id of the issue.")
_ISSUE_UPDATED = stamp_of("issueUpdated", "issue", "issues")


class IssueParts(Parts):
    """Objects of a list in an issue."""

    source = "issues"
    source_key = "issueId"
    requests_in_words = "1 per 100 issues"
    stamp_field = "issueUpdated"
    added_keys: ClassVar[tuple[str, ...]] = ("issueId",)
    primary_keys: ClassVar[tuple[str, ...]] = ("issueId", "id")


class IssueAttachments(IssueParts):
    """``attachments`` of an issue."""

    name = "issue_attachments"
    field = "attachments"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Files attached to issues (課題の添付ファイル).",
        key("id", "Id of the attachment."),
        _ISSUE,
        *ATTACHMENT_FIELDS,
        _ISSUE_UPDATED,
    )


class IssueMilestones(IssueParts):
    """``milestone`` of an issue."""

    name = "issue_milestones"
    field = "milestone"
    schema: ClassVar = record(
        "Which issue is due by which milestone (課題のマイルストーン).",
        _ISSUE,
        key("id", "Id of the milestone."),
        *VERSION_FIELDS,
        _ISSUE_UPDATED,
    )


class IssueVersions(IssueParts):
    """``versions`` of an issue."""

    name = "issue_versions"
    field = "versions"
    schema: ClassVar = record(
        "Which issue concerns which version (課題の発生バージョン).",
        _ISSUE,
        key("id", "Id of the version."),
        *VERSION_FIELDS,
        _ISSUE_UPDATED,
    )


class IssueCategories(IssueParts):
    """``category`` of an issue."""

    name = "issue_categories"
    field = "category"
    schema: ClassVar = record(
        "Which issue is in which category (課題のカテゴリー).",
        _ISSUE,
        key("id", "Id of the category."),
        *CATEGORY_FIELDS,
        _ISSUE_UPDATED,
    )


class IssueStars(IssueParts):
    """``stars`` of an issue."""

    name = "issue_stars"
    field = "stars"
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Stars that issues were given (課題のスター).",
        key("id", "Id of the star."),
        _ISSUE,
        *STAR_FIELDS,
        _ISSUE_UPDATED,
    )


_NO_ITEM = -1
"""Used as the item's id if the value is not an item."""


class IssueCustomFieldValues(IssueParts):
    """``customFields`` of an issue: one row per field and chosen item.

    The type of a value depends on the field (docs/api-facts.md, "Custom fields").
    """

    name = "issue_custom_field_values"
    field = "customFields"
    added_keys: ClassVar = ("issueId", "fieldId", "itemId")
    primary_keys: ClassVar = ("issueId", "fieldId", "itemId")
    schema: ClassVar = record(
        "Values of custom fields, a row for each issue, field and chosen item; none "
        "where a field is empty (課題のカスタム属性の値).",
        _ISSUE,
        key("fieldId", "Id of the custom field."),
        key("itemId", "Id of the chosen item; -1 where the value is no item."),
        integer("projectId", "Id of the project."),
        integer(
            "fieldTypeId",
            "1 text, 2 text area, 3 number, 4 date, 5 single list, 6 multiple list, "
            "7 checkbox, 8 radio.",
        ),
        text("name", "Name of the custom field."),
        text("text", "The value as text: a text, the name of an item, free text beside."),
        number("number", "The value of a number field."),
        calendar_date("date", "The value of a date field."),
        _ISSUE_UPDATED,
    )

    def parts_of(self, row: Row, item: Row, number: int) -> Iterator[Row]:  # noqa: ARG002
        """Yield one row per value of a field."""
        if not is_integer(item.get("id")):
            return
        head = {"issueId": row["id"], "fieldId": item["id"]}
        about = {
            "projectId": read(row, "projectId"),
            "fieldTypeId": item.get("fieldTypeId"),
            "name": item.get("name"),
            "text": None,
            "number": None,
            "date": None,
        }
        value = item.get("value")
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                item_id, name = one.get("id"), one.get("name")
                chosen = {"itemId": item_id if is_integer(item_id) else _NO_ITEM}
                if item_id is not None or name is not None:
                    yield {**head, **chosen, **about, "text": _text(name)}
            elif one is not None and one != "":
                yield {**head, "itemId": _NO_ITEM, **about, **_typed(item, one)}
        if item.get("otherValue"):
            other = {"text": _text(item["otherValue"])}
            yield {**head, "itemId": _NO_ITEM, **about, **other}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _typed(field: Row, value: object) -> Row:
    kind = field.get("fieldTypeId")
    if kind == NUMBER_FIELD and (is_integer(value) or isinstance(value, Decimal)):
        return {"number": value}
    if kind == DATE_FIELD and (is_integer(value) or isinstance(value, str)):
        return {"date": value}
    return {"text": str(value)}
