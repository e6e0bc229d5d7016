"""Batches as Parquet hold what messages say, in typed columns."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest

from sample_space import Options, Space
from tap_backlog.singer.batches.config import problems
from tap_backlog.tap import TapBacklog
from tests.batches import batches, files_of, named
from tests.parquet_files import in_parquet, read_rows, rows_in_files, rows_in_messages
from tests.support import ROOT, parse, run, select, sync, without_limits
from tests.test_interrupts import Run, wait_for
from tests.test_stdout import posix

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer

Row = dict[str, Any]

ALL = tuple(TapBacklog(config={}, validate_config=False).streams)
FLAT = {"flattening_enabled": True, "flattening_max_depth": 1}
WAYS: dict[str, Row] = {
    "raw": {},
    "left out": {"leave_out_fields": ["mailAddress", "customFields"]},
    "flat": FLAT,
    "flat and deep": {**FLAT, "flattening_max_depth": 3},
    "for people": {**FLAT, "readable_lists": True, "readable_times": True},
    "mapped": {
        "stream_maps": {
            "issues": {
                "__alias__": "tickets",
                "summary": "md5(summary)",
                "title": "summary",
                "hours": "estimatedHours",
                "description": None,
            },
            "users": {"__filter__": "id % 2", "name": "name"},
        }
    },
}


@pytest.fixture
def options() -> Options:
    return without_limits(
        Options(projects=3, users=8, teams=5, issues=90, activities=150)
    )


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_stream_has_in_files_what_it_has_in_messages(
    config: Row, tmp_path: Path, way: Row
) -> None:
    catalog = select(*ALL)
    plain = sync({**config, **way}, catalog=catalog)
    output = sync({**config, **way, **in_parquet(tmp_path)}, catalog=catalog)
    assert output.schemas == plain.schemas
    found, expected = rows_in_files(output), rows_in_messages(plain)
    assert found.keys() == expected.keys()
    assert len(found) > 45
    for stream in found.keys() - {"rate_limit"}:  # it says how many requests are left
        assert found[stream] == expected[stream], stream
    assert named(output) == files_of(tmp_path)


def test_an_incremental_run_brings_the_same_rows_and_leaves_the_same_state(
    config: Row, space: Space, tmp_path: Path
) -> None:
    first = sync({**config, **in_parquet(tmp_path)}, "issues", "issue_categories")
    assert {row["id"] for row in rows_in_files(first)["issues"]} == set(space.issues)
    for issue in list(space.issues.values())[:5]:
        space.touch(issue)
    state = first.states[-1]
    plain = sync(config, "issues", "issue_categories", state=state)
    output = sync(
        {**config, **in_parquet(tmp_path)}, "issues", "issue_categories", state=state
    )
    assert len(rows_in_files(output)["issues"]) >= 5
    assert rows_in_files(output) == rows_in_messages(plain)
    assert output.states[-1] == plain.states[-1]


def test_columns_have_the_types_of_the_schema(config: Row, tmp_path: Path) -> None:
    output = sync({**config, **in_parquet(tmp_path)}, "issues")
    (message,) = batches(output)
    assert message["encoding"] == {"format": "parquet"}
    (uri,) = message["manifest"]
    assert uri.endswith(".parquet")
    file = pyarrow.parquet.ParquetFile(uri.removeprefix("file://"))
    columns, moment = file.schema_arrow, pa.timestamp("us", tz="UTC")
    assert columns.field("id").type == pa.int64()
    assert columns.field("summary").type == pa.string()
    assert columns.field("estimatedHours").type == pa.float64()
    assert columns.field("updated").type == moment
    assert columns.field("resolution").type == pa.struct(
        [("id", pa.int64()), ("name", pa.string())]
    )
    item = columns.field("customFields").type.value_type
    assert item.field("value").type == pa.string()
    assert columns.field("milestone").type.value_type.field("startDate").type == moment
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize(
    ("compression", "codec"), [("gzip", "GZIP"), ("none", "UNCOMPRESSED")]
)
def test_compression_is_inside_the_file(
    config: Row, tmp_path: Path, compression: str, codec: str
) -> None:
    config |= in_parquet(tmp_path)
    config["batch_config"]["encoding"]["compression"] = compression
    (message,) = batches(sync(config, "users"))
    (uri,) = message["manifest"]
    assert uri.endswith(".parquet")
    file = pyarrow.parquet.ParquetFile(uri.removeprefix("file://"))
    assert file.metadata.row_group(0).column(0).compression == codec


_IN_PANDAS = """
import json, sys, pandas
rows = pandas.read_parquet(sys.argv[1]).sort_values("id")
first = rows.iloc[0]
print(json.dumps({
    "kinds": [str(rows[name].dtype)[:10] for name in ("id", "created", "estimatedHours")],
    "first": [int(first["id"]), first["summary"], str(first["created"])],
    "status": first["status"]["name"],
    "rows": len(rows),
}))
"""


def test_pandas_reads_the_file_that_pyarrow_and_duckdb_read(
    config: Row, space: Space, tmp_path: Path
) -> None:
    (uri,) = named(sync({**config, **in_parquet(tmp_path)}, "issues"))
    python = ROOT / ".venvs/pandas/bin/python"
    read = [str(python), "-c", _IN_PANDAS, uri.removeprefix("file://")]
    found = json.loads(subprocess.check_output(read, encoding="utf-8"))
    issue = space.issues[min(space.issues)]
    assert found == {
        "kinds": ["int64", "datetime64", "float64"],
        "first": [
            issue["id"],
            issue["summary"],
            issue["created"].replace("T", " ").replace("Z", "+00:00"),
        ],
        "status": issue["status"]["name"],
        "rows": len(space.issues),
    }


RENAMED = {"issues": {"title": "summary", "summary": "__NULL__"}}
AS_NUMBER = {"issues": {"keyId": "str(keyId)", "estimatedHours": "int(id)"}}


@pytest.mark.parametrize("change", [RENAMED, AS_NUMBER], ids=["renamed", "other types"])
def test_columns_that_change_between_runs_stay_readable_and_lose_nothing(
    config: Row, space: Space, tmp_path: Path, change: Row
) -> None:
    first = sync({**config, **in_parquet(tmp_path / "1")}, "issues")
    mapped = {**config, "stream_maps": change}
    second = sync({**mapped, **in_parquet(tmp_path / "2")}, "issues")
    assert rows_in_files(second) == rows_in_messages(sync(mapped, "issues"))
    assert len(rows_in_files(first)["issues"]) == len(space.issues)
    both = f"read_parquet('{tmp_path}/*/*.parquet', union_by_name = true)"
    query = f"SELECT count(*), count(DISTINCT CAST(keyId AS VARCHAR)) > 1 FROM {both}"
    assert duckdb.execute(query).fetchall() == [(2 * len(space.issues), True)]


def test_files_of_many_runs_are_read_as_one_table(
    config: Row, space: Space, tmp_path: Path
) -> None:
    state = None
    for _ in range(3):
        for issue in list(space.issues.values())[:4]:
            space.touch(issue)
        output = sync({**config, **in_parquet(tmp_path)}, "issues", state=state)
        state = output.states[-1]
    found = duckdb.execute(
        f"""
        SELECT count(*), max(updated), sum(len(customFields)) > 0
        FROM (
            SELECT * FROM '{tmp_path}/*--issues-*.parquet'
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY updated DESC) = 1
        )
        """
    ).fetchall()
    newest = max(rows_in_files(output)["issues"], key=lambda row: row["updated"])
    assert found == [(len(space.issues), newest["updated"], True)]


def test_a_file_is_as_large_as_it_is_to_be(
    config: Row, space: Space, tmp_path: Path
) -> None:
    for number, issue in enumerate(space.issues.values()):
        issue["description"] = f"{number} " + "本" * 60_000
    config |= in_parquet(tmp_path, batch_size_mb=1)
    config["batch_config"]["encoding"]["compression"] = "none"
    output = sync(config, "issues")
    sizes = [len(read_rows(uri)) for uri in sorted(named(output))]
    assert sum(sizes) == len(space.issues)
    assert 2 <= len(sizes) <= 6


@posix
def test_without_pyarrow_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert [*problems(in_parquet("files"))] == []
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (problem,) = problems(in_parquet("files"))
    assert problem == (
        "`batch_config.encoding.format` is parquet, which needs another package: "
        "pip install 'tap-backlog[parquet]'"
    )


def test_pyarrow_is_imported_only_for_parquet(
    config: Row, tmp_path: Path, server: SampleServer
) -> None:
    (tmp_path / "pyarrow.py").write_text("raise SystemExit('imported')")
    env = {"PYTHONPATH": str(tmp_path)}
    assert run(tmp_path, config, env=env).returncode == 0
    asked = server.count()
    result = run(tmp_path, {**config, **in_parquet(tmp_path / "files")}, env=env)
    assert "imported" in result.stderr
    assert server.count() == asked


@posix
def test_a_run_that_is_killed_leaves_whole_files_under_their_names(
    config: Row, server: SampleServer, space: Space, tmp_path: Path
) -> None:
    server.before_answer = lambda _: time.sleep(0.02)
    root = tmp_path / "files"
    tap = Run(tmp_path, {**config, **in_parquet(root, batch_size=40)})
    wait_for(lambda: any(root.glob("*--issues-*.parquet")))
    tap.process.kill()
    tap.process.wait()
    stdout = tap.stdout.read_text(encoding="utf-8")
    whole = stdout[: stdout.rindex("\n") + 1]
    output = parse(whole)
    for file in root.glob("*.parquet"):
        assert len(read_rows(file.as_uri())) > 0
    assert named(output) <= {file.as_uri() for file in root.glob("*.parquet")}
    state = output.states[-1] if output.states else None
    rest = sync({**config, **in_parquet(root)}, "issues", state=state)
    found = rows_in_files(output).get("issues", []) + rows_in_files(rest)["issues"]
    assert {row["id"] for row in found} == set(space.issues)


def test_streams_that_a_map_gives_one_name_keep_the_columns_of_each(
    server: SampleServer, space: Space, tmp_path: Path
) -> None:
    config: Row = {"host": server.url, "api_key": space.options.admin_key}
    name = {"__alias__": "work"}
    config |= {"stream_maps": {"issues": name, "pull_requests": name}}
    output = sync({**config, **in_parquet(tmp_path)}, "issues", "pull_requests")
    rows = [row for uri in named(output) for row in read_rows(uri)]
    assert sum(row.get("repositoryId") is not None for row in rows) > 0
    assert sum(row.get("issueKey") is not None for row in rows) == len(space.issues)
