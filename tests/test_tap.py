"""What a whole run reads, and what it costs."""

from __future__ import annotations

import gzip
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import SampleServer, Space, make_space
from tap_backlog.streams import STREAM_TYPES
from tap_backlog.tap import TapBacklog
from tests.support import as_sent, select, sync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Row = dict[str, Any]

KEYS = {
    "space": ["spaceKey"],
    "projects": ["id"],
    "users": ["id"],
    "teams": ["id"],
    "issue_types": ["id"],
    "categories": ["id"],
    "issues": ["id"],
    "recent_updates": ["id"],
    "deleted_issues": ["id"],
    "rate_limit": ["type"],
}


def truth(space: Space) -> dict[str, list[Row]]:
    """Return the rows that a run must bring, of every stream except ``rate_limit``."""
    rows: dict[str, list[Row]] = as_sent(
        {
            "space": [space.info],
            "projects": [data.project for data in space.projects],
            "users": space.users,
            "teams": space.teams,
            "issue_types": [row for data in space.projects for row in data.issue_types],
            "categories": [row for data in space.projects for row in data.categories],
            "issues": list(space.issues.values()),
            "recent_updates": space.activities,
        },
    )
    return rows


def by_key(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: str(row.get("id", row.get("spaceKey"))))


def test_a_run_brings_every_row_once_and_value_for_value(
    config: Row,
    space: Space,
) -> None:
    output = sync(config, *KEYS)
    for stream, rows in truth(space).items():
        assert by_key(output.by_stream[stream]) == by_key(rows), stream


def test_rate_limit_has_a_row_for_each_class(config: Row) -> None:
    rows = {
        row.pop("type"): row for row in sync(config, "rate_limit").by_stream["rate_limit"]
    }
    assert rows.keys() == {"read", "update", "search", "icon"}
    assert rows["read"]["limit"] == 600
    assert rows["read"]["remaining"] == 599
    assert rows["search"]["remaining"] == 150
    assert isinstance(rows["read"]["reset"], int)


def test_the_nine_reports_cost_41_requests_over_one_connection() -> None:
    with SampleServer(make_space()) as server:
        nine = KEYS.keys() - {"deleted_issues"}
        sync({"host": server.url, "api_key": "sample-admin-key"}, *nine)
        assert server.count() == 41
        assert len({request.client for request in server.requests}) == 1
        assert server.count("projects") == 1


def test_each_request_asks_for_full_pages_packed_and_by_name(
    config: Row,
    server: SampleServer,
) -> None:
    sync(config, *KEYS)
    for request in server.requests:
        assert "gzip" in request.headers["accept-encoding"]
        assert request.headers["user-agent"].startswith("tap-backlog/")
        assert request.query.get("count", ["100"]) == ["100"]


def test_each_stream_has_one_schema_and_its_keys(config: Row) -> None:
    output = sync(config, *KEYS)
    assert sorted(k for k in output.kinds() if k.startswith("SCHEMA")) == sorted(
        f"SCHEMA {name}" for name in KEYS
    )
    assert {n: m["key_properties"] for n, m in output.schemas.items()} == KEYS


@pytest.mark.parametrize("stream", KEYS)
def test_every_stream_can_be_selected_alone(
    config: Row,
    server: SampleServer,
    stream: str,
) -> None:
    output = sync(config, stream)
    assert set(output.by_stream) == {stream}
    assert set(output.schemas) == {stream}
    assert server.count("projects") <= 1


def test_unselected_fields_are_left_out(config: Row) -> None:
    catalog = select("issues")
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if metadata["breadcrumb"][-1:] in (["description"], ["color"]):
                metadata["metadata"]["selected"] = False
    issue = sync(config, catalog=catalog).by_stream["issues"][0]
    assert "description" not in issue
    assert "color" not in issue["status"]
    assert "name" in issue["status"]


def descriptions(schema: Row, path: str) -> Iterator[tuple[str, Any]]:
    for name, field in schema.get("properties", {}).items():
        yield f"{path}.{name}", field.get("description")
        yield from descriptions(field, f"{path}.{name}")
        yield from descriptions(field.get("items", {}), f"{path}.{name}[]")


def test_every_stream_and_field_is_described() -> None:
    for stream in TapBacklog(config={}, validate_config=False).streams.values():
        assert re.search(r"\([^)]*[一-龠ァ-ヶ]", stream.schema["description"]), (
            stream.name
        )
        for path, description in descriptions(stream.schema, stream.name):
            assert description, path


def test_every_field_but_keys_may_be_null() -> None:
    for stream in STREAM_TYPES:
        keys = {*stream.primary_keys, stream.replication_key, *stream.added_keys}
        if stream.name in {"issue_change_log", "pull_request_comments"}:
            keys.add("issueId")
        for name, field in stream.schema["properties"].items():
            assert ("null" in field["type"]) == (name not in keys), (stream, name)


def test_discovery_asks_nothing_and_needs_no_settings() -> None:
    catalog = TapBacklog(config={}, validate_config=False).catalog_dict
    names = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
    assert sorted(entry["stream"] for entry in catalog["streams"]) == sorted(names)


def test_an_unknown_root_field_is_left_out_and_named_once(
    config: Row,
    space: Space,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for team in space.teams:
        team["mascot"] = {"name": "bear"}
        team["members"] = [{**member, "shoeSize": 42} for member in team["members"]]
    with caplog.at_level("INFO"):
        teams = sync(config, "teams").by_stream["teams"]
    assert not any("mascot" in team for team in teams)
    assert caplog.text.count("mascot") == 1
    assert any(member["shoeSize"] == 42 for team in teams for member in team["members"])


def test_unusual_values_arrive_unharmed(config: Row, space: Space) -> None:
    issue = next(iter(space.issues.values()))
    values: list[Any] = [
        '\u2028 \\ " 👩‍💻',
        1.10,
        10**17,
        {"a": [None]},
        [1, [2]],
        None,
        -0.0,
        True,
    ]
    issue["customFields"] = [
        {"id": place, "fieldTypeId": 1, "name": "", "value": value}
        for place, value in enumerate(values)
    ]
    rows = sync(config, "issues").by_stream["issues"]
    sent = next(row for row in rows if row["id"] == issue["id"])
    assert [field["value"] for field in sent["customFields"]] == as_sent(values)
    assert str(sent["customFields"][1]["value"]) == "1.1"


def test_numbers_keep_their_digits(config: Row, space: Space) -> None:
    next(iter(space.issues.values()))["estimatedHours"] = 0.1
    hours = [row["estimatedHours"] for row in sync(config, "issues").by_stream["issues"]]
    assert Decimal("0.1") in hours
    assert Decimal("1234.56") in hours


def test_stream_maps_rename_hash_and_filter(config: Row) -> None:
    maps = {
        "users": {"mailAddress": "md5(mailAddress or '')", "__filter__": "roleType == 1"},
        "space": {"__alias__": "company"},
        "teams": None,
    }
    rows = sync({**config, "stream_maps": maps}).by_stream
    assert {row["roleType"] for row in rows["users"]} == {1}
    assert all(len(row["mailAddress"]) == 32 for row in rows["users"])
    assert len(rows["company"]) == 1
    assert "teams" not in rows


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_flattened_rows_fit_their_schema(config: Row, space: Space, depth: int) -> None:
    for user in space.users:
        user["shoe"] = {"size": 42}
    flat = {**config, "flattening_enabled": True, "flattening_max_depth": depth}
    output = sync(flat)
    for stream, rows in output.by_stream.items():
        columns = output.schemas[stream]["schema"]["properties"]
        assert all(row.keys() <= columns.keys() for row in rows), stream
    issue = output.by_stream["issues"][0]
    assert issue["issueType__name"]
    assert isinstance(json.loads(issue["customFields"]), list)
    assert json.loads(output.by_stream["recent_updates"][0]["content"])["id"]


def test_batches_hold_every_row(config: Row, space: Space, tmp_path: Path) -> None:
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri()},
        "batch_size": 150,
    }
    output = sync({**config, "batch_config": batch}, "issues", "recent_updates")
    rows = [
        json.loads(line)
        for file in tmp_path.iterdir()
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]
    assert len(rows) == len(space.issues) + len(space.activities)
    assert not output.by_stream
    batches = [kind for kind in output.kinds() if kind.startswith("BATCH")]
    assert batches == ["BATCH issues"] * 3 + ["BATCH recent_updates"] * 2


def test_activate_version_is_sent_for_full_tables_only(config: Row) -> None:
    output = sync({**config, "emit_activate_version_messages": True}, *KEYS)
    kinds = {kind for kind in output.kinds() if kind.startswith("ACTIVATE")}
    assert kinds == {
        f"ACTIVATE_VERSION {name}"
        for name in KEYS
        if name not in {"issues", "recent_updates", "deleted_issues"}
    }
