"""Rows as the tap writes them, and the marts that the compiled queries make of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb

from scripts.compile_models import make_tables, source_tables
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]
Tables = dict[str, list[Row]]

NAMES = {1: "未対応", 2: "処理中", 3: "処理済み", 4: "完了"}
UPDATED = "2026-03-20T00:00:00Z"
BOB = {"id": 7, "name": "佐藤"}


def tables(**others: list[Row]) -> Tables:
    """A space in Tokyo with one project, and what else there is."""
    statuses = [
        {"projectId": 1, "id": number, "name": name, "displayOrder": number * 1000}
        for number, name in NAMES.items()
    ]
    return {
        "space": [{"spaceKey": "s", "timezone": "Asia/Tokyo"}],
        "projects": [{"id": 1, "projectKey": "P", "name": "プロジェクト"}],
        "statuses": statuses,
        "users": [BOB],
        **others,
    }


def issue(number: int = 1, status: int = 1, **others: Any) -> Row:
    """An issue of March 1, last changed on March 20."""
    return {
        "id": number,
        "projectId": 1,
        "issueKey": f"P-{number}",
        "summary": "件名",
        "status": {"id": status, "name": NAMES.get(status, "?")},
        "createdUser": BOB,
        "created": "2026-03-01T00:00:00Z",
        "updated": UPDATED,
        **others,
    }


def change(
    place: int, field: str, old: str | None, new: str | None, **others: Any
) -> Row:
    """A change in the history of issue 1, at noon in UTC of a day in March."""
    return {
        "activityId": place,
        "position": 0,
        "type": 2,
        "issueId": 1,
        "projectId": 1,
        "field": field,
        "oldValue": old,
        "newValue": new,
        "changedUser": BOB,
        "changed": f"2026-03-{place:02}T12:00:00Z",
        **others,
    }


def comment(place: int, field: str, old: str | None, new: str | None) -> Row:
    """The same, in the change log of a comment."""
    return {
        "commentId": place,
        "position": 0,
        "issueId": 1,
        "projectId": 1,
        "field": field,
        "originalValue": old,
        "newValue": new,
        "createdUser": BOB,
        "created": f"2026-03-{place:02}T12:00:00Z",
    }


def milestone(number: int, name: str, **others: Any) -> Row:
    return {"id": number, "projectId": 1, "name": name, "displayOrder": 0, **others}


def part(number: int, **others: Any) -> Row:
    """A milestone that issue 1 has now."""
    return {"issueId": 1, "id": number, "issueUpdated": UPDATED, **others}


def insert(connection: duckdb.DuckDBPyConnection, name: str, rows: list[Row]) -> None:
    """Put rows into a table that is there; what is nested becomes JSON."""
    for row in rows:
        values = [
            json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
            for value in row.values()
        ]
        columns = ", ".join(f'"{key}"' for key in row)
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {name} ({columns}) VALUES ({places})", values)


def write(file: Path, rows: Tables) -> None:
    """Write a file as ``tap-backlog-duckdb`` does."""
    make_tables(file, source_tables())
    with duckdb.connect(str(file)) as connection:
        for name, of_table in rows.items():
            insert(connection, name, of_table)


def marts(
    folder: Path, rows: Tables, today: str = "2026-04-01"
) -> duckdb.DuckDBPyConnection:
    """Make the marts by the queries that are compiled from the models."""
    write(folder / "rows.duckdb", rows)
    connection = duckdb.connect(str(folder / "rows.duckdb"))
    connection.execute("CREATE SCHEMA marts")
    connection.execute(f"SET VARIABLE today = '{today}'")
    for path in sorted((ROOT / "tap_backlog_report/sql").glob("*.sql")):
        name = path.stem.partition("_")[2]
        query = path.read_text(encoding="utf-8")
        connection.execute(f"CREATE TABLE marts.{name} AS {query}")
    return connection
