"""What every stream does with its rows, its state and its version."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sample_space import SampleServer, Space, faults
from sample_space.answers import Answer
from tap_backlog.errors import BacklogError
from tap_backlog.streams import STREAM_TYPES
from tests.support import Output, select, sync, sync_until_it_fails

Row = dict[str, Any]


def versions(output: Output) -> set[str]:
    return {m["stream"] for m in output.messages if m["type"] == "ACTIVATE_VERSION"}


@pytest.fixture
def versioned(config: Row) -> Row:
    return {**config, "emit_activate_version_messages": True}


def test_a_version_is_activated_after_its_rows(versioned: Row) -> None:
    messages = [m for m in sync(versioned).messages if m.get("stream") == "teams"]
    assert [m["type"] for m in messages[:2]] == ["SCHEMA", "RECORD"]
    assert messages[-1]["type"] == "ACTIVATE_VERSION"
    assert {m["version"] for m in messages[1:]} == {messages[-1]["version"]}


def test_two_runs_in_one_second_have_two_versions(versioned: Row) -> None:
    both = [
        {m["version"] for m in sync(versioned).messages if "version" in m}
        for _ in range(2)
    ]
    assert [len(one) for one in both] == [1, 1]
    assert max(both[1]) > max(both[0]) > 10**12  # milliseconds


def test_a_report_that_was_refused_keeps_its_rows_at_the_loader(
    versioned: Row,
    space: Space,
) -> None:
    member = {**versioned, "api_key": space.options.member_key}
    assert "teams" not in versions(sync(member))


def test_a_report_that_failed_keeps_its_rows_at_the_loader(
    versioned: Row,
    server: SampleServer,
) -> None:
    broken = faults.error(401, 11, "Authentication failure.")
    server.faults = [faults.Fault(broken, "teams", skip=1, times=None)]
    assert "teams" not in versions(sync_until_it_fails(versioned, "teams"))


def test_a_report_that_lacks_a_project_keeps_its_rows_at_the_loader(
    versioned: Row,
    server: SampleServer,
    space: Space,
) -> None:
    closed = f"projects/{space.projects[1].id}/issueTypes"
    play = faults.error(403, 5, "You do not have permission.")
    server.faults = [faults.Fault(play, closed, times=None)]
    output = sync(versioned, "issue_types", "categories")
    assert versions(output) == {"categories"}
    assert output.by_stream["issue_types"]


def test_the_sdks_own_way_writes_the_same_versions(versioned: Row) -> None:
    flat = {**versioned, "flattening_enabled": True, "flattening_max_depth": 1}
    assert versions(sync(flat)) == versions(sync(versioned))


@pytest.mark.parametrize("path", ["projects", "teams", "users", "issues"])
@pytest.mark.parametrize("body", [b'[{"name":"x"}]', b'[{"id":null}]'])
def test_a_row_without_its_key_ends_the_run(
    config: Row,
    server: SampleServer,
    path: str,
    body: bytes,
) -> None:
    server.faults = [faults.Fault(faults.instead(Answer(200, body)), path)]
    with pytest.raises(BacklogError, match="without `id`"):
        sync(config)


def test_nothing_is_written_before_the_first_answer(
    config: Row,
    server: SampleServer,
) -> None:
    server.faults = [faults.Fault(faults.error(401, 11, "No."), times=None)]
    state = {"bookmarks": {"issues": {"replication_key_value": "2026-01-01T00:00:00Z"}}}
    for stream in ("space", "issues"):
        assert not sync_until_it_fails(config, stream, state=state).messages


def test_a_stream_that_the_maps_remove_costs_nothing(
    config: Row,
    server: SampleServer,
) -> None:
    output = sync({**config, "stream_maps": {"teams": None}}, "teams")
    assert not output.by_stream
    assert not output.schemas
    assert server.count() == 0


def rows_and_schemas(output: Output) -> list[Row]:
    for message in output.messages:
        message.pop("time_extracted", None)
    return [message for message in output.messages if message["type"] != "STATE"]


unusual: list[object] = [
    '\u2028\u2029\x85 \\ " / \x7f 👩‍💻 𠮷',
    1.10,
    2**63,
    10**30,
    -0.0,
    1e-300,
    {"deep": [[[{"a": None}]]]},
    [],
    {},
    True,
]


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(
    deselected=st.sets(
        st.sampled_from(["description", "status", "customFields", "created"])
    ),
    unknown=st.booleans(),
    numbers=st.permutations(unusual),
)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_ways_write_the_same_messages(
    config: Row,
    space: Space,
    deselected: set[str],
    unknown: bool,  # noqa: FBT001
    numbers: list[object],
) -> None:
    space.options.limits.update(read=10**6, search=10**6)
    for issue, value in zip(space.issues.values(), numbers, strict=False):
        issue["customFields"] = [{"id": 1, "name": "x", "value": value, "new": value}]
        issue["estimatedHours"] = 0.1
        if unknown:
            issue["somethingNew"] = value
    names = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
    many = {"rate_limit", "issue_comments", "issue_participants", "related_issues"}
    catalog = select(*(name for name in names if name not in many))
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if metadata["breadcrumb"] and metadata["breadcrumb"][-1] in deselected:
                metadata["metadata"]["selected"] = len(metadata["breadcrumb"]) > 2
    raw = sync(config, catalog=catalog)
    # An empty map changes nothing, but makes the tap decode the rows.
    plain = sync({**config, "stream_maps": {"*": {}}}, catalog=catalog)
    assert repr(rows_and_schemas(raw)) == repr(rows_and_schemas(plain))
    assert raw.states[-1] == plain.states[-1]


def test_nested_fields_can_be_left_out(config: Row, space: Space) -> None:
    catalog = select("issues")
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if metadata["breadcrumb"][-3:] == ["status", "properties", "color"]:
                metadata["metadata"]["selected"] = False
    rows = sync(config, catalog=catalog).by_stream["issues"]
    assert {row["id"] for row in rows} == set(space.issues)
    assert all("color" not in row["status"] and "name" in row["status"] for row in rows)


def test_stream_maps_see_plain_values(config: Row, space: Space) -> None:
    maps = {
        "issues": {
            "summary": None,
            "title": "summary.upper()",
            "hours": "(estimatedHours or 0) * 2",
            "key_hash": "md5(issueKey)",
            "__filter__": "status['id'] == 1",
            "__alias__": "tickets",
        },
        "__else__": None,
    }
    output = sync({**config, "stream_maps": maps})
    assert set(output.by_stream) == {"tickets"}
    wanted = [issue for issue in space.issues.values() if issue["status"]["id"] == 1]
    rows = {row["id"]: row for row in output.by_stream["tickets"]}
    assert rows.keys() == {issue["id"] for issue in wanted}
    for issue in wanted:
        row = rows[issue["id"]]
        assert row["title"] == issue["summary"].upper()
        assert float(row["hours"]) == (issue["estimatedHours"] or 0) * 2
        assert len(row["key_hash"]) == 32
        assert "summary" not in row
