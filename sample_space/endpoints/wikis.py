"""Wiki pages, their versions and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.endpoints.call import at
from sample_space.endpoints.lists import by_id, found
from sample_space.endpoints.parameters import BY_ID
from sample_space.endpoints.projects import IN_PROJECT, project_in_query

if TYPE_CHECKING:
    from sample_space.endpoints.call import Call

Row = dict[str, Any]

_ON_THE_PAGE_ALONE = {"content", "attachments", "sharedFiles", "stars"}


def _wikis(call: Call) -> list[Row]:
    home = project_in_query(call, "useWiki")
    return [
        {name: value for name, value in wiki.items() if name not in _ON_THE_PAGE_ALONE}
        for wiki in call.space.doors.shown(call.space.contents.wikis.values())
        if wiki["projectId"] == home
    ]


def _wiki(call: Call) -> object:
    return found(call.space.contents.wikis, int(call.arguments[0]))


def _tags(call: Call) -> object:
    return call.space.contents.wiki_tags.get(project_in_query(call, "useWiki"), [])


def _history(call: Call) -> list[Row]:
    pages = call.space.contents.wiki_history
    return by_id(call, found(pages, int(call.arguments[0])), "version")


ENDPOINTS = [
    at("wikis", _wikis, IN_PROJECT),
    at("wikis/tags", _tags, IN_PROJECT),
    at("wikis/(\\d+)", _wiki),
    at("wikis/(\\d+)/history", _history, BY_ID),
]
