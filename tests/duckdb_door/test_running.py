"""``--run``: the tap begins with the state of the file, and its rows go into the file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, faults
from tests.duckdb_door.support import door, load, query, saved_state, schema, state, table
from tests.support import ROOT, as_sent, without_limits

if TYPE_CHECKING:
    from pathlib import Path

    from sample_space import SampleServer, Space

Row = dict[str, Any]

STREAMS = "issues,issue_categories,users,categories,rate_limit"


@pytest.fixture
def options() -> Options:
    return without_limits(Options(projects=2, users=8, teams=3, issues=250, activities=9))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backlog.duckdb"


@pytest.fixture
def settings(tmp_path: Path, config: Row) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    return path


def run(file: Path, settings: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return door("--run", file, "--config", settings, "--select", STREAMS, *options)


def ids(file: Path, name: str) -> set[Any]:
    return {row["id"] for row in table(file, name)}


def test_each_run_goes_on_where_the_last_one_ended(
    file: Path, settings: Path, space: Space, server: SampleServer
) -> None:
    first = run(file, settings)
    assert first.returncode == 0, first.stderr
    assert ids(file, "issues") == set(space.issues)
    edited, *_ = list(space.issues)
    space.edit_issue(edited)
    server.requests.clear()
    second = run(file, settings)
    assert second.returncode == 0
    assert server.count("issues") == 1
    rows = {row["id"]: row for row in table(file, "issues")}
    assert rows[edited]["summary"] == space.issues[edited]["summary"]
    assert rows.keys() == set(space.issues)
    assert {row["id"]: row["status"] for row in rows.values()} == {
        issue["id"]: json.loads(json.dumps(as_sent(issue["status"])))
        for issue in space.issues.values()
    }


def test_what_the_tap_prints_is_passed_on_and_then_what_was_loaded(
    file: Path, settings: Path
) -> None:
    result = run(file, settings)
    assert "Done in " in result.stderr
    assert "| `issues`: 250 rows." in result.stderr
    assert result.stdout.splitlines()[0].startswith("table ")
    assert ["issues", "250", "250"] in [
        line.split() for line in result.stdout.splitlines()
    ]


def test_rows_that_are_gone_leave_streams_that_are_read_in_full(
    file: Path, settings: Path, space: Space
) -> None:
    run(file, settings)
    before = table(file, "categories")
    assert len(before) > 1
    gone = before[0]
    for project in space.projects:
        project.categories[:] = [
            one for one in project.categories if one["id"] != gone["id"]
        ]
    assert run(file, settings).returncode == 0
    assert ids(file, "categories") == {row["id"] for row in before} - {gone["id"]}
    assert ids(file, "issues") == set(space.issues)


def test_the_setting_of_the_user_counts(file: Path, config: Row, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**config, "emit_activate_version_messages": False}))
    assert run(file, path).returncode == 0
    columns = query(
        file, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'users'"
    )
    assert ("_sdc_table_version",) not in columns


def test_settings_of_the_environment_are_passed_on(
    file: Path, config: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_BACKLOG_HOST", config["host"])
    monkeypatch.setenv("TAP_BACKLOG_API_KEY", config["api_key"])
    result = door(f"--run={file}", "--config", "ENV", "--select", "users")
    assert result.returncode == 0
    assert len(table(file, "users")) == 8


def test_a_run_that_fails_keeps_what_was_complete_and_the_code_of_the_tap(
    file: Path, settings: Path, space: Space, server: SampleServer
) -> None:
    refusal = faults.error(403, 11, "No permission to access.")
    server.faults = [faults.Fault(refusal, "issues", skip=1, times=None)]
    failed = run(file, settings)
    assert failed.returncode == 1
    assert "ERROR" in failed.stderr
    assert "Traceback" not in failed.stderr
    state_then = json.loads(saved_state(file) or "null")
    assert "unfinished" in json.dumps(state_then)
    server.faults.clear()
    assert run(file, settings).returncode == 0
    assert ids(file, "issues") == set(space.issues)


def test_a_state_of_the_user_is_refused(file: Path, settings: Path) -> None:
    result = run(file, settings, "--state", "x.json")
    assert result.returncode == 1
    assert result.stderr == (
        "ERROR: Leave out --state: --run begins with the state in the file.\n"
    )


def test_wrong_settings_are_told_by_the_tap_alone(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"host": "example.backlog.com"}')
    result = run(file, path)
    assert result.returncode == 1
    assert "api_key" in result.stderr
    assert "settings.json" not in result.stderr
    assert "Traceback" not in result.stderr


def test_the_name_of_the_file_is_needed() -> None:
    result = door("--run")
    assert (result.returncode, result.stderr) == (
        1,
        "ERROR: --run needs the name of the DuckDB file.\n",
    )


@pytest.mark.parametrize("option", ["--plan", "--test", "--streams", "--version"])
def test_what_the_tap_writes_without_messages_is_passed_on(
    file: Path, settings: Path, option: str
) -> None:
    run(file, settings)
    result = door("--run", file, "--config", settings, option)
    assert result.returncode == 0, result.stderr
    assert "rows loaded" not in result.stdout
    assert result.stdout + result.stderr


def test_the_state_can_be_printed_for_a_pipe(file: Path) -> None:
    load(file, schema("rows"))
    result = door(file, "--state")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"ERROR: {file} holds no state yet.\n"
    load(file, state({"a": "日本"}))
    assert door(file, "--state").stdout == '{"a":"日本"}\n'


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("to_group", [True, False])
def test_ctrl_c_ends_both_and_keeps_what_came(
    file: Path,
    settings: Path,
    space: Space,
    server: SampleServer,
    to_group: bool,  # noqa: FBT001
) -> None:
    server.faults = [faults.Fault(faults.stall(0.4), "issues", times=None)]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tap_backlog_duckdb", "--run", str(file)),
            *("--config", str(settings), "--select", STREAMS),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    while not server.count("issues"):
        time.sleep(0.01)
    time.sleep(0.6)
    if to_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    server.faults.clear()
    assert run(file, settings).returncode == 0
    assert ids(file, "issues") == set(space.issues)


def test_nothing_private_is_left_beside_the_file(
    file: Path, settings: Path, tmp_path: Path
) -> None:
    run(file, settings)
    assert {path.name for path in tmp_path.iterdir()} == {file.name, settings.name}


def test_the_name_of_the_file_must_come_first(tmp_path: Path) -> None:
    result = door("--run", "--config", "config.json", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "ERROR: --run needs the name of the DuckDB file.\n"
    assert not list(tmp_path.iterdir())
