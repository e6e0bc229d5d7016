"""Repositories, pull requests, and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, stamp
from sample_space.data.authorship import authorship

if TYPE_CHECKING:
    import random

    from sample_space.data.contents import Contents
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]


def add_git(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    """Add repositories if the project has any."""
    if not home.project["useGit"]:
        return
    contents.repositories[home.id] = []
    for place in range(2):
        repository_id = home.id * 10 + place
        url = f"sample.backlog.com:/{home.key}/app{place}.git"
        contents.repositories[home.id].append(
            {
                "id": repository_id,
                "projectId": home.id,
                "name": f"app{place}",
                "description": None,
                "hookUrl": None,
                "httpUrl": f"https://{url}",
                "sshUrl": f"ssh://git@{url}",
                "displayOrder": place,
                "pushedAt": None,
                **authorship(rng, home, place),
            }
        )
        count = 120 if repository_id == 500 else 6
        contents.pull_requests[repository_id] = [
            _pull_request(rng, home, repository_id, number)
            for number in range(count, 0, -1)
        ]
        for number in range(1, count + 1):
            _add_to_pull_request(contents, rng, home, (repository_id, number))


def _pull_request(
    rng: random.Random,
    home: ProjectData,
    repository_id: int,
    number: int,
) -> Row:
    return {
        "id": repository_id * 1000 + number,
        "projectId": home.id,
        "repositoryId": repository_id,
        "number": number,
        "summary": f"Fix {number}",
        "description": "",
        "base": "main",
        "branch": f"fix-{number}",
        "status": {"id": 3, "name": "Merged"},
        "assignee": None,
        "issue": {"id": 100_003} if number % 2 else None,
        "baseCommit": None,
        "branchCommit": f"{number:040x}",
        "mergeCommit": None,
        "closeAt": None,
        "mergeAt": None,
        **authorship(rng, home, number),
    }


def _add_to_pull_request(
    contents: Contents,
    rng: random.Random,
    home: ProjectData,
    place: tuple[int, int],
) -> None:
    repository_id, number = place
    base = (repository_id * 1000 + number) * 100
    when = stamp(FIRST_DAY)
    contents.pull_request_comments[place] = [
        {
            "id": base + comment,
            "content": "LGTM",
            "changeLog": [{"field": "status", "newValue": "3", "originalValue": "1"}],
            "createdUser": rng.choice(home.members),
            "created": when,
            "updated": when,
            "stars": [],
            "notifications": [],
        }
        for comment in range(number % 3)
    ]
    contents.pull_request_attachments[place] = [
        {
            "id": base + attachment,
            "name": "log.txt",
            "size": 12,
            "createdUser": home.members[0],
            "created": when,
        }
        for attachment in range(number % 2)
    ]
