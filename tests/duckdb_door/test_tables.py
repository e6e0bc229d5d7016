"""One row a key, the tables' names, and rows that are gone."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_backlog_duckdb import load as loading
from tap_backlog_duckdb.errors import DoorError
from tests.duckdb_door.support import load, query, record, schema, state, table, types

if TYPE_CHECKING:
    from pathlib import Path


def activation(stream: str, version: int) -> dict[str, Any]:
    return {"type": "ACTIVATE_VERSION", "stream": stream, "version": version}


def test_the_last_message_of_a_key_counts_within_a_run_and_between_runs(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    described = schema("rows", name="string")
    numbers = itertools.count()
    for _ in range(3):
        rows = [
            record("rows", id=number % 700, name=f"{next(numbers)}")
            for number in range(3000)
        ]
        load(file, described, *rows, state(1))
    found = query(file, "SELECT id, name FROM rows ORDER BY id")
    assert found == [
        (i, str(6000 + 2100 + i if i >= 200 else 8800 + i)) for i in range(700)
    ]


def test_a_key_of_several_columns_and_types_is_one_key(tmp_path: Path) -> None:
    file = tmp_path / "file"
    described = schema(
        "rows", ("id", "day", "name"), day="moment", name="string", n="any"
    )
    days = ("2026-01-01T00:00:00Z", "2026-01-01T09:00:00+09:00", None)
    rows = [
        record("rows", id=1, day=day, name=name, n=number)
        for number, (day, name) in enumerate(itertools.product(days, ("a", "A", None)))
    ]
    load(file, described, *rows)
    load(file, described, *rows)
    found = query(file, "SELECT day IS NULL, name, n::INT FROM rows ORDER BY ALL")
    assert found == [
        (False, "A", 4),
        (False, "a", 3),
        (False, None, 5),
        (True, "A", 7),
        (True, "a", 6),
        (True, None, 8),
    ]


def test_a_key_that_changes_between_runs_counts_from_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    load(file, schema("rows", a="integer"), record("rows", id=1, a=1))
    load(
        file,
        schema("rows", ("id", "a"), a="integer"),
        record("rows", id=1, a=2),
        record("rows", id=1, a=1),
    )
    assert query(file, "SELECT id, a FROM rows ORDER BY a") == [(1, 1), (1, 2)]


def test_a_row_without_its_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        DoorError, match=r'A row of `rows` cannot be read: it has no "id"\.'
    ):
        load(tmp_path / "file", schema("rows", a="integer"), record("rows", a=1))


def test_without_a_key_rows_are_added(tmp_path: Path) -> None:
    for _ in range(2):
        rows = [record("rows", id=1), record("rows", id=1)]
        load(tmp_path / "file", schema("rows", ()), *rows)
    assert query(tmp_path / "file", "SELECT count(*) FROM rows") == [(4,)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    runs=st.lists(
        st.lists(
            st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 4), st.integers())
            | st.none(),
            max_size=12,
        ),
        max_size=4,
    )
)
def test_tables_are_as_if_each_row_had_been_put_in_by_itself(
    tmp_path: Path, runs: list[list[tuple[str, int, int] | None]]
) -> None:
    file = tmp_path / "file"
    file.unlink(missing_ok=True)
    expected: dict[str, dict[int, int]] = {"a": {}, "b": {}}
    for number, run in enumerate(runs):
        messages: list[dict[str, Any]] = [schema(s, value="integer") for s in expected]
        for one in run:
            if one is None:
                messages.append(state(number))
                continue
            stream, key, value = one
            messages.append(record(stream, id=key, value=value))
            expected[stream][key] = value
        load(file, *messages, state(number))
    for stream, rows in expected.items():
        found = table(file, stream) if runs else []
        assert len(found) == len(rows)
        assert {row["id"]: int(row["value"]) for row in found} == {
            key: int(value if -(2**127) < value < 2**127 else float(value))
            for key, value in rows.items()
        }


# --- Rows that are gone


def test_rows_of_older_versions_go_when_the_new_one_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "file"
    described = schema("rows", name="string")
    load(
        file,
        described,
        *(record("rows", 1, id=i) for i in range(3)),
        activation("rows", 1),
    )
    load(file, described, record("rows", 2, id=0), state(1))
    assert query(file, "SELECT id FROM rows ORDER BY id") == [(0,), (1,), (2,)]
    load(
        file,
        described,
        record("rows", 3, id=1, name="new"),
        activation("rows", 3),
        state(2),
    )
    assert query(file, "SELECT id, name FROM rows") == [(1, "new")]


def test_rows_from_before_there_were_versions_go_too(tmp_path: Path) -> None:
    file = tmp_path / "file"
    load(file, schema("rows"), record("rows", id=1), record("rows", id=2))
    assert list(types(file, "rows")) == ["id"]
    load(file, schema("rows"), record("rows", 5, id=2), activation("rows", 5))
    assert query(file, "SELECT id FROM rows") == [(2,)]


def test_a_stream_that_has_no_rows_any_more_has_an_empty_table(tmp_path: Path) -> None:
    file = tmp_path / "file"
    load(file, schema("rows"), record("rows", id=1))
    load(file, schema("rows"), activation("rows", 5), state(1))
    assert table(file, "rows") == []


def test_an_activation_after_the_last_state_counts(tmp_path: Path) -> None:
    file = tmp_path / "file"
    load(file, schema("rows"), record("rows", 1, id=1), activation("rows", 1), state(1))
    new = (schema("rows"), record("rows", 2, id=2), state(2), activation("rows", 2))
    load(file, *new)
    assert query(file, "SELECT id FROM rows") == [(2,)]


def test_rows_after_the_activation_stay(tmp_path: Path) -> None:
    file = tmp_path / "file"
    load(
        file,
        schema("rows"),
        record("rows", 1, id=1),
        activation("rows", 2),
        record("rows", 2, id=2),
        state(1),
    )
    assert query(file, "SELECT id FROM rows") == [(2,)]


# --- Names


def test_names_that_differ_in_case_alone_have_places_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "file"
    first = schema("rows", Id="string", ID="string", name="any")
    load(file, first, record("rows", id=1, Id="b", ID="c", name=[1]))
    other_order = schema("rows", ("id",), ID="string", name="any", Id="string")
    load(file, other_order, record("rows", id=2, Id="e", ID="f", name=None))
    load(file, schema("Rows"), record("Rows", id=9))
    assert table(file, "rows") == [
        {"id": 1, "Id_2": "b", "ID_3": "c", "name": [1]},
        {"id": 2, "Id_2": "e", "ID_3": "f", "name": None},
    ]
    assert table(file, "Rows_2") == [{"id": 9}]


ODD = (
    "",
    " ",
    "a.b",
    'say "x"',
    "it's",
    "日本 語",
    "select",
    "a/b~c",
    "x]",
    "ÉCOLE",
    "a\nb",
)


@pytest.mark.parametrize("name", ODD)
def test_any_name_of_a_column_or_a_stream_is_kept(tmp_path: Path, name: str) -> None:
    file = tmp_path / "file"
    stream = name or "rows"
    for value in ("v", {"w": 1}):
        columns = {name: "any", "Id": "any"}
        row = {"id": 1, name: value}
        load(file, schema(stream, ("id",), **columns), record(stream, None, **row))
    quoted = stream.replace('"', '""')
    ((id_, found),) = query(
        file, f'SELECT id, COLUMNS(* EXCLUDE ("Id_2", id)) FROM main."{quoted}"'
    )
    assert (id_, found) == (1, '{"w":1}')


def test_a_table_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE ISSUES (mine INT)")
        connection.execute("CREATE VIEW users AS SELECT 1 AS mine")
    for stream in ("issues", "users"):
        with pytest.raises(DoorError) as error:
            load(file, schema(stream), record(stream, id=1))
        assert str(error.value) == (
            f"The file has a table `{stream}` already, which this command did not make. "
            "Rename or drop it, or load into another file."
        )
    assert query(file, "SELECT * FROM ISSUES") == []


def test_a_table_that_was_dropped_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    load(file, schema("rows"), record("rows", id=1))
    with duckdb.connect(str(file)) as connection:
        connection.execute("DROP TABLE rows")
    load(file, schema("rows"), record("rows", id=2))
    assert table(file, "rows") == [{"id": 2}]


def test_columns_and_tables_of_the_user_stay(tmp_path: Path) -> None:
    file = tmp_path / "file"
    load(file, schema("rows"), record("rows", id=1))
    with duckdb.connect(str(file)) as connection:
        connection.execute("ALTER TABLE rows ADD COLUMN mine VARCHAR DEFAULT 'x'")
        connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
        connection.execute("CREATE VIEW seen AS SELECT id FROM rows")
    load(file, schema("rows"), record("rows", id=2))
    assert table(file, "rows") == [{"id": 1, "mine": "x"}, {"id": 2, "mine": "x"}]
    assert query(file, "SELECT a FROM mine") == [(1,)]
    assert query(file, "SELECT id FROM seen ORDER BY id") == [(1,), (2,)]


def test_many_commits_in_a_run_are_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "COMMIT_BYTES", 1)
    messages = [schema("rows", name="string"), schema("parts", ("id", "row"), row="any")]
    for number in range(60):
        messages.append(record("rows", id=number % 50, name=str(number)))
        messages.append(record("parts", id=number, row=number % 50))
        if number % 7 == 0:
            messages.append(state(number))
    loader = load(tmp_path / "file", *messages, state("end"))
    assert loader.loaded == {"rows": 60, "parts": 60}
    found = query(tmp_path / "file", "SELECT id, name FROM rows ORDER BY id")
    assert found == [(i, str(i + 50 if i < 10 else i)) for i in range(50)]
    assert query(tmp_path / "file", "SELECT count(*) FROM parts") == [(60,)]


def test_a_type_may_change_after_rows_were_deleted_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "backlog.duckdb"
    rows = [record("rows", id=number, hours=1) for number in range(10_000)]
    load(file, schema("rows", hours="integer"), *rows, state(1))
    with duckdb.connect(str(file)) as connection:
        connection.execute("DELETE FROM main.rows WHERE id % 7 = 0")
    for hours in (1.5, 2.5):
        load(
            file,
            schema("rows", hours="number"),
            record("rows", id=5, hours=hours),
            state(2),
        )
    counts = "SELECT count(*), count(DISTINCT id), max(hours) FROM rows"
    assert query(file, counts) == [(8_571, 8_571, 2.5)]
    assert types(file, "rows") == {"id": "BIGINT", "hours": "DOUBLE"}


def test_a_property_may_have_the_name_of_duckdbs_own_number_of_rows(
    tmp_path: Path,
) -> None:
    file = tmp_path / "backlog.duckdb"
    for rows in (
        [(1, 5, "old"), (1, 3, "new")],
        [(2, 1, "b"), (2, 1, "c"), (1, 9, "newest")],
    ):
        some = [record("rows", id=one, rowid=two, x=x) for one, two, x in rows]
        load(file, schema("rows", rowid="integer", x="string"), *some, state(1))
    assert sorted(query(file, "SELECT id, rowid_2, x FROM rows")) == [
        (1, 9, "newest"),
        (2, 1, "c"),
    ]


def test_rows_without_a_version_stay_although_one_is_activated(tmp_path: Path) -> None:
    file = tmp_path / "backlog.duckdb"
    activated = {"type": "ACTIVATE_VERSION", "stream": "rows", "version": 7}
    load(file, schema("rows"), record("rows", id=1), activated, state(1))
    assert query(file, "SELECT id FROM rows") == [(1,)]
