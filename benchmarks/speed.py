"""CPU, wall time and memory of this tap and of others, in one run: ``make bench``.

All read the same issues from the same local server, in turn, and their output is
discarded. Figures are medians of the rounds; ratios are ours divided by theirs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.goals import measure_goals
from benchmarks.running import PYTHON, in_turn, run, say, served, tap
from benchmarks.ways_out import MANY_ISSUES
from sample_space import SampleServer, make_space

PEERS = Path(__file__).parent / "peers"
VENVS = Path(".venvs")
PAGE = 100
RESULT = Path("output/bench.json")
NINE_REPORTS = (
    *("space", "projects", "users", "teams", "issue_types", "categories", "issues"),
    *("recent_updates", "rate_limit"),
)


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
        measure_wall(folder, choices.issues)
        measure_memory(folder)
        measure_idle(folder, choices.rounds)
        measure_goals(folder, choices.issues, choices.rounds, MANY_ISSUES)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(cpu))


if __name__ == "__main__":
    main()
