"""How much longer the default streams take than the network: with 50 ms per answer.

``python -m benchmarks.default_streams`` measures this alone. The server is a sample
space in a process of its own, which records when it was at work.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.running import PYTHON, run, say, tap
from sample_space import Options, SampleServer, make_space
from tap_backlog.streams import STREAM_TYPES

if TYPE_CHECKING:
    from sample_space.answers import Answer
    from sample_space.wire.request import Request

DELAY = 0.05
GOAL = 1.05
OPTIONS = Options(
    projects=20,
    issues=10_000,
    activities=5_000,
    limits=dict.fromkeys(("read", "update", "search", "icon"), 10**6),
)


@dataclass
class SlowServer(SampleServer):
    """A sample space whose answers take a while, and which knows how long they took.

    Args:
        delay: Seconds that each answer takes.
    """

    delay: float = DELAY
    at_work: float = 0
    first_at: float = 0
    last_at: float = 0

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request, not before the delay is over."""
        started = time.perf_counter()
        self.first_at = self.first_at or started
        answer = super().answer(request)
        time.sleep(max(0.0, self.delay - (time.perf_counter() - started)))
        self.last_at = time.perf_counter()
        self.at_work += self.last_at - started
        return answer


def measure_default_streams(folder: Path) -> None:
    """Measure the time from the first request to the last answer.

    Args:
        folder: For the config of the tap.
    """
    server = subprocess.Popen(  # noqa: S603
        [PYTHON, "-m", "benchmarks.default_streams", "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        host = server.stdout.readline().strip() if server.stdout else ""
        streams = tuple(str(one.name) for one in STREAM_TYPES if one.selected_by_default)
        cost = run(tap(folder, host, streams, api_key=OPTIONS.admin_key))
        requests, wall, network = json.loads(server.communicate()[0])
    finally:
        server.kill()
        server.wait()
    say(f"\n## Default streams, {1000 * DELAY:.0f} ms per answer\n")
    say(
        "| streams | requests | network, s | first to last, s | ratio | goal | CPU, s "
        "| with start-up, s |"
    )
    say("|---:|---:|---:|---:|---:|---:|---:|---:|")
    say(
        f"| {len(streams)} | {requests} | {network:.2f} | {wall:.2f} "
        f"| {wall / network:.3f} | ≤ {GOAL} | {cost.cpu:.2f} | {cost.wall:.2f} |"
    )


def serve() -> None:
    """Serve until stdin ends; then print requests, seconds in all and at work."""
    with SlowServer(make_space(OPTIONS)) as server:
        print(server.url, flush=True)  # noqa: T201
        sys.stdin.read()
        wall = server.last_at - server.first_at
        print(json.dumps([server.count(), wall, server.at_work]))  # noqa: T201


def main() -> None:
    """Print the table, or serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().serve:
        serve()
        return
    with tempfile.TemporaryDirectory() as name:
        measure_default_streams(Path(name))


if __name__ == "__main__":
    main()
