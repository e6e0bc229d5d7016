"""What the tap sends is what the tables hold: in a first run and in those after it."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, make_space
from tap_backlog_duckdb.database import opened, room_beside
from tap_backlog_duckdb.load import Loader
from tests.duckdb_door.support import (
    door,
    query,
    record,
    saved_state,
    schema,
    state,
    table,
    types,
    written,
)
from tests.support import Output, parse, run, without_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Row = dict[str, Any]


class Runs:
    """Two runs of the tap, and a file that has taken both."""

    def __init__(self, folder: Path, server: SampleServer) -> None:
        self.file = folder / "backlog.duckdb"
        config = {"host": server.url, "api_key": server.space.options.admin_key}
        first = run(folder, config).stdout
        self.first = door(self.file, stdin=first.encode())
        state = folder / "state.json"
        state.write_text(str(saved_state(self.file)))
        edited, deleted, *_ = list(server.space.issues)
        server.space.edit_issue(edited)
        server.space.delete_issue(deleted)
        second = run(folder, config, f"--state={state}").stdout
        self.second = door(self.file, stdin=second.encode())
        self.edited = server.space.issues[edited]
        self.outputs: list[Output] = [parse(first), parse(second)]
        self.raw_states = [raw_states(first), raw_states(second)]

    def last_rows(self, stream: str) -> dict[tuple[Any, ...], Row]:
        """The last row of each key in both runs."""
        keys = self.outputs[0].schemas[stream]["key_properties"]
        rows = [row for output in self.outputs for row in output.by_stream[stream]]
        return {tuple(row[key] for key in keys): row for row in rows}


def raw_states(messages: str) -> list[str]:
    begin, end = '{"type":"STATE","value":', "}"
    return [
        line.removeprefix(begin).removesuffix(end)
        for line in messages.split("\n")
        if line.startswith(begin)
    ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    options = Options(projects=3, users=12, teams=8, issues=150, activities=120)
    with SampleServer(make_space(without_limits(options))) as server:
        yield Runs(tmp_path_factory.mktemp("runs"), server)


def test_both_runs_succeed(runs: Runs) -> None:
    for result in (runs.first, runs.second):
        assert (result.returncode, result.stderr) == (0, "")


def test_every_table_has_the_last_row_of_each_key_value_for_value(runs: Runs) -> None:
    streams = runs.outputs[0].schemas
    assert len(streams) == 42
    for stream, message in streams.items():
        columns = list(message["schema"]["properties"])
        expected = runs.last_rows(stream)
        found = {
            tuple(row[key] for key in message["key_properties"]): row
            for row in table(runs.file, stream)
        }
        assert len(table(runs.file, stream)) == len(found), stream
        assert found.keys() == expected.keys(), stream
        for key, row in expected.items():
            whole = {column: row.get(column) for column in columns}
            assert found[key] == as_floats(whole), (stream, key)


def as_floats(value: Any) -> Any:
    """The test reads numbers as Decimal; DuckDB has DOUBLE."""
    return json.loads(json.dumps(value, default=float))


def test_an_edited_issue_has_its_new_values(runs: Runs) -> None:
    statement = f"SELECT summary FROM issues WHERE id = {runs.edited['id']}"
    assert query(runs.file, statement) == [(runs.edited["summary"],)]


def test_the_state_is_the_last_one_to_the_letter(runs: Runs) -> None:
    assert saved_state(runs.file) == runs.raw_states[1][-1]


def test_columns_have_the_types_of_the_schema_and_the_names_of_backlog(
    runs: Runs,
) -> None:
    found = types(runs.file, "issues")
    assert list(found) == list(runs.outputs[0].schemas["issues"]["schema"]["properties"])
    assert found["id"] == found["parentIssueId"] == "BIGINT"
    assert found["estimatedHours"] == "DOUBLE"
    assert found["updated"] == found["dueDate"] == "TIMESTAMP"
    assert found["status"] == found["customFields"] == "JSON"
    assert found["summary"] == "VARCHAR"
    assert types(runs.file, "projects")["archived"] == "BOOLEAN"


def test_main_has_the_tables_of_the_streams_and_nothing_else(runs: Runs) -> None:
    tables = query(
        runs.file, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
    )
    assert {name for (name,) in tables} == set(runs.outputs[0].schemas)


def test_a_null_object_is_null(runs: Runs) -> None:
    issues = runs.last_rows("issues").values()
    nobody = sum(issue["assignee"] is None for issue in issues)
    assert nobody > 0
    statement = "SELECT count(*) FROM issues WHERE assignee IS NULL"
    assert query(runs.file, statement) == [(nobody,)]


def test_it_says_what_it_loaded_a_line_a_table(runs: Runs) -> None:
    lines = runs.first.stdout.splitlines()
    assert lines[0].split() == ["table", "rows", "loaded", "rows", "in", "the", "table"]
    issues = len(runs.outputs[0].by_stream["issues"])
    assert ["issues", str(issues), str(issues)] in [line.split() for line in lines]
    assert len(lines) == 1 + 42 + 1
    total = sum(map(len, runs.outputs[0].by_stream.values()))
    assert lines[-1].endswith(f"backlog.duckdb: {total:,} rows loaded into 42 tables.")


def test_nothing_is_left_beside_the_file(runs: Runs) -> None:
    names = {path.name for path in runs.file.parent.glob("backlog.duckdb*")}
    assert names == {"backlog.duckdb"}


def test_a_copy_of_the_file_alone_has_everything_once_it_is_loaded(
    tmp_path: Path,
) -> None:
    file, log = tmp_path / "file", tmp_path / "file.wal"
    messages = written(schema("rows"), record("rows", id=1), state({"at": 1}))
    with (
        opened(file) as connection,
        room_beside(file) as folder,
        contextlib.closing(Loader(connection, file, folder / "rows")) as loader,
    ):
        loader.read(messages.splitlines(keepends=True))
        loader.finish(is_stopped=False)
        assert not log.exists()
    assert query(file, "SELECT count(*) FROM rows") == [(1,)]
