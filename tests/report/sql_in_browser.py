"""The SQL that a chart shows gives the rows that the chart shows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tap_backlog_report.page import CHARTS
from tests.report.browser import CARDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.report.browser import Reader

CHOICES: list[dict[str, str]] = [
    {},
    {"period": "From the beginning"},
    {"project": "WEB"},
    {"project": "WEB", "milestone": "v2.0"},
    {"milestone": "APP / v1.0", "period": "Last 26 weeks"},
    {"person": "鈴木 蓮", "period": "Last 4 weeks"},
    {"project": "OPS", "person": "鈴木 蓮", "period": "From the beginning"},
]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_each_chart_has_the_rows_of_its_sql(
    reader: Reader, living_file: Path, choice: dict[str, str]
) -> None:
    for name, text in choice.items():
        reader.choose(name, text)
    with duckdb.connect(str(living_file), read_only=True) as connection:
        for card in CARDS:
            head, *lines = reader.csv(card)
            found = connection.execute(reader.sql(card))
            assert len(found.description or ()) == len(head)
            assert_equal(lines, found.fetchall(), card)


def assert_equal(lines: list[list[str]], rows: list[tuple[Any, ...]], card: str) -> None:
    assert len(lines) == len(rows), card
    for line, row in zip(lines, rows, strict=True):
        for text, value in zip(line, row, strict=True):
            if isinstance(value, (dt.date, str)):
                assert text.removeprefix("'") == str(value), (card, line, row)
            elif value is None:
                assert text == "", (card, line, row)
            else:
                close = pytest.approx(float(value), abs=0.011)
                assert float(text) == close, (card, line, row)


AGREEING = {
    "what a milestone has, and what is left": (
        """
        SELECT milestone_id, day, left_issues, scope_issues, added_issues, left_hours
        FROM marts.milestone_progress ORDER BY ALL
        """,
        "each milestone",
    ),
    "hours by person and month": (
        """
        SELECT month, person_name, round(sum(hours), 2), sum(issues),
            round(sum(estimated_hours), 2)
        FROM marts.person_monthly_hours GROUP BY ALL ORDER BY ALL
        """,
        "FROM ({hours}) ORDER BY ALL",
    ),
    "issues added by week": (
        """
        SELECT week, sum(added_issues) FROM marts.project_weekly
        GROUP BY week ORDER BY week
        """,
        "SELECT week, added_issues FROM ({throughput}) ORDER BY week",
    ),
}


def test_charts_agree_with_the_models(living_page: Path, living_file: Path) -> None:
    """Charts count from stretches of days and changes, models from each day."""
    assert living_page.exists()  # its making has built the models
    with duckdb.connect(str(living_file), read_only=True) as connection:
        connection.execute("SET VARIABLE today = DATE '2026-10-01'")
        for name, (of_model, of_chart) in AGREEING.items():
            expected = connection.execute(of_model).fetchall()
            assert len(expected) > 10, name
            assert_same(connection, of_chart, expected, name)


def assert_same(
    connection: duckdb.DuckDBPyConnection,
    of_chart: str,
    expected: list[tuple[Any, ...]],
    name: str,
) -> None:
    charts = {file.stem: file.read_text().rstrip(";\n") for file in CHARTS.glob("*.sql")}
    if of_chart != "each milestone":
        found = connection.execute(of_chart.format(**charts)).fetchall()
    else:
        found = []
        known = "SELECT milestone_id FROM report.milestones ORDER BY ALL"
        for (milestone,) in connection.execute(known).fetchall():
            connection.execute(f"SET VARIABLE burndown = {milestone}")
            rows = connection.execute(charts["burndown"]).fetchall()
            found += [(milestone, *row[:5]) for row in rows]
    assert len(found) == len(expected), name
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=0.011), name
