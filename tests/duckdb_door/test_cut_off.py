"""A run that ends before its time: tables and state are as they were at a STATE."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tap_backlog_duckdb import commits, database, spool
from tap_backlog_duckdb import load as loading
from tap_backlog_duckdb.database import opened
from tap_backlog_duckdb.errors import DoorError
from tests.duckdb_door.support import (
    door,
    load,
    query,
    record,
    saved_state,
    schema,
    state,
    written,
)
from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

ROUNDS, ROWS = 40, 60


def messages(begin: int = 0) -> Iterator[bytes]:
    """A tap that sends rows with the number of their round, then a STATE that says it.

    Each round changes a row of round 0, and adds rows without a key.
    """
    yield written(schema("rows", round="integer", text="string"), schema("log", ()))
    for number in range(begin, ROUNDS):
        rows = [
            record("rows", id=number * ROWS + one, round=number, text="x" * 3000)
            for one in range(ROWS)
        ]
        rows.append(record("rows", id=0, round=number, text="changed"))
        yield written(*rows, record("log", id=number), state({"round": number}))


def check(file: Path) -> int:
    """Check that the tables are those of the state; return the next round."""
    text = saved_state(file)
    done = json.loads(text)["round"] + 1 if text else 0
    expected = [(done * ROWS, done * ROWS, done - 1)] if done else [(0, 0, None)]
    if done or query(file, "SELECT 1 FROM duckdb_tables() WHERE table_name = 'rows'"):
        counts = "SELECT count(*), count(DISTINCT id), max(round) FROM rows"
        assert query(file, counts) == expected
        assert query(file, "SELECT id FROM log ORDER BY id") == [
            (i,) for i in range(done)
        ]
    if done:
        changed = query(file, "SELECT round, text FROM rows WHERE id = 0")
        assert changed == [(done - 1, "changed")]
    return done


SMALL = (
    "import sys; from tap_backlog_duckdb import load; load.COMMIT_BYTES = 400_000; "
    "from tap_backlog_duckdb.__main__ import main; main()"
)
"""The command, with as many transactions as a large run has."""


def start(file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SMALL, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


@posix
@pytest.mark.parametrize("seed", range(3))
def test_a_kill_at_any_moment_loses_and_doubles_nothing(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311
    file = tmp_path / "file"
    done, kills = 0, 0
    while done < ROUNDS:
        process = start(file)
        assert process.stdin
        end = time.monotonic() + rng.uniform(0.2, 1.6) if kills < 12 else None
        try:
            for some in messages(done):
                process.stdin.write(some)
                if end and time.monotonic() > end:
                    break
            process.stdin.flush()
        except BrokenPipeError:
            pass
        if end:
            time.sleep(max(0.0, end - time.monotonic()))
            process.kill()
            kills += 1
        process.communicate()
        done = check(file)
    assert kills > 2
    load(file)
    assert not (tmp_path / "file.loading").exists()


@posix
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_keeps_what_came_before_the_last_state(
    tmp_path: Path, signum: signal.Signals
) -> None:
    file = tmp_path / "file"
    process = start(file)
    assert process.stdin
    assert process.stdout
    all_messages = messages()
    for _ in range(12):
        process.stdin.write(next(all_messages))
    process.stdin.write(written(record("rows", id=9999)) + b'{"type":"RECORD"')
    process.stdin.flush()
    wait_until((tmp_path / "file.loading/rows").is_dir)
    time.sleep(0.5)
    process.send_signal(signum)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 128 + signum
    assert err == b""
    assert b"rows loaded" in out
    assert check(file) == 11


def wait_until(is_so: Any) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@posix
def test_a_signal_at_any_moment_leaves_no_traceback(tmp_path: Path) -> None:
    rng = random.Random(0)  # noqa: S311
    file = tmp_path / "file"
    for _ in range(6):
        process = start(file)
        assert process.stdin
        wait_until((tmp_path / "file.loading/rows").is_dir)
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (128 + signal.SIGTERM, b"")


def test_a_cut_at_any_line_leaves_the_tables_of_a_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "COMMIT_BYTES", 300_000)
    monkeypatch.setattr(spool, "FILE_BYTES", 20_000)
    lines = b"".join(messages()).splitlines(keepends=True)
    rng = random.Random(1)  # noqa: S311
    for place in [3, *rng.sample(range(100, len(lines)), 12)]:
        file = tmp_path / str(place)
        with pytest.raises(DoorError, match="cut off"):
            load(file, raw=b"".join(lines[:place]) + b'{"type":"RECORD","str')
        states = sum(b'"STATE"' in line for line in lines[:place])
        assert check(file) == states
        load(file, raw=b"".join(messages(states)))
        assert check(file) == ROUNDS


def test_a_full_disk_is_told_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    load(file, raw=b"".join(list(messages())[:6]))

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(commits, "upsert", fail)
        with pytest.raises(DoorError, match="cannot be put into the file: No space left"):
            load(file, raw=b"".join(messages(5)))
    assert check(file) == 5
    with monkeypatch.context() as patch:
        patch.setattr(spool.Spool, "write", fail)
        with pytest.raises(OSError, match="No space left"):
            load(file, raw=b"".join(messages(5)))
    assert check(file) == 5


def test_a_file_that_is_open_elsewhere_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with duckdb.connect(str(file)):
        result = door(file, stdin=written(schema("rows")))
    assert result.returncode == 1
    assert result.stderr == (
        f"ERROR: {file} is open in another program (process {os.getpid()}). "
        "Close it there, then try again.\n"
    )


def test_a_file_of_another_kind_is_told_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(
        '{"host": "example.backlog.com", "and": "much more than that"}\n' * 99
    )
    before = file.read_bytes()
    result = door(file, stdin=written(schema("rows")))
    assert result.returncode == 1
    assert result.stderr == f"ERROR: {file} is not a DuckDB file. Name another one.\n"
    assert file.read_bytes() == before


@pytest.mark.parametrize("option", [[], ["--state"], ["--export", "x"]])
def test_a_folder_or_file_that_is_not_there_is_told(
    tmp_path: Path, option: list[str]
) -> None:
    file = tmp_path / "none/file"
    result = door(file, *option, stdin=written(schema("rows")))
    what = "file" if option else "folder for"
    assert (result.returncode, result.stderr) == (
        1,
        f"ERROR: There is no {what} {file}.\n",
    )


def test_a_newer_format_or_a_folder_instead_of_a_file_is_told(tmp_path: Path) -> None:
    result = door(tmp_path, stdin=written(schema("rows")))
    assert result.returncode == 1
    assert result.stderr.startswith(f"ERROR: {tmp_path} ")
    assert result.stderr.count("\n") == 1


def test_old_programs_can_read_the_file(tmp_path: Path) -> None:
    load(tmp_path / "file", schema("rows"), record("rows", id=1))
    with opened(tmp_path / "file", read_only=True) as connection:
        found = connection.execute(
            "SELECT tags['storage_version'] FROM duckdb_databases() "
            "WHERE database_name = 'door'"
        ).fetchall()
    assert "v1.2.0" in str(found)


HOLDER = (
    "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
    "sys.stdin.read()"
)


def test_a_file_that_is_taken_while_it_is_opened_again_is_as_it_was_at_a_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backlog.duckdb"
    reopen = database.reopen
    holders: list[subprocess.Popen[bytes]] = []

    def take_it_first(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        connection.execute("USE memory")
        connection.execute("DETACH DATABASE IF EXISTS door")
        if not holders:
            command = [sys.executable, "-c", HOLDER, str(path)]
            pipe = subprocess.PIPE
            holders.append(subprocess.Popen(command, stdin=pipe, stdout=pipe))
            assert holders[0].stdout
            assert holders[0].stdout.readline() == b"open\n"
        reopen(connection, path)

    monkeypatch.setattr(loading, "COMMIT_BYTES", 300_000)
    monkeypatch.setattr(commits, "reopen", take_it_first)
    with pytest.raises(DoorError, match="open in another program"):
        load(file, raw=b"".join(messages()))
    holders[0].communicate(b"")
    done = check(file)
    assert 5 <= done < ROUNDS
    load(file, raw=b"".join(messages(done)))
    assert check(file) == ROUNDS
