"""Ctrl-C and SIGTERM: what has come before a STATE goes into the file, then the end."""

from __future__ import annotations

import contextlib
import io
import os
import signal
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]


_BLOCK_BYTES = 65_536
"""What a pipe holds."""


class _Stopped(BaseException):
    """A signal came while the next line was waited for."""


class Signals:
    """Lets a signal end the reading of messages, and nothing else."""

    def __init__(self) -> None:
        self.received: int | None = None
        self._is_waiting = False
        self._act: Callable[[int], None] | None = None

    @property
    def exit_code(self) -> int:
        """The exit code that says which signal came; 0 for none."""
        return 128 + self.received if self.received else 0

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals inside."""
        before = [(one, signal.signal(one, self._handle)) for one in _SIGNALS]
        try:
            yield
        finally:
            for one, handler in before:
                signal.signal(one, handler)

    def _handle(self, signum: int, _frame: FrameType | None) -> None:
        self.received = signum
        if self._act:
            self._act(signum)
        if self._is_waiting:
            raise _Stopped

    @contextlib.contextmanager
    def passed_to(self, act: Callable[[int], None]) -> Iterator[None]:
        """Pass on a signal that comes inside, or has come.

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

    def lines_before(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield lines until a signal comes.

        Args:
            file: Where they come from.
        """
        begun: list[bytes] = []
        while block := self._next_block(file):
            begun.append(block)
            if b"\n" in block:
                lines = io.BytesIO(b"".join(begun)).readlines()
                begun = [] if lines[-1].endswith(b"\n") else [lines.pop()]
                yield from lines
        if begun and not self.received:
            yield b"".join(begun)

    def _next_block(self, file: IO[bytes]) -> bytes:
        """Return what has come; nothing at the end, or if a signal comes."""
        if self.received:
            return b""
        try:
            self._is_waiting = True
            block = os.read(file.fileno(), _BLOCK_BYTES)
            self._is_waiting = False
        except _Stopped:
            return b""
        return block
