"""A server of issues that needs very little CPU: every page is ready as bytes.

``python -m benchmarks.page_server 50000 --delay 0.05`` prints its address and serves
until it is ended. It knows ``GET projects`` and ``GET issues``. Issues are a list by
offset, always in the same order.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import socket
import socketserver
import time
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from sample_space.clock import FIRST_DAY, TODAY, stamp
from sample_space.data.issues import make_issue
from sample_space.data.people import make_users
from sample_space.data.projects import make_projects

ISSUE_BYTES = 2400
"""About the size of an issue of a real space."""

_VARIETY = 100
_ID, _KEY, _UPDATED = "987654321987", "987654321989", "2001-01-01T01:01:01Z"


class Issues:
    """Rows that differ in id, key and timestamp; all else has a hundred variants.

    Args:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        rng = random.Random(1)  # noqa: S311
        self.count = count
        self.projects = make_projects(rng, 1, make_users(rng, 9), [50])
        self._templates = [self._template(rng, n) for n in range(_VARIETY)]

    def _template(self, rng: random.Random, number: int) -> tuple[str, ...]:
        home = self.projects[0]
        issue = make_issue(rng, 100_000 + number, home, FIRST_DAY)
        issue |= {"id": int(_ID), "keyId": int(_KEY), "updated": _UPDATED}
        issue["description"] = "説明"
        missing = ISSUE_BYTES - len(_as_json(issue).encode())
        issue["description"] += "A line of text.\n" * max(0, missing // 17)
        text = _as_json(issue)
        for mark in (_ID, _KEY, _UPDATED):
            text = text.replace(mark, "\0")
        return tuple(text.split("\0"))

    def row(self, place: int) -> str:
        """Return the row at a place, the newest change first."""
        number = self.count - place
        start, after_id, after_key, end = self._templates[number % _VARIETY]
        updated = stamp(TODAY - dt.timedelta(seconds=30 * place))
        return f"{start}{number}{after_id}{number}{after_key}{updated}{end}"

    @lru_cache(maxsize=8)  # noqa: B019
    def page(self, offset: int, count: int) -> bytes:
        """Return a page as JSON."""
        places = range(offset, min(offset + count, self.count))
        return f"[{','.join(map(self.row, places))}]".encode()


def _as_json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer requests until the client closes the connection."""
        while line := self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            body = self._body(line.split()[1].decode())
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body
            )

    def _body(self, target: str) -> bytes:
        server = cast("PageServer", self.server)
        url = urlsplit(target)
        if url.path.endswith("/space"):
            return b'{"spaceKey":"bench"}'
        if not url.path.endswith("/issues"):
            return _as_json([p.project for p in server.issues.projects]).encode()
        query = parse_qs(url.query)
        offset = int(query.get("offset", ["0"])[0])
        count = int(query.get("count", ["20"])[0])
        started = time.perf_counter()
        body = server.issues.page(offset, count)
        time.sleep(max(0.0, server.delay - (time.perf_counter() - started)))
        server.pages_given += 1
        return body


class PageServer(socketserver.ThreadingTCPServer):
    """Serves issues on a loopback address.

    Args:
        issues: The issues.
        delay: Seconds that a page takes.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, issues: Issues, delay: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issues = issues
        self.delay = delay
        self.pages_given = 0

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Print nothing about clients that close the connection."""

    @property
    def url(self) -> str:
        """The address to read from."""
        return f"http://127.0.0.1:{self.server_address[1]}"


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("issues", type=int)
    parser.add_argument("--delay", type=float, default=0, help="seconds per page")
    choices = parser.parse_args()
    socket.setdefaulttimeout(None)
    with PageServer(Issues(choices.issues), choices.delay) as server:
        print(server.url, flush=True)  # noqa: T201
        server.serve_forever()


if __name__ == "__main__":
    main()
