"""Documents, their tree, and the comments on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError
from sample_space.endpoints.call import at
from sample_space.endpoints.lists import by_offset, found
from sample_space.endpoints.parameters import BY_OFFSET, SORT, Reader, numbers
from sample_space.endpoints.projects import IN_PROJECT, project_in_query

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]

_DOCUMENTS: dict[str, Reader] = {**BY_OFFSET, "sort": SORT, "projectId[]": numbers}


def _documents(call: Call) -> list[Row]:
    if "offset" not in call.parameters:
        raise ApiError(400, 7, "offset is required.")
    wanted = call.parameters.get("projectId[]")
    rows = [
        row
        for row in call.space.contents.documents.values()
        if not wanted or row["projectId"] in wanted
        if row["projectId"] not in call.space.doors.unjoined
    ]
    return by_offset(call, rows, call.parameters.get("sort", "created"))


def _tree(call: Call) -> object:
    return found(call.space.contents.trees, project_in_query(call, "useDocument"))


def _comments(call: Call) -> object:
    return found(call.space.contents.document_comments, call.arguments[0])


ENDPOINTS = [
    at("documents", _documents, _DOCUMENTS),
    at("documents/tree", _tree, IN_PROJECT),
    at("documents/*/comments", _comments),
]
