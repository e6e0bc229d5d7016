"""Rows in files that a BATCH names end in the same tables as rows in messages."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import Options
from tap_backlog_duckdb.errors import DoorError
from tests.duckdb_door.support import (
    TYPES,
    door,
    load,
    query,
    record,
    saved_state,
    schema,
    state,
    table,
)
from tests.support import run, without_limits

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import Space

Row = dict[str, Any]


def batch(*files: str, version: int | None = None, **encoding: str) -> Row:
    message = {
        "type": "BATCH",
        "stream": "rows",
        "encoding": {"format": "jsonl", **encoding},
        "manifest": list(files),
    }
    return message if version is None else {**message, "version": version}


def lines(*rows: Row) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


@pytest.fixture
def options() -> Options:
    return without_limits(
        Options(projects=2, users=8, teams=3, issues=120, activities=60)
    )


def without_nulls(value: Any) -> Any:
    """Return a value without null fields: in a struct, a missing field is null."""
    if isinstance(value, dict):
        fields = value.items()
        return {name: without_nulls(one) for name, one in fields if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "encoding",
    [
        {"format": "jsonl", "compression": "gzip"},
        {"format": "jsonl", "compression": "none"},
        {"format": "parquet"},
    ],
    ids=["gzip", "none", "parquet"],
)
def test_batches_of_the_tap_fill_the_same_tables_as_its_messages(
    tmp_path: Path, config: Row, encoding: Row
) -> None:
    settings = {
        "encoding": encoding,
        "storage": {"root": f"file://{tmp_path}/files"},
        "batch_size": 50,
    }
    batches = run(tmp_path, {**config, "batch_config": settings}).stdout
    assert '"BATCH"' in batches
    assert door(tmp_path / "batches", stdin=batches.encode()).returncode == 0
    messages = run(tmp_path, config).stdout
    assert door(tmp_path / "messages", stdin=messages.encode()).returncode == 0
    names = query(
        tmp_path / "messages",
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'",
    )
    assert len(names) == 42
    for (name,) in names:
        if name != "rate_limit":  # it says how many requests are left
            found = [table(tmp_path / file, name) for file in ("batches", "messages")]
            assert without_nulls(found[0]) == without_nulls(found[1]), name
    assert saved_state(tmp_path / "batches") == saved_state(tmp_path / "messages")


def test_the_order_among_batches_and_messages_counts(tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(
        lines({"id": 1, "a": "two"}, {"id": 2, "a": "x"})
    )
    (tmp_path / "two.json.gz").write_bytes(
        gzip.compress(lines({"id": 2, "a": "y"}, {"id": 2, "a": "z"}))
    )
    loader = load(
        tmp_path / "file",
        schema("rows", a="string"),
        record("rows", id=1, a="one"),
        batch(f"{tmp_path}/one.jsonl"),
        record("rows", id=1, a="three"),
        batch(f"file://{tmp_path}/two.json.gz", compression="gzip"),
        state(1),
    )
    found = query(tmp_path / "file", "SELECT id, a FROM rows ORDER BY id")
    assert found == [(1, "three"), (2, "z")]
    assert loader.loaded == {"rows": 6}


def test_values_that_do_not_fit_are_kept_from_batches_too(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(
        lines({"id": 1, "a": 5, "b": None}, {"id": 2, "a": "x", "b": [1]}, {"id": 3})
    )
    load(
        tmp_path / "file",
        schema("rows", a="integer", b="any"),
        batch(f"{tmp_path}/rows.jsonl"),
    )
    found = query(tmp_path / "file", "SELECT id, a, b FROM rows ORDER BY id")
    assert found == [(1, "5", None), (2, "x", "[1]"), (3, None, None)]


def test_the_version_of_a_batch_counts(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.jsonl").write_bytes(lines({"id": number}))
        load(
            tmp_path / "file",
            schema("rows"),
            batch(f"{tmp_path}/{number}.jsonl", version=number),
            {"type": "ACTIVATE_VERSION", "stream": "rows", "version": number},
            state(number),
        )
    assert query(tmp_path / "file", "SELECT id FROM rows") == [(2,)]


@pytest.mark.parametrize("name", ["a b", "100%", "50%25", "x[1]*", "日本"])
def test_any_name_of_a_file_is_found(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "rows.jsonl").write_bytes(lines({"id": 1}))
    plain = f"file://{folder}/rows.jsonl"
    for file, uri in enumerate((plain, (folder / "rows.jsonl").as_uri())):
        load(folder / str(file), schema("rows"), batch(uri))
        assert query(folder / str(file), "SELECT id FROM rows") == [(1,)]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, form: str) -> None:
    with pytest.raises(DoorError) as error:
        load(tmp_path / "file", schema("rows"), batch(f"{tmp_path}/gone", format=form))
    assert str(error.value).startswith("The batch file gone cannot be read: ")
    assert "o such file" in str(error.value)


@pytest.mark.parametrize(
    "content",
    [b"no gzip at all", gzip.compress(b"{}" * 999, mtime=0)[:-9]],
    ids=["something else", "cut off"],
)
def test_a_file_that_is_broken_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.gz").write_bytes(content)
    with pytest.raises(DoorError, match=r"^The batch file rows\.gz cannot be read: "):
        load(
            tmp_path / "file",
            schema("rows"),
            state(1),
            batch(f"{tmp_path}/rows.gz", compression="gzip"),
        )
    assert saved_state(tmp_path / "file") is None


def test_an_empty_batch_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b"")
    load(tmp_path / "file", schema("rows"), batch(f"{tmp_path}/rows.jsonl"), batch())
    assert table(tmp_path / "file", "rows") == []


# --- Parquet

FIELD = {
    "type": ["object", "null"],
    "properties": {"id": TYPES["integer"], "moment": TYPES["moment"], "value": {}},
}
NESTED_SCHEMA = {
    "type": "SCHEMA",
    "stream": "rows",
    "key_properties": ["id"],
    "schema": {
        "properties": {
            "id": TYPES["integer"],
            "text": TYPES["string"],
            "moment": TYPES["moment"],
            "day": TYPES["day"],
            "hours": TYPES["number"],
            "yes": TYPES["boolean"],
            "user": FIELD,
            "fields": {"type": "array", "items": FIELD},
            "tags": {"type": "array", "items": TYPES["string"]},
            "any": {},
            "either": {"type": ["string", "integer", "null"]},
            "missing": TYPES["string"],
        }
    },
}
NESTED_ROW = {
    "id": 1,
    "text": '"quoted" 日本',
    "moment": "2026-01-01T00:00:00Z",
    "day": "2026-01-02",
    "hours": 1.5,
    "yes": True,
    "user": {"id": 5, "moment": "2026-01-01T00:00:00Z", "value": [1, "a"]},
    "fields": [
        {"id": 6, "moment": None, "value": "text"},
        {"id": 7, "moment": "2026-01-01T00:00:00.25Z", "value": {"b": None}},
    ],
    "tags": ["x", '"y"'],
    "any": "a text",
    "either": "word",
}
EMPTY_ROW = dict.fromkeys(NESTED_ROW) | {"id": 2, "fields": [], "tags": []}

STRUCT = "STRUCT(id BIGINT, moment TIMESTAMPTZ, value VARCHAR)"


def write_parquet(path: Path) -> None:
    """Nested columns as structs and lists; what has no one type as JSON text."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"""
            CREATE TABLE t (
                id BIGINT, text VARCHAR, moment TIMESTAMPTZ, day DATE, hours DOUBLE,
                yes BOOLEAN, "user" {STRUCT}, fields {STRUCT}[], tags VARCHAR[],
                "any" VARCHAR, either VARCHAR
            );
            INSERT INTO t VALUES (
                1, '"quoted" 日本', '2026-01-01T00:00:00Z', '2026-01-02', 1.5, true,
                {{'id': 5, 'moment': '2026-01-01T09:00:00+09:00', 'value': '[1,"a"]'}},
                [
                    {{'id': 6, 'moment': NULL, 'value': '"text"'}},
                    {{'id': 7, 'moment': '2026-01-01 0:0:0.25', 'value': '{{"b":null}}'}}
                ],
                ['x', '"y"'], '"a text"', '"word"'
            );
            INSERT INTO t (id, fields, tags) VALUES (2, [], []);
            """
        )
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def test_parquet_and_messages_end_in_equal_tables(tmp_path: Path) -> None:
    write_parquet(tmp_path / "rows.parquet")
    from_parquet, from_messages = (
        tmp_path / "parquet.duckdb",
        tmp_path / "messages.duckdb",
    )
    parquet = batch(
        f"file://{tmp_path}/rows.parquet", format="parquet", compression="zstd"
    )
    load(from_parquet, NESTED_SCHEMA, parquet, state(1))
    rows = (record("rows", None, **row) for row in (NESTED_ROW, EMPTY_ROW))
    load(from_messages, NESTED_SCHEMA, *rows, state(1))
    assert table(from_parquet, "rows") == table(from_messages, "rows")
    described = "SELECT * FROM (DESCRIBE rows)"
    assert query(from_parquet, described) == query(from_messages, described)


def test_parquet_updates_rows_of_messages_whatever_type_a_column_has(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    write_parquet(tmp_path / "rows.parquet")
    odd = schema("rows", text="any", moment="string", hours="string", either="any")
    load(
        file,
        odd,
        record("rows", id=1, moment="soon"),
        record("rows", id=3, moment="soon", text=1, either={}),
    )
    load(file, NESTED_SCHEMA, batch(f"{tmp_path}/rows.parquet", format="parquet"))
    found = query(file, "SELECT id, text, moment, hours, either FROM rows ORDER BY id")
    assert found == [
        (1, '"\\"quoted\\" 日本"', "2026-01-01T00:00:00Z", 1.5, '"word"'),
        (2, None, None, None, None),
        (3, "1", "soon", None, "{}"),
    ]


def test_a_parquet_file_of_another_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_text("none")
    with pytest.raises(DoorError) as error:
        load(
            tmp_path / "file",
            schema("rows"),
            batch(f"{tmp_path}/rows.parquet", format="parquet"),
        )
    assert "\n" not in str(error.value)


def test_a_value_that_a_parquet_file_holds_beside_its_column_is_loaded(
    tmp_path: Path, config: Row, space: Space
) -> None:
    one, two = list(space.issues.values())[:2]
    one["estimatedHours"] = "about 3"
    two["createdUser"] = {"id": "U-7", "name": "A"}
    settings = {
        "encoding": {"format": "parquet"},
        "storage": {"root": f"file://{tmp_path}/files"},
    }
    messages = run(tmp_path, {**config, "batch_config": settings}, "--select=issues")
    file = tmp_path / "backlog.duckdb"
    assert door(file, stdin=messages.stdout.encode()).returncode == 0
    hours = "SELECT estimatedHours FROM issues WHERE id = "
    assert query(file, f"{hours}{one['id']}") == [("about 3",)]
    user = "SELECT createdUser ->> 'id' FROM issues WHERE id = "
    assert query(file, f"{user}{two['id']}") == [("U-7",)]
