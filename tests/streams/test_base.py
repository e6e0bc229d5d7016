"""What every stream does with its rows, its state and its version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sample_space import SampleServer, Space, faults
from tests.support import Output, sync, sync_until_it_fails

if TYPE_CHECKING:
    from collections.abc import Callable

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


@pytest.mark.parametrize(
    "break_space",
    [
        lambda server: server.space.projects[0].project.pop("id"),
        lambda server: server.space.teams[0].pop("id"),
        lambda server: server.space.teams[0].update(id=None),
    ],
)
def test_a_row_without_its_key_ends_the_run(
    config: Row,
    server: SampleServer,
    break_space: Callable[[SampleServer], object],
) -> None:
    break_space(server)
    output = sync_until_it_fails(config)
    assert all(row["id"] for row in output.by_stream["teams"])


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
