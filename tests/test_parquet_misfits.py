"""No value is lost in Parquet files because it is not what the schema says."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from singer_sdk.helpers._batch import StorageTarget

from tap_backlog.singer.batches.arrow_tables import TableReader
from tap_backlog.singer.batches.parquet import ParquetFiles
from tap_backlog.singer.batches.store import Store
from tap_backlog.singer.messages import json_lines
from tests.batches import batches
from tests.parquet_files import in_parquet, read_rows
from tests.support import sync

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from sample_space import Space

Row = dict[str, Any]

SCHEMA: Row = {
    "properties": {
        "id": {"type": ["integer"]},
        "text": {"type": ["string", "null"]},
        "hours": {"type": ["number", "null"]},
        "moment": {"type": ["string", "null"], "format": "date-time"},
        "user": {
            "type": ["object", "null"],
            "properties": {"id": {"type": ["integer", "null"]}},
        },
        "tags": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
        "any": {"type": ["string", "number", "object", "null"]},
    }
}

TEXTS = st.text("ab1日", max_size=3)


def written(folder: Path, *groups: list[Row]) -> list[list[Row]]:
    """Write each group as one piece of JSON; return the rows of each file."""
    store = Store(StorageTarget(str(folder)))
    files = ParquetFiles(store, "rows", TableReader("rows", SCHEMA), "zstd")
    for rows in groups:
        lines = json_lines(files.prepared(rows)).removesuffix(b"}\n")
        files.write(lines + b" " * (1024 * 1024 - len(lines)) + b"}\n")
    files.close()
    return [read_rows(uri) for uri in files.uris]


def test_a_value_of_another_type_is_kept_beside_the_columns(tmp_path: Path) -> None:
    fit: Row = {"id": 1, "hours": 1.5, "user": {"id": 5}, "tags": ["x"]}
    odd: Row = {
        "id": 2,
        "hours": "long",
        "moment": 5,
        "user": {"id": "five"},
        "tags": "x",
        "text": "fits",
    }
    ((whole, beside),) = written(tmp_path, [fit, odd])
    nothing = dict.fromkeys(SCHEMA["properties"])
    assert whole == {**nothing, **fit, "_rescued_data": None}
    rescued = json.loads(beside.pop("_rescued_data"))
    assert beside == {**nothing, "id": 2, "text": "fits"}
    assert rescued == {k: v for k, v in odd.items() if k not in {"id", "text"}}


def test_text_holds_values_of_other_types_as_json(tmp_path: Path) -> None:
    values = [5, 1.0, True, {"a": [None]}, "text", None]
    (rows,) = written(tmp_path, [{"id": 1, "text": value} for value in values])
    texts = ["5", "1.0", "true", '{"a":[null]}', "text", None]
    assert [row["text"] for row in rows] == texts
    assert "_rescued_data" not in rows[0]


def test_only_files_with_such_values_have_the_column(tmp_path: Path) -> None:
    fit, odd = [{"id": 1, "hours": 1}], [{"id": 2, "hours": "x"}]
    first, second = written(tmp_path, fit, odd, fit)
    assert [list(row) for row in first] == [list(SCHEMA["properties"])]
    assert [row["_rescued_data"] for row in second] == ['{"hours":"x"}', None]
    found = duckdb.execute(
        f"""
        SELECT id, hours, _rescued_data ->> 'hours'
        FROM read_parquet('{tmp_path}/*.parquet', union_by_name = true) ORDER BY ALL
        """
    ).fetchall()
    assert found == [(1, 1.0, None), (1, 1.0, None), (2, None, "x")]


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(sorted(SCHEMA["properties"].keys() - {"id"})),
            st.recursive(
                st.none() | st.booleans() | st.integers() | TEXTS,
                lambda inside: st.lists(inside) | st.dictionaries(TEXTS, inside),
                max_leaves=4,
            ),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_comes_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[Row]
) -> None:
    rows = [{"id": number, **row} for number, row in enumerate(given_rows)]
    folder = tmp_path_factory.mktemp("files")
    (found,) = written(folder, rows)[-1:]
    for row, read in zip(rows, found, strict=True):
        rescued = json.loads(read.pop("_rescued_data", None) or "{}")
        if "any" in rescued:
            rescued["any"] = json.loads(rescued["any"])
        for name, value in row.items():
            assert_kept(name, value, read[name], rescued)


def assert_kept(name: str, value: Any, read: Any, rescued: Row) -> None:
    """A value is in its column, or beside it; unknown fields of objects are left out."""
    if name in rescued:
        assert read is None
        assert rescued[name] == value
    elif name == "any":
        assert (None if read is None else json.loads(read)) == value
    elif name == "text" and not isinstance(value, (str, type(None))):
        assert json.loads(read) == value
    elif name == "user" and value is not None:
        assert read == {"id": value.get("id")}
    elif name == "moment" and value is not None:
        assert read.year >= 0
    else:
        assert read == value


def test_raw_values_are_read_like_plain_ones(tmp_path: Path) -> None:
    raw: Row = {
        "id": msgspec.Raw(b"1"),
        "any": msgspec.Raw('{"é": 1.10}'.encode()),
        "tags": msgspec.Raw(b'["a",null]'),
        "user": msgspec.Raw(b"null"),
    }
    ((row,),) = written(tmp_path, [raw])
    assert row["any"] == '{"é": 1.10}'
    assert (row["id"], row["tags"], row["user"]) == (1, ["a", None], None)


def test_a_run_goes_on_and_says_where_the_values_are(
    config: Row, space: Space, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, another, *_ = space.issues.values()
    one["estimatedHours"] = "about 3"
    another["createdUser"] = {**another["createdUser"], "mood": "good"}
    with caplog.at_level(logging.WARNING):
        (message,) = batches(sync({**config, **in_parquet(tmp_path)}, "issues"))
    rows = [row for uri in message["manifest"] for row in read_rows(uri)]
    assert len(rows) == len(space.issues)
    by_id = {row["id"]: row for row in rows}
    rescued = json.loads(by_id[one["id"]]["_rescued_data"])
    assert rescued == {"estimatedHours": "about 3"}
    assert by_id[another["id"]]["createdUser"]["id"] == another["createdUser"]["id"]
    told = {r.getMessage() for r in caplog.records if r.levelname == "WARNING"}
    unknown = (
        "Backlog sends fields inside `issues.createdUser` that this version leaves out "
        "of Parquet files."
    )
    misfit = (
        "Backlog sent a value of another type than in the schema in "
        "`issues.estimatedHours`: Parquet files have it in the column `_rescued_data`."
    )
    assert told == {misfit, unknown}
