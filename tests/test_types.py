"""Every RECORD fits its SCHEMA, nested and flattened, for answers of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sample_space import Options, SampleServer, faults
from sample_space.answers import json_answer
from tap_backlog.rows import write_stamps
from tap_backlog.streams import STREAM_TYPES
from tests.misfits import is_moment, misfits
from tests.support import Output, as_sent, sync

if TYPE_CHECKING:
    from sample_space import Space

Row = dict[str, Any]

NAMES = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
FLAT = {"flattening_enabled": True, "flattening_max_depth": 3}
WAYS = pytest.mark.parametrize("way", [{}, FLAT], ids=["nested", "flat"])


@pytest.fixture
def options(options: Options) -> Options:
    options.issues = 60
    options.teams = 20
    options.limits = dict.fromkeys(options.limits, 10**6)
    return options


@WAYS
def test_every_record_fits_its_schema(config: Row, way: Row) -> None:
    output = sync({**config, **way}, *NAMES)
    assert sorted(output.by_stream) == sorted(NAMES)
    assert misfits(output) == []


def test_the_check_finds_what_does_not_fit() -> None:
    properties = {
        "id": {"type": "integer"},
        "at": {"type": ["string", "null"], "format": "date-time"},
    }
    schema = {"type": "SCHEMA", "stream": "s", "key_properties": ["id"]}
    rows = [{"id": None, "at": "2026-01-01"}, {"id": True, "at": 1}]
    output = Output(
        [
            {**schema, "schema": {"properties": properties}},
            *({"type": "RECORD", "stream": "s", "record": row} for row in rows),
        ]
    )
    assert [line.split(":")[0] for line in misfits(output)] == [
        "s id", "s at", "s", "s id", "s at",
    ]  # fmt: skip


@WAYS
def test_documents_name_their_children(config: Row, space: Space, way: Row) -> None:
    output = sync({**config, **way}, "documents")
    assert misfits(output) == []
    assert any(row["childDocumentIds"] for row in space.contents.documents.values())


def test_the_ids_of_children_are_texts(config: Row, space: Space) -> None:
    rows = sync(config, "documents").by_stream["documents"]
    above = next(r for r in space.contents.documents.values() if r["childDocumentIds"])
    (row,) = (row for row in rows if row["id"] == above["id"])
    assert row["childDocumentIds"] == above["childDocumentIds"]


MILLISECONDS = {
    "1436858199000": "2015-07-14T07:16:39Z",
    "1436858199999": "2015-07-14T07:16:39Z",
    "1.436858199E+12": "2015-07-14T07:16:39Z",
    "0": "1970-01-01T00:00:00Z",
    "-1": "1969-12-31T23:59:59Z",
    "-30000000000000": "1019-05-04T18:40:00Z",
    "-31000000000000": "0987-08-25T16:53:20Z",
}


@pytest.mark.parametrize(("raw", "stamp"), MILLISECONDS.items())
def test_milliseconds_become_a_stamp(raw: str, stamp: str) -> None:
    row: Row = {"at": msgspec.Raw(raw.encode()), "other": msgspec.Raw(raw.encode())}
    write_stamps(row, ["at", "missing"])
    assert row["at"] == stamp
    assert bytes(row["other"]) == raw.encode()


@pytest.mark.parametrize("raw", ['"2026-01-01T00:00:00Z"', "null", "true", "1" * 30])
def test_what_is_no_number_of_milliseconds_stays_as_it_came(raw: str) -> None:
    row: Row = {"at": msgspec.Raw(raw.encode())}
    write_stamps(row, ["at"])
    assert bytes(row["at"]) == raw.encode()
    plain: Row = {"at": True}
    write_stamps(plain, ["at"])
    assert plain == {"at": True}


MOMENTS = [
    ("pull_requests", "pull_requests", name)
    for name in ("closeAt", "mergeAt", "created", "updated")
]
MOMENTS += [("git_repositories", "repositories", "pushedAt")]
MOMENTS += [("webhooks", "webhooks", "updated"), ("watchings", "watchings", "updated")]


@WAYS
@pytest.mark.parametrize(("stream", "contents", "field"), MOMENTS)
def test_a_moment_in_milliseconds_comes_as_a_stamp(
    config: Row,
    space: Space,
    stream: str,
    contents: str,
    field: str,
    way: Row,
) -> None:
    rows = next(rows for rows in getattr(space.contents, contents).values() if rows)
    rows[0][field] = 1436858199000
    output = sync({**config, **way}, stream)
    assert misfits(output) == []
    (row,) = (row for row in output.by_stream[stream] if row["id"] == rows[0]["id"])
    assert row[field] == "2015-07-14T07:16:39Z"
    stamp = output.states[-1]["bookmarks"].get(stream, {}).get("replication_key_value")
    assert stamp is None or is_moment(stamp)


def test_a_moment_in_milliseconds_comes_as_a_stamp_in_parts_and_trees(
    config: Row,
    space: Space,
) -> None:
    issue = next(issue for issue in space.issues.values() if issue["milestone"])
    for version in issue["milestone"]:
        version["startDate"] = 1436858199000
    field = {"id": 1, "fieldTypeId": 4, "name": "day", "value": 1436858199000}
    issue["customFields"] = [field]
    tree = next(iter(space.contents.trees.values()))
    tree["activeTree"]["children"][0]["updated"] = 1436858199000
    streams = ("issue_milestones", "issue_custom_field_values", "document_tree")
    output = sync(config, *streams)
    assert misfits(output) == []
    for stream, name in zip(streams, ("startDate", "date", "updated"), strict=True):
        stamps = {row[name] for row in output.by_stream[stream]}
        assert "2015-07-14T07:16:39Z" in stamps, stream


VALUES: dict[str, tuple[Row, list[tuple[int, Any, Any, Any]]]] = {
    "an item without id and name": ({"value": {"id": None}}, []),
    "an item without id": (
        {"value": {"id": None, "name": "A"}},
        [(-1, "A", None, None)],
    ),
    "an item whose id is no number": (
        {"value": [{"id": "7", "name": "A"}]},
        [(-1, "A", None, None)],
    ),
    "an item without name": ({"value": {"id": 7}}, [(7, None, None, None)]),
    "an item whose name is a number": (
        {"value": [{"id": 7, "name": 2026}]},
        [(7, "2026", None, None)],
    ),
    "no item": ({"value": [None, {}]}, []),
    "yes or no in a field of numbers": (
        {"fieldTypeId": 3, "value": True},
        [(-1, "True", None, None)],
    ),
    "text in a field of numbers": (
        {"fieldTypeId": 3, "value": "many"},
        [(-1, "many", None, None)],
    ),
    "milliseconds in a field of dates": (
        {"fieldTypeId": 4, "value": 0},
        [(-1, None, None, "1970-01-01T00:00:00Z")],
    ),
    "a number beside the items": (
        {"value": None, "otherValue": 5},
        [(-1, "5", None, None)],
    ),
    "a field without id": ({"id": None, "value": "x"}, []),
}


@pytest.mark.parametrize(("field", "expected"), VALUES.values(), ids=VALUES.keys())
def test_a_value_of_a_custom_field_has_a_key_and_a_type(
    config: Row,
    space: Space,
    field: Row,
    expected: list[tuple[int, Any, Any, Any]],
) -> None:
    issue = next(iter(space.issues.values()))
    issue["customFields"] = [{"id": 9, "fieldTypeId": 5, "name": "f", **field}]
    stream = "issue_custom_field_values"
    output = sync(config, stream)
    assert misfits(output) == []
    rows = [row for row in output.by_stream[stream] if row["issueId"] == issue["id"]]
    names = ("itemId", "text", "number", "date")
    assert [tuple(row[name] for name in names) for row in rows] == expected


@WAYS
@pytest.mark.parametrize(
    ("stream", "part"),
    [
        ("customFields", "issue_custom_field_values"),
        ("milestone", "issue_milestones"),
        ("attachments", "issue_attachments"),
        ("stars", "issue_stars"),
    ],
)
def test_null_in_a_list_is_null_and_no_part(
    config: Row,
    space: Space,
    stream: str,
    part: str,
    way: Row,
) -> None:
    issue = next(iter(space.issues.values()))
    issue[stream] = [None]
    output = sync({**config, **way}, "issues", part)
    assert misfits(output) == []
    (row,) = (row for row in output.by_stream["issues"] if row["id"] == issue["id"])
    assert row[stream] == ("[null]" if way else [None])
    assert issue["id"] not in {row["issueId"] for row in output.by_stream[part]}


def test_null_in_lists_of_texts_and_numbers(config: Row, space: Space) -> None:
    space.contents.custom_fields[space.projects[0].id][0]["applicableIssueTypes"] = [None]
    next(iter(space.contents.documents.values()))["childDocumentIds"] = [None]
    output = sync(config, "custom_fields", "documents")
    assert misfits(output) == []


VIEWED = [
    ("recently_viewed_issues", "viewed_issues", "issue", "issueId"),
    ("recently_viewed_projects", "viewed_projects", "project", "projectId"),
    ("recently_viewed_wikis", "viewed_wikis", "page", "pageId"),
]


@pytest.mark.parametrize(("stream", "contents", "subject", "key"), VIEWED)
def test_what_was_looked_at_in_another_shape_is_told(
    config: Row,
    space: Space,
    caplog: pytest.LogCaptureFixture,
    stream: str,
    contents: str,
    subject: str,
    key: str,
) -> None:
    made = {"updated": "2026-01-01T00:00:00Z"}
    known = [{subject: {"id": number}, **made} for number in range(1, 251)]
    odd: list[Row] = [
        {"id": 7, "name": "Home", **made},
        {subject: None, **made},
        {subject: {"id": "8"}, **made},
    ]
    # In the middle of a page, and the last and the first row of a page.
    rows = [*known[:50], odd[0], *known[50:98], odd[1], odd[2], *known[98:]]
    setattr(space.contents, contents, rows)
    output = sync(config, stream)
    assert [row[key] for row in output.by_stream[stream]] == list(range(1, 251))
    assert misfits(output) == []
    assert caplog.text.count(f"`{stream}` leaves out 3 of its rows") == 1


def test_no_row_in_another_shape_costs_no_line(
    config: Row,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sync(config, *(stream for stream, *_ in VIEWED))
    assert "leaves out" not in caplog.text


def test_old_servers_tell_of_pull_requests_and_groups(
    config: Row,
    space: Space,
    server: SampleServer,
) -> None:
    for usage in space.contents.usage.values():
        usage["pullRequest"] = 6
    licence = json_answer({"active": True, "projectGroup": True})
    server.faults = [faults.Fault(faults.instead(licence), "space/licence")]
    output = sync(config, "space_disk_usage", "project_disk_usage", "licence")
    assert misfits(output) == []
    assert {row["pullRequest"] for row in output.by_stream["project_disk_usage"]} == {6}
    (row,) = output.by_stream["space_disk_usage"]
    assert row["pullRequest"] == as_sent(6 * len(space.contents.usage))
    assert output.by_stream["licence"][0]["projectGroup"] is True
