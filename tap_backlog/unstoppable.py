"""Work that must not be interrupted, whatever ends the run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class _Worker(threading.Thread):
    """Does the work, and keeps the process alive until it is done."""

    def __init__(self, work: Callable[[], object]) -> None:
        # Not a daemon, even if the caller is one: Python waits for it at the end.
        super().__init__(name="unstoppable", daemon=False)
        self._work = work
        self.is_done = threading.Event()
        self.result: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Keep the result or the error for the caller, which may have been stopped."""
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001
            self.error = error
        finally:
            self.is_done.set()


def finish(work: Callable[[], T]) -> T:
    """Do some work to its end, even if the caller is stopped meanwhile.

    The work is done in its own thread. A signal is handled in the main thread, so it
    ends the wait for the work, but never the work itself. Python exits only after the
    thread has ended.

    Args:
        work: The work, which must end in bounded time.

    Raises:
        BaseException: What the work raised.
        SystemExit: The process is ending, so no new work is started.
    """
    if not threading.main_thread().is_alive():
        raise SystemExit
    worker = _Worker(work)
    worker.start()
    # Not ``join``: before Python 3.13, a signal in it makes Python forget the thread.
    worker.is_done.wait()
    if worker.error is not None:
        raise worker.error
    return worker.result  # type: ignore[return-value]


def wait_for_unfinished(seconds: float) -> None:
    """Wait until no such work is running, but not longer than a limit.

    Args:
        seconds: The longest wait.
    """
    deadline = time.monotonic() + seconds
    for thread in threading.enumerate():
        if isinstance(thread, _Worker):
            # Not ``join``: it fails for a thread that has not started yet.
            thread.is_done.wait(max(0.0, deadline - time.monotonic()))
