"""The space itself, and its rate limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.forecast.costs import PROJECT_LIST, SPACE, Cost, Forecast
from tap_backlog.rows import is_object
from tap_backlog.streams.base import BacklogStream
from tap_backlog.streams.kinds.per_project import ProjectStream
from tap_backlog.streams.kinds.single import ListStream, SpacePart
from tap_backlog.streams.page import Page
from tap_backlog.streams.shapes import (
    LOCAL_NAME,
    PRIORITY_ID,
    RESOLUTION_ID,
    boolean,
    integer,
    key,
    many,
    record,
    shape,
    text,
    text_key,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.forecast.census import Census
    from tap_backlog.rows import Row


class Space(BacklogStream):
    """``GET space``."""

    name = "space"
    path = "space"
    primary_keys: ClassVar = ("spaceKey",)
    schema: ClassVar = record(
        "The space (スペース情報の取得).",
        text("spaceKey", "Key of the space.", required=True),
        text("name", "Name of the space."),
        integer("ownerId", "Id of the user who owns the space."),
        text("lang", "Language of the space, such as `ja`."),
        text("timezone", "Time zone of the space, such as `Asia/Tokyo`."),
        text("reportSendTime", "Time of day at which reports are sent, `HH:mm:ss`."),
        text("textFormattingRule", "How texts are written: `backlog` or `markdown`."),
        timestamp("created", "When the space was made."),
        timestamp("updated", "When the space was last changed."),
    )

    def forecast(self, census: Census) -> Forecast:  # noqa: ARG002
        """Return the one row; its request is shared by all that need the space's key."""
        return Forecast(1, (SPACE,))

    def pages(self) -> Iterator[Page]:
        """Yield the one row."""
        yield Page([self.run.scope.space])


_CLASSES = 4


class RateLimit(BacklogStream):
    """``GET rateLimit``, one row per class of requests."""

    name = "rate_limit"
    path = "rateLimit"
    primary_keys: ClassVar = ("type",)
    required_fields: ClassVar = {"rateLimit": is_object}
    schema: ClassVar = record(
        "How often the key's owner may ask per minute, and how much of it is left: one "
        "row for each class of requests (レート制限情報の取得).",
        text("type", "Class of requests: read, update, search or icon.", required=True),
        integer("limit", "Requests per minute."),
        integer("remaining", "Requests left in this minute."),
        integer("reset", "When the count starts again, in seconds since 1970 (UTC)."),
    )

    def forecast(self, census: Census) -> Forecast:  # noqa: ARG002
        """Return one row per class that the API has."""
        return Forecast(_CLASSES, (Cost(self.name, self.path),))

    def pages(self) -> Iterator[Page]:
        """Yield one row per class."""
        yield Page(
            [
                {**limit, "type": kind}
                for answer in self.ask_one_if_any(self.path)
                for kind, limit in answer["rateLimit"].items()
                if isinstance(limit, dict)
            ]
        )


_SPACE_KEY = text_key("spaceKey", "Key of the space.")


class SpaceNotification(SpacePart):
    """``GET space/notification``."""

    name = "space_notification"
    path = "space/notification"
    schema: ClassVar = record(
        "The notice that is shown to everybody in the space (お知らせの取得).",
        _SPACE_KEY,
        text("content", "Text of the notice."),
        timestamp("updated", "When it was last changed."),
    )


_USAGE = (
    integer("issue", "Bytes used by issues."),
    integer("wiki", "Bytes used by wiki pages."),
    integer("document", "Bytes used by documents."),
    integer("file", "Bytes used by shared files."),
    integer("subversion", "Bytes used by Subversion."),
    integer("git", "Bytes used by Git."),
    integer("gitLFS", "Bytes used by Git LFS."),
    integer("pullRequest", "Bytes used by pull requests (old servers)."),
)


class SpaceDiskUsage(SpacePart):
    """``GET space/diskUsage``."""

    name = "space_disk_usage"
    wants_administrator = True
    path = "space/diskUsage"
    schema: ClassVar = record(
        "How much room the space takes (スペース容量使用状況の取得).",
        _SPACE_KEY,
        integer("capacity", "Bytes that there are."),
        *_USAGE,
        many(
            "details",
            shape(integer("projectId", "Id of the project."), *_USAGE),
            "The same, project by project.",
        ),
    )


class ProjectDiskUsage(ProjectStream):
    """``GET projects/:id/diskUsage``."""

    name = "project_disk_usage"
    wants_administrator = True
    path = "projects/{project_id}/diskUsage"
    primary_keys: ClassVar = ("projectId",)
    added_keys: ClassVar = ("projectId",)
    schema: ClassVar = record(
        "How much room each project takes (プロジェクト容量使用状況の取得).",
        key("projectId", "Id of the project."),
        *_USAGE,
    )

    def forecast(self, census: Census) -> Forecast:  # noqa: ARG002
        """Return one row and one request per project."""
        projects = len(self.run.scope.projects)
        cost = Cost(self.name, self.path, projects)
        return Forecast(projects, (PROJECT_LIST, cost))

    def rows_of(self, project: Row, then: Row | None) -> Iterator[list[Row]]:  # noqa: ARG002
        """Yield the one row of a project, or none if Backlog has none."""
        rows = self.ask_one_if_any(*self.request_of(project))
        yield [{**row, "projectId": project["id"]} for row in rows]


class Licence(SpacePart):
    """``GET space/licence``."""

    name = "licence"
    path = "space/licence"
    schema: ClassVar = record(
        "What the plan of the space includes (ライセンス情報の取得).",
        _SPACE_KEY,
        boolean("active", "Whether the licence holds."),
        boolean("attribute", "Whether there are custom fields."),
        boolean("burndown", "Whether there are burndown charts."),
        boolean("fileSharing", "Whether there are shared files."),
        boolean("gantt", "Whether there are Gantt charts."),
        boolean("git", "Whether there is Git."),
        boolean("nulabAccount", "Whether Nulab accounts are used."),
        boolean("parentChildIssue", "Whether issues can have child issues."),
        boolean("grandchildIssueEnabled", "Whether child issues can have child issues."),
        boolean("postIssueByMail", "Whether issues can be added by mail."),
        boolean("projectGroup", "Whether projects can be grouped (old servers)."),
        boolean("remoteAddress", "Whether access can be limited to addresses."),
        boolean("subversion", "Whether there is Subversion."),
        boolean("subversionExternal", "Whether Subversion elsewhere can be used."),
        boolean("wikiAttachment", "Whether wiki pages can have attached files."),
        integer("attachmentLimit", "Most bytes of attached files; 0 for no limit."),
        integer("attachmentLimitPerFile", "Most bytes of one attached file."),
        integer("attachmentNumLimit", "Most attached files; 0 for no limit."),
        integer("attributeLimit", "Most custom fields; 0 for no limit."),
        integer("commentLimit", "Most comments; 0 for no limit."),
        integer("componentLimit", "Most categories; 0 for no limit."),
        integer("issueLimit", "Most issues; 0 for no limit."),
        integer("licenceTypeId", "Kind of licence."),
        integer("projectLimit", "Most projects; 0 for no limit."),
        integer("pullRequestAttachmentLimitPerFile", "Most bytes of one file there."),
        integer("pullRequestAttachmentNumLimit", "Most files of a pull request."),
        integer("remoteAddressLimit", "Most addresses; 0 for no limit."),
        integer("storageLimit", "Most bytes of the space."),
        integer("userLimit", "Most users; 0 for no limit."),
        integer("versionLimit", "Most versions; 0 for no limit."),
        integer("wikiAttachmentLimitPerFile", "Most bytes of one file of a wiki page."),
        integer("wikiAttachmentNumLimit", "Most files of a wiki page; 0 for no limit."),
        timestamp("startedOn", "When the licence began."),
        timestamp("limitDate", "When it ends; null if it does not."),
    )


class Priorities(ListStream):
    """``GET priorities``."""

    name = "priorities"
    path = "priorities"
    schema: ClassVar = record(
        "Priorities of issues (優先度一覧の取得).", key("id", PRIORITY_ID), LOCAL_NAME
    )


class Resolutions(ListStream):
    """``GET resolutions``."""

    name = "resolutions"
    path = "resolutions"
    schema: ClassVar = record(
        "How issues can be resolved (完了理由一覧の取得).",
        key("id", RESOLUTION_ID),
        LOCAL_NAME,
    )
