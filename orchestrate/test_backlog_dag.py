"""The DAG, run for real by Airflow's LocalExecutor: ``make test-orchestrate``.

Five sample spaces, one of them broken, and two runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from sample_space import Options, SampleServer, faults, make_space

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
AIRFLOW = ROOT / ".venvs/airflow/bin/airflow"
LOADER = ROOT / ".venvs/target-duckdb/bin/target-duckdb"
TAP = ROOT / ".venv/bin/tap-backlog"
SPACES = ["acme", "bravo", "chubu", "delta", "broken"]
TOO_LONG = 240.0


class Airflow:
    """Airflow with its own home, on loopback."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")},
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "orchestrate/dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
            "BACKLOG_TAP": str(TAP),
            "BACKLOG_RETRY_SECONDS": "1",
            "PATH": f"{AIRFLOW.parent}:{os.environ['PATH']}",
        }
        self.home = home

    def __call__(self, *arguments: str) -> str:
        result = subprocess.run(
            [str(AIRFLOW), *arguments],
            env=self.env,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def json(self, *arguments: str) -> Any:
        text = self(*arguments, "--output", "json")
        # There may be warnings before it.
        (answer,) = [line for line in text.splitlines() if line.startswith(("[{", "[]"))]
        return json.loads(answer)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run scheduler, processor and server."""
        with (
            (self.home / "standalone.log").open("wb") as log,
            subprocess.Popen(
                [str(AIRFLOW), "standalone"],
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield
            finally:
                os.killpg(process.pid, 15)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 9)

    def run(self, run_id: str) -> dict[str, str]:
        """Run the DAG to its end; return the states of its tasks."""
        self("dags", "trigger", "backlog", "--run-id", run_id)
        until = time.monotonic() + TOO_LONG
        while time.monotonic() < until:
            time.sleep(3)
            runs = {
                r["run_id"]: r["state"] for r in self.json("dags", "list-runs", "backlog")
            }
            if runs.get(run_id) in {"success", "failed"}:
                break
        else:
            pytest.fail((self.home / "standalone.log").read_text()[-3000:])
        tasks = self.json("tasks", "states-for-dag-run", "backlog", run_id)
        states = {
            f"{one['task_id']}[{one.get('map_index', '')}]".removesuffix("[]"): one[
                "state"
            ]
            for one in tasks
        }
        return {"run": runs[run_id], **states}

    def log_of(self, run_id: str, task: str) -> str:
        folder = self.home / f"logs/dag_id=backlog/run_id={run_id}/task_id={task}"
        return "\n".join(path.read_text() for path in folder.rglob("*.log"))


def rows(folder: Path, space: str) -> int:
    with duckdb.connect(str(folder / f"{space}.duckdb"), read_only=True) as database:
        found = database.execute("SELECT count(*) FROM issues").fetchone()
    return int(found[0]) if found else 0


def test_each_space_arrives_and_the_broken_one_is_told_of(tmp_path: Path) -> None:
    airflow = Airflow(tmp_path / "airflow")
    loaded, states = tmp_path / "loaded", tmp_path / "states"
    loaded.mkdir()
    with contextlib.ExitStack() as stack:
        servers = {}
        for number, name in enumerate(SPACES):
            options = Options(
                seed=number,
                projects=2,
                users=6,
                teams=3,
                issues=60 + number,
                activities=40,
            )
            servers[name] = stack.enter_context(SampleServer(make_space(options)))
        broken = faults.Fault(faults.error(500, 1, "Out of order."), "issues", times=None)
        servers["broken"].faults.append(broken)

        airflow("db", "migrate")
        airflow("pools", "set", "backlog_loads", "3", "Spaces that are loaded at a time")
        for name, server in servers.items():
            airflow(
                *("connections", "add", name, "--conn-type", "generic"),
                *("--conn-host", server.url),
                *("--conn-password", server.space.options.admin_key),
                *("--conn-extra", json.dumps({"max_retries": 1})),
            )
        loader = {
            "command": [str(LOADER)],
            "settings": {
                "filepath": f"{loaded}/{{space}}.duckdb",
                "default_target_schema": "main",
            },
        }
        for variable, value in (
            ("backlog_spaces", json.dumps(SPACES)),
            ("backlog_states", states.as_uri()),
            ("backlog_loader", json.dumps(loader)),
        ):
            airflow("variables", "set", variable, value)
        stack.enter_context(airflow.running())
        wait_for_dag(airflow)
        airflow("dags", "unpause", "backlog")

        first = airflow.run("first")
        assert first["run"] == "failed", first
        assert sorted(first.values()).count("success") == 5, first
        assert "Not synced: broken." in airflow.log_of("first", "tell")
        assert "Synced 4 of 5 spaces." in airflow.log_of("first", "tell")
        for name in SPACES[:-1]:
            assert rows(loaded, name) == len(servers[name].space.issues)
            servers[name].space.edit_issue(next(iter(servers[name].space.issues)))
            servers[name].requests.clear()

        servers["broken"].faults.clear()
        second = airflow.run("second")
        assert set(second.values()) == {"success"}, second
        assert "Synced 5 of 5 spaces." in airflow.log_of("second", "tell")
        for name in SPACES:
            assert rows(loaded, name) == len(servers[name].space.issues)
        for name in SPACES[:-1]:
            assert servers[name].count("issues") == 1
        everything = airflow.log_of("first", "sync_space") + airflow.log_of(
            "second", "sync_space"
        )
        assert servers["acme"].space.options.admin_key not in everything


def wait_for_dag(airflow: Airflow) -> None:
    until = time.monotonic() + TOO_LONG
    while time.monotonic() < until:
        time.sleep(3)
        if "backlog" in [one["dag_id"] for one in airflow.json("dags", "list")]:
            return
    pytest.fail((airflow.home / "standalone.log").read_text()[-3000:])
