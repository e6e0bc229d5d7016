"""Every RECORD fits its SCHEMA, nested and flattened, whatever shape an answer has."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from jsonschema import validators

from sample_space import Options, SampleServer, faults
from sample_space.answers import json_answer
from tap_backlog.rows import write_stamps
from tap_backlog.streams import STREAM_TYPES
from tests.support import Output, as_sent, select, sync

if TYPE_CHECKING:
    from sample_space import Space

Row = dict[str, Any]

NAMES = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
FLAT = {"flattening_enabled": True, "flattening_max_depth": 3}
WAYS = pytest.mark.parametrize("way", [{}, FLAT], ids=["nested", "flat"])

_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    """Hold to what loaders read: a date and a time with an offset."""
    if not isinstance(value, str):
        return True
    dt.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return re.fullmatch(r".{10}T.{8}(\.\d+)?(Z|[+-]\d\d:\d\d)", value) is not None


_types = jsonschema.Draft7Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda _, value: type(value) is int,
        "number": lambda _, value: type(value) in {int, float, Decimal},
    }
)
Validator: Any = validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft7Validator, type_checker=_types
)


def misfits(output: Output) -> list[str]:
    """Return where a RECORD does not fit its SCHEMA."""
    found = []
    for stream, message in output.schemas.items():
        validator = Validator(message["schema"], format_checker=_formats)
        for row in output.by_stream[stream]:
            found += [
                f"{stream} {'.'.join(map(str, error.path))}: {error.message}"
                for error in validator.iter_errors(row)
            ]
            found += [
                f"{stream}: no {key}"
                for key in message["key_properties"]
                if row.get(key) is None
            ]
    return found


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
    # The middle of a page, and both sides of the border of one.
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
