"""Runs of this tap and of other programs, and what they cost."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_backlog.tap import TapBacklog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

PYTHON = sys.executable


@dataclass
class Cost:
    """What a run took: seconds of CPU, seconds, peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def run(
    command: list[str],
    env: dict[str, str] | None = None,
    stdin: IO[bytes] | None = None,
) -> Cost:
    """Run a command, and discard its output.

    Args:
        command: The command.
        env: Variables of its environment, beside those of this process.
        stdin: What it reads.
    """
    # pip compiles what it installs, so all programs may use compiled files.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command,
        env={**inherited, "TAP_BACKLOG_LOGLEVEL": "WARNING", **(env or {})},
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{' '.join(command)} failed with code {process.returncode}"
        raise SystemExit(message)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, time.perf_counter() - started, usage.ru_maxrss / 1024)


@contextlib.contextmanager
def served(issues: int, delay: float = 0) -> Iterator[str]:
    """Serve issues from another process; yield the address."""
    server = subprocess.Popen(  # noqa: S603
        [PYTHON, "-m", "benchmarks.page_server", str(issues), "--delay", str(delay)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield server.stdout.readline().strip() if server.stdout else ""
    finally:
        server.kill()
        server.wait()


def tap(
    folder: Path,
    host: str,
    streams: tuple[str, ...] = ("issues",),
    **settings: object,
) -> list[str]:
    """Return the command of this tap, for issues only or for some streams."""
    catalog: Any = TapBacklog(config={}, validate_config=False).catalog_dict
    deselected = settings.pop("deselected", None)
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["stream"] in streams
            elif metadata["breadcrumb"] == deselected:
                metadata["metadata"]["selected"] = False
    config = {"host": host, "api_key": "key", **settings}
    for name, content in (("config", config), ("catalog", catalog)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    files = [f"--config={folder}/config.json", f"--catalog={folder}/catalog.json"]
    return [PYTHON, "-m", "tap_backlog", *files]


def median(costs: list[Cost]) -> Cost:
    """Return the medians of several runs."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )


def in_turn(commands: dict[str, list[str]], rounds: int) -> dict[str, Cost]:
    """Run commands in turn, several rounds; return the medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(run(command))
    return {name: median(found) for name, found in costs.items()}


def machine() -> str:
    """Return the name of this machine, its processor, and how many it has."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{platform.node()} ({os.cpu_count()} x {processor})"


def say(line: str = "") -> None:
    """Print a line of the report."""
    print(line, flush=True)  # noqa: T201
