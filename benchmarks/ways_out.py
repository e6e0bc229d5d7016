"""What each way out of the tap costs, against raw rows: the goals of ``make bench``.

``python -m benchmarks.ways_out`` measures these alone. What a way costs is its CPU beyond
start-up: that of a run less that of a run which finds no issue.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.running import in_turn, machine, run, say, served, tap

if TYPE_CHECKING:
    from collections.abc import Iterator

ISSUES = ("issues",)
WITH_PARTS = (
    *("issues", "issue_attachments", "issue_categories", "issue_custom_field_values"),
    *("issue_milestones", "issue_stars", "issue_versions"),
)
MANY_ISSUES = 500_000
MOST_MEMORY = 120
FLAT = {"flattening_enabled": True, "flattening_max_depth": 1}
HASHED = {"stream_maps": {"issues": {"summary": "md5(summary)", "description": None}}}

PACKED_LINES = {"format": "jsonl", "compression": "gzip"}
PARQUET = {"format": "parquet"}


class Outcome(NamedTuple):
    """What a way took.

    Args:
        way: Its name.
        cpu: Seconds of CPU beyond start-up.
        ratio: The same, divided by that of raw rows.
        goal: The most that the ratio may be; None for raw rows.
        memory: Peak memory with many issues, in MB.
    """

    way: str
    cpu: float
    ratio: float
    goal: float | None
    memory: float


class Way(NamedTuple):
    """A way out.

    Args:
        name: What it is called in the table.
        streams: The streams that are read.
        goal: The most that its CPU may be, divided by that of raw rows; None for these.
        settings: What makes the tap take this way.
        encoding: Format and compression of the batch files, if it writes batches.
    """

    name: str
    streams: tuple[str, ...]
    goal: float | None
    settings: dict[str, Any]
    encoding: dict[str, str] | None = None

    def command(self, folder: Path, host: str) -> list[str]:
        """Return the command that takes this way.

        Args:
            folder: For its config, its catalog and its batch files.
            host: Where the issues are.
        """
        folder.mkdir(exist_ok=True)
        settings = dict(self.settings)
        if self.encoding:
            settings["batch_config"] = {
                "encoding": self.encoding,
                "storage": {"root": str(folder / "files")},
            }
        return tap(folder, host, self.streams, **settings)


WAYS = (
    Way("raw rows, issues and their parts", WITH_PARTS, None, {}),
    Way("flattened, issues and their parts", WITH_PARTS, 1.8, FLAT),
    Way("a hashed and a dropped column, the same", WITH_PARTS, 1.4, HASHED),
    Way("batches (JSON Lines, gzip), the same", WITH_PARTS, 1.5, {}, PACKED_LINES),
    Way("batches (Parquet, zstd), the same", WITH_PARTS, 2.5, {}, PARQUET),
    Way("raw rows, issues alone", ISSUES, None, {}),
    Way("flattened, issues alone", ISSUES, 1.8, FLAT),
    Way("a hashed and a dropped column, issues alone", ISSUES, 1.4, HASHED),
)


def seconds_beyond_start(folder: Path, issues: int, rounds: int) -> list[float]:
    """Return seconds of CPU beyond start-up for each way, in order."""
    seconds: list[list[float]] = []
    for count in (issues, 0):
        with served(count) as host:
            commands = dict(_commands(folder, host))
            costs = in_turn(commands, rounds)
        seconds.append([costs[way.name].cpu for way in WAYS])
    with_issues, without = seconds
    return [one - other for one, other in zip(with_issues, without, strict=True)]


def most_memory(folder: Path, issues: int) -> list[float]:
    """Return the peak memory of each way in MB, in order."""
    with served(issues) as host:
        return [run(command).memory for _, command in _commands(folder, host)]


def _commands(folder: Path, host: str) -> Iterator[tuple[str, list[str]]]:
    for number, way in enumerate(WAYS):
        yield way.name, way.command(folder / str(number), host)


def outcomes(folder: Path, issues: int, rounds: int, many: int) -> Iterator[Outcome]:
    """Measure each way.

    Args:
        folder: For what the runs write.
        issues: The number of issues for CPU.
        rounds: How often each way is measured.
        many: The number of issues for memory.
    """
    seconds = seconds_beyond_start(folder, issues, rounds)
    memory = most_memory(folder, many)
    raw = 0.0
    for way, cpu, peak in zip(WAYS, seconds, memory, strict=True):
        raw = cpu if way.goal is None else raw
        yield Outcome(way.name, cpu, cpu / raw, way.goal, peak)


def measure_ways_out(folder: Path, issues: int, rounds: int, many: int) -> list[Outcome]:
    """Measure each way, and print the table; return what it says.

    Args:
        folder: For what the runs write.
        issues: The number of issues for CPU.
        rounds: How often each way is measured.
        many: The number of issues for memory.
    """
    found = list(outcomes(folder, issues, rounds, many))
    say(f"\n## Ways out, {issues:,} issues, on {machine()}\n")
    say(f"| way | CPU beyond start-up, s | / raw | goal | MB at {many:,} | goal |")
    say("|---|---:|---:|---:|---:|---:|")
    for one in found:
        goal = f"≤ {one.goal}" if one.goal else ""
        say(
            f"| {one.way} | {one.cpu:.2f} | {one.ratio:.2f} | {goal} "
            f"| {one.memory:.0f} | ≤ {MOST_MEMORY} |"
        )
    return found


def main() -> None:
    """Print the table of goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=MANY_ISSUES, help="for memory")
    choices = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure_ways_out(Path(name), choices.issues, choices.rounds, choices.many)


if __name__ == "__main__":
    main()
