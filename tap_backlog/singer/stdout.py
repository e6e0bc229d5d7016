"""Bytes to stdout: all of them, or a clear error.

Without a buffer (``PYTHONUNBUFFERED=1``), a write may accept only a part of its bytes,
mostly if a signal comes meanwhile. A non-blocking pipe accepts nothing if it is full.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
import time
from typing import TYPE_CHECKING, Any

from tap_backlog.errors import NoOutputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_STDOUT = "stdout"

_PAUSE = 0.01
"""Seconds between two tries, if the system cannot say when there is space again."""


def write_whole(out: Any, content: bytes | bytearray) -> None:  # noqa: ANN401
    """Write until everything is out, even if each write accepts only a little.

    Args:
        out: A binary file; its buffer is bypassed.
        content: The bytes.

    Raises:
        BrokenPipeError: The reader has ended.
        OutputError: There is no space, or another reason to stop.
    """
    raw = getattr(out, "raw", out)
    rest = memoryview(content)
    try:
        while rest:
            written = _write(raw, rest)
            if not written:
                _wait_for_room(raw)
            rest = rest[written:]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(_STDOUT, error.strerror or "I/O error") from None


def _write(raw: Any, content: memoryview) -> int:  # noqa: ANN401
    """Return how many bytes were accepted: none if the write would have to wait."""
    try:
        return raw.write(content) or 0
    except BlockingIOError as error:
        return error.characters_written


def _wait_for_room(raw: Any) -> None:  # noqa: ANN401
    """Wait while the reader accepts nothing; signals are still handled meanwhile."""
    try:
        number = raw.fileno()
    except (AttributeError, OSError):
        number = None
    if number is None or os.name == "nt":  # Windows can wait only for sockets
        time.sleep(_PAUSE)
    elif hasattr(select, "poll"):
        poll = select.poll()
        poll.register(number, select.POLLOUT)
        poll.poll()
    else:
        select.select([], [number], [])


class _Whole(io.RawIOBase):
    """Accepts all bytes that are written to it.

    Args:
        out: A binary file.
    """

    def __init__(self, out: Any) -> None:  # noqa: ANN401
        super().__init__()
        self._out = out
        self._is_broken = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self._out.fileno()
        return number

    def isatty(self) -> bool:
        return bool(self._out.isatty())

    def write(self, content: Any) -> int:  # noqa: ANN401
        if not self._is_broken:  # otherwise Python would try again at exit
            self._is_broken = True
            write_whole(self._out, bytes(content))
            self._is_broken = False
        return len(content)


@contextlib.contextmanager
def whole_stdout() -> Iterator[None]:
    """Make sure that everything printed inside is written completely too.

    Raises:
        BrokenPipeError: The reader has ended.
        NoOutputError: stdout is closed.
        OutputError: It cannot be written to.
    """
    given: Any = sys.stdout
    if given is None:
        raise NoOutputError
    text = io.TextIOWrapper(
        io.BufferedWriter(_Whole(given.buffer)),
        encoding=given.encoding,
        errors=given.errors,
        line_buffering=given.isatty(),
    )
    with contextlib.redirect_stdout(text):
        try:
            yield
        finally:
            text.flush()


def drop_stdout() -> None:
    """Let nothing more be written to stdout, not even by Python at exit."""
    if sys.__stdout__ is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        with contextlib.suppress(OSError):
            os.dup2(nowhere, sys.__stdout__.fileno())
        os.close(nowhere)
