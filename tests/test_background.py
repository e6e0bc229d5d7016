from __future__ import annotations

import threading
import time

import pytest

from sample_space import SampleServer, faults
from tap_backlog.background import in_background
from tests.test_client import sample_client


def test_what_it_returns_or_raises_comes_out_where_it_is_due() -> None:
    assert in_background(lambda: 7).result(5) == 7
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 / 0).result(5)


def test_it_does_not_keep_the_process_from_ending() -> None:
    is_over = threading.Event()
    future = in_background(lambda: is_over.wait(5))
    (thread,) = [t for t in threading.enumerate() if t.name == "next-request"]
    assert thread.daemon
    is_over.set()
    assert future.result(5)


def test_what_follows_is_asked_for_while_nobody_waits(server: SampleServer) -> None:
    client = sample_client(server)
    client.get_list("projects", following=lambda _: ("teams", {"count": 5}))
    deadline = time.monotonic() + 5
    while server.count() < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(client.get_list("teams", {"count": 5})) == 5
    assert server.count() == 2


def test_never_are_two_requests_under_way(server: SampleServer) -> None:
    under_way, most = 0, 0
    lock = threading.Lock()
    answer = server.answer

    def slowly(request: object) -> object:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.05)
        with lock:
            under_way -= 1
        return answer(request)  # type: ignore[arg-type]

    server.answer = slowly  # type: ignore[method-assign,assignment]
    client = sample_client(server)
    for path in ("projects", "space", "rateLimit"):
        if path == "projects":
            client.get_list(path, following=lambda _: ("teams", None))
        else:
            client.get_object(path)
    assert most == 1


def test_a_failure_of_what_follows_is_asked_again(
    server: SampleServer,
    waits: list[float],
) -> None:
    client = sample_client(server)
    server.faults = [faults.Fault(faults.maintenance(503), "teams", times=2)]
    client.get_list("projects", following=lambda _: ("teams", None))
    assert client.get_list("teams")
    assert server.count("teams") == 3
    assert len([wait for wait in waits if wait > 0.01]) == 2
