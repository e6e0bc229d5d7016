"""What each loader takes for the same messages: ``make bench-loaders``.

The tap has written the messages before, so a loader never waits for it. The last table
compares the whole way, tap and loader together.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.running import PYTHON, Cost, machine, run, say, served, tap
from benchmarks.ways_out import FLAT, WITH_PARTS
from tests import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GOAL = 0.25
"""Most of the time of tap and target-duckdb that tap and DuckDB may take together."""

Row = dict[str, Any]


class Loader(NamedTuple):
    """A loader with its settings.

    Args:
        name: What it is called in the table.
        program: Its environment in ``.venvs`` and its command.
        settings: Returns its settings, for an empty folder and the port of PostgreSQL.
        is_flat: Whether it takes flattened rows.
    """

    name: str
    program: tuple[str, str]
    settings: Callable[[Path, int], Row]
    is_flat: bool = False

    def command(self, folder: Path, port: int) -> list[str]:
        """Return its command.

        Args:
            folder: Where it writes.
            port: That of PostgreSQL.
        """
        folder.mkdir(parents=True)
        environment, command = self.program
        if environment == ".venv":
            return [PYTHON, "-m", command, str(folder / "backlog.duckdb")]
        file = folder / "settings.json"
        file.write_text(json.dumps(self.settings(folder, port)))
        return [f".venvs/{environment}/bin/{command}", f"--config={file}"]


def _csv(folder: Path, _port: int) -> Row:
    return {"output_path": str(folder), "encoding": "utf-8-sig"}


def _duckdb(folder: Path, _port: int) -> Row:
    return {"filepath": str(folder / "backlog.duckdb"), "default_target_schema": "main"}


def _jsonl(folder: Path, _port: int) -> Row:
    return {"destination_path": str(folder)}


def _postgres(_folder: Path, port: int) -> Row:
    user = {"user": "postgres", "password": "", "database": "postgres"}
    return {**user, "host": "127.0.0.1", "port": port, "default_target_schema": "raw"}


def _pipelinewise(_folder: Path, port: int) -> Row:
    user = {"user": "postgres", "password": "none", "dbname": "postgres"}
    return {**user, "host": "127.0.0.1", "port": port, "default_target_schema": "pipe"}


def _quick(settings: Callable[[Path, int], Row], **more: object) -> Any:  # noqa: ANN401
    return lambda folder, port: {**settings(folder, port), **more}


_QUICK = {"batch_size_rows": 10_000, "validate_records": False}

LOADERS = (
    Loader("tap-backlog-duckdb", (".venv", "tap_backlog_duckdb"), _csv),
    Loader("target-jsonl", ("target-jsonl",) * 2, _jsonl),
    Loader("target-csv", ("target-csv",) * 2, _csv, is_flat=True),
    Loader(
        "target-csv, tuned", ("target-csv",) * 2, _quick(_csv, **_QUICK), is_flat=True
    ),
    Loader("target-duckdb", ("target-duckdb",) * 2, _duckdb),
    Loader("target-duckdb, tuned", ("target-duckdb",) * 2, _quick(_duckdb, **_QUICK)),
    Loader(
        "target-postgres, tuned",
        ("target-postgres",) * 2,
        _quick(_postgres, **_QUICK, use_copy=True),
    ),
    Loader(
        "pipelinewise-target-postgres",
        ("target-pipelinewise-postgres", "target-postgres"),
        _pipelinewise,
    ),
)
"""Those of which the settings that matter have been tried; ``tuned`` is docs/loaders.md's
recommendation."""


def load(command: list[str], messages: Path, limit: float) -> Cost | None:
    """Run a loader on messages; return what it took, or None if it took too long.

    Args:
        command: Its command.
        messages: A file of messages.
        limit: Most seconds.
    """
    started = time.perf_counter()
    with messages.open("rb") as file:
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=file,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TARGET_CSV_LOGLEVEL": "WARNING"},
        )
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            took = time.perf_counter() - started
            if pid:
                break
            if took > limit:
                process.kill()
                process.wait()
                return None
            time.sleep(0.05)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{' '.join(command)} failed with code {process.returncode}"
        raise SystemExit(message)
    return Cost(usage.ru_utime + usage.ru_stime, took, usage.ru_maxrss / 1024)


def measure_loaders(folder: Path, issues: int, limit: float, only: str) -> None:
    """Measure each loader, and print the table.

    Args:
        folder: For messages and what loaders write.
        issues: The number of issues, with ten rows of its parts each.
        limit: Seconds after which a loader is stopped.
        only: Loaders with this in their name; "" for all.
    """
    raw, flat = folder / "raw.jsonl", folder / "flat.jsonl"
    with served(issues) as host:
        for file, settings in ((raw, {}), (flat, FLAT)):
            with file.open("wb") as out:
                command = tap(folder, host, WITH_PARTS, **settings)
                subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=True)  # noqa: S603
    rows = sum(b'"RECORD"' in line[:40] for line in raw.open("rb"))
    size = raw.stat().st_size / 1e6
    say(f"\n## Loaders, {rows:,} rows, {size:,.0f} MB, on {machine()}\n")
    say("| loader | rows are | s | CPU, s | peak memory, MB |")
    say("|---|---|---:|---:|---:|")
    chosen = [one for one in LOADERS if only in one.name]
    with _postgres_if_any(chosen) as port:
        for number, loader in enumerate(chosen):
            place = folder / str(number)
            messages = flat if loader.is_flat else raw
            took = load(loader.command(place, port), messages, limit)
            figures = f"> {limit:.0f} | |"
            if took:
                figures = f"{took.wall:.0f} | {took.cpu:.0f} | {took.memory:,.0f}"
            form = "flat" if loader.is_flat else "nested"
            say(f"| {loader.name} | {form} | {figures} |")
            shutil.rmtree(place)


@contextlib.contextmanager
def _postgres_if_any(loaders: list[Loader]) -> Iterator[int]:
    if any("postgres" in loader.name for loader in loaders):
        with postgres.serve() as port:
            yield port
    else:
        yield 0


def measure_to_the_end(folder: Path, issues: int, rounds: int) -> float:
    """Compare tap and DuckDB with tap and target-duckdb, from the server to the tables.

    Returns the time of the first, divided by that of the second.

    Args:
        folder: For what they write.
        issues: The number of issues, with ten rows of its parts each.
        rounds: How often each way is measured; the better time counts.
    """
    names = ("tap-backlog-duckdb", "target-duckdb")
    ways = {one.name: one for one in LOADERS if one.name in names}
    took: dict[str, list[float]] = {name: [] for name in ways}
    with served(issues) as host:
        reader = tap(folder, host, WITH_PARTS)
        for turn in range(rounds):
            for name, loader in ways.items():
                writer = loader.command(folder / f"{name}-{turn}", 0)
                took[name].append(_piped(reader, writer))
    ours, theirs = (min(took[name]) for name in ways)
    say("\n## From the API to tables in DuckDB\n")
    say("| way | s | / target-duckdb | goal |")
    say("|---|---:|---:|---:|")
    say(f"| tap and tap-backlog-duckdb | {ours:.0f} | {ours / theirs:.2f} | ≤ {GOAL} |")
    say(f"| tap and target-duckdb | {theirs:.0f} | 1.00 | |")
    return ours / theirs


def most_memory_of_duckdb(folder: Path, issues: int) -> float:
    """Return the peak memory of tap-backlog-duckdb in MB.

    Args:
        folder: For what is written.
        issues: The number of issues, with ten rows of its parts each.
    """
    with (
        served(issues) as host,
        subprocess.Popen(  # noqa: S603
            tap(folder, host, WITH_PARTS),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as reader,
    ):
        if not reader.stdout:
            return 0
        door = LOADERS[0].command(folder / "memory", 0)
        cost = run(door, stdin=reader.stdout)
    return cost.memory


def _piped(reader: list[str], writer: list[str]) -> float:
    started = time.perf_counter()
    nowhere = subprocess.DEVNULL
    with (
        subprocess.Popen(  # noqa: S603
            reader, stdout=subprocess.PIPE, stderr=nowhere
        ) as first,
        subprocess.Popen(  # noqa: S603
            writer, stdin=first.stdout, stdout=nowhere, stderr=nowhere
        ) as last,
    ):
        if first.stdout:
            first.stdout.close()
    if first.returncode or last.returncode:
        message = f"{' '.join(reader)} | {' '.join(writer)} failed"
        raise SystemExit(message)
    return time.perf_counter() - started


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=26_700, help="300,000 rows")
    parser.add_argument("--limit", type=float, default=600, help="seconds per loader")
    parser.add_argument("--only", default="", help="loaders with this in their name")
    parser.add_argument("--rounds", type=int, default=1)
    choices = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_to_the_end(folder, choices.issues, choices.rounds)
        measure_loaders(folder, choices.issues, choices.limit, choices.only)


if __name__ == "__main__":
    main()
