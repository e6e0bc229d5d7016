"""Real loaders write a first and a later run into real tables.

A changed issue is one row with its new values, the SQL of the page removes a deleted
one, and columns have the right types.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import Options, SampleServer, make_space
from tests import postgres
from tests.support import ROOT, Output, parse, run
from tests.test_loaders import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Row = dict[str, Any]


@dataclass
class Runs:
    """What two runs wrote, and what changed between them."""

    first: str
    second: str
    space: Any
    edited: Row
    deleted: int

    @property
    def last_rows(self) -> dict[str, dict[tuple[Any, ...], Row]]:
        """The rows that a table should have, by stream and key."""
        tables: dict[str, dict[tuple[Any, ...], Row]] = {}
        for output in (self.parsed(self.first), self.parsed(self.second)):
            for stream, rows in output.by_stream.items():
                keys = output.schemas[stream]["key_properties"]
                by_key = {tuple(row[key] for key in keys): row for row in rows}
                tables.setdefault(stream, {}).update(by_key)
        return tables

    @staticmethod
    def parsed(messages: str) -> Output:
        return parse(messages)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("runs")
    options = Options(projects=3, users=12, teams=8, issues=150, activities=120)
    with SampleServer(make_space(options)) as server:
        config = {"host": server.url, "api_key": options.admin_key}
        first = run(folder, config).stdout
        state = folder / "state.json"
        state.write_text(json.dumps(parse(first).states[-1]))
        edited, deleted, *_ = list(server.space.issues)
        server.space.edit_issue(edited)
        server.space.delete_issue(deleted)
        second = run(folder, config, f"--state={state}").stdout
        issue = server.space.issues[edited]
        yield Runs(first, second, server.space, issue, deleted)


def load_both(loader: str, settings: Row, runs: Runs, folder: Path) -> None:
    for messages in (runs.first, runs.second):
        load(loader, settings, messages, folder)


def in_page(pattern: str) -> str:
    """Return the only part of docs/loaders.md that matches a pattern."""
    text = (ROOT / "docs/loaders.md").read_text(encoding="utf-8")
    (found,) = re.findall(pattern, text, re.MULTILINE | re.DOTALL)
    return str(found)


def deletion(column: str = '"itemId"') -> str:
    """Return the statement of docs/loaders.md that removes deleted issues."""
    statement = in_page(r"^DELETE FROM issues$.*?;$")
    return statement.replace('"itemId"', column)


def executable(variable: str, why: str) -> str:
    """Return the loader that an environment variable names, or skip the test."""
    if variable not in os.environ:
        pytest.skip(f"{why}; name the executable of another in {variable}")
    return os.environ[variable]


def test_target_duckdb_keeps_one_row_a_key_with_types(tmp_path: Path, runs: Runs) -> None:
    file = tmp_path / "backlog.duckdb"
    settings = {"filepath": str(file), "default_target_schema": "main"}
    load_both("target-duckdb", settings, runs, tmp_path)
    with duckdb.connect(str(file)) as database:
        for stream, rows in runs.last_rows.items():
            (count,) = database.execute(f"SELECT count(*) FROM {stream}").fetchall()[0]
            assert count == len(rows), stream
        edited = (
            "SELECT summary, strftime(updated, '%Y-%m-%dT%H:%M:%SZ') FROM issues "
            f"WHERE id = {runs.edited['id']}"
        )
        assert database.execute(edited).fetchall() == [
            (runs.edited["summary"], runs.edited["updated"])
        ]
        types = dict(
            database.execute(
                "SELECT column_name, data_type FROM duckdb_columns() "
                "WHERE table_name = 'issues'"
            ).fetchall()
        )
        assert types["updated"] == types["duedate"] == "TIMESTAMP"
        assert types["id"] == "BIGINT"
        assert types["estimatedhours"] == "DOUBLE"
        assert types["status"] == types["customfields"] == "JSON"
        (largest,) = database.execute(
            "SELECT max(size) FROM issue_attachments"
        ).fetchall()[0]
        assert largest == 5_000_000_000
        names = database.execute(
            f"SELECT status->>'name' FROM issues WHERE id = {runs.edited['id']}"
        )
        assert names.fetchall() == [(runs.edited["status"]["name"],)]
        database.execute(deletion())
        ids = {row[0] for row in database.execute("SELECT id FROM issues").fetchall()}
        assert ids == set(runs.space.issues)


def test_target_postgres_keeps_one_row_a_key_with_types(
    tmp_path: Path, runs: Runs
) -> None:
    with postgres.serve() as port:
        settings = {
            "host": "127.0.0.1",
            "port": port,
            "user": "postgres",
            "password": "none is asked for",
            "database": "postgres",
            "default_target_schema": "public",
        }
        load_both("target-postgres", settings, runs, tmp_path)
        for stream, rows in runs.last_rows.items():
            count = postgres.query(port, f"SELECT count(*) FROM {stream}")
            assert count == [[str(len(rows))]], stream
        edited = postgres.query(
            port,
            f"SELECT summary, updated = '{runs.edited['updated']}', status->>'name' "
            f"FROM issues WHERE id = {runs.edited['id']}",
        )
        assert edited == [[runs.edited["summary"], "t", runs.edited["status"]["name"]]]
        types = dict(
            postgres.query(
                port,
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE table_name = 'issues'",
            )
        )
        assert types["updated"] == types["dueDate"] == "timestamp without time zone"
        assert types["id"] == "bigint"
        assert types["estimatedHours"] == "numeric"
        assert types["status"] == "jsonb"
        largest = postgres.query(port, "SELECT max(size) FROM issue_attachments")
        assert largest == [["5000000000"]]
        postgres.query(port, deletion())
        ids = {int(row[0]) for row in postgres.query(port, "SELECT id FROM issues")}
        assert ids == set(runs.space.issues)


def test_target_sqlite_keeps_one_row_a_key(tmp_path: Path, runs: Runs) -> None:
    loader = executable(
        "TARGET_SQLITE", "PyPI's target-sqlite does not run on Python 3.10 or newer"
    )
    load_both(loader, {"database": str(tmp_path / "backlog")}, runs, tmp_path)
    database = sqlite3.connect(tmp_path / "backlog.db")
    for stream, rows in runs.last_rows.items():
        (count,) = database.execute(f"SELECT count(*) FROM {stream}").fetchone()
        assert count == len(rows), stream
    edited = f"SELECT summary, updated FROM issues WHERE id = {runs.edited['id']}"
    assert database.execute(edited).fetchall() == [
        (runs.edited["summary"], runs.edited["updated"])
    ]
    (largest,) = database.execute("SELECT max(size) FROM issue_attachments").fetchone()
    assert largest == 5_000_000_000
    database.execute(deletion("item_id"))
    ids = {row[0] for row in database.execute("SELECT id FROM issues")}
    assert ids == set(runs.space.issues)


def test_a_parquet_target_brings_every_version_and_the_newest_is_told(
    tmp_path: Path, runs: Runs
) -> None:
    loader = executable(
        "TARGET_PARQUET", "PyPI's target-parquet does not run on Python 3.10 or newer"
    )
    load_both(loader, {"destination_path": str(tmp_path / "parquet")}, runs, tmp_path)
    files = str(tmp_path / "parquet/issues/*.parquet")
    newest = in_page(r"^SELECT \* FROM 'parquet/issues/.*?;$")
    issues = duckdb.connect().execute(newest.replace("parquet/issues/*.parquet", files))
    names = [column[0] for column in issues.description or []]
    all_rows = [dict(zip(names, row, strict=True)) for row in issues.fetchall()]
    rows = {row["id"]: row for row in all_rows}
    assert len(rows) == len(all_rows)
    assert len(rows) == len(runs.last_rows["issues"])
    assert rows[runs.edited["id"]]["summary"] == runs.edited["summary"]
    assert rows[runs.edited["id"]]["status__name"] == runs.edited["status"]["name"]
    sizes = str(tmp_path / "parquet/issue_attachments/*.parquet")
    (largest,) = (
        duckdb.connect().execute(f"SELECT max(size) FROM '{sizes}'").fetchall()[0]
    )
    assert largest == 5_000_000_000


def test_what_target_duckdb_holds_can_be_written_as_parquet(
    tmp_path: Path, runs: Runs
) -> None:
    file = tmp_path / "backlog.duckdb"
    settings = {"filepath": str(file), "default_target_schema": "main"}
    load_both("target-duckdb", settings, runs, tmp_path)
    statement = in_page(r"^EXPORT DATABASE 'parquet' \(FORMAT parquet\);$")
    with duckdb.connect(str(file)) as database:
        database.execute(statement.replace("'parquet'", f"'{tmp_path / 'parquet'}'"))
    issues = duckdb.connect().execute(
        f"SELECT typeof(updated), count(*) FROM '{tmp_path}/parquet/issues.parquet' "
        "GROUP BY ALL"
    )
    assert issues.fetchall() == [("TIMESTAMP", len(runs.last_rows["issues"]))]
