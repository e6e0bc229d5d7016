"""Lines on their way into the file, in small files that DuckDB reads.

DuckDB's reader takes memory by the size of a file and by 2,048 rows; so files are small.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

    from tap_backlog_duckdb.sources import JsonLines

FILE_BYTES = 1_000_000


class Spool:
    """Writes lines of one source.

    Args:
        folder: Where the files go.
        source: Knows its files.
    """

    _numbers = itertools.count()

    def __init__(self, folder: Path, source: JsonLines) -> None:
        self.source = source
        self.size = 0
        self._folder = folder
        self._file: BinaryIO | None = None
        self._written = 0
        self._mark = (0, 0)

    def write(self, lines: list[bytes]) -> None:
        """Add lines, which stay in one file.

        Args:
            lines: Lines, each with its end.

        Raises:
            OSError: There is no space for it.
        """
        if self._file is None or self._written >= FILE_BYTES:
            self._next_file()
        assert self._file  # noqa: S101 - for the type checker
        written = self._file.write(b"".join(lines))
        self._written += written
        self.size += written
        self.source.longest = max(self.source.longest, *map(len, lines))

    def _next_file(self) -> None:
        self.close()
        path = self._folder / f"{next(self._numbers)}.jsonl"
        self._file = path.open("wb")
        self._written = 0
        self.source.paths.append(path)

    def mark(self) -> None:
        """Remember that a STATE comes after what is here."""
        self._mark = (len(self.source.paths), self._written)

    @property
    def has_more(self) -> bool:
        """Whether something came after the last mark."""
        return self._mark != (len(self.source.paths), self._written)

    def cut_back(self) -> None:
        """Drop what came after the last mark."""
        self.close()
        count, size = self._mark
        for path in self.source.paths[count:]:
            path.unlink()
        del self.source.paths[count:]
        if count:
            os.truncate(self.source.paths[-1], size)

    def close(self) -> None:
        """Finish the current file.

        Raises:
            OSError: There is no space for it.
        """
        if self._file:
            file, self._file = self._file, None
            file.close()
