"""Documents, their tree, and the comments on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.data.authorship import authorship

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]


def add_documents(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    """Add documents if the project has any: a tree, and a few in its trash."""
    if not home.project["useDocument"]:
        return
    nodes: list[Row] = []
    for number in range(40):
        document_id = f"{home.id:016x}{number:016x}"
        made = authorship(rng, home, 10 * number)
        contents.documents[document_id] = {
            "id": document_id,
            "projectId": home.id,
            "title": f"議事録 {number}",
            "plain": "本文",
            "json": "{}",
            "statusId": 1,
            "emoji": None,
            "attachments": [],
            "tags": [],
            "childDocumentIds": [],
            **made,
        }
        contents.document_comments[document_id] = [
            _comment(document_id, made, reply) for reply in range(number % 3)
        ]
        if 5 <= number < 20:
            above = f"{home.id:016x}{number // 5:016x}"
            contents.documents[above]["childDocumentIds"].append(document_id)
        node: Row = {"id": document_id, "name": f"議事録 {number}", "children": []}
        nodes.append({**node, "emoji": ""})
    for place in range(5, 20):
        nodes[place // 5]["children"].append(nodes[place])
    contents.trees[home.id] = {
        "projectId": home.id,
        "activeTree": {"id": "Active", "children": [*nodes[:5], *nodes[20:38]]},
        "trashTree": {"id": "Trash", "children": nodes[38:]},
    }


def _comment(document_id: str, made: Row, number: int) -> Row:
    user = made["createdUser"]
    body = {
        "content": "{}",
        "plain": "コメント",
        "createdUserId": user["id"],
        "created": made["created"],
        "updatedUserId": user["id"],
        "updated": made["updated"],
        "createdUser": {"id": user["id"], "name": user["name"], "uniqueId": None},
    }
    comment_id = f"{document_id[4:]}c{number:03}"
    reply = {"id": f"{comment_id[:-1]}r", "documentId": document_id}
    return {
        "id": comment_id,
        "documentId": document_id,
        "statusId": 0,
        "commentType": "comment",
        **body,
        "replies": [{**reply, "commentId": comment_id, **body}],
    }
