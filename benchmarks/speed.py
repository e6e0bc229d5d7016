"""CPU, wall time and memory of this tap and of others, in one run: ``make bench``.

All read the same issues from the same local server, in turn, and their output is
discarded. Figures are medians of the rounds; ratios are ours divided by theirs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sample_space import SampleServer, make_space
from tap_backlog.tap import TapBacklog

if TYPE_CHECKING:
    from collections.abc import Iterator

PEERS = Path(__file__).parent / "peers"
PYTHON = sys.executable
VENVS = Path(".venvs")
PAGE = 100
RESULT = Path("output/bench.json")
NINE_REPORTS = (
    *("space", "projects", "users", "teams", "issue_types", "categories", "issues"),
    *("recent_updates", "rate_limit"),
)


@dataclass
class Cost:
    """What a run took: seconds of CPU, seconds, peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def run(command: list[str], env: dict[str, str] | None = None) -> Cost:
    """Run a command, and discard its output."""
    # pip compiles what it installs, so all programs may use compiled files.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command,
        env={**inherited, "TAP_BACKLOG_LOGLEVEL": "WARNING", **(env or {})},
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


def peers(host: str) -> dict[str, list[str]]:
    """Return the commands of the others."""
    return {
        "singer-sdk tap": [PYTHON, "-m", "benchmarks.peers.sdk_tap", host],
        "dlt": [str(VENVS / "bench-dlt/bin/python"), f"{PEERS}/dlt_pipeline.py", host],
        "Airbyte CDK": [
            *[str(VENVS / "bench-airbyte/bin/python"), f"{PEERS}/airbyte_source.py"],
            host,
        ],
        "plain script": [PYTHON, f"{PEERS}/plain_script.py", host],
        "byte copy": [PYTHON, f"{PEERS}/byte_copy.py", host],
    }


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


def measure_cpu(folder: Path, issues: int, rounds: int) -> dict[str, Any]:
    """Measure all programs with the same issues."""
    with served(issues) as host:
        costs = in_turn({"tap-backlog": tap(folder, host), **peers(host)}, rounds)
    ours = costs["tap-backlog"]
    say(f"\n## CPU of {issues:,} issues\n")
    say("| | CPU, s | wall, s | peak memory, MB | ours / theirs, CPU |")
    say("|---|---:|---:|---:|---:|")
    for name, cost in costs.items():
        ratio = f"{ours.cpu / cost.cpu:.2f}"
        say(
            f"| {name} | {cost.cpu:.2f} | {cost.wall:.2f} | {cost.memory:.0f} | {ratio} |"
        )
    say()
    longest = max(cost.cpu for cost in costs.values())
    for name, cost in costs.items():
        say(
            f"    {name:<16}{'█' * max(1, round(50 * cost.cpu / longest))} {cost.cpu:.1f}"
        )
    return {name: cost.cpu for name, cost in costs.items()}


def measure_decoding(folder: Path, issues: int) -> None:
    """Measure what makes the tap decode rows."""
    ways: dict[str, dict[str, Any]] = {
        "flattening": {"flattening_enabled": True, "flattening_max_depth": 1},
        "nested selection": {
            "deselected": ["properties", "status", "properties", "color"]
        },
        "stream maps": {"stream_maps": {"issues": {"summary": "md5(summary)"}}},
    }
    with served(issues) as host:
        idiomatic = peers(host)["singer-sdk tap"]
        theirs = run(idiomatic)
        flat = run([*idiomatic, "--full"])
        say("\n## A full decode\n")
        say("| way | CPU, s | / singer-sdk tap | / the same, flattening |")
        say("|---|---:|---:|---:|")
        for name, settings in ways.items():
            cost = run(tap(folder, host, **settings))
            beside_flat = f"{cost.cpu / flat.cpu:.2f}" if name == "flattening" else ""
            ratio = f"{cost.cpu / theirs.cpu:.2f}"
            say(f"| {name} | {cost.cpu:.2f} | {ratio} | {beside_flat} |")


def measure_batches(folder: Path, issues: int, rounds: int) -> None:
    """Measure files instead of messages, packed and not."""
    commands = {}
    with served(issues) as host:
        for way in ("messages", "none", "gzip"):
            (own := folder / way).mkdir()
            files = {
                "encoding": {"format": "jsonl", "compression": way},
                "storage": {"root": str(own / "files")},
            }
            settings: dict[str, Any] = {}
            if way != "messages":
                settings["batch_config"] = files
            commands[way] = tap(own, host, **settings)
        costs = in_turn(commands, rounds)
    plain = costs.pop("messages")
    say("\n## Batches\n")
    say("| compression | CPU, s | / a plain run |")
    say("|---|---:|---:|")
    for way, cost in costs.items():
        say(f"| {way} | {cost.cpu:.2f} | {cost.cpu / plain.cpu:.2f} |")


def measure_wall(folder: Path, issues: int) -> None:
    """Measure wall time, divided by the time that the network takes for the pages."""
    say("\n## Wall time divided by network time\n")
    say("| a page takes | requests | network, s | this tap, s | ratio | singer-sdk tap |")
    say("|---|---:|---:|---:|---:|---:|")
    for delay in (0.05, 0.15):
        with served(issues, delay) as host:
            network = run(peers(host)["byte copy"]).wall
            ours = run(tap(folder, host)).wall
            theirs = run(peers(host)["singer-sdk tap"]).wall
        say(
            f"| {1000 * delay:.0f} ms | {issues // PAGE:,} | {network:.1f} | {ours:.1f} "
            f"| {ours / network:.3f} | {theirs / network:.2f} |"
        )


def measure_memory(folder: Path) -> None:
    """Measure peak memory at two sizes."""
    say("\n## Peak memory\n")
    say("| issues | MB |")
    say("|---:|---:|")
    for issues in (5_000, 500_000):
        with served(issues) as host:
            say(f"| {issues:,} | {run(tap(folder, host)).memory:.0f} |")


def measure_idle(folder: Path, rounds: int) -> None:
    """Measure a run of the nine reports that finds nothing new."""
    state = folder / "state.json"
    with SampleServer(make_space()) as server:
        key = server.space.options.admin_key
        command = tap(folder, server.url, NINE_REPORTS, api_key=key)
        messages = subprocess.run(  # noqa: S603
            command, capture_output=True, check=True, encoding="utf-8"
        ).stdout
        states = [line for line in messages.split("\n") if '"type":"STATE"' in line]
        state.write_text(json.dumps(json.loads(states[-1])["value"]))
        costs = in_turn(
            {
                "idle": [*command, "--state", str(state)],
                "import": [PYTHON, "-c", "import singer_sdk"],
            },
            4 * rounds,
        )
    beyond = costs["idle"].cpu - costs["import"].cpu
    say("\n## An idle run of the nine reports\n")
    say(f"CPU {costs['idle'].cpu:.2f} s, of which `import singer_sdk` takes ")
    rest = f"The rest, requests included, takes {beyond:.2f} s."
    say(f"{costs['import'].cpu:.2f} s. {rest}")


def say(line: str = "") -> None:
    """Print a line of the report."""
    print(line, flush=True)  # noqa: T201


def main() -> None:
    """Print the report, and write the figures of the chart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    choices = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cpu = measure_cpu(folder, choices.issues, choices.rounds)
        measure_decoding(folder, choices.issues)
        measure_batches(folder, choices.issues, choices.rounds)
        measure_wall(folder, choices.issues)
        measure_memory(folder)
        measure_idle(folder, choices.rounds)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(cpu))


if __name__ == "__main__":
    main()
