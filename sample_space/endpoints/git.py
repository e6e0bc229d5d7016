"""Repositories, pull requests, and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError
from sample_space.endpoints.call import at
from sample_space.endpoints.lists import by_id, found, page
from sample_space.endpoints.parameters import BY_ID, BY_OFFSET
from sample_space.endpoints.projects import list_of_project

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]

_REPOSITORIES = "projects/*/git/repositories"


def _repository(call: Call) -> int:
    for row in call.space.contents.repositories.get(call.project.id, []):
        if call.arguments[1] in {str(row["id"]), row["name"]}:
            return int(row["id"])
    raise ApiError(404, 6, "No repository.")


def _pull_requests(call: Call) -> list[Row]:
    rows = call.space.contents.pull_requests[_repository(call)]
    return page(call.space.doors.shown(rows), call.parameters)


def _count(call: Call) -> Row:
    return {"count": len(call.space.contents.pull_requests[_repository(call)])}


def _place(call: Call) -> tuple[int, int]:
    return _repository(call), int(call.arguments[2])


def _comments(call: Call) -> list[Row]:
    return by_id(call, found(call.space.contents.pull_request_comments, _place(call)))


def _attachments(call: Call) -> object:
    return found(call.space.contents.pull_request_attachments, _place(call))


ENDPOINTS = [
    at(_REPOSITORIES, list_of_project("repositories", "useGit")),
    at(f"{_REPOSITORIES}/*/pullRequests", _pull_requests, BY_OFFSET),
    at(f"{_REPOSITORIES}/*/pullRequests/count", _count),
    at(f"{_REPOSITORIES}/*/pullRequests/*/comments", _comments, BY_ID),
    at(f"{_REPOSITORIES}/*/pullRequests/*/attachments", _attachments),
]
