"""Issues, and what belongs to an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError
from sample_space.data.issues import CHILDREN, without_children
from sample_space.endpoints import issue_list
from sample_space.endpoints.call import at
from sample_space.endpoints.lists import by_id, page
from sample_space.endpoints.parameters import BY_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_space.endpoints.call import Call

Row = dict[str, Any]


def _issue(call: Call) -> Row:
    for issue in call.space.issues.values():
        if call.arguments[0] in {str(issue["id"]), issue["issueKey"]}:
            return issue
    raise ApiError(404, 6, "No issue.")


def _issues(call: Call) -> list[Row]:
    parameters = call.parameters
    if "expand[]" in parameters and not call.space.options.knows_expand:
        raise ApiError(400, 7, "Unknown parameter: expand[]")
    rows = page(issue_list.arranged(call.space, parameters), parameters)
    if CHILDREN in parameters.get("expand[]", ()):
        return rows
    return [without_children(row) for row in rows]


def _count(call: Call) -> Row:
    return {"count": len(issue_list.select(call.space, call.parameters))}


def _list_of_issue(name: str) -> Callable[[Call], list[Row]]:
    def handle(call: Call) -> list[Row]:
        lists: dict[int, list[Row]] = getattr(call.space.contents, name)
        return lists.get(_issue(call)["id"], [])

    return handle


def _comments(call: Call) -> list[Row]:
    return by_id(call, call.space.contents.comments.get(_issue(call)["id"], []))


ENDPOINTS = [
    at("issues", _issues, issue_list.PARAMETERS),
    at("issues/count", _count, issue_list.FILTERS),
    at("issues/*", lambda call: without_children(_issue(call))),
    at("issues/*/comments", _comments, BY_ID),
    at("issues/*/participants", _list_of_issue("participants")),
    at("issues/*/relatedIssues", _list_of_issue("related")),
]
