"""Bytes to stdout: all of them, or a clear error.

Unbuffered (``PYTHONUNBUFFERED=1``) a write may take part of what it is given, most of
all if a signal comes meanwhile. A pipe that does not block takes nothing if it is full.
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
"""Seconds between two tries, if nobody can tell when there is room again."""


def write_whole(out: Any, content: bytes | bytearray) -> None:  # noqa: ANN401
    """Write until everything is out, however little is taken at once.

    Args:
        out: A binary file; what it buffers is passed by.
        content: The bytes.

    Raises:
        BrokenPipeError: The reader is gone.
        OutputError: There is no room, or another reason to stop.
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
    """Return how many bytes were taken: none if the write would have to wait."""
    try:
        return raw.write(content) or 0
    except BlockingIOError as error:
        return error.characters_written


def _wait_for_room(raw: Any) -> None:  # noqa: ANN401
    """Wait as long as the reader takes nothing; a signal is noted meanwhile."""
    try:
        number = raw.fileno()
    except (AttributeError, OSError):
        number = None
    if number is None or os.name == "nt":  # Windows waits for sockets alone
        time.sleep(_PAUSE)
    elif hasattr(select, "poll"):
        poll = select.poll()
        poll.register(number, select.POLLOUT)
        poll.poll()
    else:
        select.select([], [number], [])


class _Whole(io.RawIOBase):
    """Takes all that it is given.

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
        if not self._is_broken:  # else Python would try again at the exit
            self._is_broken = True
            write_whole(self._out, bytes(content))
            self._is_broken = False
        return len(content)


@contextlib.contextmanager
def whole_stdout() -> Iterator[None]:
    """Let what is printed inside be written in whole as well.

    Raises:
        BrokenPipeError: The reader is gone.
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
    """Let nothing more be written, not even by Python at the exit."""
    if sys.__stdout__ is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        with contextlib.suppress(OSError):
            os.dup2(nowhere, sys.__stdout__.fileno())
        os.close(nowhere)
