"""What the way to the end may cost, and what it costs: the last table of ``make bench``.

``python -m benchmarks.goals`` prints it, and the tables that it is taken from, alone.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks import default_streams, loaders
from benchmarks.default_streams import measure_default_streams
from benchmarks.loaders import measure_to_the_end, most_memory_of_duckdb
from benchmarks.running import machine, say
from benchmarks.ways_out import MANY_ISSUES, MOST_MEMORY, measure_ways_out

LOADED_ISSUES = 26_700
"""With their parts, 300,000 rows."""


class Goal(NamedTuple):
    """A goal, and what was measured.

    Args:
        what: What was measured.
        measured: The figure.
        most: What it may be.
        digits: Digits behind the point that are shown.
    """

    what: str
    measured: float
    most: float
    digits: int = 2

    def line(self) -> str:
        """Return its line of the table."""
        held = "yes" if self.measured <= self.most else "**no**"
        return (
            f"| {self.what} | {self.measured:.{self.digits}f} | ≤ {self.most} | {held} |"
        )


def measure_goals(folder: Path, issues: int, rounds: int, many: int) -> list[Goal]:
    """Measure everything that has a goal, and print the tables.

    Args:
        folder: For what the runs write.
        issues: The number of issues for CPU.
        rounds: How often each way out is measured.
        many: The number of issues for memory.
    """
    found = measure_ways_out(folder, issues, rounds, many)
    goals = [Goal(one.way, one.ratio, one.goal) for one in found if one.goal]
    slow = measure_default_streams(folder)
    wait = f"{1000 * default_streams.DELAY:.0f} ms"
    name = f"default streams, wall over network at {wait} a page"
    goals.append(Goal(name, slow, default_streams.GOAL, 3))
    to_the_end = measure_to_the_end(folder, LOADED_ISSUES, 1)
    name = "tap and DuckDB against tap and target-duckdb, 300,000 rows"
    goals.append(Goal(name, to_the_end, loaders.GOAL))
    memory = {one.way: one.memory for one in found}
    memory["tap-backlog-duckdb"] = most_memory_of_duckdb(folder, many)
    goals += [
        Goal(f"MB at {many:,} issues: {way}", most, MOST_MEMORY, 0)
        for way, most in memory.items()
    ]
    say(f"\n## Goals, on {machine()}\n")
    say("| what | measured | goal | holds |")
    say("|---|---:|---:|---|")
    for goal in goals:
        say(goal.line())
    return goals


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=MANY_ISSUES, help="for memory")
    choices = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure_goals(Path(name), choices.issues, choices.rounds, choices.many)


if __name__ == "__main__":
    main()
