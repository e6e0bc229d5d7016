"""A terminal for the tap: what it shows, at each moment and at the end."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from typing import TYPE_CHECKING, Any

import pyte

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Row = dict[str, Any]

_MOST_LINES = 10_000


class Terminal:
    """Runs the tap with a terminal for stderr, to which a loader logs too.

    Args:
        columns: Its width.
        lines: Its height.
        environment: Variables in addition to those of the tests.
    """

    def __init__(self, columns: int = 100, lines: int = 20, **environment: str) -> None:
        self.raw = bytearray()
        self.frames: list[list[str]] = []
        self.stdout = ""
        self.returncode: int | None = None
        self._screen = pyte.HistoryScreen(columns, lines, history=_MOST_LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._ours, self._theirs = pty.openpty()
        self.resize(columns, lines)
        usual = {"TERM": "xterm-256color", "NO_COLOR": ""}
        self._environment = {**os.environ, **usual, **environment}
        self._signal: int | None = None

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window."""
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, size)

    def run(
        self,
        folder: Path,
        config: Row,
        *arguments: str,
        loader: Sequence[str] = (),
    ) -> Terminal:
        """Run the tap to its end.

        Args:
            folder: For the file of its settings.
            config: The settings.
            arguments: Those of the command line.
            loader: Lines that a loader logs at the same time, to the same terminal.
        """
        file = folder / "config.json"
        file.write_text(json.dumps(config))
        with subprocess.Popen(
            [sys.executable, "-m", "tap_backlog", f"--config={file}", *arguments],
            stdout=subprocess.PIPE,
            stderr=self._theirs,
            env=self._environment,
            encoding="utf-8",
        ) as process:
            reader = threading.Thread(target=self._read)
            reader.start()
            over = threading.Event()
            talker = threading.Thread(target=self._log, args=(loader, over))
            talker.start()
            self.stdout, _ = process.communicate(timeout=60)
            over.set()
            talker.join(10)
            os.close(self._theirs)
            reader.join(10)
        os.close(self._ours)
        self.returncode = process.returncode
        return self

    @property
    def text(self) -> list[str]:
        """All lines, also those that scrolled away, without empty ones at the end."""
        above = [
            "".join(line[x].data for x in range(self._screen.columns)).rstrip()
            for line in self._screen.history.top
        ]
        lines = [*above, *(line.rstrip() for line in self._screen.display)]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _log(self, lines: Sequence[str], over: threading.Event) -> None:
        for line in lines:
            os.write(self._theirs, f"{line}\n".encode())
            if over.wait(0.05):
                return

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:
                return
            if not piece:
                return
            self.raw.extend(piece)
            self._stream.feed(piece)
            self.frames.append([line.rstrip() for line in self._screen.display[-2:]])
