"""The sample space answers as Backlog does, to any client."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pybacklog import BacklogClient as OtherClient

from sample_space import Options, SampleServer, Space, make_space
from sample_space.data.activities import KINDS
from tests.support import as_sent

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]


@pytest.fixture
def other(server: SampleServer) -> OtherClient:
    client = OtherClient("sample", server.space.options.admin_key)
    client._endpoint = f"{server.url}/api/v2/{{path}}"  # noqa: SLF001  # knows https alone
    return client


def get(server: SampleServer, path: str, **options: Any) -> requests.Response:
    headers = {"Backlog-API-Key": server.space.options.admin_key}
    return requests.get(
        f"{server.url}/api/v2/{path}", headers=headers, timeout=10, **options
    )


def test_a_client_that_nobody_here_wrote_can_read_it(
    other: OtherClient,
    space: Space,
) -> None:
    project = space.projects[0]
    assert other.space() == as_sent(space.info)
    assert len(other.projects()) == len(space.projects)
    assert other.projects({"archived": "true"}) == [space.projects[-2].project]
    assert [u["id"] for u in other.users()] == [u["id"] for u in space.users]
    assert other.project_users(project.key) == as_sent(project.members)
    assert other.project_issue_types(project.id) == as_sent(project.issue_types)
    assert other.versions(project.key) == as_sent(project.versions)
    assert len(other.priorities()) == 3
    some = other.issues({"projectId[]": [project.id], "count": 50, "sort": "updated"})
    assert {issue["projectId"] for issue in some} == {project.id}
    assert other.issue(some[0]["issueKey"])["id"] == some[0]["id"]
    assert len(other.project_activities(project.key, {"count": 5})) == 5
    assert other.user(space.users[0]["id"])["name"] == space.users[0]["name"]


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("issues?count=101", "count"),
        ("issues?count=0", "count"),
        ("issues?count=ten", "count"),
        ("issues?offset=-1", "offset"),
        ("issues?order=up", "order"),
        ("issues?sort=id", "sort"),
        ("issues?updatedSince=2026-01-01T00:00:00Z", "updatedSince"),
        ("issues?hasDueDate=true", "hasDueDate"),
        ("issues?page=2", "page"),
        ("space/activities?offset=0", "offset"),
        ("space/activities?count=101", "count"),
        ("teams?sort=name", "sort"),
        ("projects?count=100", "count"),
    ],
)
def test_it_refuses_what_the_api_refuses(
    server: SampleServer,
    path: str,
    parameter: str,
) -> None:
    answer = get(server, path)
    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert error["code"] == 7
    assert parameter in error["message"]


def test_keys_are_checked_and_rights_kept(server: SampleServer) -> None:
    url = f"{server.url}/api/v2"
    for key in ("", "wrong"):
        answer = requests.get(f"{url}/space", params={"apiKey": key}, timeout=10)
        assert answer.status_code == 401
        assert answer.json()["errors"][0] == {
            "message": "Authentication failure.",
            "code": 11,
            "moreInfo": "",
        }
    member = {"apiKey": server.space.options.member_key}
    assert requests.get(f"{url}/users", params=member, timeout=10).status_code == 403
    assert requests.get(f"{url}/users/myself", params=member, timeout=10).ok


def test_a_server_may_not_know_the_header(options: Options) -> None:
    options.knows_header_key = False
    with SampleServer(make_space(options)) as server:
        assert get(server, "space").status_code == 401
        assert get(server, "space", params={"apiKey": options.admin_key}).ok


def test_what_is_not_there_is_an_error_of_backlog(server: SampleServer) -> None:
    for path in ("projects/NOPE", "issues/NOPE-1", "groups", "statuses", "users/1"):
        answer = get(server, path)
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == 6
    assert "html" in requests.get(server.url, timeout=10).headers["Content-Type"]


def test_limits_are_kept_by_class_and_user(options: Options) -> None:
    options.limits["search"] = 2
    with SampleServer(make_space(options)) as server:
        answers = [get(server, "issues") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["errors"][0]["code"] == 13
        names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
        assert [answers[1].headers[name] for name in names[:2]] == ["2", "0"]
        assert re.fullmatch(r"\d{10}", answers[1].headers[names[2]])
        assert get(server, "space").ok
        limits = get(server, "rateLimit").json()["rateLimit"]
        assert limits["search"]["remaining"] == 0
        assert limits["read"]["remaining"] == options.limits["read"] - 2
        assert limits["update"] == {**limits["update"], "limit": 150, "remaining": 150}


def test_the_same_options_give_the_same_space(options: Options) -> None:
    first, second = make_space(options), make_space(options)
    assert (first.issues, first.activities) == (second.issues, second.activities)
    options.seed += 1
    assert make_space(options).issues != first.issues


def values(space: Space) -> Iterator[tuple[int, Any]]:
    for issue in space.issues.values():
        for field in issue["customFields"]:
            yield field["fieldTypeId"], field["value"]


def test_the_data_holds_what_is_hard(space: Space) -> None:
    kinds = {
        kind: {type(v) for k, v in values(space) if k == kind} for kind in range(1, 9)
    }
    assert all(type(None) in types and len(types) > 1 for types in kinds.values())
    assert {row["type"] for row in space.activities} == set(KINDS)
    assert set(KINDS) == {*range(1, 27), *range(34, 50)}
    assert any(data.project["archived"] for data in space.projects)
    assert any(issue["createdUser"] is None for issue in space.issues.values())
    stamps = [issue["updated"] for issue in space.issues.values()]
    assert len(set(stamps)) < len(stamps)
    assert any(
        issue["resolution"] == {"id": 0, "name": "対応済み"}
        for issue in space.issues.values()
    )


@pytest.mark.parametrize("inclusive", [True, False])
def test_it_plays_both_readings_of_ids(options: Options, inclusive: bool) -> None:  # noqa: FBT001
    options.ids_inclusive = inclusive
    with SampleServer(make_space(options)) as server:
        some = get(server, "space/activities?order=asc&count=3").json()
        after = get(server, f"space/activities?order=asc&minId={some[1]['id']}").json()
    assert after[0]["id"] == some[1 if inclusive else 2]["id"]


@pytest.mark.parametrize("offset", [-12, 0, 9, 14])
def test_it_plays_any_zone_of_updated_since(options: Options, offset: int) -> None:
    options.utc_offset = offset
    space = make_space(options)
    issue_id = next(iter(space.issues))
    space.issues[issue_id]["updated"] = "2026-05-05T00:30:00Z"
    with SampleServer(space) as server:
        rows = get(server, "issues?updatedSince=2026-05-05&count=100").json()
    assert (issue_id in {row["id"] for row in rows}) == (offset >= 0)


def test_it_runs_as_a_module() -> None:
    arguments = ["--port", "0", "--issues", "3", "--projects", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sample_space", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout
    try:
        config = json.loads(process.stdout.readline())
        issues = requests.get(
            f"{config['host']}/api/v2/issues",
            params={"apiKey": config["api_key"]},
            timeout=10,
        ).json()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
    assert len(issues) <= 3
