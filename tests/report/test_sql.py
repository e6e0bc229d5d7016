"""The SQL that a chart shows gives the rows that the chart shows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

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
