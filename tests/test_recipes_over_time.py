"""The recipes stand on ids and moments: names, languages and midnights do not matter."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from scripts.compile_models import make_tables, source_tables
from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = """
INSERT INTO space (spaceKey, timezone) VALUES ('sample', 'Asia/Tokyo');
INSERT INTO statuses (projectId, id, name, displayOrder) VALUES
    (1, 1, '未対応', 1000), (1, 2, '処理中', 2000), (1, 4, '完了', 4000),
    (2, 1, 'Open', 1000), (2, 4, 'Closed', 4000), (2, 77, 'Review', 3000);
-- 10 was closed on March 4 in Japan, a minute after midnight: March 3 in UTC.
INSERT INTO milestones (id, projectId, name) VALUES (501, 1, 'v1');
INSERT INTO issues (id, projectId, created, updated, status, estimatedHours) VALUES
    (10, 1, '2026-03-01 15:01:00', '2026-03-05 00:00:00', '{"id": 4, "name": "完了"}', 3),
    (11, 1, '2026-03-02 00:00:00', '2026-03-02 00:00:00', '{"id": 1, "name": "x"}', 2),
    (20, 2, '2026-03-02 00:00:00', '2026-03-04 00:00:00', '{"id": 77, "name": "Rev"}', 1);
INSERT INTO issue_milestones (issueId, id, issueUpdated)
    SELECT id, 501, updated FROM issues;
INSERT INTO issue_history
    (activityId, position, issueId, projectId, field, oldValue, newValue, changed)
VALUES
    (1, 0, 10, 1, NULL, NULL, NULL, '2026-03-01 15:01:00'),
    (2, 0, 10, 1, 'status', '1', '2', '2026-03-02 01:00:00'),
    (3, 0, 10, 1, 'assigner', '4', '5', '2026-03-02 02:00:00'),
    (3, 1, 10, 1, 'assigner', '5', '4', '2026-03-04 02:00:00'),
    (4, 0, 10, 1, 'status', '2', '4', '2026-03-03 15:01:00'),
    (5, 0, 20, 2, 'status', NULL, '77', '2026-03-03 14:59:00');
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    make_tables(tmp_path / "backlog.duckdb", source_tables())
    with duckdb.connect(str(tmp_path / "backlog.duckdb")) as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute(ROWS)
        connection.execute("SET VARIABLE today = '2026-03-05'")
        yield connection


def rows_of(database: duckdb.DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    query = (ROOT / "docs/recipes" / f"{name}.sql").read_text(encoding="utf-8")
    return database.execute(query).fetchall()


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def test_days_are_those_of_the_space(database: duckdb.DuckDBPyConnection) -> None:
    assert rows_of(database, "lead_time") == [(march(2), 1, 2.0, 2.0)]
    assert rows_of(database, "burndown") == [
        (march(2), 3, 6.0),
        (march(3), 3, 6.0),
        (march(4), 2, 3.0),
        (march(5), 2, 3.0),
    ]


def test_another_time_zone_can_be_chosen(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("SET VARIABLE timezone = 'UTC'")
    assert [row[:2] for row in rows_of(database, "burndown")] == [
        (march(1), 1),
        (march(2), 3),
        (march(3), 2),
        (march(4), 2),
        (march(5), 2),
    ]


def flow(database: duckdb.DuckDBPyConnection) -> dict[dt.date, dict[str, int]]:
    days: dict[dt.date, dict[str, int]] = {}
    for day, status, issues, _ in rows_of(database, "cumulative_flow"):
        days.setdefault(day, {})[status] = issues
    return days


def test_statuses_have_the_names_of_today_in_each_project(
    database: duckdb.DuckDBPyConnection,
) -> None:
    assert flow(database) == {
        march(2): {"処理中": 1, "未対応": 1, "Open": 1},
        march(3): {"処理中": 1, "未対応": 1, "Review": 1},
        march(4): {"完了": 1, "未対応": 1, "Review": 1},
        march(5): {"完了": 1, "未対応": 1, "Review": 1},
    }


@pytest.mark.parametrize("recipe", ["lead_time", "burndown"])
def test_nothing_changes_after_a_status_is_renamed_or_translated(
    database: duckdb.DuckDBPyConnection, recipe: str
) -> None:
    before = rows_of(database, recipe)
    database.execute("UPDATE statuses SET name = name || ' (' || id || ')'")
    database.execute("UPDATE issues SET status = json_object('id', status ->> 'id')")
    assert rows_of(database, recipe) == before


def test_a_status_that_is_gone_has_the_name_that_an_issue_shows(
    database: duckdb.DuckDBPyConnection,
) -> None:
    database.execute("DELETE FROM statuses WHERE id = 77")
    assert flow(database)[march(5)] == {"完了": 1, "未対応": 1, "Rev": 1}


OLDER = """
DELETE FROM issue_history WHERE changed < '2026-03-03';
-- Both changes of issue 10 were made in one second, by two comments.
INSERT INTO issue_change_log
    (commentId, position, issueId, projectId, field, originalValue, newValue, created)
VALUES
    (901, 0, 10, 1, 'status', '未対応', '処理済み', '2026-03-02 01:00:00'),
    (902, 0, 10, 1, 'status', '処理済み', '処理中', '2026-03-02 01:00:00'),
    (902, 1, 10, 1, 'assigner', 'a', 'b', '2026-03-02 01:00:00'),
    (905, 0, 10, 1, 'status', '処理中', '完了', '2026-03-03 15:01:00');
INSERT INTO statuses (projectId, id, name, displayOrder)
    VALUES (1, 3, '処理済み', 2500);
"""


def test_the_change_log_tells_what_is_older_than_the_updates(
    database: duckdb.DuckDBPyConnection,
) -> None:
    whole = flow(database)
    database.execute(OLDER)
    page = (ROOT / "docs/recipes/README.md").read_text(encoding="utf-8")
    (statement,) = [
        block for block in page.split("```") if block.startswith("sql\nINSERT")
    ]
    database.execute(statement.removeprefix("sql"))
    assert database.execute(
        "SELECT oldValue, newValue, changed::VARCHAR FROM issue_history "
        "WHERE issueId = 10 AND field = 'status' ORDER BY changed, activityId"
    ).fetchall() == [
        ("1", "3", "2026-03-02 01:00:00"),
        ("3", "2", "2026-03-02 01:00:00"),
        ("2", "4", "2026-03-03 15:01:00"),
    ]
    assert flow(database) == whole
