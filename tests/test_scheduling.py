"""docs/scheduling.md: the jobs run as cron runs them, with very few variables."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import faults
from tests.pages import BOM, blocks, newcomer, paste
from tests.support import ROOT, copy_project

if TYPE_CHECKING:
    from sample_space import SampleServer, Space

Row = dict[str, Any]
PAGE = "docs/scheduling.md"

CRONTAB = """#!/bin/sh
if [ "$1" = -l ]; then cat {file}; else cat > {file}.new && mv {file}.new {file}; fi
"""
"""Replaces the real program, which would change the crontab of the user."""


@dataclass
class Clone:
    """A clone after the first run, and the crontab of its user."""

    folder: Path
    crontab: Path

    def paste(self, commands: str) -> None:
        path = f"{self.crontab.parent}:{os.environ['PATH']}"
        paste(commands, self.folder, {**newcomer(), "PATH": path})

    def cron(self, job: str) -> subprocess.CompletedProcess[str]:
        """Run the line of the crontab that names the job, as cron does."""
        (line,) = [one for one in self.crontab.read_text().splitlines() if job in one]
        return subprocess.run(
            ["/bin/sh", "-c", line.split(maxsplit=5)[5]],
            cwd="/",
            env={
                "HOME": "/",
                "LOGNAME": "x",
                "SHELL": "/bin/sh",
                "PATH": "/usr/bin:/bin",
            },
            capture_output=True,
            encoding="utf-8",
            timeout=200,
            check=False,
        )

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script by hand, with few programs on the path."""
        return subprocess.run(
            [script],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    @property
    def state(self) -> Row:
        state: Row = json.loads((self.folder / "schedule/run/state.json").read_text())
        return state

    def set(self, variable: str, value: str) -> None:
        with (self.folder / "backlog.env").open("a") as file:
            file.write(f"export {variable}={shlex.quote(value)}\n")


@pytest.fixture
def clone(tmp_path: Path, config: Row) -> Clone:
    """Return a clone after the first run, in a folder with a space in its name."""
    folder = copy_project(tmp_path / "my clone")
    for place, programs in {
        ".venv/bin": [
            Path(sys.executable),
            ROOT / ".venv/bin/tap-backlog",
            ROOT / ".venvs/target-csv/bin/target-csv",
        ],
        "loader/bin": [ROOT / ".venvs/target-duckdb/bin/target-duckdb"],
    }.items():
        (folder / place).mkdir(parents=True)
        for program in programs:
            (folder / place / program.name).symlink_to(program)
    python = folder / ".venv/bin/python"
    if not python.exists():
        python.symlink_to(sys.executable)
    fake = tmp_path / "bin/crontab"
    fake.parent.mkdir()
    fake.write_text(CRONTAB.format(file=shlex.quote(str(tmp_path / "bin/table"))))
    fake.chmod(0o755)
    one = Clone(folder, tmp_path / "bin/table")
    secrets = blocks(PAGE, "sh")[0]
    secrets = secrets.replace("example.backlog.com", config["host"])
    one.paste(secrets.replace("your-api-key", config["api_key"]))
    return one


def whole_issues(clone: Clone) -> list[int]:
    """Return the ids in output/issues.csv, which Excel can open."""
    file = clone.folder / "output/issues.csv"
    assert file.read_bytes().startswith(BOM)
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return sorted(int(row["id"]) for row in csv.DictReader(lines))


def test_secrets_are_for_the_user_alone_and_not_in_git(clone: Clone) -> None:
    assert (clone.folder / "backlog.env").stat().st_mode & 0o777 == 0o600
    ignored = (clone.folder / ".gitignore").read_text().splitlines()
    assert {"/backlog.env", "/schedule/run/", "/loader.json"} <= set(ignored)


def test_every_week_cron_writes_whole_files(
    clone: Clone, config: Row, space: Space
) -> None:
    _, by_hand, cron_line, *_ = blocks(PAGE, "sh")
    clone.crontab.write_text("0 0 * * * something-else\n")
    clone.paste(by_hand + cron_line)
    clone.paste(cron_line)
    assert whole_issues(clone) == sorted(space.issues)
    others, ours = clone.crontab.read_text().splitlines()
    assert others == "0 0 * * * something-else"
    assert ours.startswith("0 6 * * 1 '/")
    assert config["api_key"] not in clone.crontab.read_text()

    space.add_issue()
    assert clone.cron("weekly").returncode == 0
    assert whole_issues(clone) == sorted(space.issues)

    clone.set("TAP_BACKLOG_API_KEY", "no-such-key")
    assert clone.cron("weekly").returncode == 1
    assert whole_issues(clone) == sorted(space.issues)
    log = (clone.folder / "schedule/weekly.log").read_text()
    assert "Personal Settings > API" in log.splitlines()[-1]
    assert "Traceback" not in log


def test_every_night_cron_loads_what_changed(
    clone: Clone, space: Space, server: SampleServer
) -> None:
    loader, jobs = blocks(PAGE, "sh")[3:5]
    clone.paste(loader.partition("\n")[2])
    clone.paste(jobs)
    first_state = clone.state

    edited = next(iter(space.issues))
    space.edit_issue(edited)
    before = server.count("issues")
    assert clone.cron("nightly").returncode == 0
    assert server.count("issues") - before == 1
    assert clone.state != first_state
    with duckdb.connect(str(clone.folder / "backlog.duckdb")) as database:
        rows = database.execute("SELECT id, summary FROM issues").fetchall()
    assert sorted(rows) == sorted((i["id"], i["summary"]) for i in space.issues.values())


def test_the_state_is_kept_only_if_all_is_loaded(clone: Clone, space: Space) -> None:
    loader, jobs = blocks(PAGE, "sh")[3:5]
    clone.paste(loader.partition("\n")[2] + jobs)
    state = clone.state
    space.edit_issue(next(iter(space.issues)))
    clone.set("LOADER", "/bin/false")
    assert clone.cron("nightly").returncode == 1
    assert clone.state == state
    clone.set("LOADER", "loader/bin/target-duckdb")
    clone.set("TAP_BACKLOG_API_KEY", "no-such-key")
    assert clone.cron("nightly").returncode == 1
    assert clone.state == state


def test_a_night_that_breaks_off_is_finished_by_the_next(
    clone: Clone, space: Space, server: SampleServer
) -> None:
    loader, jobs = blocks(PAGE, "sh")[3:5]
    clone.set("TAP_BACKLOG_MAX_RETRIES", "0")
    cron_line = jobs.partition("\n")[2]
    clone.paste(f"{loader.partition(chr(10))[2]}touch {clone.crontab}\n{cron_line}")
    outage = faults.error(500, 1, "Internal error.")
    server.faults = [faults.Fault(outage, path="issues", skip=2, times=None)]
    assert clone.cron("nightly").returncode == 1
    with duckdb.connect(str(clone.folder / "backlog.duckdb")) as database:
        rows = database.execute("SELECT id FROM issues").fetchall()
    assert 0 < len(rows) < len(space.issues)
    server.faults = []
    assert clone.cron("nightly").returncode == 0
    with duckdb.connect(str(clone.folder / "backlog.duckdb")) as database:
        rows = database.execute("SELECT id FROM issues").fetchall()
    assert sorted(one for (one,) in rows) == sorted(space.issues)


@pytest.mark.parametrize("job", ["weekly", "nightly"])
def test_a_run_beside_another_ends_at_once(clone: Clone, job: str) -> None:
    run = clone.folder / "schedule/run"
    run.mkdir()
    with (run / f"{job}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = clone.run(f"schedule/{job}.sh")
    assert result.returncode == 1
    assert result.stderr == f"Another run of {job} is still under way; this one ends.\n"


def test_without_secrets_a_line_says_what_is_missing(clone: Clone) -> None:
    (clone.folder / "backlog.env").unlink()
    result = clone.run("schedule/weekly.sh")
    assert result.returncode == 1
    assert result.stderr.endswith(
        "backlog.env is missing; docs/scheduling.md says what is in it.\n"
    )


@pytest.mark.parametrize("job", ["weekly", "nightly"])
def test_without_the_first_run_a_line_says_what_is_missing(
    clone: Clone, job: str
) -> None:
    (clone.folder / ".venv").rename(clone.folder / "elsewhere")
    result = clone.run(f"schedule/{job}.sh")
    assert result.returncode == 1
    assert result.stderr.endswith(
        ".venv is missing; the first run in README.md sets it up.\n"
    )


def test_without_the_loaders_settings_nothing_is_read(
    clone: Clone, server: SampleServer
) -> None:
    asked = len(server.requests)
    result = clone.run("schedule/nightly.sh")
    assert result.returncode == 1
    assert result.stderr == (
        f"loader.json is missing in {clone.folder}; docs/scheduling.md says "
        "how to set it up.\n"
    )
    assert len(server.requests) == asked
