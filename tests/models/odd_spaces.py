"""``dbt build`` on spaces that share ids, in one file, each as another loader leaves it.

Run by ``make models``, as it takes longer than the other tests.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.models.rows import UPDATED, change, insert, issue, tables, write
from tests.models.support import add_schema, dbt

if TYPE_CHECKING:
    from pathlib import Path

    from tests.models.rows import Row, Tables

LONG = "長い名前" * 50
NAMES = [
    (1, 3, "金額"),
    (2, 1, "金額"),
    (3, 1, 'a"b'),
    (4, 1, "it's % {{ x }} \\ --"),
    (5, 1, "Name"),
    (6, 1, "NAME"),
    (7, 1, LONG),
    (8, 1, LONG),
    (9, 4, "納期 😀"),
    (10, 6, "複数"),
    (11, 1, "issue_id"),
    (12, 1, "A (13)"),
    (13, 1, "A"),
    (14, 1, "A"),
]
"""Custom fields of one space: id, type and name."""


def field(field_id: int, kind: int, name: str) -> Row:
    return {"id": field_id, "projectId": 1, "typeId": kind, "name": name}


def value(field_id: int, kind: int, item: int = -1, **of_field: object) -> Row:
    """What issue 1 has in a custom field."""
    return {
        "issueId": 1,
        "fieldId": field_id,
        "itemId": item,
        "fieldTypeId": kind,
        "issueUpdated": UPDATED,
        **of_field,
    }


def snake(name: str) -> str:
    return re.sub("([A-Z])", lambda found: "_" + found[1].lower(), name)


def add(file: Path, schema: str, rows: Tables, folder: Path) -> None:
    """Load a space into a schema."""
    write(folder / f"{schema}.duckdb", rows)
    add_schema(file, schema, folder / f"{schema}.duckdb")


def name_in_snake_case(file: Path, schema: str) -> None:
    """Give columns the names that some loaders give them."""
    with duckdb.connect(str(file)) as connection:
        query = (
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = ?"
        )
        for table, column in connection.execute(query, [schema]).fetchall():
            if snake(column) != column:
                connection.execute(
                    f"ALTER TABLE {schema}.{table} "
                    f'RENAME COLUMN "{column}" TO {snake(column)}'
                )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    both = folder / "both.duckdb"
    texts = [field_id for field_id, kind, _ in NAMES if kind == 1]
    sales = tables(
        issues=[issue(status=4)],
        issue_history=[change(2, "status", "1", "4")],
        custom_fields=[field(*one) for one in NAMES],
        issue_custom_field_values=[
            *(value(field_id, 1, text=f"t{field_id}") for field_id in texts),
            value(1, 3, number=12.5),
            value(9, 4, date="2026-03-04T15:00:00Z"),
            value(10, 6, 1, text="い"),
            value(10, 6, 2, text="ろ"),
        ],
    )
    add(both, "sales", sales, folder)
    name_in_snake_case(both, "sales")
    # The clocks went forward in the night before this change, at the end of a Sunday.
    monday = change(9, "status", "1", "3", changed="2026-03-09T03:59:59Z")
    new_york = tables(
        space=[{"spaceKey": "n", "timezone": "America/New_York"}],
        issues=[issue(status=3, created="2026-03-08T04:59:00Z")],
        issue_history=[monday],
        custom_fields=[field(1, 1, "備考"), field(9, 4, "納期 😀")],
        issue_custom_field_values=[
            value(1, 1, text="ny"),
            value(9, 4, date="2026-07-04T04:00:00Z"),
        ],
    )
    add(both, "New-York", new_york, folder)
    with duckdb.connect(str(both)) as connection:
        connection.execute("CREATE SCHEMA bare")
        connection.execute(
            "CREATE TABLE bare.issues (id BIGINT, projectid BIGINT, status__id BIGINT, "
            "created VARCHAR, updated VARCHAR)"
        )
        bare = {"id": 1, "projectid": 1, "status__id": 4}
        stamps = {"created": "2026-03-01T00:00:00Z", "updated": "2026-03-03T00:00:00Z"}
        insert(connection, "bare.issues", [{**bare, **stamps}])
    schemas = ["sales", "New-York", "bare"]
    dbt(folder, "build", "--threads", "4", BACKLOG_DUCKDB=both, backlog_schemas=schemas)
    return both


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_custom_field_is_that_of_its_space_whatever_its_name(file: Path) -> None:
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute(
            "FROM marts.custom_field_columns WHERE source_relation <> 'bare'"
        )
        names = [column[0] for column in connection.description or ()]
        found = {
            row[0]: dict(zip(names, row, strict=True)) for row in connection.fetchall()
        }
    cut = LONG[:19]
    expected = {
        "source_relation": "sales",
        "issue_id": 1,
        "備考": None,
        "金額 (1)": 12.5,
        "金額 (2)": "t2",
        'a"b': "t3",
        "it's % {{ x }} \\ --": "t4",
        "Name (5)": "t5",
        "NAME (6)": "t6",
        f"{cut} (7)": "t7",
        f"{cut} (8)": "t8",
        "納期 😀": dt.date(2026, 3, 5),
        "複数": "い, ろ",
        "issue_id (11)": "t11",
        "A (13)": "t12",
        "A (13, sales)": "t13",
        "A (14)": "t14",
    }
    assert found["sales"] == expected
    filled = {"source_relation": "New-York", "issue_id": 1, "備考": "ny"}
    filled["納期 😀"] = dt.date(2026, 7, 4)
    assert found["New-York"] == {**dict.fromkeys(expected), **filled}


def test_days_are_those_of_each_space(file: Path) -> None:
    query = (
        "SELECT source_relation, min(day), max(day) FROM marts.issue_daily "
        "GROUP BY ALL ORDER BY ALL"
    )
    last = dt.date(2026, 10, 5)
    assert rows(file, query) == [
        ("New-York", dt.date(2026, 3, 7), last),
        ("bare", dt.date(2026, 3, 1), last),
        ("sales", dt.date(2026, 3, 1), last),
    ]
    query = (
        "SELECT status_id, changed_on FROM marts.issue_daily JOIN marts.issue_history "
        "ON changed_on = day AND field = 'status' "
        "AND issue_daily.source_relation = issue_history.source_relation "
        "WHERE issue_history.source_relation = 'New-York'"
    )
    assert rows(file, query) == [(3, dt.date(2026, 3, 8))]


def test_a_space_with_issues_alone_has_their_marts(file: Path) -> None:
    query = (
        "SELECT status_id, closed_at, closed_is_estimated, project_name "
        "FROM marts.issues WHERE source_relation = 'bare'"
    )
    assert rows(file, query) == [(4, dt.datetime(2026, 3, 3), True, None)]  # noqa: DTZ001


def test_marts_never_replace_what_was_loaded(file: Path) -> None:
    """Models are named as tables are, so they need a schema of their own."""
    choices = {"BACKLOG_DUCKDB": file, "BACKLOG_MARTS": "sales"}
    with pytest.raises(AssertionError, match="Choose another schema for the models"):
        dbt(file.parent, "run", backlog_schemas=["sales"], **choices)
    assert rows(file, "SELECT issue_key, project_id FROM sales.issues") == [("P-1", 1)]
