"""Documents, their comments, and their tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_backlog.request import Request
from tap_backlog.rows import plain, read
from tap_backlog.streams.kinds.by_change import ByChangeStream
from tap_backlog.streams.kinds.dependents import ListPerRow, Parent
from tap_backlog.streams.kinds.per_project import ProjectStream
from tap_backlog.streams.shapes import (
    ATTACHMENT,
    CREATED_AND_UPDATED,
    FREE_OBJECT,
    TAG,
    boolean,
    integer,
    key,
    many,
    nested,
    record,
    shape,
    text,
    text_key,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_backlog.rows import Row

_FLAG = "useDocument"


class Documents(ByChangeStream):
    """``GET documents``, newest change first.

    It has no filter by time (docs/api-facts.md, "Documents").
    """

    name = "documents"
    path = "documents"
    requests_in_words = "1 per 100 documents"
    flag = _FLAG
    schema: ClassVar = record(
        "Documents with their text (ドキュメント一覧の取得).",
        text_key("id", "Id of the document, 32 hexadecimal digits."),
        integer("projectId", "Id of the project."),
        text("title", "Title."),
        text("plain", "The text alone."),
        text("json", "The document as the editor keeps it, JSON in a text."),
        integer("statusId", "Status."),
        text("emoji", "Emoji in front of the title."),
        many("attachments", ATTACHMENT, "Attached files."),
        many("tags", TAG, "Tags."),
        many(
            "childDocumentIds",
            th.StringType(),
            "Ids of the documents below it, if Backlog sends them.",
        ),
        *CREATED_AND_UPDATED[:-1],
        timestamp("updated", "When it was last changed.", required=True),
    )


_COMMENT_FIELDS = (
    text("content", "The text as the editor keeps it, JSON in a text."),
    text("plain", "The text alone."),
    integer("createdUserId", "Id of who wrote it."),
    timestamp("created", "When it was written."),
    integer("updatedUserId", "Id of who changed it last."),
    timestamp("updated", "When it was last changed."),
    nested("createdUser", FREE_OBJECT, "Who wrote it."),
)


class DocumentComments(ListPerRow):
    """``GET documents/:id/comments``, for documents that have changed.

    All comments come in one answer (docs/api-facts.md, "Documents").
    """

    name = "document_comments"
    source = "documents"
    path = "documents/{document_id}/comments"
    requests_in_words = "1 per document"
    added_keys: ClassVar = ("documentId",)
    primary_keys: ClassVar = ("id",)
    schema: ClassVar = record(
        "Comments of documents with the replies to them (ドキュメントのコメント).",
        text_key("id", "Id of the comment."),
        text_key("documentId", "Id of the document."),
        integer("statusId", "Status."),
        text("commentType", "Kind of comment."),
        *_COMMENT_FIELDS,
        many(
            "replies",
            shape(
                text("id", "Id of the reply."),
                text("documentId", "Id of the document."),
                text("commentId", "Id of the comment."),
                *_COMMENT_FIELDS,
            ),
            "Replies.",
        ),
    )

    def parent_of(self, row: Row) -> Parent:
        """Return the comments of a document."""
        return Parent(
            self.path.format(document_id=row["id"]),
            {"documentId": row["id"]},
            f"document {row['id']}",
            read(row, "projectId"),
        )


class DocumentTree(ProjectStream):
    """``GET documents/tree``, one row per node."""

    name = "document_tree"
    path = "documents/tree"
    flag = _FLAG
    primary_keys: ClassVar = ("projectId", "id")
    added_keys: ClassVar = ("projectId", "id")
    schema: ClassVar = record(
        "Where each document stands in the tree of its project (ドキュメントツリー).",
        key("projectId", "Id of the project."),
        text_key("id", "Id of the document."),
        text("parentId", "Id of the document above it; null at the top."),
        text("name", "Title."),
        boolean("trashed", "Whether it lies in the trash."),
        integer("position", "Place among its neighbours, from 0."),
        text("emoji", "Emoji in front of the title."),
        text("emojiType", "Kind of emoji."),
        integer("statusId", "Status."),
        timestamp("updated", "When it was last changed, if Backlog sends it."),
    )

    def request_of(self, project: Row) -> Request:
        """Return the tree of a project."""
        return Request(self.path, {"projectIdOrKey": project["id"]})

    def rows_of(self, project: Row, then: Row | None) -> Iterator[list[Row]]:  # noqa: ARG002
        """Yield the nodes of both trees, from the top down."""
        for answer in self.ask_one_if_any(*self.request_of(project)):
            tree = plain(answer)
            for name, is_trashed in (("activeTree", False), ("trashTree", True)):
                root = tree.get(name)
                if isinstance(root, dict):
                    head = {"projectId": project["id"], "trashed": is_trashed}
                    yield list(_nodes(root, head))


def _nodes(root: dict[str, Any], head: Row) -> Iterator[Row]:
    """Yield the nodes below a root; the root itself is not a document."""
    below: list[tuple[dict[str, Any], str | None]] = [(root, None)]
    while below:
        parent, parent_id = below.pop()
        for position, node in enumerate(parent.get("children") or []):
            if not isinstance(node, dict) or not isinstance(node.get("id"), str):
                continue
            names = ("name", "emoji", "emojiType", "statusId", "updated")
            told = {name: node.get(name) for name in names}
            place = {"id": node["id"], "parentId": parent_id, "position": position}
            yield {**head, **place, **told}
            below.append((node, node["id"]))
