"""Rows that show up some time after their timestamp, and timestamps in the future."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from sample_space.clock import stamp
from tests.support import sync

if TYPE_CHECKING:
    from sample_space import Options, SampleServer, Space

Row = dict[str, Any]


@pytest.fixture
def options(options: Options) -> Options:
    options.limits = dict.fromkeys(options.limits, 10**6)
    return options


def late_row(space: Space, stream: str) -> Row:
    """Return a row whose timestamp is now, and that lists do not show yet."""
    contents = space.contents
    if stream in {"issues", "issue_comments"}:
        return space.add_issue()
    if stream in {"recent_updates", "deleted_issues"}:
        space.delete_issue(next(iter(space.issues)))
        return space.activities[-1]
    if stream == "notifications":
        return add_notification(space)
    rows = {
        "documents": contents.documents.values(),
        "wikis": contents.wikis.values(),
        "pull_requests": next(filter(None, contents.pull_requests.values())),
    }[stream]
    return space.touch(next(iter(rows)))


def newer_row(space: Space, stream: str) -> None:
    """Give another row of the stream a timestamp of now, and let lists show it."""
    contents = space.contents
    if stream in {"issues", "issue_comments", "recent_updates", "deleted_issues"}:
        space.add_issue()
        space.delete_issue(list(space.issues)[3])
    elif stream == "notifications":
        add_notification(space)
    else:
        rows = {
            "documents": contents.documents.values(),
            "wikis": contents.wikis.values(),
            "pull_requests": next(filter(None, contents.pull_requests.values())),
        }[stream]
        space.touch(list(rows)[1])


def add_notification(space: Space) -> Row:
    last = space.contents.notifications[-1]
    row = {**last, "id": last["id"] + 1, "created": stamp(space.now)}
    space.contents.notifications.append(row)
    return row


@pytest.mark.parametrize("late_by", [0, 3, 590])
@pytest.mark.parametrize(
    "stream",
    [
        "issues",
        "recent_updates",
        "deleted_issues",
        "notifications",
        "documents",
        "wikis",
        "pull_requests",
    ],
)
def test_a_row_that_shows_up_late_is_found_by_the_next_run(
    config: Row,
    space: Space,
    stream: str,
    late_by: int,
) -> None:
    space.wait(3600)
    state = sync(config, stream).states[-1]
    space.wait(86_400)
    row = late_row(space, stream)
    space.hide(row)
    space.wait(late_by)
    newer_row(space, stream)
    first = sync(config, stream, state=state)
    assert row["id"] not in [r["id"] for r in first.by_stream[stream]]
    space.show(row)
    second = sync(config, stream, state=first.states[-1])
    assert row["id"] in [r["id"] for r in second.by_stream[stream]]
    assert len(second.by_stream[stream]) < 9


def test_an_issue_stamped_ahead_hides_no_later_edit(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    space.options.tells_time_of_space = True
    ids = list(space.issues)
    space.stamp_ahead(space.issues[ids[0]])
    state = sync(config, "issues").states[-1]
    bookmark = state["bookmarks"]["issues"]["replication_key_value"]
    assert bookmark <= stamp(space.now)
    for day in range(2):
        space.wait(86_400)
        space.edit_issue(ids[day + 1])
        server.requests.clear()
        output = sync(config, "issues", state=state)
        assert [row["id"] for row in output.by_stream["issues"]][:2] == [
            ids[0],
            ids[day + 1],
        ]
        assert server.count("issues") == 1
        state = output.states[-1]


def test_an_update_from_the_future_hides_no_later_one(config: Row, space: Space) -> None:
    space.options.tells_time_of_space = True
    space.edit_issue(next(iter(space.issues)))
    ahead = {**space.activities[-1], "id": space.activities[-1]["id"] + 10**6}
    ahead["created"] = stamp(space.now + dt.timedelta(days=300))
    plain = space.activities[-1]
    space.activities.append(ahead)
    state = sync(config, "recent_updates").states[-1]
    assert state["bookmarks"]["recent_updates"]["replication_key_value"] == plain["id"]
    space.wait(3600)
    later = {**plain, "id": plain["id"] + 1, "created": stamp(space.now)}
    space.activities.insert(-1, later)
    rows = sync(config, "recent_updates", state=state).by_stream["recent_updates"]
    assert later["id"] in [row["id"] for row in rows]


def test_a_bookmark_ahead_of_the_server_is_not_believed(
    config: Row,
    space: Space,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mark = {"replication_key": "updated", "replication_key_value": "2199-01-01T00:00:00Z"}
    rows = sync(config, "issues", state={"bookmarks": {"issues": mark}})
    assert {row["id"] for row in rows.by_stream["issues"]} == set(space.issues)
    assert "its bookmark lies in the future" in caplog.text


def test_a_pull_request_in_a_repository_that_was_empty_is_found(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    space.options.tells_time_of_space = True
    space.wait(3600)
    contents = space.contents
    first, *_, last = [key for key, rows in contents.pull_requests.items() if rows]
    moved = contents.pull_requests[first].pop()

    def open_it(request: Any) -> None:
        if request.path.endswith(f"repositories/{first}/pullRequests"):
            answered.append(request)
        elif answered and moved not in contents.pull_requests[first]:
            space.wait(5)
            moved["updated"] = stamp(space.now)
            contents.pull_requests[first].append(moved)
            space.wait(5)
            space.touch(contents.pull_requests[last][0])

    answered: list[Any] = []
    server.before_answer = open_it
    one = sync({**config, "lookback_minutes": 0}, "pull_requests")
    server.before_answer = None
    assert moved["id"] not in [row["id"] for row in one.by_stream["pull_requests"]]
    two = sync({**config, "lookback_minutes": 0}, "pull_requests", state=one.states[-1])
    assert moved["id"] in [row["id"] for row in two.by_stream["pull_requests"]]
