from __future__ import annotations

import os
import threading
import time

import pytest

from tap_backlog.singer import interrupts
from tap_backlog.unstoppable import finish
from tests.test_interrupts import wait_for


def test_it_returns_what_the_work_returned_or_raises_what_it_raised() -> None:
    assert finish(lambda: 12 // 4) == 3
    with pytest.raises(ZeroDivisionError):
        finish(lambda: 1 // 0)


def test_python_waits_for_the_work_even_of_a_thread_that_it_does_not_wait_for() -> None:
    workers: list[threading.Thread] = []
    caller = threading.Thread(
        target=finish,
        args=[lambda: workers.append(threading.current_thread())],
        daemon=True,
    )
    caller.start()
    caller.join()
    assert [worker.daemon for worker in workers] == [False]


def test_the_last_resort_waits_for_the_work_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes: list[tuple[int, float]] = []
    monkeypatch.setattr(os, "_exit", lambda code: codes.append((code, time.monotonic())))
    monkeypatch.setattr(interrupts, "PATIENCE", 0.1)
    monkeypatch.setattr(interrupts, "LONGEST_PATIENCE", 0.6)
    for seconds, least, most in ((0.3, 0.25, 0.55), (2.0, 0.55, 1.5)):
        begun = threading.Event()

        def work(begun: threading.Event = begun, seconds: float = seconds) -> None:
            begun.set()
            time.sleep(seconds)

        caller = threading.Thread(target=finish, args=[work])
        caller.start()
        begun.wait()
        started = time.monotonic()
        with pytest.raises(interrupts.Interrupted):
            interrupts.Interrupts().stop(15)
        wait_for(lambda: bool(codes))
        caller.join()
        code, ended = codes.pop()
        assert code == 143
        assert least <= ended - started < most
