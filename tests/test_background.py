from __future__ import annotations

import threading
import time

import pytest

from sample_space import SampleServer, faults
from tap_backlog.api.background import Ahead
from tap_backlog.request import Request
from tests.test_client import sample_client


def halve(number: int) -> float:
    return 12 / number


def test_results_come_out_where_they_are_due_one_after_the_other() -> None:
    ahead = Ahead(halve, 1)
    assert ahead.take(lambda _: 2) == 12
    assert ahead.job == 2
    assert ahead.take(lambda result: int(result) - 2) == 6
    assert ahead.take(lambda _: None) == 3
    assert ahead.job is None


def test_a_failure_comes_out_where_the_result_is_due() -> None:
    ahead = Ahead(halve, 0)
    with pytest.raises(ZeroDivisionError):
        ahead.take(lambda _: 2)
    assert ahead.job is None


def test_a_failure_to_say_what_is_next_comes_out_too() -> None:
    ahead = Ahead(halve, 1)
    with pytest.raises(ZeroDivisionError):
        ahead.take(lambda _: 1 // 0)
    assert ahead.job is None


def test_nothing_is_begun_before_the_result_is_taken() -> None:
    begun: list[int] = []
    ahead = Ahead(begun.append, 1)
    time.sleep(0.05)
    assert begun == [1]
    ahead.take(lambda _: 2)
    ahead.take(lambda _: None)
    assert begun == [1, 2]


def test_it_does_not_keep_the_process_from_ending() -> None:
    is_over = threading.Event()
    ahead = Ahead(is_over.wait, 5.0)
    (thread,) = [t for t in threading.enumerate() if t.name == "requests-ahead"]
    assert thread.daemon
    is_over.set()
    assert ahead.take(lambda _: None)


def test_what_follows_is_asked_for_while_nobody_waits(server: SampleServer) -> None:
    client = sample_client(server)
    client.get_list("projects", following=lambda _: Request("teams", {"count": 5}))
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
            client.get_list(path, following=lambda _: Request("teams"))
        else:
            client.get_object(path)
    assert most == 1


def test_a_failure_of_what_follows_is_asked_again(
    server: SampleServer,
    waits: list[float],
) -> None:
    client = sample_client(server)
    server.faults = [faults.Fault(faults.maintenance(503), "teams", times=2)]
    client.get_list("projects", following=lambda _: Request("teams"))
    assert client.get_list("teams")
    assert server.count("teams") == 3
    assert len([wait for wait in waits if wait > 0.01]) == 2
