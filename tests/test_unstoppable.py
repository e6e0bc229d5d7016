from __future__ import annotations

import os
import threading
import time

import pytest

from tap_backlog import interrupts
from tap_backlog.unstoppable import finish


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
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(interrupts, "LONGEST_PATIENCE", interrupts.PATIENCE + 0.5)
    for seconds, waited in ((0.2, 0.2), (2.0, 0.5)):
        begun = threading.Event()

        def work(begun: threading.Event = begun, seconds: float = seconds) -> None:
            begun.set()
            time.sleep(seconds)

        caller = threading.Thread(target=finish, args=[work])
        caller.start()
        begun.wait()
        started = time.monotonic()
        interrupts._end(143)
        assert waited - 0.1 <= time.monotonic() - started < waited + 0.5
        caller.join()
    assert codes == [143, 143]
