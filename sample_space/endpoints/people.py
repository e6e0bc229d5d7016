"""Users and teams, and the stars and watchings of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.answers import ApiError
from sample_space.endpoints.call import at
from sample_space.endpoints.lists import by_id, by_offset, found, page
from sample_space.endpoints.parameters import BY_ID, BY_OFFSET, SORT, Reader

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]

_WATCHINGS: dict[str, Reader] = {**BY_OFFSET, "sort": SORT}


def user_of(call: Call) -> Row:
    """Return the user whom the path names.

    Raises:
        ApiError: There is none.
    """
    for user in call.space.users:
        if str(user["id"]) == call.arguments[0]:
            return user
    raise ApiError(404, 6, "No user.")


def _teams(call: Call) -> list[Row]:
    ascends = call.parameters.get("order", "desc") == "asc"
    rows = sorted(call.space.teams, key=lambda team: team["id"], reverse=not ascends)
    return page(rows, call.parameters)


def _stars(call: Call) -> list[Row]:
    return by_id(call, found(call.space.contents.stars, int(call.arguments[0])))


def _watchings(call: Call) -> list[Row]:
    rows = found(call.space.contents.watchings, int(call.arguments[0]))
    return by_offset(call, rows, "created")


ENDPOINTS = [
    at("users", lambda call: call.space.users, for_admins=True),
    at("users/myself", lambda call: call.user),
    at("users/(\\d+)", user_of),
    at("users/*/stars", _stars, BY_ID),
    at("users/*/watchings", _watchings, _WATCHINGS),
    at("teams", _teams, BY_OFFSET, for_admins=True),
]
