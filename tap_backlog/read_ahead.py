"""The next page is on its way while this one is written."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


@dataclass
class _Ahead(Generic[T]):
    """What the reading thread and the one that takes from it share."""

    pages: Iterator[T]
    wanted: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    is_over: bool = False
    ready: queue.SimpleQueue[tuple[T | None, BaseException | None]] = field(
        default_factory=queue.SimpleQueue
    )

    def read(self) -> None:
        """Read a page whenever one is wanted, to the end or a failure."""
        while True:
            self.wanted.acquire()
            if self.is_over:
                return
            try:
                self.ready.put((next(self.pages), None))
            except BaseException as error:  # noqa: BLE001
                # It is raised again where somebody sees it.
                self.ready.put((None, error))
                return


def read_ahead(pages: Iterator[T]) -> Iterator[T]:
    """Yield from an iterator, which works one item ahead in a thread of its own.

    At most one item waits: who takes them slowly slows the reading down.

    Args:
        pages: Any iterator; nobody else may use it.
    """
    ahead = _Ahead(pages)
    reader = threading.Thread(target=ahead.read, name="read-ahead", daemon=True)
    reader.start()
    ahead.wanted.release()
    try:
        while True:
            page, error = ahead.ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            ahead.wanted.release()
            yield page  # type: ignore[misc]
    except GeneratorExit:
        ahead.is_over = True
        ahead.wanted.release()
        reader.join()  # one request at a time, whatever comes next
        raise
