"""The activity feed of the sample space: every kind in docs/api-facts.md, "Updates".

What it tells of issues is their history. Everything else comes in rounds of one entry
per kind; a round tells of things that were made and deleted, which the space does not
have any longer.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, TODAY, longest_step, parse, stamp
from sample_space.data.issue_feed import (
    ISSUE_ADDED,
    ISSUE_CHANGED,
    ISSUE_COMMENTED,
    ISSUE_DELETED,
    ISSUES_CHANGED,
    Event,
    events_of,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

_SHARE = 3
"""One entry of so many tells of something other than the history of an issue."""

_NEVER_USED = 9_000_000_000
"""Larger than any id in the space but those of documents, which are texts."""


def _gone_issue(number: int) -> Row:
    """Return an issue whose id no other gets: theirs are 100,000 and a multiple of 3."""
    return {"id": 100_001 + 3 * number, "key_id": 90_000 + number}


def _links(number: int) -> list[Row]:
    gone = _gone_issue(number)
    comment = {"id": gone["id"] * 1000, "content": ""}
    return [{**gone, "title": "削除された課題", "comment": comment}]


def _gone_summary(number: int) -> Row:
    return {**_gone_issue(number), "summary": "削除された課題", "description": ""}


def _notified(number: int) -> Row:
    gone = _gone_summary(number)
    comment = {"id": gone["id"] * 1000 + 1, "content": "対応しました。"}
    return {**gone, "comment": comment, "changes": []}


def _changed_together(number: int) -> Row:
    change = {"field": "milestone", "new_value": "v2.0", "type": "standard"}
    content = {"tx_id": number * 11, "comment": {"content": ""}}
    return {**content, "link": _links(number), "changes": [change]}


def _dates(number: int) -> Row:
    change = {"field": "limitDate", "new_value": "2026-02-01", "type": "standard"}
    return {"link": _links(number), "changes": [change]}


def _status_deleted(number: int) -> Row:
    change = {"field": "status", "new_value": "1", "type": "standard"}
    return {
        "deletedStatus": {"name": "保留"},
        "link": _links(number),
        "change": change,
    }


def _wiki(number: int) -> Row:
    return {
        "id": _NEVER_USED + number,
        "name": "Home",
        "content": "ようこそ",
        "diff": None,
        "version": None,
        "attachments": [],
        "shared_files": [],
    }


def _file(number: int) -> Row:
    name = {"dir": "/設計/", "name": "plan.xlsx", "size": 4_294_967_296}
    return {"id": _NEVER_USED + number, **name}


_REPOSITORY = {"id": 9, "name": "app", "description": None}


def _push(number: int) -> Row:
    return {
        "repository": _REPOSITORY,
        "change_type": "update",
        "revision_type": "commit",
        "ref": "refs/heads/main",
        "revision_count": 1,
        "revisions": [{"rev": f"{number:040x}", "comment": "fix: 表示"}],
    }


def _pull_request(number: int) -> Row:
    return {
        "id": number,
        "number": number % 50,
        "summary": "Pull request",
        "description": "",
        "comment": None,
        "changes": [],
        "issue": None,
        "repository": _REPOSITORY,
    }


def _members(home: ProjectData) -> Row:
    return {
        "users": home.members[:1],
        "group_project_activities": [{"id": 1, "type": 15}],
        "comment": "",
    }


def _milestone(number: int) -> Row:
    return {
        "id": _NEVER_USED + number,
        "name": "v1.0",
        "start_date": "2026-01-01",
        "reference_date": "2026-02-01",
        "description": "",
    }


def _document(number: int) -> Row:
    return {"id": f"{number:032x}", "title": "議事録"}


def _document_comment(number: int) -> Row:
    return {**_document(number), "comment": {"id": f"{number:028x}c000", "content": "{}"}}


def _reply(number: int) -> Row:
    return {**_document(number), "reply": {"id": f"{number:028x}c00r", "content": "{}"}}


_ADDED = (47, ISSUE_ADDED)
"""A round begins with one of these: with several issues, or with one."""

# In the order of their places in a round: what is deleted was made before.
_OTHERS: dict[int, Callable[[int, ProjectData], Row]] = {
    47: lambda number, _: {"link": _links(number)},
    ISSUE_ADDED: lambda number, _: _gone_summary(number),
    17: lambda number, _: _notified(number),
    ISSUES_CHANGED: lambda number, _: _changed_together(number),
    35: lambda number, _: _dates(number),
    34: lambda number, _: _status_deleted(number),
    ISSUE_DELETED: lambda number, _: _gone_issue(number),
    **dict.fromkeys((5, 6, 7), lambda number, _: _wiki(number)),
    **dict.fromkeys((8, 9, 10), lambda number, _: _file(number)),
    11: lambda number, _: {"rev": number, "comment": "svn"},
    13: lambda _, __: {"repository": _REPOSITORY},
    12: lambda number, _: _push(number),
    **dict.fromkeys((16, 15), lambda _, home: _members(home)),
    **dict.fromkeys((18, 19, 20, 21), lambda number, _: _pull_request(number)),
    22: lambda number, _: _milestone(number),
    23: lambda number, _: {"id": _NEVER_USED + number, "name": "v1.0", "changes": []},
    24: lambda number, _: _milestone(number),
    **dict.fromkeys((26, 25), lambda _, __: {"parties": [{"id": 301, "name": "開発"}]}),
    **dict.fromkeys((36, 38, 39, 46), lambda number, _: _document(number)),
    **dict.fromkeys((40, 41), lambda number, _: _document_comment(number)),
    **dict.fromkeys((43, 44, 45), lambda number, _: _reply(number)),
    42: lambda number, _: _document_comment(number),
    49: lambda number, _: _document(number),
    37: lambda number, _: _document(number),
    48: lambda number, _: {"documents": [_document(_NEVER_USED + number)]},
}

_REST = [kind for kind in _OTHERS if kind not in _ADDED]

KINDS = sorted({ISSUE_CHANGED, ISSUE_COMMENTED, *_OTHERS})


def make_activity(activity_id: int, event: Event) -> Row:
    """Return one entry of the feed."""
    return {
        "id": activity_id,
        "project": event.home.project,
        "type": event.kind,
        "content": event.content,
        "notifications": [],
        "createdUser": event.user,
        "created": event.created,
    }


def make_activities(
    rng: random.Random,
    count: int,
    issues: list[Row],
    contents: Contents,
    projects: list[ProjectData],
) -> list[Row]:
    """Return the feed, oldest first; ids grow with gaps, as in a shared database.

    It goes back as far as ``count`` entries reach.
    """
    history = events_of(issues, contents, projects)
    told = history[max(len(history) - (count - count // _SHARE), 0) :]
    others = _others(rng, count - len(told), told, projects)
    activities = []
    activity_id = 5_000_000
    for event in sorted([*told, *others], key=lambda event: event.created):
        activity_id += rng.randrange(1, 40)
        activities.append(make_activity(activity_id, event))
    return activities


def _others(
    rng: random.Random, count: int, told: list[Event], projects: list[ProjectData]
) -> list[Event]:
    """Return entries of all other kinds, from the first to the last that is told."""
    first = parse(told[0].created) if told else FIRST_DAY
    longest = longest_step(count, 60_000)
    last = first + dt.timedelta(seconds=count * longest // 2)
    if told:
        last = max(parse(told[-1].created), min(last, TODAY))
    moments = sorted(first + (last - first) * rng.random() for _ in range(count))
    events = []
    for place, when in enumerate(moments):
        number, position = divmod(place, 1 + len(_REST))
        kind = [_ADDED[number % len(_ADDED)], *_REST][position]
        home = projects[number % len(projects)]
        user = rng.choice([*home.members, None])
        content = _OTHERS[kind](number + 1, home)
        events.append(Event(stamp(when), kind, content, home, user))
    return events
