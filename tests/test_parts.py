"""Parts of a row are always right: their timestamps, and when loaders may drop rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_backlog.errors import BacklogError
from tests.support import Output, select, sync

if TYPE_CHECKING:
    from sample_space import SampleServer, Space

Row = dict[str, Any]

PARTS = {
    "issue_categories": "category",
    "issue_milestones": "milestone",
    "issue_versions": "versions",
    "issue_attachments": "attachments",
}


@pytest.fixture
def options(options: Any) -> Any:
    options.limits = dict.fromkeys(options.limits, 10**6)
    return options


def activated(output: Output) -> set[str]:
    return {m["stream"] for m in output.messages if m["type"] == "ACTIVATE_VERSION"}


def in_full(catalog: Row, *streams: str) -> Row:
    for entry in catalog["streams"]:
        if entry["stream"] in streams:
            entry["replication_method"] = "FULL_TABLE"
    return catalog


@pytest.mark.parametrize(("stream", "field"), PARTS.items())
def test_a_part_that_is_taken_off_has_an_older_stamp_than_its_issue(
    config: Row,
    space: Space,
    stream: str,
    field: str,
) -> None:
    issue = next(iter(space.issues.values()))
    taken_off, kept = {"id": 71, "name": "A"}, {"id": 72, "name": "B"}
    issue[field] = [taken_off, kept]
    first = sync(config, "issues", stream)
    issue[field] = [kept]
    space.wait(3600)
    space.edit_issue(issue["id"])
    second = sync(config, "issues", stream, state=first.states[-1])
    tables: dict[str, dict[Any, Row]] = {"issues": {}, stream: {}}
    for output in (first, second):
        for name, table in tables.items():
            keys = output.schemas[name]["key_properties"]
            table.update(
                {tuple(r[key] for key in keys): r for r in output.by_stream[name]}
            )
    updated = {row["id"]: row["updated"] for row in tables["issues"].values()}
    of_issue = [r for r in tables[stream].values() if r["issueId"] == issue["id"]]
    assert {row["id"] for row in of_issue} == {taken_off["id"], kept["id"]}
    now = [r["id"] for r in of_issue if r["issueUpdated"] == updated[issue["id"]]]
    assert now == [kept["id"]]


def test_a_part_cannot_be_read_in_full_while_its_head_is_not(
    config: Row,
    server: SampleServer,
) -> None:
    catalog = in_full(select("issues", "issue_categories"), "issue_categories")
    with pytest.raises(BacklogError, match="`issue_categories` cannot be read as FULL"):
        sync(config, catalog=catalog)
    assert server.count() == 0


@pytest.mark.parametrize(
    "streams", [("issues", "issue_categories"), ("issue_categories",)]
)
def test_a_family_in_full_is_read_in_full_each_time(
    config: Row,
    space: Space,
    streams: tuple[str, ...],
) -> None:
    config = {**config, "emit_activate_version_messages": True}
    catalog = in_full(select(*streams), *streams)
    state: Row | None = None
    for _ in range(2):
        output = sync(config, catalog=catalog, state=state)
        rows = output.by_stream["issue_categories"]
        assert len(rows) == sum(len(i["category"]) for i in space.issues.values())
        assert activated(output) == set(streams)
        state = output.states[-1] if output.states else None


def test_a_start_date_or_no_projects_at_all_empty_no_table(
    config: Row,
    space: Space,
) -> None:
    config = {**config, "emit_activate_version_messages": True}
    streams = ("issues", "categories", "projects", "teams")
    catalog = in_full(select(*streams), "issues")
    assert activated(sync(config, catalog=catalog)) == set(streams)
    late = {**config, "start_date": "2025-06-01"}
    assert activated(sync(late, catalog=catalog)) == {"categories", "projects", "teams"}
    for home in space.projects:
        space.leave(home.id)
    assert activated(sync(config, catalog=catalog)) == {"teams"}
