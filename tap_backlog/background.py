"""One thing done in the background: the next request, while a page is written."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_HEAD_START = 0.001
"""Seconds in which the thread gets to its wait for the network, before this one takes
the interpreter for itself again."""


def in_background(work: Callable[[], T]) -> Future[T]:
    """Do something in a thread that does not keep the process from ending.

    Args:
        work: What to do.

    Returns:
        Its result to come, or what it raised.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001
            # It is raised again where the result is due.
            future.set_exception(error)

    threading.Thread(target=run, name="next-request", daemon=True).start()
    time.sleep(_HEAD_START)
    return future
