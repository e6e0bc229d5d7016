"""Rows that show up late are read; a timestamp in the future hides no other row."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, Space
from sample_space.clock import stamp
from tests.support import sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_space.wire.request import Request

Row = dict[str, Any]

BY_CHANGE = ("issues", "documents", "wikis", "pull_requests")
BY_ID = ("recent_updates", "deleted_issues", "notifications")


@pytest.fixture
def options() -> Options:
    return Options(
        projects=3,
        users=4,
        teams=1,
        issues=40,
        activities=60,
        tells_time_of_space=True,
        limits=dict.fromkeys(("read", "update", "search", "icon"), 10**6),
    )


def some_rows(space: Space, stream: str) -> list[Row]:
    """Return two rows of a list that is read by change."""
    contents = space.contents
    lists: dict[str, list[Row]] = {
        "issues": list(space.issues.values()),
        "documents": list(contents.documents.values()),
        "wikis": list(contents.wikis.values()),
        "pull_requests": next(iter(contents.pull_requests.values())),
    }
    return lists[stream][3:5]


def add_by_id(space: Space, stream: str) -> Row:
    """Add a row to a list that is read by id, now."""
    if stream == "notifications":
        last = space.contents.notifications[-1]
        row = {**last, "id": last["id"] + 1, "created": stamp(space.now)}
        space.contents.notifications.append(row)
        return row
    space.delete_issue(next(iter(space.issues)))
    return space.activities[-1]


def ids(rows: list[Row]) -> list[Any]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize("stream", BY_CHANGE)
@pytest.mark.parametrize(
    ("minutes", "lookback", "comes"), [(9, 10, True), (11, 10, False), (1, 0, False)]
)
def test_a_row_that_shows_up_after_one_with_a_later_stamp_comes(
    config: Row,
    space: Space,
    stream: str,
    minutes: int,
    lookback: int,
    comes: bool,  # noqa: FBT001
) -> None:
    late, seen = some_rows(space, stream)
    space.touch(late)
    space.wait(60 * minutes)
    space.touch(seen)
    space.wait(90)
    space.hide(late)
    config = {**config, "lookback_minutes": lookback}
    first = sync(config, stream)
    assert late["id"] not in ids(first.by_stream[stream])
    space.show(late)
    again = sync(config, stream, state=first.states[-1])
    assert (late["id"] in ids(again.by_stream[stream])) == comes
    assert len(again.by_stream[stream]) <= 2


@pytest.mark.parametrize("stream", BY_ID)
@pytest.mark.parametrize(("lookback", "comes"), [(10, True), (0, False)])
def test_an_id_that_shows_up_after_a_greater_one_comes(
    config: Row,
    space: Space,
    stream: str,
    lookback: int,
    comes: bool,  # noqa: FBT001
) -> None:
    late = add_by_id(space, stream)
    space.wait(3)
    seen = add_by_id(space, stream)
    space.hide(late)
    config = {**config, "lookback_minutes": lookback}
    first = sync(config, stream)
    assert ids(first.by_stream[stream])[-1] == seen["id"]
    idle = sync(config, stream, state=first.states[-1])
    assert idle.states[-1] == first.states[-1]
    space.show(late)
    again = sync(config, stream, state=idle.states[-1])
    assert (late["id"] in ids(again.by_stream[stream])) == comes
    assert len(again.by_stream[stream]) <= 2
    space.wait(86_400)
    newest = add_by_id(space, stream)
    after = sync(config, stream, state=again.states[-1])
    assert ids(after.by_stream[stream])[-1] == newest["id"]
    idle = sync(config, stream, state=after.states[-1])
    assert ids(idle.by_stream[stream]) == ([newest["id"]] if lookback else [])


def test_comments_of_an_issue_that_shows_up_late_come(
    config: Row,
    space: Space,
) -> None:
    late, seen = list(space.issues)[3:5]
    comment = space.comment(late)
    space.wait(3)
    space.comment(seen)
    space.hide(space.issues[late])
    first = sync(config, "issue_comments")
    space.show(space.issues[late])
    again = sync(config, "issue_comments", state=first.states[-1])
    assert comment["id"] in ids(again.by_stream["issue_comments"])


def test_a_row_that_shows_up_late_in_a_run_that_was_cut_off_comes(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    late, seen = some_rows(space, "documents")
    space.touch(late)
    space.wait(3)
    space.touch(seen)
    space.wait(90)
    space.hide(late)
    full = sync(config, "documents")
    cut = next(
        state
        for state in full.states
        if "unfinished" in state.get("bookmarks", {}).get("documents", {})
    )
    space.show(late)
    server.requests.clear()
    rest = sync(config, "documents", state=cut)
    assert late["id"] in ids(rest.by_stream["documents"])


@pytest.mark.parametrize("stream", BY_CHANGE)
def test_a_stamp_of_the_future_does_not_become_the_bookmark(
    config: Row,
    space: Space,
    stream: str,
) -> None:
    ahead, other = some_rows(space, stream)
    space.stamp_ahead(ahead, days=300)
    first = sync(config, stream)
    assert ahead["id"] in ids(first.by_stream[stream])
    bookmark = first.states[-1]["bookmarks"][stream]["replication_key_value"]
    assert bookmark <= stamp(space.now)
    space.wait(86_400)
    space.touch(other)
    again = sync(config, stream, state=first.states[-1])
    assert set(ids(again.by_stream[stream])) == {ahead["id"], other["id"]}
    space.wait(86_400)
    ahead["updated"] = stamp(space.now)
    space.version += 1
    third = sync(config, stream, state=again.states[-1])
    assert ahead["id"] in ids(third.by_stream[stream])


@pytest.mark.parametrize("stream", BY_ID)
def test_an_id_of_the_future_does_not_become_the_bookmark(
    config: Row,
    space: Space,
    stream: str,
) -> None:
    before = add_by_id(space, stream)
    ahead = add_by_id(space, stream)
    ahead["created"] = stamp(space.now + dt.timedelta(days=300))
    ahead["id"] += 1000
    first = sync(config, stream)
    assert ids(first.by_stream[stream])[-1] == ahead["id"]
    bookmark = first.states[-1]["bookmarks"][stream]
    assert bookmark["replication_key_value"] == before["id"]
    space.wait(86_400)
    row = add_by_id(space, stream)
    row["id"] = before["id"] + 1
    again = sync(config, stream, state=first.states[-1])
    assert row["id"] in ids(again.by_stream[stream])


@pytest.mark.parametrize("stream", BY_CHANGE)
def test_an_old_bookmark_that_lies_in_the_future_is_told_and_dropped(
    config: Row,
    space: Space,
    stream: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = {
        "bookmarks": {
            stream: {
                "streams": [stream],
                "replication_key": "updated",
                "replication_key_value": stamp(space.now + dt.timedelta(days=300)),
            }
        }
    }
    _, edited = some_rows(space, stream)
    space.touch(edited)
    output = sync(config, stream, state=state)
    assert edited["id"] in ids(output.by_stream[stream])
    line = f"Reading `{stream}` from the start, since its bookmark lies in the future."
    assert caplog.messages.count(line) == 1
    bookmark = output.states[-1]["bookmarks"][stream]["replication_key_value"]
    assert bookmark <= stamp(space.now)


def test_a_pull_request_opened_in_a_repository_that_was_empty_when_asked_comes(
    config: Row,
    server: SampleServer,
    space: Space,
) -> None:
    lists = space.contents.pull_requests
    empty, *_, last = list(lists)
    opened = {**lists[empty][0], "id": 77}
    lists[empty].clear()

    def work(request: Request) -> None:
        if request.path.endswith(f"{last}/pullRequests"):
            space.wait(120)
            lists[empty].append(space.touch(opened))
            space.wait(120)
            space.touch(lists[last][0])
            space.wait(5)

    space.wait(86_400)
    server.before_answer = work
    first = sync(config, "pull_requests")
    server.before_answer = None
    assert 77 not in ids(first.by_stream["pull_requests"])
    space.wait(86_400)
    config = {**config, "lookback_minutes": 0}
    again = sync(config, "pull_requests", state=first.states[-1])
    assert 77 in ids(again.by_stream["pull_requests"])


@pytest.mark.parametrize("stream", ["wikis", "pull_requests"])
def test_what_is_changed_before_the_last_list_is_asked_for_comes(
    config: Row,
    server: SampleServer,
    space: Space,
    stream: str,
) -> None:
    row, later = some_rows(space, stream)[0], some_rows(space, stream)[1]
    lists = "wikis" if stream == "wikis" else "pullRequests"
    asked: list[str] = []

    def work(request: Request) -> None:
        if request.path.endswith(lists):
            asked.append(request.path)
            if len(asked) == 2:
                space.wait(300)
                space.touch(row)
                space.wait(300)

    server.before_answer = work
    first = sync(config, stream)
    server.before_answer = None
    space.touch(later)
    config = {**config, "lookback_minutes": 0}
    again = sync(config, stream, state=first.states[-1])
    sent = {r["id"]: r for r in first.by_stream[stream] + again.by_stream[stream]}
    assert sent[row["id"]]["updated"] == row["updated"]


@pytest.mark.parametrize("header", [None, "yesterday"])
def test_without_a_date_the_newest_stamp_holds(
    config: Row,
    server: SampleServer,
    space: Space,
    header: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = "tap_backlog.api.client.BacklogClient.answered_at"
    reading: Callable[[object], str | None] = lambda _: header  # noqa: E731
    monkeypatch.setattr(client, property(reading, lambda *_: None), raising=False)
    state = sync(config, *BY_CHANGE, *BY_ID).states[-1]
    newest = max(issue["updated"] for issue in space.issues.values())
    assert state["bookmarks"]["issues"]["replication_key_value"] == newest
    assert "wikis" not in state["bookmarks"] or not state["bookmarks"]["wikis"].get(
        "replication_key_value"
    )
    server.requests.clear()
    sync(config, *BY_CHANGE, *BY_ID, state=state)
