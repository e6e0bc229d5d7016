"""Notifications of the key's owner, and what the owner has looked at."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, stamp

if TYPE_CHECKING:
    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]


def add_own(
    contents: Contents,
    issues: list[Row],
    projects: list[ProjectData],
    users: list[Row],
) -> None:
    """Add the notifications and the recently viewed lists."""
    contents.notifications = [
        {
            "id": 40_000 + 3 * number,
            "alreadyRead": bool(number % 2),
            "reason": 1 + number % 4,
            "resourceAlreadyRead": False,
            "project": projects[0].project,
            "issue": {"id": issue["id"], "issueKey": issue["issueKey"]},
            "comment": None,
            "repository": None,
            "pullRequest": None,
            "pullRequestComment": None,
            "sender": users[0],
            "created": stamp(FIRST_DAY + dt.timedelta(hours=number)),
        }
        for number, issue in enumerate(issues[:130])
    ]
    when = stamp(FIRST_DAY)
    contents.viewed_issues = [{"issue": i, "updated": when} for i in issues[:120]]
    contents.viewed_projects = [
        {"project": data.project, "updated": when} for data in projects
    ]
    contents.viewed_wikis = [
        {"page": page, "updated": when} for page in list(contents.wikis.values())[:9]
    ]
