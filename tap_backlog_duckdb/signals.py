"""Ctrl-C and SIGTERM: what has come before a STATE goes into the file, then the end."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]


class Stopped(BaseException):
    """A signal came while messages were read."""


class Signals:
    """Lets a signal end the reading of messages, and nothing else."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._act: Callable[[int], None] | None = None

    @property
    def exit_code(self) -> int:
        """The exit code that says which signal came; 0 for none."""
        return 128 + self.received if self.received else 0

    def listen(self) -> None:
        """Take the signals from now on."""
        for one in _SIGNALS:
            signal.signal(one, self._handle)

    def _handle(self, signum: int, _frame: FrameType | None) -> None:
        self.received = signum
        if self._act:
            self._act(signum)

    @contextlib.contextmanager
    def do(self, act: Callable[[int], None]) -> Iterator[None]:
        """Do something if a signal comes inside, or came before.

        Args:
            act: Gets the number of the signal.
        """
        self._act = act
        try:
            if self.received:
                act(self.received)
            yield
        finally:
            self._act = None


def stop(_signum: int) -> None:
    """Stop reading.

    Raises:
        Stopped: Always.
    """
    raise Stopped
