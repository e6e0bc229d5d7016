"""How much longer the default streams take than the network, at 50 ms an answer.

``python -m benchmarks.default_streams`` measures this alone. Network time is what a byte
copy takes that sends the same requests again, from the first of them to the last answer.
The server is a sample space in a process of its own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from benchmarks.running import PYTHON, run, say, tap
from sample_space import Options, SampleServer, make_space
from tap_backlog.streams import STREAM_TYPES

if TYPE_CHECKING:
    from typing import Any

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
    """A sample space whose answers take a while.

    Args:
        delay: Seconds that each answer takes.
        times: When each request came and when its answer was ready, in turn.
    """

    delay: float = DELAY
    times: list[tuple[float, float]] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request, not before the delay is over."""
        started = time.perf_counter()
        answer = super().answer(request)
        time.sleep(max(0.0, self.delay - (time.perf_counter() - started)))
        self.times.append((started, time.perf_counter()))
        return answer


class Readings:
    """Readings of one slow server in a process of its own.

    Args:
        server: The process.
    """

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server
        self.host = self._line()

    def _line(self) -> str:
        return self._server.stdout.readline().strip() if self._server.stdout else ""

    def end(self) -> tuple[list[dict[str, Any]], float]:
        """End one reading; return its requests, and seconds from first to last."""
        if self._server.stdin:
            print(file=self._server.stdin, flush=True)
        requests, seconds = json.loads(self._line())
        return requests, seconds


def copy(host: str, requests: list[dict[str, Any]]) -> None:
    """Send requests again, and read the bytes of the answers."""
    connection = http.client.HTTPConnection(urlsplit(host).netloc)
    for request in requests:
        query = urlencode(request["query"], doseq=True)
        target = f"/api/v2/{quote(request['path'], safe='/%')}?{query}"
        connection.request("GET", target, headers=request["headers"])
        connection.getresponse().read()


def measure_default_streams(folder: Path) -> float:
    """Measure the time from the first request to the last answer.

    Returns it, divided by that of the network.

    Args:
        folder: For the config of the tap.
    """
    streams = tuple(str(one.name) for one in STREAM_TYPES if one.selected_by_default)
    with subprocess.Popen(  # noqa: S603
        [PYTHON, "-m", "benchmarks.default_streams", "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as server:
        readings = Readings(server)
        cost = run(tap(folder, readings.host, streams, api_key=OPTIONS.admin_key))
        requests, wall = readings.end()
        copy(readings.host, requests)
        _, network = readings.end()
        server.kill()
    say(f"\n## Default streams, {1000 * DELAY:.0f} ms per answer\n")
    say("| streams | requests | network, s | this tap, s | ratio | goal | CPU, s |")
    say("|---:|---:|---:|---:|---:|---:|---:|")
    say(
        f"| {len(streams)} | {len(requests)} | {network:.2f} | {wall:.2f} "
        f"| {wall / network:.3f} | ≤ {GOAL} | {cost.cpu:.2f} |"
    )
    return wall / network


def serve() -> None:
    """Serve until killed; print what was asked for each line on stdin."""
    with SlowServer(make_space(OPTIONS)) as server:
        print(server.url, flush=True)  # noqa: T201
        for _ in sys.stdin:
            asked = [
                {"path": one.path, "query": one.query, "headers": one.headers}
                for one in server.requests
            ]
            seconds = server.times[-1][1] - server.times[0][0]
            print(json.dumps([asked, seconds]), flush=True)  # noqa: T201
            server.requests.clear()
            server.times.clear()


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
