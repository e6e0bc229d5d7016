"""What hangs on projects, issues and people of the sample space."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sample_space.clock import FIRST_DAY, TODAY, day, parse, stamp
from sample_space.data.issues import without_children

if TYPE_CHECKING:
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

_TEXTS = ["", None, "対応しました。", "Fixed in main.", "確認お願いします 🙏", "a\u2028b"]
_FIELDS = ["assigner", "limitDate", "milestone", "description", "項目 3"]
_GIB = 2**30


@dataclass
class Contents:
    """Lists by the id of what they hang on, and lists of the whole space."""

    comments: dict[int, list[Row]] = field(default_factory=dict)
    participants: dict[int, list[Row]] = field(default_factory=dict)
    related: dict[int, list[Row]] = field(default_factory=dict)
    wikis: dict[int, Row] = field(default_factory=dict)
    wiki_history: dict[int, list[Row]] = field(default_factory=dict)
    wiki_tags: dict[int, list[Row]] = field(default_factory=dict)
    documents: dict[str, Row] = field(default_factory=dict)
    document_comments: dict[str, list[Row]] = field(default_factory=dict)
    trees: dict[int, Row] = field(default_factory=dict)
    repositories: dict[int, list[Row]] = field(default_factory=dict)
    pull_requests: dict[int, list[Row]] = field(default_factory=dict)
    pull_request_comments: dict[tuple[int, int], list[Row]] = field(default_factory=dict)
    pull_request_attachments: dict[tuple[int, int], list[Row]] = field(
        default_factory=dict
    )
    files: dict[int, list[Row]] = field(default_factory=dict)
    webhooks: dict[int, list[Row]] = field(default_factory=dict)
    custom_fields: dict[int, list[Row]] = field(default_factory=dict)
    usage: dict[int, Row] = field(default_factory=dict)
    stars: dict[int, list[Row]] = field(default_factory=dict)
    watchings: dict[int, list[Row]] = field(default_factory=dict)
    notifications: list[Row] = field(default_factory=list)
    viewed_issues: list[Row] = field(default_factory=list)
    viewed_projects: list[Row] = field(default_factory=list)
    viewed_wikis: list[Row] = field(default_factory=list)


def make_contents(
    seed: int,
    projects: list[ProjectData],
    issues: list[Row],
    users: list[Row],
) -> Contents:
    """Return contents; the same seed gives the same ones."""
    rng = random.Random(seed)
    contents = Contents()
    statuses = {home.id: home.statuses for home in projects}
    for place, issue in enumerate(issues):
        past = _statuses_before(issue, statuses[issue["projectId"]])
        _add_to_issue(contents, rng, issue, issues[place - 1], users, place, past)
    for home in projects:
        _add_to_project(contents, rng, home)
    for user in users:
        _add_to_user(contents, rng, user, issues)
    _add_own(contents, issues, projects, users)
    return contents


def _add_to_issue(
    contents: Contents,
    rng: random.Random,
    issue: Row,
    other: Row,
    users: list[Row],
    place: int,
    past: list[str],
) -> None:
    count = 230 if place == 3 else max(rng.randrange(5), len(past))
    contents.comments[issue["id"]] = [
        _comment(rng, issue, users, number, count, past) for number in range(count)
    ]
    contents.participants[issue["id"]] = rng.sample(users, min(place % 4, len(users)))
    if place % 6 == 1 and other is not issue:
        kind = {"type": "RELATES", "externalFileLinks": []}
        related = {**without_children(other), **kind}
        contents.related[issue["id"]] = [related]


def _statuses_before(issue: Row, statuses: list[Row]) -> list[str]:
    """Return the names of the statuses that an issue had before its own, in turn."""
    order = issue["status"]["displayOrder"]
    return [status["name"] for status in statuses if status["displayOrder"] < order]


def _comment(
    rng: random.Random,
    issue: Row,
    users: list[Row],
    number: int,
    count: int,
    past: list[str],
) -> Row:
    """Return a comment; the first ones tell how the issue came to its status."""
    began, ended = parse(issue["created"]), parse(issue["updated"])
    when = stamp(began + (ended - began) * (number + 1) / count)
    changes = [_change(rng) for _ in range(rng.randrange(3))]
    if number < len(past):
        names = [*past, issue["status"]["name"]]
        changes.append(_changed("status", names[number], names[number + 1]))
    return {
        "id": issue["id"] * 1000 + number,
        "projectId": issue["projectId"],
        "issueId": issue["id"],
        "content": rng.choice(_TEXTS),
        "changeLog": changes or rng.choice([None, []]),
        "createdUser": rng.choice([*users, None]),
        "created": when,
        "updated": when,
        "stars": [],
        "notifications": [],
    }


def _change(rng: random.Random) -> Row:
    name = rng.choice(_FIELDS)
    info = {"id": 8003, "typeId": "3"} if name == "項目 3" else None
    values = rng.choice([None, "前"]), rng.choice(["2026-02-01", "後", None])
    return {**_changed(name, *values), "attributeInfo": info}


def _changed(field_name: str, before: str | None, after: str | None) -> Row:
    return {
        "field": field_name,
        "newValue": after,
        "originalValue": before,
        "attachmentInfo": None,
        "attributeInfo": None,
        "notificationInfo": None,
    }


def _made(rng: random.Random, home: ProjectData, hours: int) -> Row:
    created = FIRST_DAY + dt.timedelta(hours=hours)
    return {
        "createdUser": rng.choice(home.members),
        "created": stamp(created),
        "updatedUser": rng.choice([*home.members, None]),
        "updated": stamp(created + dt.timedelta(hours=rng.randrange(900))),
    }


def _add_to_project(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    project_id = home.id
    contents.usage[project_id] = {
        "projectId": project_id,
        **{
            name: rng.randrange(9) * _GIB
            for name in (
                *("issue", "wiki", "document", "file"),
                *("subversion", "git", "gitLFS"),
            )
        },
    }
    contents.webhooks[project_id] = [
        {
            "id": project_id * 10 + number,
            "name": f"hook {number}",
            "description": "",
            "hookUrl": "https://example.com/hook",
            "allEvent": number == 0,
            "activityTypeIds": [] if number == 0 else [1, 2, 3],
            **_made(rng, home, number),
        }
        for number in range(project_id % 3)
    ]
    contents.custom_fields[project_id] = [
        _custom_field(project_id, kind) for kind in range(1, 9)
    ]
    _add_wikis(contents, rng, home)
    _add_documents(contents, rng, home)
    _add_git(contents, rng, home)
    _add_files(contents, rng, home)


def _custom_field(project_id: int, kind: int) -> Row:
    definition: Row = {
        "id": project_id * 100 + kind,
        "typeId": kind,
        "version": 1_700_000_000_000 + kind,
        "name": f"項目 {kind}",
        "description": "" if kind % 2 else None,
        "required": kind == 1,
        "useIssueType": True,
        "applicableIssueTypes": [project_id * 10] if kind == 2 else [],
        "displayOrder": kind,
    }
    if kind % 2:
        definition["projectId"] = project_id
    if kind == 3:
        definition |= {"min": 0, "max": 99.5, "initialValue": None, "unit": "円"}
    if kind == 4:
        shift = {"id": 2, "date": None, "shift": 7}
        definition |= {"min": day(FIRST_DAY), "max": day(TODAY), "initialDate": shift}
    if kind > 4:
        items = [{"id": n, "name": f"item {n}", "displayOrder": n} for n in (1, 2, 3)]
        definition |= {"items": items, "allowAddItem": False}
    if kind > 6:
        definition["allowInput"] = True
    return definition


def _add_wikis(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    if not home.project["useWiki"]:
        return
    tags = [{"id": home.id * 10 + n, "name": f"タグ {n}"} for n in range(3)]
    contents.wiki_tags[home.id] = tags
    for number in range(7):
        wiki_id = home.id * 100 + number
        made = _made(rng, home, 24 * number)
        contents.wikis[wiki_id] = {
            "id": wiki_id,
            "projectId": home.id,
            "name": f"ページ/{number}",
            "content": f"# 見出し\n本文 {number}",
            "tags": tags[: number % 3],
            "attachments": [],
            "sharedFiles": [],
            "stars": [],
            **made,
        }
        contents.wiki_history[wiki_id] = [
            {
                "pageId": wiki_id,
                "version": version,
                "name": f"ページ/{number}",
                "content": f"版 {version}",
                "createdUser": made["createdUser"],
                "created": made["created"],
            }
            for version in range(1, 120 if number == 2 else 3)
        ]


def _add_documents(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    if not home.project["useDocument"]:
        return
    nodes: list[Row] = []
    for number in range(40):
        document_id = f"{home.id:016x}{number:016x}"
        made = _made(rng, home, 10 * number)
        contents.documents[document_id] = {
            "id": document_id,
            "projectId": home.id,
            "title": f"議事録 {number}",
            "plain": "本文",
            "json": "{}",
            "statusId": 1,
            "emoji": None,
            "attachments": [],
            "tags": [],
            "childDocumentIds": [],
            **made,
        }
        contents.document_comments[document_id] = [
            _document_comment(document_id, made, reply) for reply in range(number % 3)
        ]
        if 5 <= number < 20:
            above = f"{home.id:016x}{number // 5:016x}"
            contents.documents[above]["childDocumentIds"].append(document_id)
        node: Row = {"id": document_id, "name": f"議事録 {number}", "children": []}
        nodes.append({**node, "emoji": ""})
    for place in range(5, 20):
        nodes[place // 5]["children"].append(nodes[place])
    contents.trees[home.id] = {
        "projectId": home.id,
        "activeTree": {"id": "Active", "children": [*nodes[:5], *nodes[20:38]]},
        "trashTree": {"id": "Trash", "children": nodes[38:]},
    }


def _document_comment(document_id: str, made: Row, number: int) -> Row:
    user = made["createdUser"]
    body = {
        "content": "{}",
        "plain": "コメント",
        "createdUserId": user["id"],
        "created": made["created"],
        "updatedUserId": user["id"],
        "updated": made["updated"],
        "createdUser": {"id": user["id"], "name": user["name"], "uniqueId": None},
    }
    comment_id = f"{document_id[4:]}c{number:03}"
    reply = {"id": f"{comment_id[:-1]}r", "documentId": document_id}
    return {
        "id": comment_id,
        "documentId": document_id,
        "statusId": 0,
        "commentType": "comment",
        **body,
        "replies": [{**reply, "commentId": comment_id, **body}],
    }


def _add_git(contents: Contents, rng: random.Random, home: ProjectData) -> None:
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
                **_made(rng, home, place),
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
        **_made(rng, home, number),
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


def _add_files(contents: Contents, rng: random.Random, home: ProjectData) -> None:
    if not home.project["useFileSharing"]:
        return
    folders = [("/", "設計 & 資料"), ("/設計 & 資料/", "2026?"), ("/", "空")]
    places = [("/", 3), ("/設計 & 資料/", 4), ("/設計 & 資料/2026?/", 1100)]
    rows: list[tuple[str, str, str, int | None]] = [
        ("directory", where, name, None) for where, name in folders
    ]
    for where, count in places:
        few = count if home.id == 50 else min(count, 3)
        rows += [("file", where, f"plan {n}.xlsx", 5 * _GIB) for n in range(few)]
    contents.files[home.id] = [
        {
            "id": home.id * 10_000 + number,
            "projectId": home.id,
            "type": kind,
            "dir": where,
            "name": name,
            "size": size,
            **_made(rng, home, number),
        }
        for number, (kind, where, name, size) in enumerate(rows)
    ]


def _add_to_user(
    contents: Contents,
    rng: random.Random,
    user: Row,
    issues: list[Row],
) -> None:
    count = 130 if user["id"] == 1002 else 2
    contents.stars[user["id"]] = [
        {
            "id": user["id"] * 1000 + number,
            "comment": None,
            "url": "https://example.backlog.com/view/WEB-1",
            "title": "[WEB-1]",
            "presenter": user,
            "created": stamp(FIRST_DAY + dt.timedelta(hours=number)),
        }
        for number in range(count)
    ]
    watched = rng.sample(issues, min(len(issues), 105 if user["id"] == 1001 else 3))
    contents.watchings[user["id"]] = [
        {
            "id": user["id"] * 1000 + number,
            "resourceAlreadyRead": bool(number % 2),
            "note": "気になる",
            "type": "issue",
            "issue": {"id": issue["id"], "issueKey": issue["issueKey"]},
            "lastContentUpdated": None,
            "created": stamp(FIRST_DAY + dt.timedelta(hours=number)),
            "updated": stamp(FIRST_DAY + dt.timedelta(hours=number)),
        }
        for number, issue in enumerate(watched)
    ]


def _add_own(
    contents: Contents,
    issues: list[Row],
    projects: list[ProjectData],
    users: list[Row],
) -> None:
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
