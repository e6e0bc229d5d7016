"""Rows at the bottom of a terminal that stay, while everything else scrolls above them.

The terminal itself protects the rows (DECSTBM, the scrolling region of VT100). So lines
of other programs, such as a loader's log, never overwrite them. A frame is one write, and
leaves the cursor where it was.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

_USUAL_SIZE = os.terminal_size((80, 24))
"""The size to assume if a terminal does not report its size, as since the VT100."""

_FEWEST_ROWS = 6
"""A terminal needs at least this many rows for the display to use some of them."""

_KEEP_CURSOR, _TAKE_CURSOR = "\0337", "\0338"
_WHOLE_REGION = "\033[r"
_ERASE_LINE, _ERASE_BELOW = "\033[K", "\033[J"


class BottomRows:
    """Some rows of the terminal behind a file.

    Args:
        file: Descriptor of the terminal.
        count: The number of rows.
    """

    def __init__(self, file: int, count: int) -> None:
        self._file = file
        self._count = count
        self._taken: os.terminal_size | None = None
        self._lock = threading.Lock()
        self._is_over = False

    @property
    def size(self) -> os.terminal_size:
        """Columns and lines of the terminal."""
        with contextlib.suppress(OSError):
            size = os.get_terminal_size(self._file)
            if size.columns and size.lines:
                return size
        return _USUAL_SIZE

    def show(self, lines: Sequence[str]) -> None:
        """Show lines in the rows.

        Args:
            lines: One line per row, not wider than the terminal.
        """
        with self._lock:
            size = self.size
            if self._is_over or size.lines < _FEWEST_ROWS:
                return
            frame = "" if size == self._taken else self._take(size)
            frame += f"{_KEEP_CURSOR}{self._region(size)}"
            first = size.lines - self._count + 1
            for row, line in enumerate(lines, first):
                frame += f"\033[{row};1H{line}{_ERASE_LINE}"
            self._write(frame + _TAKE_CURSOR)

    def give_back(self) -> None:
        """Give the rows back to the terminal; after that, nothing is shown."""
        with self._lock:
            self._is_over = True
            if self._taken is None:
                return
            first = self._taken.lines - self._count + 1
            self._taken = None
            erase = f"\033[{first};1H{_ERASE_BELOW}"
            self._write(f"{_KEEP_CURSOR}{_WHOLE_REGION}{erase}{_TAKE_CURSOR}")

    def _take(self, size: os.terminal_size) -> str:
        """Make space: the text in the rows moves up, and the cursor with it."""
        self._taken = size
        room = "\n" * self._count
        return f"{_KEEP_CURSOR}{_WHOLE_REGION}{_TAKE_CURSOR}{room}\033[{self._count}A"

    def _region(self, size: os.terminal_size) -> str:
        return f"\033[1;{size.lines - self._count}r"

    def _write(self, frame: str) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone
            os.write(self._file, frame.encode())


def has_bottom_rows(file: TextIO) -> bool:
    """Whether a file is a terminal that can protect rows.

    Args:
        file: The file.
    """
    is_plain = (os.environ.get("TERM") or "dumb") == "dumb"
    return os.name != "nt" and not is_plain and file.isatty()
