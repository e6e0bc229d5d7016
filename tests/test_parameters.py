"""Parameters of requests, and servers that do not know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, faults
from sample_space.answers import json_answer
from tests.misfits import misfits
from tests.support import select, sync

if TYPE_CHECKING:
    from sample_space import Space

Row = dict[str, Any]


def test_deletions_alone_count_as_deletions(
    config: Row,
    space: Space,
    options: Options,
) -> None:
    wanted = [row["id"] for row in space.activities if row["type"] == 4]
    options.filters_activities = False
    rows = sync(config, "deleted_issues").by_stream["deleted_issues"]
    assert [row["id"] for row in rows] == wanted
    assert 0 < len(wanted) < len(space.activities)


def test_child_issues_are_asked_for_and_told(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    output = sync(config, "issues")
    assert misfits(output) == []
    found = {r["id"]: r["childIssueSummary"] for r in output.by_stream["issues"]}
    truth = {i["id"]: i["childIssueSummary"] for i in space.issues.values()}
    assert found == truth
    assert any(summary["total"] for summary in truth.values())
    assert {
        tuple(r.query["expand[]"]) for r in server.requests if r.path == "issues"
    } == {("childIssueSummary",)}


def test_child_issues_are_not_asked_for_where_nobody_wants_them(
    config: Row,
    server: SampleServer,
) -> None:
    sync(config, "issue_attachments")
    catalog = select("issues")
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if metadata["breadcrumb"] == ["properties", "childIssueSummary"]:
                metadata["metadata"]["selected"] = False
    rows = sync(config, catalog=catalog).by_stream["issues"]
    assert rows
    assert not [row for row in rows if "childIssueSummary" in row]
    assert not [r for r in server.requests if "expand[]" in r.query]


@pytest.mark.parametrize("issues", [60, 350])
def test_a_server_that_refuses_to_expand_is_asked_without(
    config: Row,
    options: Options,
    caplog: pytest.LogCaptureFixture,
    issues: int,
) -> None:
    options.knows_expand, options.issues = False, issues
    from sample_space import make_space  # noqa: PLC0415

    with SampleServer(make_space(options)) as server, caplog.at_level("INFO"):
        output = sync({**config, "host": server.url}, "issues")
        assert len(output.by_stream["issues"]) == issues
        assert misfits(output) == []
        queries = [r.query for r in server.requests if r.path == "issues"]
    assert [("expand[]" in query) for query in queries] == (
        [True] + [False] * (len(queries) - 1)
    )
    assert len(queries) == 2 + (issues - 1) // 99
    assert caplog.text.count("does not know `expand[]`") == 1


def test_another_bad_request_stays_one(config: Row, server: SampleServer) -> None:
    play = faults.error(400, 7, "Invalid value of parameter: projectId[]")
    server.faults = [faults.Fault(play, "issues", times=None)]
    assert not sync(config, "issues").by_stream["issues"]
    assert server.count("issues") == 2


def test_the_line_of_a_request_stays_below_8_kb(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    (home, *_) = space.projects
    many = [{**home.project, "id": 1_073_835_000 + n} for n in range(600)]
    play = faults.instead(json_answer(many))
    server.faults = [faults.Fault(play, "projects", times=None)]
    space.options.admin_key = "k" * 64
    config = {**config, "api_key": "k" * 64, "api_key_in": "query"}
    sync({**config, "start_date": "2026-01-01"}, "issues", "documents")
    longest = 0
    for request in server.requests:
        pairs = [(name, v) for name, values in request.query.items() for v in values]
        line = sum(len(name) + 4 * name.count("[]") + len(v) + 2 for name, v in pairs)
        longest = max(longest, line + len(f"GET /api/v2/{request.path} HTTP/1.1\r\n"))
    assert 6500 < longest < 8000
