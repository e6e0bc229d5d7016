"""Requests sent in the background: the next one, while a page is written."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Job = TypeVar("Job")
Result = TypeVar("Result")
T = TypeVar("T")

_HEAD_START = 0.001
"""Seconds for the thread to send the next request, before the thread that takes the
result needs the interpreter. Otherwise the sender would lose its turn at each system
call."""


class Ahead(Generic[Job, Result]):
    """One job that runs in its own thread, which then starts the next job by itself.

    A result stays in the thread until someone takes it. Only then the next job starts,
    so at most one result is held. The thread holds it, so that nothing has to wake up
    between an answer and the next request.

    Args:
        work: Does a job.
        job: The first job.
    """

    def __init__(self, work: Callable[[Job], Result], job: Job) -> None:
        self.job: Job | None = job
        self._work = work
        self._takers: SimpleQueue[Callable[[Result], Job | None]] = SimpleQueue()
        self._results: SimpleQueue[tuple[Result, BaseException | None]] = SimpleQueue()
        threading.Thread(target=self._run, name="requests-ahead", daemon=True).start()

    def take(self, following: Callable[[Result], Job | None]) -> Result:
        """Return the result of the running job, as soon as it is there.

        Args:
            following: Gets the result and returns the next job; None ends the
                thread. After that, ``job`` is the running job.

        Raises:
            BaseException: What the job raised; the thread has ended then.
        """
        self._takers.put(following)
        result, error = self._results.get()
        if error is not None:
            raise error
        if self.job is not None:
            time.sleep(_HEAD_START)
        return result

    def _run(self) -> None:
        while self.job is not None:
            result, error = _attempt(self._work, self.job)
            following = self._takers.get()
            self.job = None
            if error is None:
                self.job, error = _attempt(following, result)
            self._results.put((result, error))


def _attempt(work: Callable[[Any], T], job: object) -> tuple[T, BaseException | None]:
    """Return what a function returned, or what it raised."""
    try:
        return work(job), None
    except BaseException as error:  # noqa: BLE001
        # `take` raises it again, in the thread that waits for the result.
        return None, error  # type: ignore[return-value]
