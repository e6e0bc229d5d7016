"""Streams that depend on others: what is read again, and what is skipped."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, faults
from tests.support import sync

if TYPE_CHECKING:
    from sample_space import Space

Row = dict[str, Any]


@pytest.fixture
def options(options: Options) -> Options:
    options.issues = 120
    options.limits = dict.fromkeys(options.limits, 10**6)
    return options


def path_of(issue_id: int) -> str:
    return f"issues/{issue_id}/comments"


def test_comments_are_read_for_changed_issues_only(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    first = sync(config, "issue_comments", "issue_change_log")
    changed = list(space.issues)[7]
    space.wait(60)
    space.edit_issue(changed)
    server.requests.clear()
    again = sync(config, "issue_comments", "issue_change_log", state=first.states[-1])
    assert {row["issueId"] for row in again.by_stream["issue_comments"]} >= {changed}
    assert server.count() <= 5
    assert all(len(json.dumps(state)) < 4000 for state in first.states)


def test_an_issue_that_is_gone_is_passed_over_with_a_line(
    config: Row,
    space: Space,
    server: SampleServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = list(space.issues)[5]
    play = faults.error(404, 6, "No issue.")
    server.faults = [faults.Fault(play, path_of(gone), times=None)]
    with caplog.at_level("INFO"):
        rows = sync(config, "issue_comments").by_stream["issue_comments"]
    assert {row["issueId"] for row in rows} == {
        issue_id for issue_id, some in space.contents.comments.items() if some
    } - {gone}
    assert caplog.text.count("it no longer exists") == 1


def test_a_project_that_is_closed_is_told_once_and_not_asked_again(
    config: Row,
    space: Space,
    server: SampleServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed = space.projects[0].id
    there = [i["id"] for i in space.issues.values() if i["projectId"] == closed]
    play = faults.error(403, 5, "You do not have permission.")
    server.faults = [faults.Fault(play, path_of(i), times=None) for i in there]
    rows = sync(config, "issue_comments").by_stream["issue_comments"]
    assert {row["projectId"] for row in rows} == {p.id for p in space.projects} - {closed}
    assert sum(server.count(path_of(issue_id)) for issue_id in there) == 1
    assert caplog.text.count("may not read it") == 1


def test_a_stream_that_joins_gets_its_past(config: Row, space: Space) -> None:
    first = sync(config, "issues")
    again = sync(config, "issues", "issue_attachments", state=first.states[-1])
    found = [row["id"] for row in again.by_stream["issue_attachments"]]
    files = [f["id"] for issue in space.issues.values() for f in issue["attachments"]]
    assert sorted(found) == sorted(files)
    idle = sync(config, "issues", "issue_attachments", state=again.states[-1])
    assert len(idle.by_stream["issues"]) < 3


def test_a_lookback_reads_comments_again(config: Row, space: Space) -> None:
    state = sync(config, "issue_comments").states[-1]
    comment = next(some for some in space.contents.comments.values() if some)[0]
    comment["content"] = "edited"
    wanted = {**config, "comments_lookback_days": 3650}
    rows = sync(wanted, "issue_comments", state=state).by_stream["issue_comments"]
    assert "edited" in [row["content"] for row in rows if row["id"] == comment["id"]]


def test_batches_hold_the_rows_of_every_member(
    config: Row,
    space: Space,
    tmp_path: Any,
) -> None:
    batches = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri()},
    }
    output = sync(
        {**config, "batch_config": batches},
        "issue_attachments",
        "issue_versions",
        "issues",
    )
    counts: dict[str, int] = {}
    for message in output.messages:
        for file in message.get("manifest", []):
            packed = (tmp_path / file.rsplit("/", 1)[-1]).read_bytes()
            lines = gzip.decompress(packed).strip().split(b"\n")
            counts[message["stream"]] = counts.get(message["stream"], 0) + len(lines)
    issues = space.issues.values()
    assert counts == {
        "issues": len(issues),
        "issue_attachments": sum(len(issue["attachments"]) for issue in issues),
        "issue_versions": sum(len(issue["versions"]) for issue in issues),
    }


def test_wiki_pages_and_pull_requests_are_read_where_they_changed(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    streams = ("wikis", "wiki_history", "pull_requests", "pull_request_comments")
    state = sync(config, *streams).states[-1]
    page = space.contents.wikis[next(iter(space.contents.wikis))]
    page["updated"] = "2026-05-05T05:05:05Z"
    server.requests.clear()
    rows = sync(config, *streams, state=state).by_stream
    assert page["id"] in {row["id"] for row in rows["wikis"]}
    assert len(rows["wikis"]) <= 3
    assert len(rows["pull_requests"]) <= 3
