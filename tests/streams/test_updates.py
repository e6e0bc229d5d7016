"""The activity feed, and the deletions in it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space
from sample_space.clock import parse, stamp
from tests.support import sync

if TYPE_CHECKING:
    from sample_space.wire.request import Request

Row = dict[str, Any]


@pytest.fixture
def options() -> Options:
    return Options(projects=3, users=5, teams=1, issues=40, activities=3000)


def test_a_deletion_is_told_with_all_that_is_known_of_the_issue(
    config: Row,
    space: Space,
) -> None:
    issue = next(iter(space.issues.values()))
    home = space.project_of(issue)
    space.delete_issue(issue["id"])
    rows = sync(config, "deleted_issues").by_stream["deleted_issues"]
    last = space.activities[-1]
    assert rows[-1] == {
        "id": last["id"],
        "issueId": issue["id"],
        "keyId": issue["keyId"],
        "projectId": home.id,
        "projectKey": home.key,
        "issueKey": issue["issueKey"],
        "deletedUser": last["createdUser"],
        "deleted": last["created"],
    }
    assert len(rows) == sum(row["type"] == 4 for row in space.activities)


@pytest.mark.parametrize("content", [None, {}, {"id": 3}])
def test_a_deletion_of_which_little_is_known_is_told_all_the_same(
    config: Row,
    space: Space,
    content: object,
) -> None:
    space.activities[-1] |= {"type": 4, "content": content, "project": None}
    row = sync(config, "deleted_issues").by_stream["deleted_issues"][-1]
    assert row["id"] == space.activities[-1]["id"]
    assert row["issueKey"] is None


@pytest.mark.parametrize("stream", ["deleted_issues", "recent_updates"])
@pytest.mark.parametrize("inclusive", [False, True])
def test_an_idle_run_costs_one_request(
    config: Row,
    server: SampleServer,
    space: Space,
    stream: str,
    inclusive: bool,  # noqa: FBT001
) -> None:
    space.options.ids_inclusive = inclusive
    state = sync(config, stream).states[-1]
    server.requests.clear()
    output = sync(config, stream, state=state)
    assert server.count("space/activities") == 1
    assert server.count("projects") == 1
    assert server.count() == 2
    newest = [
        row for row in space.activities if stream != "deleted_issues" or row["type"] == 4
    ]
    lookback = stamp(parse(newest[-1]["created"]) - dt.timedelta(minutes=10))
    late = [row["id"] for row in newest if row["created"] >= lookback]
    assert [row["id"] for row in output.by_stream[stream]] == late
    assert len(late) < 10
    assert output.states[-1] == state


def test_without_look_back_an_idle_run_brings_nothing(config: Row) -> None:
    exact = {**config, "lookback_minutes": 0}
    state = sync(exact, "recent_updates", "notifications").states[-1]
    output = sync(exact, "recent_updates", "notifications", state=state)
    assert not output.by_stream


def test_deletions_after_the_bookmark_are_told_once(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    state = sync(config, "deleted_issues").states[-1]
    gone = list(space.issues)[:3]
    for issue_id in gone:
        space.delete_issue(issue_id)
    server.requests.clear()
    rows = sync(config, "deleted_issues", state=state).by_stream["deleted_issues"]
    assert [row["issueId"] for row in rows][-3:] == gone
    assert server.count("space/activities") == 1


@pytest.mark.parametrize("stream", ["deleted_issues", "recent_updates"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.97, 1.0])
def test_a_start_date_is_found_without_reading_all_before(
    config: Row,
    server: SampleServer,
    space: Space,
    stream: str,
    share: float,
) -> None:
    feed = [
        row for row in space.activities if stream == "recent_updates" or row["type"] == 4
    ]
    start = feed[int(share * (len(feed) - 1))]["created"]
    wanted = [row["id"] for row in feed if row["created"] >= start]
    rows = sync({**config, "start_date": start}, stream).by_stream[stream]
    assert [row["id"] for row in rows] == wanted
    assert server.count() <= len(wanted) / 100 + 12


def test_updates_that_come_while_the_feed_is_read_arrive(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    def work(_: Request) -> None:
        for issue_id in list(space.issues)[:7]:
            space.edit_issue(issue_id)

    server.before_answer = work
    first = sync(config, "recent_updates")
    server.before_answer = None
    rest = sync(config, "recent_updates", state=first.states[-1])
    rows = first.by_stream["recent_updates"] + rest.by_stream["recent_updates"]
    ids = list(dict.fromkeys(row["id"] for row in rows))
    assert ids == [row["id"] for row in space.activities]
