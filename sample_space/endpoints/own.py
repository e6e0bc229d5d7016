"""Notifications of the key's owner, and what the owner has looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.endpoints.call import at
from sample_space.endpoints.lists import by_id, page
from sample_space.endpoints.parameters import BY_ID, BY_OFFSET

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call, Endpoint

Row = dict[str, Any]


def _notifications(call: Call) -> list[Row]:
    return by_id(call, call.space.contents.notifications)


def _count(call: Call) -> Row:
    return {"count": len(call.space.contents.notifications)}


def _viewed(what: str, name: str) -> Endpoint:
    def handle(call: Call) -> list[Row]:
        rows: list[Row] = getattr(call.space.contents, name)
        return page(rows, call.parameters)

    return at(f"users/myself/recentlyViewed{what}", handle, BY_OFFSET)


ENDPOINTS = [
    _viewed("Issues", "viewed_issues"),
    _viewed("Projects", "viewed_projects"),
    _viewed("Wikis", "viewed_wikis"),
    at("notifications", _notifications, BY_ID),
    at("notifications/count", _count),
]
