"""Values keep what they say; a column changes its type if it has to."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_backlog_duckdb.column_types import type_of
from tests.duckdb_door.support import load, query, record, schema, state, table, types

if TYPE_CHECKING:
    from pathlib import Path

JANUARY = dt.datetime(2025, 12, 31, 15, 0)  # noqa: DTZ001 - the tables have UTC


def one_value(folder: Path, kind: str, value: Any) -> tuple[Any, str]:
    """The value of a column of some type, and the type it has in the end."""
    file = folder / "file"
    load(file, schema("rows", value=kind), record("rows", id=1, value=value))
    ((found,),) = query(file, "SELECT value FROM rows")
    return found, types(file, "rows")["value"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", 2**63 - 1, (2**63 - 1, "BIGINT")),
        ("integer", -(2**63), (-(2**63), "BIGINT")),
        ("integer", 2**63, (2**63, "HUGEINT")),
        ("integer", 1.0, (1, "BIGINT")),
        ("integer", 1e3, (1000, "BIGINT")),
        ("integer", 1.5, (1.5, "DOUBLE")),
        ("integer", 2**200, (float(2**200), "DOUBLE")),
        ("integer", "12", (12, "BIGINT")),
        ("integer", "abc", ("abc", "VARCHAR")),
        ("integer", True, ("true", "VARCHAR")),
        ("integer", {"a": [1]}, ('{"a":[1]}', "VARCHAR")),
        ("number", 0.1, (0.1, "DOUBLE")),
        ("number", 3, (3.0, "DOUBLE")),
        ("number", "much", ("much", "VARCHAR")),
        ("boolean", False, (False, "BOOLEAN")),
        ("boolean", "maybe", ("maybe", "VARCHAR")),
        ("string", "", ("", "VARCHAR")),
        ("string", "a\u0000b\n👩‍💻𠮷", ("a\u0000b\n👩‍💻𠮷", "VARCHAR")),
        ("string", 12, ("12", "VARCHAR")),
        ("string", {"a": 1}, ('{"a":1}', "VARCHAR")),
        ("moment", "2026-01-01T00:00:00+09:00", (JANUARY, "TIMESTAMP")),
        ("moment", "2025-12-31T15:00:00Z", (JANUARY, "TIMESTAMP")),
        ("moment", "2025-12-31 15:00:00", (JANUARY, "TIMESTAMP")),
        (
            "moment",
            "2025-12-31T15:00:00.123456Z",
            (JANUARY.replace(microsecond=123456), "TIMESTAMP"),
        ),
        ("moment", "0001-01-01T00:00:00Z", (dt.datetime(1, 1, 1), "TIMESTAMP")),  # noqa: DTZ001
        ("moment", "tomorrow", ("tomorrow", "VARCHAR")),
        ("moment", "0000-00-00T00:00:00Z", ("0000-00-00T00:00:00Z", "VARCHAR")),
        ("day", "2026-01-01", (dt.date(2026, 1, 1), "DATE")),
        ("day", "never", ("never", "VARCHAR")),
        ("object", {"b": 1, "a": None}, ('{"b":1,"a":null}', "JSON")),
        ("object", None, (None, "JSON")),
        ("list", [], ("[]", "JSON")),
        ("any", "text", ('"text"', "JSON")),
        ("any", 12345678901234567890123, ("12345678901234567890123", "JSON")),
        ("any", False, ("false", "JSON")),
    ],
)
def test_a_value_keeps_what_it_says(
    tmp_path: Path, kind: str, value: Any, expected: tuple[Any, str]
) -> None:
    assert one_value(tmp_path, kind, value) == expected


@pytest.mark.parametrize(
    ("given_type", "expected"),
    [
        ({"type": "integer"}, "BIGINT"),
        ({"type": ["null", "string"]}, "VARCHAR"),
        ({"type": ["integer", "number", "null"]}, "DOUBLE"),
        ({"type": ["string", "integer", "null"]}, "VARCHAR"),
        ({"type": ["string", "object"]}, "JSON"),
        ({"type": ["boolean", "integer"]}, "JSON"),
        ({"type": "string", "format": "date-time"}, "TIMESTAMP"),
        ({"type": "string", "format": "date"}, "DATE"),
        ({"type": "string", "format": "uri"}, "VARCHAR"),
        (
            {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
            "TIMESTAMP",
        ),
        ({"oneOf": [{"type": "integer"}, {"type": "object"}]}, "JSON"),
        ({"type": "null"}, "JSON"),
        ({}, "JSON"),
        (True, "JSON"),
        ({"$ref": "#/x"}, "JSON"),
    ],
)
def test_each_way_to_say_a_type_is_understood(given_type: Any, expected: str) -> None:
    assert type_of(given_type) == expected


CHANGES = [
    ("integer", 5, "string", "x", ["5", "x"], "VARCHAR"),
    ("string", "5", "integer", 6, [5, 6], "BIGINT"),
    ("string", "005", "integer", 6, ["005", "6"], "VARCHAR"),
    ("integer", 5, "number", 1.5, [5.0, 1.5], "DOUBLE"),
    ("integer", 2**53 + 1, "number", 1.5, [str(2**53 + 1), "1.5"], "VARCHAR"),
    ("number", 1.5, "integer", 6, [1.5, 6.0], "DOUBLE"),
    ("number", 2.0, "integer", 6, [2, 6], "BIGINT"),
    (
        *("string", "2026-01-01T00:00:00+09:00", "moment", "2025-12-31T15:00:00Z"),
        *([JANUARY, JANUARY], "TIMESTAMP"),
    ),
    (
        *("string", "soon", "moment", "2025-12-31T15:00:00Z"),
        *(["soon", "2025-12-31T15:00:00Z"], "VARCHAR"),
    ),
    (
        *("moment", "2025-12-31T15:00:00Z", "string", "soon"),
        *(["2025-12-31T15:00:00Z", "soon"], "VARCHAR"),
    ),
    (
        *("day", "2026-01-02", "moment", "2025-12-31T15:00:00Z"),
        *([dt.datetime(2026, 1, 2), JANUARY], "TIMESTAMP"),  # noqa: DTZ001
    ),
    (
        *("moment", "2025-12-31T15:00:00Z", "day", "2026-01-02"),
        *([JANUARY, dt.datetime(2026, 1, 2)], "TIMESTAMP"),  # noqa: DTZ001
    ),
    ("string", 'a "b"', "object", {"c": 1}, ['"a \\"b\\""', '{"c":1}'], "JSON"),
    ("integer", 5, "list", [1], ["5", "[1]"], "JSON"),
    (
        *("moment", "2025-12-31T15:00:00Z", "any", 1),
        *(['"2025-12-31T15:00:00Z"', "1"], "JSON"),
    ),
    ("object", {"c": 1}, "string", "x", ['{"c":1}', '"x"'], "JSON"),
    ("object", None, "string", "x", [None, "x"], "VARCHAR"),
    ("boolean", True, "string", "x", ["true", "x"], "VARCHAR"),
    ("boolean", True, "integer", 0, [1, 0], "BIGINT"),
    ("integer", 5, "boolean", True, ["5", "true"], "VARCHAR"),
    ("integer", None, "object", {"a": 1}, [None, '{"a":1}'], "JSON"),
]


@pytest.mark.parametrize(("before", "old", "after", "new", "expected", "kind"), CHANGES)
def test_a_type_that_changes_between_runs_loses_nothing(
    tmp_path: Path,
    before: str,
    old: Any,
    after: str,
    new: Any,
    expected: list[Any],
    kind: str,
) -> None:
    file = tmp_path / "file"
    load(file, schema("rows", value=before), record("rows", id=1, value=old), state(1))
    load(file, schema("rows", value=after), record("rows", id=2, value=new), state(2))
    found = query(file, "SELECT value FROM rows ORDER BY id")
    assert [value for (value,) in found] == expected
    assert types(file, "rows")["value"] == kind


def test_a_column_gets_its_type_back_when_the_value_that_did_not_fit_is_gone(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    moment = schema("rows", when_="moment")
    load(file, moment, record("rows", id=1, when_="soon"))
    assert types(file, "rows")["when_"] == "VARCHAR"
    load(file, moment, record("rows", id=2, when_="2025-12-31T15:00:00Z"))
    assert types(file, "rows")["when_"] == "VARCHAR"
    load(file, moment, record("rows", id=1, when_=None))
    load(file, moment)
    assert types(file, "rows")["when_"] == "TIMESTAMP"
    assert query(file, "SELECT when_ FROM rows ORDER BY id") == [(None,), (JANUARY,)]


def test_a_new_column_is_null_in_old_rows_and_an_old_one_in_new_rows(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    load(file, schema("rows", old="string"), record("rows", id=1, old="a"))
    load(file, schema("rows", renamed="string"), record("rows", id=2, renamed="b"))
    assert table(file, "rows") == [
        {"id": 1, "old": "a", "renamed": None},
        {"id": 2, "old": None, "renamed": "b"},
    ]


def test_fields_that_the_schema_does_not_name_are_left_out(tmp_path: Path) -> None:
    load(tmp_path / "file", schema("rows"), record("rows", id=1, other={"a": 1}))
    assert table(tmp_path / "file", "rows") == [{"id": 1}]


def test_a_field_that_a_row_lacks_is_null(tmp_path: Path) -> None:
    load(tmp_path / "file", schema("rows", a="string", b="object"), record("rows", id=1))
    assert table(tmp_path / "file", "rows") == [{"id": 1, "a": None, "b": None}]


def test_one_long_row_among_short_ones_is_loaded(tmp_path: Path) -> None:
    text = "長い" * 5_000_000
    rows = [record("rows", id=number, text="short") for number in range(5000)]
    rows[2500]["record"]["text"] = text
    load(tmp_path / "file", schema("rows", text="string"), *rows, state(1))
    found = query(tmp_path / "file", "SELECT count(*), max(strlen(text)) FROM rows")
    assert found == [(5000, len(text.encode()))]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values=st.lists(JSON, min_size=1, max_size=5))
def test_any_json_comes_back_from_a_column_without_a_type(
    tmp_path: Path, values: list[Any]
) -> None:
    file = tmp_path / "file"
    file.unlink(missing_ok=True)
    rows = [record("rows", id=at, value=value) for at, value in enumerate(values)]
    load(file, schema("rows", value="any"), *rows)
    found = query(file, "SELECT value FROM rows ORDER BY id")
    decoded = [None if text is None else json.loads(text) for (text,) in found]
    assert decoded == values


def test_one_value_that_does_not_fit_among_many_wide_rows_is_loaded(
    tmp_path: Path,
) -> None:
    """The careful way takes more memory than the usual one has."""
    columns = {f"text{number}": "string" for number in range(40)}
    rows = [
        record(
            "rows", None, id=number, hours=1.5, **dict.fromkeys(columns, "長い文" * 30)
        )
        for number in range(3_000)
    ]
    rows.append(record("rows", id=-1, hours="3h"))
    file = tmp_path / "backlog.duckdb"
    load(file, schema("rows", ("id",), hours="number", **columns), *rows, state(1))
    assert query(file, "SELECT count(*), min(hours), max(hours) FROM rows") == [
        (3_001, "1.5", "3h")
    ]
