"""What ``make bench`` reads from answers all that the tap asks."""

from __future__ import annotations

import threading

from benchmarks.page_server import Issues, PageServer
from tests.support import sync


def test_the_tap_reads_every_issue_of_the_page_server() -> None:
    with PageServer(Issues(250)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        output = sync({"host": server.url, "api_key": "key"}, "issues")
        server.shutdown()
    assert len({row["id"] for row in output.by_stream["issues"]}) == 250
