"""Every stream beyond the nine brings every row of the space, value for value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import as_sent, sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_space import Options, SampleServer, Space

Row = dict[str, Any]


def per_project(space: Space, name: str) -> list[Row]:
    """Return lists of the projects, with `projectId`."""
    return [
        {**row, "projectId": home.id}
        for home in space.projects
        for row in getattr(space.contents, name).get(home.id, [])
    ]


def custom_fields(space: Space) -> list[Row]:
    rows = []
    for row in per_project(space, "custom_fields"):
        days = [name for name in ("min", "max") if isinstance(row.get(name), str)]
        moved = {f"{name}Date": row[name] for name in days}
        rows.append({**row, **dict.fromkeys(days), **moved})
    return rows


def people(space: Space, rows_of: Any) -> list[Row]:
    return [
        {"projectId": home.id, **row} for home in space.projects for row in rows_of(home)
    ]


def of_issues(space: Space, name: str) -> list[Row]:
    return [
        {"issueId": issue_id, **row}
        for issue_id in space.issues
        for row in getattr(space.contents, name).get(issue_id, [])
    ]


def parts(space: Space, field: str) -> list[Row]:
    return [
        {"issueId": issue["id"], "issueUpdated": issue["updated"], **part}
        for issue in space.issues.values()
        for part in issue[field]
    ]


def stamped(space: Space, name: str) -> list[Row]:
    return [
        {**row, "issueUpdated": space.issues[row["issueId"]]["updated"]}
        for row in of_issues(space, name)
    ]


def files_of_pull_requests(space: Space) -> list[Row]:
    updated = {
        (p["repositoryId"], p["number"]): p["updated"] for p in pull_requests(space)
    }
    return [
        {**row, "pullRequestUpdated": updated[row["repositoryId"], row["number"]]}
        for row in of_pull_requests(space, "pull_request_attachments")
    ]


def of_pull_requests(space: Space, name: str) -> list[Row]:
    homes = {p["repositoryId"]: p["projectId"] for p in pull_requests(space)}
    return [
        {
            **row,
            "projectId": homes[place[0]],
            "repositoryId": place[0],
            "number": place[1],
        }
        for place, rows in getattr(space.contents, name).items()
        for row in rows
    ]


def pull_requests(space: Space) -> list[Row]:
    return [row for rows in space.contents.pull_requests.values() for row in rows]


def custom_field_values(space: Space) -> Iterator[Row]:
    for issue in space.issues.values():
        for field in issue["customFields"]:
            head = {
                "issueId": issue["id"],
                "issueUpdated": issue["updated"],
                "fieldId": field["id"],
            }
            about = {
                "projectId": issue["projectId"],
                "fieldTypeId": field["fieldTypeId"],
                "name": field["name"],
            }
            nothing = {"text": None, "number": None, "date": None}
            value = field["value"]
            many = value if isinstance(value, list) else [value]
            column = {3: "number", 4: "date"}.get(field["fieldTypeId"], "text")
            for one in many:
                if isinstance(one, dict):
                    item = {"itemId": one["id"], **nothing, "text": one["name"]}
                    yield {**head, **about, **item}
                elif one is not None:
                    yield {**head, **about, "itemId": -1, **nothing, column: one}
            if field.get("otherValue"):
                other = {"itemId": -1, **nothing, "text": field["otherValue"]}
                yield {**head, **about, **other}


def change_log(space: Space) -> Iterator[Row]:
    for comment in (c for many in space.contents.comments.values() for c in many):
        for position, change in enumerate(comment["changeLog"] or []):
            names = ("issueId", "projectId", "createdUser", "created")
            told = {name: comment[name] for name in names}
            yield {"commentId": comment["id"], "position": position, **told, **change}


def nodes(space: Space) -> Iterator[Row]:
    def below(parent: Row, parent_id: str | None) -> Iterator[Row]:
        for position, node in enumerate(parent["children"]):
            place = {"parentId": parent_id, "position": position}
            yield {"id": node["id"], "name": node["name"], "emoji": "", **place}
            yield from below(node, node["id"])

    nothing = {"emojiType": None, "statusId": None, "updated": None}
    for project_id, tree in space.contents.trees.items():
        for name, trashed in (("activeTree", False), ("trashTree", True)):
            for node in below(tree[name], None):
                yield {"projectId": project_id, "trashed": trashed, **node, **nothing}


TRUTHS: dict[str, Any] = {
    "project_users": lambda s: people(s, lambda home: home.members),
    "project_administrators": lambda s: people(s, lambda home: home.members[:1]),
    "project_teams": lambda s: people(s, lambda home: s.teams[: home.id % 4]),
    "statuses": lambda s: people(s, lambda home: home.statuses),
    "milestones": lambda s: [row for home in s.projects for row in home.versions],
    "custom_fields": custom_fields,
    "webhooks": lambda s: per_project(s, "webhooks"),
    "project_disk_usage": lambda s: list(s.contents.usage.values()),
    "shared_files": lambda s: per_project(s, "files"),
    "team_members": lambda s: [
        {"teamId": team["id"], "teamUpdated": team["updated"], **member}
        for team in s.teams
        for member in team["members"]
    ],
    "user_stars": lambda s: [
        {"userId": u, **row} for u, rows in s.contents.stars.items() for row in rows
    ],
    "watchings": lambda s: [
        {"userId": u, **row} for u, rows in s.contents.watchings.items() for row in rows
    ],
    "notifications": lambda s: s.contents.notifications,
    "recently_viewed_issues": lambda s: [
        {"issueId": row["issue"]["id"], **row} for row in s.contents.viewed_issues
    ],
    "recently_viewed_projects": lambda s: [
        {"projectId": row["project"]["id"], **row} for row in s.contents.viewed_projects
    ],
    "recently_viewed_wikis": lambda s: [
        {"pageId": row["page"]["id"], **row} for row in s.contents.viewed_wikis
    ],
    "issue_comments": lambda s: of_issues(s, "comments"),
    "issue_participants": lambda s: stamped(s, "participants"),
    "related_issues": lambda s: stamped(s, "related"),
    "issue_attachments": lambda s: parts(s, "attachments"),
    "issue_categories": lambda s: parts(s, "category"),
    "issue_milestones": lambda s: parts(s, "milestone"),
    "issue_versions": lambda s: parts(s, "versions"),
    "issue_stars": lambda s: parts(s, "stars"),
    "issue_custom_field_values": lambda s: list(custom_field_values(s)),
    "issue_change_log": lambda s: list(change_log(s)),
    "wikis": lambda s: list(s.contents.wikis.values()),
    "wiki_history": lambda s: [
        row for rows in s.contents.wiki_history.values() for row in rows
    ],
    "wiki_tags": lambda s: per_project(s, "wiki_tags"),
    "documents": lambda s: list(s.contents.documents.values()),
    "document_comments": lambda s: [
        row for rows in s.contents.document_comments.values() for row in rows
    ],
    "document_tree": lambda s: list(nodes(s)),
    "git_repositories": lambda s: per_project(s, "repositories"),
    "pull_requests": pull_requests,
    "pull_request_comments": lambda s: of_pull_requests(s, "pull_request_comments"),
    "pull_request_attachments": files_of_pull_requests,
    "priorities": lambda _: [
        {"id": 2, "name": "高"},
        {"id": 3, "name": "中"},
        {"id": 4, "name": "低"},
    ],
    "resolutions": lambda _: [
        {"id": number, "name": name}
        for number, name in enumerate(
            ["対応済み", "対応しない", "無効", "重複", "再現しない"]
        )
    ],
}


@pytest.fixture
def options(options: Options) -> Options:
    options.issues = 120
    options.limits = dict.fromkeys(options.limits, 10_000)
    return options


def in_order(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


@pytest.mark.parametrize("stream", TRUTHS)
def test_every_row_comes_once_and_value_for_value(
    config: Row,
    space: Space,
    stream: str,
) -> None:
    rows = sync(config, stream).by_stream[stream]
    truth = as_sent(TRUTHS[stream](space))
    assert truth
    assert in_order(rows) == in_order(truth)


def test_all_streams_together_bring_the_same(config: Row, space: Space) -> None:
    output = sync(config, *TRUTHS)
    for stream, truth in TRUTHS.items():
        rows = output.by_stream[stream]
        assert in_order(rows) == in_order(as_sent(truth(space))), stream
    schemas = [m["stream"] for m in output.messages if m["type"] == "SCHEMA"]
    assert sorted(schemas) == sorted(TRUTHS)


def test_singletons_bear_the_key_of_the_space(config: Row) -> None:
    output = sync(config, "licence", "space_disk_usage", "space_notification")
    for stream in ("licence", "space_disk_usage", "space_notification"):
        (row,) = output.by_stream[stream]
        assert row["spaceKey"] == "sample"
    usage = output.by_stream["space_disk_usage"][0]
    assert len(usage["details"]) == 4


def test_keys_are_unique(config: Row) -> None:
    output = sync(config, *TRUTHS)
    for stream in TRUTHS:
        keys = output.schemas[stream]["key_properties"]
        rows = output.by_stream[stream]
        assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows), stream
        assert all(row[key] is not None for row in rows for key in keys), stream


def test_a_feature_that_is_off_costs_no_request_and_one_line(
    config: Row,
    server: SampleServer,
    space: Space,
    caplog: pytest.LogCaptureFixture,
) -> None:
    off = space.projects[1]
    with caplog.at_level("INFO"):
        sync(config, "git_repositories", "wiki_tags", "document_tree", "shared_files")
    assert not [r for r in server.requests if f"projects/{off.id}/" in r.path]
    assert not [r for r in server.requests if str(off.id) in str(r.query)]
    for stream in ("git_repositories", "wiki_tags", "document_tree", "shared_files"):
        assert caplog.text.count(f"`{stream}`: off in 1 of 4 projects") == 1
