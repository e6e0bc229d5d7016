"""What the updates tell of issues over time, and of what is gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space.clock import stamp
from sample_space.data.activities import make_activity
from sample_space.data.issue_feed import Event
from tests.support import ROOT, select, sync

if TYPE_CHECKING:
    from sample_space import SampleServer, Space

Row = dict[str, Any]

STREAMS = ("issue_history", "deletions")


def put(space: Space, kind: int, content: Any) -> int:
    """Add an update to the feed, made by Ito in the first project; return its id."""
    last = int(space.activities[-1]["id"])
    home = space.projects[0]
    event = Event(stamp(space.now), kind, content, home, space.users[0])
    row = make_activity(last + 1, event)
    space.activities.append(row)
    space.version += 1
    return last + 1


def history(config: Row, space: Space, kind: int, content: Any) -> list[list[Any]]:
    """Return the rows that one update makes: all but key, user and time."""
    state = sync(config, "issue_history").states[-1]
    added = put(space, kind, content)
    rows = sync(config, "issue_history", state=state).by_stream["issue_history"]
    new = [row for row in rows if row["activityId"] == added]
    assert [row["position"] for row in new] == list(range(len(new)))
    for row in new:
        assert row["type"] == kind
        assert row["projectId"] == space.projects[0].id
        assert row["changedUser"]["id"] == space.users[0]["id"]
        assert row["changed"] == space.activities[-1]["created"]
    columns = ("issueId", "issueKey", "field", "fieldText", "oldValue", "newValue")
    return [[row[column] for column in columns] for row in new]


CHANGES = [
    {"field": "status", "new_value": "4", "old_value": "2", "type": "standard"},
    {"field": "actualHours", "new_value": 1.5, "old_value": None, "type": "standard"},
    {"field": "customField_9", "field_text": "OS", "new_value": "macOS", "old_value": ""},
]
ISSUE = {"id": 9001, "key_id": 12, "summary": "x", "description": ""}
LINKS = [{"id": 9001, "key_id": 12, "title": "x"}, {"id": 9002, "key_id": 13}]
HOW = [
    (1, ISSUE, [[9001, "WEB-12", None, None, None, None]]),
    (
        2,
        {**ISSUE, "comment": {"id": 1, "content": ""}, "changes": CHANGES},
        [
            [9001, "WEB-12", "status", None, "2", "4"],
            [9001, "WEB-12", "actualHours", None, None, "1.5"],
            [9001, "WEB-12", "customField_9", "OS", "", "macOS"],
        ],
    ),
    (3, {**ISSUE, "changes": []}, []),
    (3, {**ISSUE, "changes": None}, []),
    (
        14,
        {"tx_id": 5, "link": LINKS, "changes": [{"field": "status", "new_value": "4"}]},
        [
            [9001, "WEB-12", "status", None, None, "4"],
            [9002, "WEB-13", "status", None, None, "4"],
        ],
    ),
    (
        47,
        {"link": LINKS},
        [
            [9001, "WEB-12", None, None, None, None],
            [9002, "WEB-13", None, None, None, None],
        ],
    ),
    (
        34,
        {
            "deletedStatus": {"name": "保留"},
            "link": LINKS[:1],
            "change": {"field": "status", "new_value": "1"},
        },
        [[9001, "WEB-12", "status", None, None, "1"]],
    ),
    (34, {"deletedStatus": {"name": "保留"}, "link": LINKS, "change": None}, []),
    (35, {"link": LINKS}, []),
    (4, {"id": 9001, "key_id": 12}, []),
    (17, {**ISSUE, "changes": CHANGES}, []),
    (2, {}, []),
    (2, {"id": "x", "changes": CHANGES}, []),
    (14, {"link": ["x", {"id": None}], "changes": CHANGES}, []),
    (2, {**ISSUE, "changes": ["x", {"new_value": "1"}]}, []),
]


@pytest.mark.parametrize(("kind", "content", "rows"), HOW)
def test_an_update_becomes_a_row_for_each_issue_and_field(
    config: Row, space: Space, kind: int, content: Row, rows: list[list[Any]]
) -> None:
    assert space.projects[0].key == "WEB"
    assert history(config, space, kind, content) == rows


def test_history_and_deletions_cost_nothing(config: Row, server: SampleServer) -> None:
    sync(config, "recent_updates")
    alone = server.count()
    for streams in (STREAMS, STREAMS[:1], STREAMS[1:], ("recent_updates", *STREAMS)):
        server.requests.clear()
        output = sync(config, *streams)
        assert server.count() == alone
        assert set(output.by_stream) == set(streams)


def test_a_stream_that_joins_brings_its_past(config: Row, space: Space) -> None:
    state = sync(config, "recent_updates").states[-1]
    catalog = select("recent_updates", *STREAMS)
    rows = sync(config, catalog=catalog, state=state).by_stream
    added = [row for row in space.activities if row["type"] == 1]
    assert added
    assert {row["id"] for row in added} <= {
        row["activityId"] for row in rows["issue_history"]
    }


def test_a_state_of_before_there_was_a_history_brings_the_past(
    config: Row, space: Space
) -> None:
    state = sync(config, "recent_updates").states[-1]
    del state["bookmarks"]["recent_updates"]["streams"]
    rows = sync(config, "recent_updates", *STREAMS, state=state).by_stream
    added = {row["id"] for row in space.activities if row["type"] == 1}
    assert added <= {row["activityId"] for row in rows["issue_history"]}


def test_only_what_is_new_comes_in_a_later_run(
    config: Row, space: Space, server: SampleServer
) -> None:
    state = sync({**config, "lookback_minutes": 0}, *STREAMS).states[-1]
    space.wait(3600)
    space.delete_issue(next(iter(space.issues)))
    server.requests.clear()
    output = sync({**config, "lookback_minutes": 0}, *STREAMS, state=state)
    assert [row["what"] for row in output.by_stream["deletions"]] == ["issue"]
    assert not output.by_stream["issue_history"]


GONE = [
    (4, {"id": 9001, "key_id": 12}, ["issue", "9001"]),
    (7, {"id": 801, "name": "Home"}, ["wiki page", "801"]),
    (10, {"id": 4_294_967_296, "dir": "/", "name": "x"}, ["shared file", "4294967296"]),
    (24, {"id": 501, "name": "v1"}, ["milestone", "501"]),
    (37, {"id": "0a" * 16, "title": "x"}, ["document", "0a" * 16]),
    (42, {"id": "0a" * 16, "comment": {"id": "0b"}}, ["document comment", "0b"]),
    (42, {"id": "0a" * 16}, ["document comment", "0a" * 16]),
    (45, {"id": "0a" * 16, "reply": {"id": "0c"}}, ["reply", "0c"]),
    (4, {}, ["issue", None]),
]


@pytest.mark.parametrize(("kind", "content", "told"), GONE)
def test_a_deletion_says_what_is_gone(
    config: Row, space: Space, kind: int, content: Row, told: list[Any]
) -> None:
    state = sync(config, "deletions").states[-1]
    added = put(space, kind, content)
    rows = sync(config, "deletions", state=state).by_stream["deletions"]
    (row,) = [row for row in rows if row["id"] == added]
    assert row == {
        "id": added,
        "type": kind,
        "what": told[0],
        "itemId": told[1],
        "projectId": space.projects[0].id,
        "deletedUser": row["deletedUser"],
        "deleted": space.activities[-1]["created"],
    }
    assert row["deletedUser"]["id"] == space.users[0]["id"]


def test_only_the_projects_of_the_run_have_a_history(config: Row, space: Space) -> None:
    one = space.projects[1]
    rows = sync({**config, "project_keys": [one.key]}, *STREAMS).by_stream
    for stream in STREAMS:
        assert {row["projectId"] for row in rows[stream]} == {one.id}


@pytest.mark.parametrize("page", ["loaders.md", "loaders.ja.md"])
def test_the_page_on_loaders_cleans_every_table(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    statements = re.findall(r"^DELETE FROM .*?;$", text, re.MULTILINE | re.DOTALL)
    with duckdb.connect() as database:
        database.execute('CREATE TABLE deletions (what VARCHAR, "itemId" VARCHAR)')
        tables = {
            "issues": "issue",
            "wikis": "wiki page",
            "shared_files": "shared file",
            "milestones": "milestone",
            "documents": "document",
            "document_comments": "document comment",
        }
        for table, what in tables.items():
            kind = "VARCHAR" if table.startswith("document") else "BIGINT"
            database.execute(f'CREATE TABLE {table} (id {kind}, "documentId" VARCHAR)')
            database.execute(f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b'), (3, '1')")
            database.execute(f"INSERT INTO deletions VALUES ('{what}', '1'), ('x', '2')")
        for statement in statements:
            database.execute(statement)
        left = {
            table: database.sql(f"SELECT CAST(id AS VARCHAR) FROM {table}").fetchall()
            for table in tables
        }
    assert len(statements) == 6
    assert left == {
        **{table: [("2",), ("3",)] for table in tables},
        "document_comments": [("2",)],  # the third was one of a document that is gone
    }
