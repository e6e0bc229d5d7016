"""Flattened and mapped rows as a loader gets them, against the sample space."""

from __future__ import annotations

from typing import Any

import pytest

from sample_space import Options, SampleServer
from tap_backlog.tap import TapBacklog
from tests.support import select, sync, without_limits

Row = dict[str, Any]
FLAT = {"flattening_enabled": True, "flattening_max_depth": 1}
COSTLY = {"rate_limit", "issue_comments", "issue_participants", "related_issues"}
ALL = [entry["tap_stream_id"] for entry in select()["streams"]]
CHEAP = [name for name in ALL if name not in COSTLY]


@pytest.fixture
def options() -> Options:
    return without_limits(Options(projects=2, users=9, teams=3, issues=60, activities=80))


@pytest.mark.parametrize(
    "ways",
    [{}, FLAT, {"stream_maps": {"space": {"spaceKey": "self", "__else__": None}}}],
    ids=["raw", "flat", "keys only"],
)
def test_no_schema_names_a_version_of_json_schema(config: Row, ways: Row) -> None:
    schemas = sync(config | ways, *CHEAP).schemas
    assert set(CHEAP) <= schemas.keys()
    assert [name for name, one in schemas.items() if "$schema" in one["schema"]] == []


def columns_below(path: tuple[str, ...], schema: Row, depth: int) -> set[str]:
    """Return the columns of an object, by the schema before flattening."""
    if "properties" not in schema or len(path) > depth:
        return {"__".join(path)}
    inner = schema["properties"].items()
    return {one for k, v in inner for one in columns_below((*path, k), v, depth)}


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_an_object_that_is_null_has_null_in_each_of_its_columns(
    config: Row, server: SampleServer, depth: int
) -> None:
    for issue in server.space.issues.values():
        issue["assignee"] = issue["resolution"] = None
        if issue["createdUser"]:
            issue["createdUser"]["nulabAccount"] = None
    raw = sync(config, *CHEAP)
    flat = sync(config | FLAT | {"flattening_max_depth": depth}, *CHEAP)
    nulls = 0
    for name, rows in raw.by_stream.items():
        fields = raw.schemas[name]["schema"]["properties"]
        for row, flattened in zip(rows, flat.by_stream[name], strict=True):
            for field, value in row.items():
                if value is None:
                    columns = columns_below((field,), fields[field], depth)
                    assert dict.fromkeys(columns).items() <= flattened.items()
                    nulls += len(columns) > 1
    assert nulls >= 120
    one = flat.by_stream["issues"][0]
    assert one["assignee__name"] is None
    assert one["resolution__id"] is None
    if depth > 1:
        assert one["createdUser__nulabAccount__nulabId"] is None


def test_a_null_that_a_map_copies_has_null_columns_too(
    config: Row, server: SampleServer
) -> None:
    for issue in server.space.issues.values():
        issue["assignee"] = None
    for more in ({}, {"__else__": None}):
        maps = {"stream_maps": {"issues": {"id": "id", "owner": "assignee", **more}}}
        for row in sync(config | FLAT | maps, "issues").by_stream["issues"]:
            assert (row["owner__name"], row["owner__mailAddress"]) == (None, None)


@pytest.mark.parametrize(
    "ways", [{}, FLAT, {"stream_maps": {"issues": {"summary": "self + '.'"}}}]
)
def test_no_text_ends_a_line_early(
    config: Row, server: SampleServer, capfdbinary: Any, ways: Row
) -> None:
    """Some loaders take these characters as the end of a line."""
    for issue in server.space.issues.values():
        issue["summary"] = "a\u2028b\u2029c\x85d"
        issue["category"] = [{"id": 1, "projectId": 1, "name": issue["summary"]}]
    TapBacklog(
        config=config | ways, catalog=select("issues", "issue_categories")
    ).sync_all()
    written = capfdbinary.readouterr().out
    assert written.count(b"\n") > 120
    assert len(written.decode().splitlines()) == written.count(b"\n")


@pytest.mark.parametrize(
    "columns",
    [
        {"summary": "md5(self)", "description": None},
        {"summary": "md5(summary)"},
        {"made": "status['name'] + str(estimatedHours)", "__filter__": "keyId > 5"},
        {"who": "assignee['name'] if assignee else ''", "status": None},
        {"made": "str([one['name'] for one in category])"},
        {"copy": "customFields", "made": "__stream_name__"},
        {"summary": "issueKey", "issueKey": "self[:2]", "id": "id"},
    ],
)
def test_a_map_that_reads_a_few_fields_makes_the_rows_that_it_makes_of_whole_rows(
    config: Row, columns: Row
) -> None:
    """A map with ``record`` gets whole rows."""
    few = sync(config | {"stream_maps": {"issues": columns}}, "issues")
    whole = {"stream_maps": {"issues": columns | {"all": "record and None"}}}
    rows = sync(config | whole, "issues").by_stream["issues"]
    assert len(rows) > 10
    assert all(row.pop("all") is None for row in rows)
    assert few.by_stream["issues"] == rows
