"""Issues: what a run requests, and how a run continues after another one."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space, faults, make_space
from sample_space.clock import parse, stamp
from tap_backlog.errors import BacklogError
from tap_backlog.reading.pagination import PAGE_SIZE
from tap_backlog.streams.kinds.unfinished import PROJECTS_PER_LIST
from tests.support import as_sent, sync, sync_until_it_fails

if TYPE_CHECKING:
    from sample_space.wire.request import Request

Row = dict[str, Any]


@pytest.fixture
def options() -> Options:
    return Options(projects=3, users=5, teams=1, issues=1250, activities=5)


def newest_first(space: Space) -> list[Row]:
    return sorted(space.issues.values(), key=lambda i: (i["updated"], i["id"]))[::-1]


def test_an_idle_run_costs_one_request_however_busy_the_last_day_was(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    for issue_id in list(space.issues)[:900]:
        space.wait(90)
        space.edit_issue(issue_id)
    state = sync(config, "issues").states[-1]
    server.requests.clear()
    output = sync(config, "issues", state=state)
    assert server.count("issues") == 1
    # 10 minutes of look-back, with an edit every 90 seconds
    assert [row["id"] for row in output.by_stream["issues"]] == [
        issue["id"] for issue in newest_first(space)[:7]
    ]
    assert output.states[-1] == state


def test_250_changes_cost_three_requests(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    state = sync(config, "issues").states[-1]
    changed = list(space.issues)[100:350]
    for issue_id in changed:
        space.wait(7)
        space.edit_issue(issue_id)
    server.requests.clear()
    rows = sync(config, "issues", state=state).by_stream["issues"]
    assert {row["id"] for row in rows} >= set(changed)
    assert len(rows) <= 252
    assert server.count("issues") == 3


@pytest.mark.parametrize("utc_offset", range(-12, 15))
@pytest.mark.parametrize("hour", [0, 9, 12, 15, 23])
def test_the_cut_is_right_in_every_time_zone(
    options: Options,
    utc_offset: int,
    hour: int,
) -> None:
    options.issues = 60
    options.utc_offset = utc_offset
    space = make_space(options)
    space.now = space.now.replace(hour=hour, minute=59, second=59)
    bookmark = stamp(space.now)
    state = {
        "bookmarks": {
            "issues": {
                "replication_key": "updated",
                "replication_key_value": bookmark,
            }
        }
    }
    early, same, late, later = list(space.issues)[:4]
    space.issues[early]["updated"] = stamp(parse(bookmark).replace(second=58))
    space.issues[same]["updated"] = bookmark
    space.wait(1)
    space.issues[late]["updated"] = stamp(space.now)
    space.wait(3600)
    space.issues[later]["updated"] = stamp(space.now)
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": options.admin_key}
        exact = sync({**config, "lookback_minutes": 0}, "issues", state=state)
        looking_back = sync(config, "issues", state=state)
    assert [row["id"] for row in exact.by_stream["issues"]] == [later, late, same]
    assert [row["id"] for row in looking_back.by_stream["issues"]] == [
        *(later, late, same, early)
    ]


def test_what_is_stamped_with_the_bookmark_after_it_was_read_is_found(
    config: Row,
    space: Space,
) -> None:
    ids = list(space.issues)
    space.edit_issues(ids[:240])
    state = sync(config, "issues").states[-1]
    space.edit_issues(ids[235:245])
    added = space.add_issue()
    assert added["updated"] == state["bookmarks"]["issues"]["replication_key_value"]
    rows = sync(config, "issues", state=state).by_stream["issues"]
    by_id = {row["id"]: row for row in rows}
    for issue_id in [*ids[235:245], added["id"]]:
        assert by_id[issue_id] == as_sent(space.issues[issue_id])


@pytest.mark.parametrize("cut_after", [1, 2, 5, 12])
def test_a_backfill_that_was_cut_off_goes_on_where_it_stopped(
    config: Row,
    server: SampleServer,
    space: Space,
    cut_after: int,
) -> None:
    revoked = faults.error(401, 11, "Authentication failure.")
    server.faults = [faults.Fault(revoked, "issues", skip=cut_after, times=None)]
    first = sync_until_it_fails(config, "issues")
    sent = [row["id"] for row in first.by_stream["issues"]]
    server.faults.clear()
    server.requests.clear()
    rest = sync(config, "issues", state=first.states[-1])
    again = [row["id"] for row in rest.by_stream["issues"]]
    assert set(sent) | set(again) == set(space.issues)
    assert len(sent) + len(again) - len(space.issues) <= 2
    assert server.count("issues") <= 13 - cut_after + 2


def test_backfills_that_are_cut_off_again_and_again_read_nothing_twice(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    state: Row = {}
    sent: list[int] = []
    for _ in range(30):
        revoked = faults.error(401, 11, "Authentication failure.")
        server.faults = [faults.Fault(revoked, "issues", skip=2, times=None)]
        for issue_id in list(space.issues)[::400]:
            space.wait(60)
            space.edit_issue(issue_id)
        output = sync_until_it_fails(config, "issues", state=state)
        sent += [row["id"] for row in output.by_stream["issues"]]
        state = output.states[-1] if output.states else state
        assert len(json.dumps(state)) < 2000
        if "unfinished" not in state["bookmarks"]["issues"]:
            break
    assert set(sent) == set(space.issues)
    assert len(sent) < 1.15 * len(space.issues)
    server.faults.clear()
    rows = sync(config, "issues", state=state).by_stream["issues"]
    assert len(rows) < PAGE_SIZE


def test_edits_between_pages_arrive_in_this_run_or_the_next(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    def work(_: Request) -> None:
        space.wait(1)
        ids = list(space.issues)
        space.edit_issue(ids[len(ids) // 2])
        space.edit_issues(ids[40:90])
        space.delete_issue(ids[3])
        space.delete_issue(ids[-3])
        space.add_issue()

    server.before_answer = work
    first = sync(config, "issues")
    server.before_answer = None
    second = sync(config, "issues", state=first.states[-1])
    loaded = {row["id"]: row for row in first.by_stream["issues"]}
    loaded |= {row["id"]: row for row in second.by_stream["issues"]}
    for issue in space.issues.values():
        assert loaded[issue["id"]] == as_sent(issue)


def test_a_state_is_written_at_least_every_thousand_rows(
    options: Options,
) -> None:
    options.users = 3300
    options.issues = 2200
    with SampleServer(make_space(options)) as server:
        output = sync({"host": server.url, "api_key": options.admin_key})
    rows_since_state = 0
    for message in output.messages:
        rows_since_state += message["type"] == "RECORD"
        assert rows_since_state <= 1000
        if message["type"] == "STATE":
            rows_since_state = 0


def test_a_state_never_runs_ahead_of_the_rows(config: Row, space: Space) -> None:
    by_age = [issue["updated"] for issue in newest_first(space)]
    sent = 0
    for message in sync(config, "issues").messages:
        sent += message["type"] == "RECORD"
        if message["type"] == "STATE":
            reached = message["value"]["bookmarks"]["issues"]
            if "unfinished" in reached:
                assert reached["unfinished"]["read"][0]["oldest"] == by_age[sent - 1]
            else:
                assert sent == len(space.issues)


def test_a_state_is_small_however_many_projects_there_are() -> None:
    options = Options(projects=600, users=3, teams=1, issues=700, activities=3)
    space = make_space(options)
    with SampleServer(space) as server:
        config = {"host": server.url, "api_key": options.admin_key}
        revoked = faults.error(401, 11, "Authentication failure.")
        server.faults = [faults.Fault(revoked, "issues", skip=4, times=None)]
        first = sync_until_it_fails(config, "issues")
        server.faults.clear()
        rest = sync(config, "issues", state=first.states[-1])
        longest = max(len(r.query.get("projectId[]", [])) for r in server.requests)
    assert longest <= PROJECTS_PER_LIST
    assert all(len(json.dumps(s)) < 2000 for s in [*first.states, *rest.states])
    ids = [row["id"] for row in first.by_stream["issues"] + rest.by_stream["issues"]]
    assert set(ids) == set(space.issues)


@pytest.mark.parametrize("unfinished", [7, [], {"read": 7}, {"list": 0}])
def test_an_unfinished_reading_that_cannot_be_read_is_told(
    config: Row,
    unfinished: object,
) -> None:
    state = {"bookmarks": {"issues": {"unfinished": unfinished}}}
    with contextlib.suppress(BacklogError):
        sync(config, "issues", state=state)
        assert not unfinished
