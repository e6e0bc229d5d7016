"""The activity feed of the sample space: every kind in docs/api-facts.md, "Updates"."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, longest_step, stamp

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

ISSUE_ADDED, ISSUE_CHANGED, ISSUE_DELETED, ISSUES_CHANGED = 1, 2, 4, 14


def issue_content(issue: Row) -> Row:
    """Return what the feed says about an issue."""
    return {
        "id": issue["id"],
        "key_id": issue["keyId"],
        "summary": issue["summary"],
        "description": issue["description"],
        "attachments": [],
        "shared_files": [],
    }


def _change(issue: Row) -> Row:
    return {
        **issue_content(issue),
        "comment": {"id": issue["id"] * 7, "content": "対応しました。"},
        "changes": [
            {"field": "status", "new_value": "3", "old_value": "1", "type": "standard"},
        ],
    }


def _wiki(number: int) -> Row:
    return {
        "id": number,
        "name": "Home",
        "content": "ようこそ",
        "diff": None,
        "version": None,
        "attachments": [],
        "shared_files": [],
    }


def _file(number: int) -> Row:
    return {"id": number, "dir": "/設計/", "name": "plan.xlsx", "size": 4_294_967_296}


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
        "id": number,
        "name": "v1.0",
        "start_date": "2026-01-01",
        "reference_date": "2026-02-01",
        "description": "",
    }


def _bulk(issue: Row) -> Row:
    return {
        "tx_id": issue["id"] * 11,
        "comment": {"content": ""},
        "link": [
            {
                "id": issue["id"],
                "key_id": issue["keyId"],
                "title": issue["summary"],
                "comment": {"id": issue["id"] * 13, "content": ""},
            },
        ],
        "changes": [{"field": "milestone", "new_value": "v2.0", "type": "standard"}],
    }


def _document(number: int) -> Row:
    return {"id": f"{number:032x}", "title": "議事録"}


_CONTENTS: dict[int, Callable[[int, Row, ProjectData], Row]] = {
    **dict.fromkeys((ISSUE_ADDED,), lambda _, issue, __: issue_content(issue)),
    **dict.fromkeys((ISSUE_CHANGED, 3, 17), lambda _, issue, __: _change(issue)),
    ISSUE_DELETED: lambda number, _, __: {"id": number, "key_id": 90_000 + number},
    **dict.fromkeys((5, 6, 7), lambda number, _, __: _wiki(number)),
    **dict.fromkeys((8, 9, 10), lambda number, _, __: _file(number)),
    11: lambda number, _, __: {"rev": number, "comment": "svn"},
    12: lambda number, _, __: _push(number),
    13: lambda _, __, ___: {"repository": _REPOSITORY},
    ISSUES_CHANGED: lambda _, issue, __: _bulk(issue),
    **dict.fromkeys((15, 16), lambda _, __, home: _members(home)),
    **dict.fromkeys((18, 19, 20, 21), lambda number, _, __: _pull_request(number)),
    **dict.fromkeys((22, 24), lambda number, _, __: _milestone(number)),
    23: lambda number, _, __: {"id": number, "name": "v1.0", "changes": []},
    **dict.fromkeys(
        (25, 26), lambda _, __, ___: {"parties": [{"id": 301, "name": "開発"}]}
    ),
    34: lambda _, __, ___: {
        "deletedStatus": {"name": "保留"},
        "link": [],
        "change": None,
    },
    35: lambda _, issue, __: {"link": [{"id": issue["id"]}]},
    **dict.fromkeys(range(36, 47), lambda number, _, __: _document(number)),
    47: lambda _, issue, __: {"link": [{"id": issue["id"], "key_id": issue["keyId"]}]},
    48: lambda number, _, __: {"documents": [_document(number)]},
    49: lambda number, _, __: _document(number),
}

KINDS = sorted(_CONTENTS)


def make_activity(
    activity_id: int,
    kind: int,
    content: Row,
    home: ProjectData,
    user: Row | None,
    when: dt.datetime,
) -> Row:
    """Return one entry of the feed."""
    return {
        "id": activity_id,
        "project": home.project,
        "type": kind,
        "content": content,
        "notifications": [],
        "createdUser": user,
        "created": stamp(when),
    }


def make_activities(
    rng: random.Random,
    count: int,
    issues: list[Row],
    projects: list[ProjectData],
) -> list[Row]:
    """Return the feed, oldest first; ids grow with gaps, as in a shared database."""
    activities = []
    activity_id = 5_000_000
    when = FIRST_DAY
    longest = longest_step(count, 60_000)
    for number in range(count):
        activity_id += rng.randrange(1, 40)
        when += dt.timedelta(seconds=rng.randrange(longest))
        kind = KINDS[number % len(KINDS)]
        home = rng.choice(projects)
        issue = rng.choice(issues) if issues else {}
        if not issue:
            kind = 12
        content = _CONTENTS[kind](number + 1, issue, home)
        user = rng.choice([*home.members, None])
        activities.append(make_activity(activity_id, kind, content, home, user, when))
    return activities
