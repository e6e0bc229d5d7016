"""Projects that are chosen, archived or unknown, and reports that are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, make_space
from tap_backlog.cli.plan import Plan
from tap_backlog.errors import BacklogError
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.tap import TapBacklog
from tests.support import parse, run, select, sync

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


def test_project_keys_limit_all_that_belongs_to_projects(
    config: Row,
    space: Space,
) -> None:
    keys = [space.projects[0].key, space.projects[2].key]
    ids = {space.projects[0].id, space.projects[2].id}
    rows = sync({**config, "project_keys": keys}).by_stream
    assert {row["projectKey"] for row in rows["projects"]} == set(keys)
    assert {row["projectId"] for row in rows["issues"]} == ids
    assert {row["projectId"] for row in rows["categories"]} == ids
    assert {row["project"]["id"] for row in rows["recent_updates"]} == ids
    assert len(rows["users"]) == len(space.users)


def test_an_unknown_project_key_ends_the_run_before_anything_is_written(
    config: Row,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(BacklogError, match=r"No project NOPE .*WEB.*project_keys"):
        TapBacklog(config={**config, "project_keys": ["WEB", "NOPE"]}).sync_all()
    assert capsys.readouterr().out == ""


def test_a_project_key_is_checked_whatever_is_selected(config: Row) -> None:
    with pytest.raises(BacklogError, match="NOPE"):
        sync({**config, "project_keys": ["NOPE"]}, "space")


@pytest.mark.parametrize("lists_archived", [False, True])
def test_archived_projects_are_read_unless_left_out(
    options: Options,
    lists_archived: bool,  # noqa: FBT001
) -> None:
    options.lists_archived = lists_archived
    space = make_space(options)
    archived = {data.id for data in space.projects if data.project["archived"]}
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": options.admin_key}
        everything = sync(config).by_stream
        in_use = sync({**config, "include_archived": False}).by_stream
    assert archived
    assert archived <= {row["projectId"] for row in everything["issues"]}
    assert archived.isdisjoint(row["projectId"] for row in in_use["issues"])
    assert archived.isdisjoint(row["id"] for row in in_use["projects"])
    assert archived.isdisjoint(row["projectId"] for row in in_use["issue_types"])
    assert archived.isdisjoint(row["project"]["id"] for row in in_use["recent_updates"])


def test_a_space_without_projects_has_no_issues(config: Row, space: Space) -> None:
    space.projects.clear()
    assert not sync(config, "issues").by_stream


def test_reports_that_the_key_may_not_read_leave_the_others_alone(
    tmp_path: Path,
    member_config: Row,
    space: Space,
) -> None:
    result = run(tmp_path, member_config)
    rows = parse(result.stdout).by_stream
    assert "teams" not in rows
    assert len(rows["issues"]) == len(space.issues)
    log = result.stderr.strip().splitlines()
    warnings = [line for line in log if "| WARNING " in line]
    assert any("`teams` is left out" in text and "403" in text for text in warnings)
    assert "teams, webhooks (HTTP 403: You do not have permission. (code 5))" in log[-1]
    assert log[-1] == warnings[-1]


@pytest.mark.parametrize("refusal", [(403, 5), (401, 11), (404, 6), (402, 2)])
def test_users_are_gathered_from_projects_where_the_list_is_refused(
    options: Options,
    refusal: tuple[int, int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    options.refusal = refusal
    space = make_space(options)
    members = {user["id"] for data in space.projects for user in data.members}
    with SampleServer(space) as server:
        output = sync(
            {"host": server.url, "api_key": options.member_key}, "users", "teams"
        )
    users = [row["id"] for row in output.by_stream["users"]]
    assert len(users) == len(set(users))
    assert set(users) == members
    assert "members of the projects" in caplog.text
    assert "`teams` is left out" in caplog.text


def test_the_owner_of_the_key_is_asked_for_once_a_run(
    member_config: Row,
    server: SampleServer,
    options: Options,
) -> None:
    options.limits = dict.fromkeys(options.limits, 10**6)
    names = sorted(str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES)
    output = sync(member_config, *names)
    closed = {"teams", "webhooks", "space_disk_usage", "project_disk_usage"}
    assert not closed & output.by_stream.keys()
    assert server.count("users/myself") == 1


def test_a_plan_asks_for_the_owner_of_the_key_once(
    member_config: Row,
    server: SampleServer,
) -> None:
    streams = ("users", "teams", "webhooks")
    tap = TapBacklog(config=dict(member_config), catalog=select(*streams))
    plan = Plan(*tap.get_sync())
    assert server.count("users/myself") == 1
    server.requests.clear()
    sync(member_config, *streams)
    assert plan.requests == server.count()
