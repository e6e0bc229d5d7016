"""What belongs to pull requests: comments and attached files."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tap_backlog.reading.lists import BacklogList, IdList
from tap_backlog.rows import read
from tap_backlog.streams.git import PullRequests
from tap_backlog.streams.kinds.dependents import ListPerRow, Parent
from tap_backlog.streams.shapes import (
    ATTACHMENT_FIELDS,
    CHANGE,
    NOTIFICATION,
    STAR,
    USER,
    key,
    many,
    nested,
    record,
    stamp_of,
    text,
    timestamp,
)

if TYPE_CHECKING:
    from tap_backlog.rows import Row


class PerPullRequest(ListPerRow):
    """A list below a pull request."""

    source = "pull_requests"
    requests_in_words = "1 per pull request"
    primary_keys: ClassVar = ("id",)
    added_keys: ClassVar = ("projectId", "repositoryId", "number")

    def parent_of(self, row: Row) -> Parent:
        """Return the list of a pull request."""
        keys = {name: read(row, name) for name in self.added_keys}
        base = PullRequests.path.format(
            project_id=keys["projectId"], repository_id=keys["repositoryId"]
        )
        number = int(keys["number"] or 0)
        label = f"pull request {number} of repository {keys['repositoryId']}"
        return Parent(f"{base}/{number}/{self.path}", keys, label, keys["projectId"])


_OF_PULL_REQUEST = (
    key("projectId", "Id of the project."),
    key("repositoryId", "Id of the repository."),
    key("number", "Number of the pull request in the repository."),
)


class PullRequestComments(PerPullRequest):
    """``GET .../pullRequests/:number/comments``, for changed pull requests."""

    name = "pull_request_comments"
    path = "comments"
    schema: ClassVar = record(
        "Comments of pull requests (プルリクエストコメントの取得).",
        key("id", "Id of the comment."),
        *_OF_PULL_REQUEST,
        text("content", "Text."),
        many("changeLog", CHANGE, "What was changed along with it."),
        nested("createdUser", USER, "Who wrote it; null if the user is gone."),
        timestamp("created", "When it was written."),
        timestamp("updated", "When it was last changed."),
        many("stars", STAR, "Stars that it was given."),
        many("notifications", NOTIFICATION, "Who was notified."),
    )

    def list_at(self, path: str) -> BacklogList:
        """Return the comments of a pull request."""
        return IdList(path)


class PullRequestAttachments(PerPullRequest):
    """``GET .../pullRequests/:number/attachments``, for changed pull requests."""

    name = "pull_request_attachments"
    path = "attachments"
    stamp_field = "pullRequestUpdated"
    schema: ClassVar = record(
        "Files attached to pull requests (プルリクエスト添付ファイル一覧の取得).",
        key("id", "Id of the attachment."),
        *_OF_PULL_REQUEST,
        *ATTACHMENT_FIELDS,
        stamp_of("pullRequestUpdated", "pull request", "pull_requests"),
    )
