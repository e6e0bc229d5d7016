"""Where a run begins: the state, and the start date."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support import as_sent, select, sync

if TYPE_CHECKING:
    from sample_space import SampleServer, Space

Row = dict[str, Any]


def test_the_state_follows_the_rows_and_ends_with_the_bookmarks(
    config: Row,
    space: Space,
) -> None:
    output = sync(config)
    newest = max(issue["updated"] for issue in space.issues.values())
    bookmarks = output.states[-1]["bookmarks"]
    assert bookmarks["issues"].pop("streams")
    assert bookmarks["issues"] == {
        "replication_key": "updated",
        "replication_key_value": newest,
    }
    assert bookmarks["recent_updates"].pop("lookback_id") in {
        row["id"] for row in space.activities[-20:-1]
    }
    assert bookmarks["recent_updates"].pop("streams") == [
        *("deletions", "issue_history", "recent_updates"),
    ]
    assert bookmarks["recent_updates"] == {
        "replication_key": "id",
        "replication_key_value": space.activities[-1]["id"],
    }
    assert len(output.states) > 5
    assert all(len(json.dumps(state)) < 2000 for state in output.states)


def test_a_second_run_brings_what_changed_and_little_else(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    state = sync(config, "issues", "recent_updates").states[-1]
    space.wait(60)
    edited = space.edit_issue(next(iter(space.issues)))
    server.requests.clear()
    output = sync(config, "issues", "recent_updates", state=state)
    assert as_sent(edited) in output.by_stream["issues"]
    assert len(output.by_stream["issues"]) < 10
    assert output.by_stream["recent_updates"][-1]["type"] == 2
    assert len(output.by_stream["recent_updates"]) < 10
    assert server.count("issues") == 1
    assert server.count("space/activities") == 1


def test_start_date_cuts_the_first_run(config: Row, space: Space) -> None:
    start = "2025-03-01T09:00:00+09:00"
    rows = sync({**config, "start_date": start}, "issues", "recent_updates").by_stream
    stamp = "2025-03-01T00:00:00Z"
    assert {row["id"] for row in rows["issues"]} == {
        issue["id"] for issue in space.issues.values() if issue["updated"] >= stamp
    }
    assert {row["id"] for row in rows["recent_updates"]} == {
        row["id"] for row in space.activities if row["created"] >= stamp
    }


def test_a_bookmark_outweighs_the_start_date(config: Row, space: Space) -> None:
    state = sync(config, "issues").states[-1]
    space.wait(60)
    space.edit_issue(next(iter(space.issues)))
    later = {**config, "start_date": "2100-01-01"}
    assert sync(later, "issues", state=state).by_stream["issues"]


def test_forced_full_table_leaves_bookmarks_alone(config: Row, space: Space) -> None:
    catalog = select("issues", "recent_updates")
    for entry in catalog["streams"]:
        entry["replication_method"] = "FULL_TABLE"
    state = {"bookmarks": {"issues": {"replication_key_value": "2100-01-01T00:00:00Z"}}}
    output = sync(config, catalog=catalog, state=state)
    assert len(output.by_stream["issues"]) == len(space.issues)
    assert len(output.by_stream["recent_updates"]) == len(space.activities)
