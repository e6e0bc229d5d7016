"""The shapes that several resources share, each defined once.

Names and types are Backlog's own. Every field except a key may be null, and nested
objects may have more fields than are listed here (docs/api-facts.md, "Empty and unknown
fields").
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

INT64 = th.IntegerType(minimum=-(2**63), maximum=2**63 - 1)
"""Ids and sizes: they do not fit into 32 bits (docs/api-facts.md, "Ids and names")."""

ANY_VALUE = th.CustomType(
    {"type": ["string", "number", "object", "array", "boolean", "null"]},
)
"""A value whose type depends on something else."""

FREE_OBJECT = th.CustomType({"type": ["object", "null"], "additionalProperties": True})
"""An object whose fields depend on something else."""


def text(name: str, description: str, **options: Any) -> th.Property[Any]:  # noqa: ANN401
    """Return a text field."""
    return th.Property(name, th.StringType, description=description, **options)


def integer(name: str, description: str, **options: Any) -> th.Property[Any]:  # noqa: ANN401
    """Return a field of whole 64-bit numbers."""
    return th.Property(name, INT64, description=description, **options)


def number(name: str, description: str) -> th.Property[Any]:
    """Return a field of decimal numbers."""
    return th.Property(name, th.NumberType, description=description)


def boolean(name: str, description: str) -> th.Property[Any]:
    """Return a yes-or-no field."""
    return th.Property(name, th.BooleanType, description=description)


def timestamp(name: str, description: str, **options: Any) -> th.Property[Any]:  # noqa: ANN401
    """Return a field with a timestamp in UTC."""
    return th.Property(name, th.DateTimeType, description=description, **options)


def stamp_of(name: str, what: str, table: str) -> th.Property[Any]:
    """Return the field of a part that holds the timestamp of its row.

    Args:
        name: Name of the field.
        what: What the row is.
        table: Name of its stream.
    """
    return th.Property(
        name,
        th.DateTimeType,
        description=f"`updated` of the {what} when this was read; what is still part of "
        f"it has the same as the {what} in `{table}`.",
    )


CALENDAR_DAYS = frozenset(
    {"startDate", "dueDate", "releaseDueDate", "minDate", "maxDate", "date"}
)
"""Names of the fields that hold a day."""


def calendar_date(name: str, description: str) -> th.Property[Any]:
    """Return a field with a day, which Backlog writes as a timestamp.

    See docs/api-facts.md, "Times and days".
    """
    return th.Property(
        name,
        th.DateTimeType,
        description=f"{description} A day, as Backlog writes it: midnight in UTC, or in "
        "the time zone of the space.",
    )


def nested(
    name: str,
    shape: th.ObjectType | th.CustomType,
    description: str,
) -> th.Property[Any]:
    """Return a field that holds one object."""
    return th.Property(name, shape, description=description)


def many(
    name: str,
    shape: th.JSONTypeHelper[Any],
    description: str,
) -> th.Property[Any]:
    """Return a field that holds a list; its items may be null."""
    item: dict[str, Any] = shape.type_dict
    kinds = [item["type"]] if isinstance(item["type"], str) else item["type"]
    item = {**item, "type": [*kinds, "null"]}
    return th.Property(name, th.ArrayType(th.CustomType(item)), description=description)


def shape(*fields: th.Property[Any]) -> th.ObjectType:
    """Return an object that may have more fields."""
    return th.ObjectType(*fields, additional_properties=True)


def record(description: str, *fields: th.Property[Any]) -> dict[str, Any]:
    """Return the schema of a stream.

    Args:
        description: What a row is, with the Japanese name of the API.
        fields: The root fields.
    """
    schema = th.PropertiesList(*fields).to_dict()
    return {"description": description, **without_version(schema)}


def without_version(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without ``$schema``, on which some older loaders fail.

    Args:
        schema: The schema of a stream.
    """
    return {name: value for name, value in schema.items() if name != "$schema"}


def key(name: str, description: str) -> th.Property[Any]:
    """Return a numeric key; keys are the only fields that are never null."""
    return integer(name, description, required=True)


def text_key(name: str, description: str) -> th.Property[Any]:
    """Return a text key."""
    return text(name, description, required=True)


NULAB_ACCOUNT = shape(
    text("nulabId", "Nulab ID."),
    text("name", "Name of the Nulab account."),
    text("uniqueId", "Unique id of the Nulab account."),
    text("iconUrl", "Address of the account's icon."),
)

USER_FIELDS = (
    text("userId", "Login id; null for users who are gone or come from elsewhere."),
    text("name", "Name that is shown."),
    integer(
        "roleType",
        "1 administrator, 2 member or guest, 3 may add issues only, 4 may view issues "
        "only; on classic plans 1 administrator, 2 user, 3 reporter, 4 viewer, 5 guest "
        "reporter, 6 guest viewer.",
    ),
    text("lang", "Language of the user interface, such as `ja` or `en`."),
    nested("nulabAccount", NULAB_ACCOUNT, "Nulab account behind the user."),
    text("mailAddress", "Mail address; null if it is hidden."),
    timestamp("lastLoginTime", "Last login."),
    text("keyword", "Undocumented text that some answers hold."),
)
USER = shape(integer("id", "Id of the user."), *USER_FIELDS)
PERSONAL_FIELDS = frozenset(one.name for one in USER_FIELDS)
"""Names of the fields of a user, except the id."""

PROJECT_FIELDS = (
    text("projectKey", "Key of the project, the part before the dash of an issue key."),
    text("name", "Name of the project."),
    boolean("chartEnabled", "Whether the burndown chart is on."),
    boolean(
        "useResolvedForChart",
        "Whether the chart counts resolved issues as done.",
    ),
    boolean("subtaskingEnabled", "Whether issues can have child issues."),
    boolean("grandchildIssueEnabled", "Whether child issues can have child issues."),
    boolean(
        "projectLeaderCanEditProjectLeader",
        "Whether project administrators can appoint project administrators.",
    ),
    boolean("useWiki", "Whether the wiki is on."),
    boolean("useDocument", "Whether documents are on."),
    boolean("useFileSharing", "Whether file sharing is on."),
    boolean("useWikiTreeView", "Whether wiki pages are shown as a tree."),
    boolean(
        "useOriginalImageSizeAtWiki",
        "Whether wiki pages show images in their own size.",
    ),
    boolean("useSubversion", "Whether Subversion is on."),
    boolean("useGit", "Whether Git is on."),
    boolean("useGantt", "Whether the Gantt chart is on (old servers)."),
    boolean("useBurndown", "Whether the burndown chart is on (old servers)."),
    boolean("useDevAttributes", "Whether attributes for development are on."),
    text("textFormattingRule", "How texts are written: `backlog` or `markdown`."),
    boolean("archived", "Whether the project is archived."),
    integer("displayOrder", "Place in lists."),
)
PROJECT = shape(integer("id", "Id of the project."), *PROJECT_FIELDS)

ISSUE_TYPE_FIELDS = (
    integer("projectId", "Id of the project."),
    text("name", "Name of the issue type."),
    text("color", "Colour, such as `#e30000`."),
    integer("displayOrder", "Place in lists."),
    text("templateSummary", "Summary that a new issue starts with."),
    text("templateDescription", "Description that a new issue starts with."),
)
ISSUE_TYPE = shape(integer("id", "Id of the issue type."), *ISSUE_TYPE_FIELDS)

CATEGORY_FIELDS = (
    integer("projectId", "Id of the project."),
    text("name", "Name of the category."),
    integer("displayOrder", "Place in lists."),
)
CATEGORY = shape(integer("id", "Id of the category."), *CATEGORY_FIELDS)

STATUS_ID = (
    "Id of the status; 1 open, 2 in progress, 3 resolved, 4 closed in every project."
)
STATUS_FIELDS = (
    text("name", "Name, in the language of the settings."),
    text("color", "Colour, such as `#ed8077`."),
    integer("displayOrder", "Place in lists."),
)
STATUS = shape(
    integer("id", STATUS_ID),
    integer("projectId", "Id of the project."),
    *STATUS_FIELDS,
)

VERSION_FIELDS = (
    integer("projectId", "Id of the project."),
    text("name", "Name of the version or milestone."),
    text("description", "Description."),
    calendar_date("startDate", "First day."),
    calendar_date("releaseDueDate", "Day of the release."),
    boolean("archived", "Whether it is archived."),
    integer("displayOrder", "Place in lists."),
)
VERSION = shape(integer("id", "Id of the version or milestone."), *VERSION_FIELDS)

LOCAL_NAME = text("name", "Name, in the language of the settings.")

PRIORITY_ID = "2 high, 3 normal, 4 low."
PRIORITY = shape(integer("id", PRIORITY_ID), LOCAL_NAME)

RESOLUTION_ID = "0 fixed, 1 will not fix, 2 invalid, 3 duplicate, 4 cannot reproduce."
RESOLUTION = shape(integer("id", RESOLUTION_ID), LOCAL_NAME)

ATTACHMENT_FIELDS = (
    text("name", "File name."),
    integer("size", "Size in bytes."),
    nested("createdUser", USER, "Who attached it."),
    timestamp("created", "When it was attached."),
)
ATTACHMENT = shape(integer("id", "Id of the attachment."), *ATTACHMENT_FIELDS)

SHARED_FILE_FIELDS = (
    integer("projectId", "Id of the project."),
    text("type", "`file` or `directory`."),
    text("dir", "Folder, such as `/designs/`."),
    text("name", "File name."),
    integer("size", "Size in bytes; null for folders."),
    nested("createdUser", USER, "Who added it."),
    timestamp("created", "When it was added."),
    nested("updatedUser", USER, "Who changed it last; null if nobody did."),
    timestamp("updated", "When it was last changed."),
)
SHARED_FILE = shape(integer("id", "Id of the shared file."), *SHARED_FILE_FIELDS)

STAR_FIELDS = (
    text("comment", "Comment that came with the star."),
    text("url", "Address of what was starred."),
    text("title", "Title of what was starred."),
    nested("presenter", USER, "Who gave the star."),
    timestamp("created", "When it was given."),
)
STAR = shape(integer("id", "Id of the star."), *STAR_FIELDS)

NUMBER_FIELD, DATE_FIELD = 3, 4
"""Types of custom fields whose values are not text."""

CUSTOM_FIELD_VALUE = shape(
    integer("id", "Id of the custom field."),
    integer(
        "fieldTypeId",
        "1 text, 2 text area, 3 number, 4 date, 5 single list, 6 multiple list, "
        "7 checkbox, 8 radio.",
    ),
    text("name", "Name of the custom field."),
    th.Property(
        "value",
        ANY_VALUE,
        description="The value: text, number, date, one item, a list of items, or null, "
        "after `fieldTypeId`.",
    ),
    text("otherValue", "Free text beside the items of a checkbox or radio field."),
)

EXTERNAL_FILE_LINK = shape(
    text("name", "Name of the file."),
    text("url", "Address of the file."),
)

NOTIFICATION = shape(
    integer("id", "Id of the notification."),
    boolean("alreadyRead", "Whether it has been seen."),
    integer("reason", "Why it was sent; 1 assigned, 2 commented, 3 issue created, ..."),
    nested("user", USER, "Who was notified."),
    boolean("resourceAlreadyRead", "Whether what it is about has been read."),
)

TAG = shape(integer("id", "Id of the tag."), text("name", "Name of the tag."))

CREATED_AND_UPDATED = (
    nested("createdUser", USER, "Who added it; null if the user is gone."),
    timestamp("created", "When it was added."),
    nested("updatedUser", USER, "Who changed it last; null if nobody did."),
    timestamp("updated", "When it was last changed."),
)

CHANGE = shape(
    text("field", "What was changed, such as `status`, or a custom field's name."),
    text("newValue", "What it is now, as shown."),
    text("originalValue", "What it was before, as shown."),
    nested("attachmentInfo", FREE_OBJECT, "The attachment that was changed."),
    nested("attributeInfo", FREE_OBJECT, "The custom field that was changed."),
    nested("notificationInfo", FREE_OBJECT, "The notification that was sent."),
)
