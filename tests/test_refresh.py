"""``refresh_hours``: lists that hardly change are not read again in each run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, faults
from tap_backlog.streams import STREAM_TYPES
from tests.support import Output, sync, sync_until_it_fails

if TYPE_CHECKING:
    from sample_space.data.projects import ProjectData

Row = dict[str, Any]

DEFAULT = tuple(one.name for one in STREAM_TYPES if one.selected_by_default)
FULL = ("statuses", "priorities", "users", "teams", "team_members")


@pytest.fixture
def daily(config: Row) -> Row:
    return {**config, "refresh_hours": 24}


def written(output: Output) -> set[str]:
    return {m["stream"] for m in output.messages if "stream" in m}


def aged(state: Row, hours: float) -> Row:
    """Return a state whose readings were made that much earlier."""
    for entry in state["refreshed"].values():
        at = dt.datetime.fromisoformat(entry["at"].removesuffix("Z"))
        moved = at - dt.timedelta(hours=hours)
        entry["at"] = moved.isoformat(timespec="seconds") + "Z"
    return state


def test_an_hourly_idle_run_of_20_projects_takes_few_requests(
    daily: Row, options: Options, server: SampleServer
) -> None:
    assert options.projects == 20
    state = sync(daily, *DEFAULT).states[-1]
    server.requests.clear()
    sync(daily, *DEFAULT, state=state)
    assert server.count() == 6
    server.requests.clear()
    sync({**daily, "refresh_hours": 0}, *DEFAULT, state=state)
    assert server.count() > 300


def test_what_is_left_out_has_no_message(daily: Row) -> None:
    daily["emit_activate_version_messages"] = True
    first = sync(daily, *FULL, "issues")
    assert written(first) == {*FULL, "issues"}
    second = sync(daily, *FULL, "issues", state=first.states[-1])
    assert written(second) == {"issues"}
    assert second.states[-1]["refreshed"] == first.states[-1]["refreshed"]


def test_without_the_setting_the_state_holds_nothing_of_it(config: Row) -> None:
    assert "refreshed" not in sync(config, *FULL, "issues").states[-1]


@pytest.mark.parametrize(("hours", "again"), [(23, set()), (24, set(FULL))])
def test_what_was_read_long_ago_is_read_again(
    daily: Row, hours: float, again: set[str]
) -> None:
    state = aged(sync(daily, *FULL).states[-1], hours)
    assert written(sync(daily, *FULL, state=state)) == again


def test_a_reading_that_was_not_complete_is_done_again(
    daily: Row, server: SampleServer
) -> None:
    closed = faults.error(403, 5, "You do not have permission.")
    server.faults = [faults.Fault(closed, "projects/51/statuses", times=None)]
    state = sync(daily, "statuses", "categories").states[-1]
    server.faults = []
    output = sync(daily, "statuses", "categories", state=state)
    assert written(output) == {"statuses"}
    assert {row["projectId"] for row in output.by_stream["statuses"]} >= {50, 51}


def test_a_run_that_failed_leaves_what_it_has_read(
    daily: Row, server: SampleServer
) -> None:
    daily["max_retries"] = 0
    server.faults = [faults.Fault(faults.maintenance(503), "users", times=None)]
    state = sync_until_it_fails(daily, *FULL).states[-1]
    server.faults = []
    assert "priorities" in state["refreshed"]
    assert written(sync(daily, *FULL, state=state)) == {"users"}


def test_a_stream_that_joins_its_family_is_read(daily: Row) -> None:
    state = sync(daily, "teams").states[-1]
    output = sync(daily, "teams", "team_members", state=state)
    assert output.by_stream["team_members"]


def new_project(space: Space) -> ProjectData:
    home = space.projects[-1]
    space.leave(home.id)
    return home


@pytest.mark.parametrize("others", [(), ("issues",)])
def test_a_new_project_is_read_at_once_and_no_other(
    daily: Row, space: Space, server: SampleServer, others: tuple[str, ...]
) -> None:
    daily["emit_activate_version_messages"] = True
    home = new_project(space)
    streams = ("statuses", "categories", *others)
    state = sync(daily, *streams).states[-1]
    space.join(home.id)
    server.requests.clear()
    output = sync(daily, *streams, state=state)
    assert {row["projectId"] for row in output.by_stream["statuses"]} == {home.id}
    assert server.count(f"projects/{home.id}/statuses") == 1
    assert len([r for r in server.requests if r.path.endswith("/statuses")]) == 1
    assert "ACTIVATE_VERSION" not in {m["type"] for m in output.messages}
    last = sync(daily, *streams, state=output.states[-1])
    assert written(last) == set(others)


def test_a_new_project_that_refuses_is_not_taken_for_the_whole_stream(
    daily: Row, space: Space, caplog: pytest.LogCaptureFixture
) -> None:
    home = new_project(space)
    state = sync(daily, "statuses").states[-1]
    space.join(home.id)
    space.close(home.id, ".*statuses")
    output = sync(daily, "statuses", state=state)
    assert not output.by_stream["statuses"]
    assert "`statuses` was left out for 1 of 1 projects" in caplog.text
    assert "this key may not read it" not in caplog.text
    space.reopen()
    rows = sync(daily, "statuses", state=output.states[-1]).by_stream["statuses"]
    assert {row["projectId"] for row in rows} == {home.id}


def test_pull_requests_of_a_new_project_come_at_once(daily: Row, space: Space) -> None:
    homes = [p["projectId"] for p in all_pull_requests(space)]
    home = max(homes)
    space.leave(home)
    streams = ("git_repositories", "pull_requests")
    state = sync(daily, *streams).states[-1]
    space.join(home)
    output = sync(daily, *streams, state=state)
    wanted = {p["id"] for p in all_pull_requests(space) if p["projectId"] == home}
    assert wanted <= {row["id"] for row in output.by_stream["pull_requests"]}


def all_pull_requests(space: Space) -> list[Row]:
    return [row for rows in space.contents.pull_requests.values() for row in rows]


def test_pull_requests_are_all_read_though_their_repositories_are_left_out(
    daily: Row, space: Space
) -> None:
    state = sync(daily, "git_repositories").states[-1]
    output = sync(daily, "git_repositories", "pull_requests", state=state)
    rows = output.by_stream["pull_requests"]
    assert {row["id"] for row in rows} == {p["id"] for p in all_pull_requests(space)}


def test_a_state_of_another_space_is_not_taken_for_this_one(daily: Row) -> None:
    state = sync(daily, "priorities").states[-1]
    state["space"]["host"] = "other.backlog.com"
    assert written(sync(daily, "priorities", state=state)) == set()
    state["space"] = {"host": "other.backlog.com", "spaceKey": "other"}
    with pytest.raises(Exception, match="state is of the space other"):
        sync(daily, "priorities", state=state)


@pytest.fixture
def options(request: pytest.FixtureRequest) -> Options:
    projects = 20 if "20_projects" in request.node.name else 4
    limits = dict.fromkeys(("read", "update", "search", "icon"), 10**6)
    return Options(
        projects=projects, users=6, teams=3, issues=90, activities=90, limits=limits
    )
