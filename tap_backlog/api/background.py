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
"""Seconds in which the thread sends the next request, before whoever takes the result
needs the interpreter. Otherwise it would lose its turn at each call of the system."""


class Ahead(Generic[Job, Result]):
    """One job under way in a thread of its own, which goes on to the next by itself.

    A result stays with the thread until somebody takes it. Only then is the next job
    begun, so at most one result is held, and by the thread, so that nothing has to
    wake up between an answer and the next request.

    Args:
        work: Does a job.
        job: The first one.
    """

    def __init__(self, work: Callable[[Job], Result], job: Job) -> None:
        self.job: Job | None = job
        self._work = work
        self._takers: SimpleQueue[Callable[[Result], Job | None]] = SimpleQueue()
        self._results: SimpleQueue[tuple[Result, BaseException | None]] = SimpleQueue()
        threading.Thread(target=self._run, name="requests-ahead", daemon=True).start()

    def take(self, following: Callable[[Result], Job | None]) -> Result:
        """Return the result of the job under way, as soon as it is there.

        Args:
            following: Shown the result, it says which job is next; None ends the
                thread. ``job`` then says which one is under way.

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
    """Return what a function returned, or else what it raised."""
    try:
        return work(job), None
    except BaseException as error:  # noqa: BLE001
        # It is raised again where the result is due.
        return None, error  # type: ignore[return-value]
