"""Histories that do not say all, or say it in words of another time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.models.rows import change, comment, issue, marts, milestone, part, tables

if TYPE_CHECKING:
    from pathlib import Path

    from tests.models.rows import Row, Tables

SPANS = (
    "SELECT day(from_at), status_id, status_name FROM marts.issue_status_spans "
    "WHERE issue_id = 1 ORDER BY span"
)
MILESTONES = (
    "SELECT min(day), milestone_ids, milestone_names FROM marts.issue_daily "
    "GROUP BY ALL ORDER BY ALL"
)


def found(folder: Path, rows: Tables, query: str) -> list[tuple[object, ...]]:
    with marts(folder, rows) as connection:
        return connection.execute(query).fetchall()


def test_a_status_of_less_than_a_day_has_its_name(tmp_path: Path) -> None:
    changes = [
        change(2, "status", "1", "2"),
        change(3, "status", "2", "4", changed="2026-03-02T12:00:01Z"),
    ]
    rows = tables(issues=[issue(status=4)], issue_history=changes)
    assert found(tmp_path, rows, SPANS) == [
        (1, 1, "未対応"),
        (2, 2, "処理中"),
        (2, 4, "完了"),
    ]


def test_a_status_that_is_not_there_any_more_is_0(tmp_path: Path) -> None:
    log = [
        comment(2, "status", "未対応", "レビュー中"),
        comment(3, "status", "レビュー中", "完了"),
    ]
    rows = tables(issues=[issue(status=4)], issue_change_log=log)
    assert found(tmp_path, rows, SPANS) == [(1, 1, "未対応"), (2, 0, "0"), (3, 4, "完了")]


def test_the_history_tells_which_status_an_older_name_meant(tmp_path: Path) -> None:
    log = [
        comment(2, "status", "未対応", "レビュー中"),
        comment(3, "status", "レビュー中", "処理済み"),
        comment(4, "status", "処理済み", "レビュー中"),
        comment(5, "status", "レビュー中", "処理済み"),
    ]
    known = [change(4, "status", "3", "20"), change(5, "status", "20", "3")]
    rows = tables(issues=[issue(status=3)], issue_change_log=log, issue_history=known)
    rows["statuses"].append({"projectId": 1, "id": 20, "name": "確認待ち"})
    assert found(tmp_path, rows, SPANS) == [
        (1, 1, "未対応"),
        (2, 20, "確認待ち"),
        (3, 3, "処理済み"),
        (4, 20, "確認待ち"),
        (5, 3, "処理済み"),
    ]


def test_comments_from_before_the_language_changed_are_understood(tmp_path: Path) -> None:
    log = [
        comment(2, "status", "Open", "Closed"),
        comment(3, "status", "Closed", "In Progress"),
        comment(4, "status", "In Progress", "Closed"),
    ]
    rows = tables(issues=[issue(status=4)], issue_change_log=log)
    assert [row[1] for row in found(tmp_path, rows, SPANS)] == [1, 4, 2, 4]


def test_somebody_who_left_before_the_updates_is_nobody(tmp_path: Path) -> None:
    now = issue(assignee={"id": 7, "name": "佐藤"})
    log = [comment(2, "assigner", "退職した人", "佐藤")]
    rows = tables(issues=[now], issue_change_log=log)
    query = (
        "SELECT min(day), assignee_id FROM marts.issue_daily GROUP BY ALL ORDER BY ALL"
    )
    assert found(tmp_path, rows, query) == [
        (dt.date(2026, 3, 1), None),
        (dt.date(2026, 3, 2), 7),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        [change(2, "status", "未対応", "処理中"), change(3, "status", "処理中", "完了")],
        [change(2, "status", "", "2"), change(3, "status", "", "4", type=14)],
        [change(2, "status", None, "2"), change(3, "status", None, "4", type=34)],
    ],
)
def test_a_history_of_names_or_without_old_values_says_the_same(
    tmp_path: Path, changes: list[Row]
) -> None:
    rows = tables(issues=[issue(status=4)], issue_history=changes)
    assert [row[:2] for row in found(tmp_path, rows, SPANS)] == [(1, 1), (2, 2), (3, 4)]


def test_an_issue_keeps_its_status_if_nothing_says_what_it_became(tmp_path: Path) -> None:
    changes = [change(2, "status", "1", "3"), change(3, "status", None, None, type=34)]
    rows = tables(issues=[issue(status=3)], issue_history=changes)
    assert [row[:2] for row in found(tmp_path, rows, SPANS)] == [(1, 1), (2, 3)]


def test_milestones_of_one_place_are_in_the_order_of_their_ids(tmp_path: Path) -> None:
    rows = tables(
        issues=[issue()],
        milestones=[milestone(100, "b"), milestone(99, "a")],
        issue_milestones=[part(100), part(99)],
        issue_history=[change(2, "milestone", "a", "a, b")],
    )
    assert found(tmp_path, rows, MILESTONES) == [
        (dt.date(2026, 3, 1), "99", "a"),
        (dt.date(2026, 3, 2), "99, 100", "a, b"),
    ]


def test_a_renamed_milestone_has_its_past(tmp_path: Path) -> None:
    rows = tables(
        issues=[issue()],
        milestones=[milestone(5, "Sprint 1 (延期)"), milestone(6, "Sprint 2")],
        issue_milestones=[part(5)],
        issue_history=[
            change(2, "milestone", None, "Sprint 1"),
            change(4, "milestone", "Sprint 1", "Sprint 2"),
            change(6, "milestone", "Sprint 2", "Sprint 1"),
        ],
    )
    query = (
        "SELECT day(from_at), field_value FROM marts.int_backlog__issue_steps "
        "WHERE field = 'milestone' ORDER BY place"
    )
    assert found(tmp_path, rows, query) == [(1, None), (2, "5"), (4, "6"), (6, "5")]


def test_a_deleted_milestone_is_not_taken_for_another(tmp_path: Path) -> None:
    rows = tables(
        issues=[issue()],
        milestones=[milestone(5, "Sprint 1")],
        issue_milestones=[part(5)],
        issue_history=[
            change(2, "milestone", None, "消えた"),
            change(4, "milestone", "消えた", "Sprint 1"),
        ],
    )
    assert found(tmp_path, rows, MILESTONES) == [
        (dt.date(2026, 3, 1), None, None),
        (dt.date(2026, 3, 4), "5", "Sprint 1"),
    ]


def test_hours_may_be_written_with_an_exponent(tmp_path: Path) -> None:
    changes = [
        change(2, "actualHours", "", "1.5E+2"),
        change(3, "actualHours", "1.5E+2", ".5"),
    ]
    rows = tables(issues=[issue(actualHours=0.5)], issue_history=changes)
    query = "SELECT hours, issues FROM marts.person_monthly_hours"
    assert found(tmp_path, rows, query) == [(0.5, 1)]
