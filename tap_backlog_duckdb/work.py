"""What has come and is not in the file yet, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tap_backlog_duckdb import batches
from tap_backlog_duckdb.errors import DoorError
from tap_backlog_duckdb.messages import decode
from tap_backlog_duckdb.sources import JsonLines, Parquet, Source
from tap_backlog_duckdb.spool import Spool
from tap_backlog_duckdb.stream import Stream

if TYPE_CHECKING:
    from pathlib import Path

    from tap_backlog_duckdb.messages import Message, Rows


class Activation(NamedTuple):
    """Rows of older versions go.

    Args:
        stream: Name of the stream.
        version: The version that stays.
    """

    stream: str
    version: int


class Work:
    """Takes messages, and says what is to be done.

    Args:
        folder: Where rows wait.
    """

    def __init__(self, folder: Path) -> None:
        self.todo: list[Stream | Source | Activation] = []
        self._folder = folder
        self._streams: dict[str, Stream] = {}
        self._spools: dict[str, Spool] = {}
        self._without_version: set[str] = set()
        self._closed: list[Spool] = []
        self._marked = 0

    @property
    def size(self) -> int:
        """Bytes of the rows."""
        return sum(spool.size for spool in (*self._closed, *self._spools.values()))

    @property
    def longest(self) -> int:
        """Bytes of the longest line."""
        lines = (one.longest for one in self.todo if isinstance(one, JsonLines))
        return max(lines, default=0)

    def add_rows(self, rows: Rows) -> None:
        """Take RECORDs.

        Args:
            rows: The messages.

        Raises:
            DoorError: There was no SCHEMA.
            OSError: There is no space for it.
        """
        spool = self._spools.get(rows.stream)
        if spool is None:
            has_version = _has_version(rows)
            if not has_version:
                self._without_version.add(rows.stream)
            source = JsonLines(
                self._stream(rows.stream), "version" if has_version else None
            )
            spool = self._spools[rows.stream] = self._spool(source)
        spool.write(rows.lines)

    def _spool(self, source: JsonLines) -> Spool:
        self.todo.append(source)
        return Spool(self._folder, source)

    def _stream(self, name: str) -> Stream:
        if name not in self._streams:
            message = f"`{name}` has rows, but no SCHEMA came before them."
            raise DoorError(message)
        return self._streams[name]

    def add(self, message: Message) -> None:
        """Take a SCHEMA, BATCH or ACTIVATE_VERSION; others are skipped.

        Args:
            message: The message.

        Raises:
            DoorError: It cannot be used.
            OSError: There is no space for it.
        """
        if message.type == "SCHEMA":
            self._add_schema(Stream.of(message))
        elif message.type == "BATCH":
            self._add_batch(message)
        elif message.type == "ACTIVATE_VERSION" and message.version is not None:
            self._activate(str(message.stream), message.version)

    def _activate(self, stream: str, version: int) -> None:
        if stream not in self._without_version:  # nobody could say which rows are older
            self._close(stream)
            self.todo.append(Activation(stream, version))

    def _add_schema(self, stream: Stream) -> None:
        if self._streams.get(stream.name) != stream:
            self._close(stream.name)
            self._streams[stream.name] = stream
            self.todo.append(stream)

    def _add_batch(self, message: Message) -> None:
        stream = self._stream(str(message.stream))
        version = None if message.version is None else str(message.version)
        if version is None:
            self._without_version.add(stream.name)
        self._close(stream.name)
        if batches.format_of(message) == batches.PARQUET:
            paths = batches.copies_of(message, self._folder)
            self.todo += [Parquet(stream, version, [path]) for path in paths]
            return
        spool = self._spool(JsonLines(stream, version, are_messages=False))
        self._closed.append(spool)
        for line in batches.lines_of(message):
            spool.write([line])
        spool.close()

    def _close(self, stream: str) -> None:
        if spool := self._spools.pop(stream, None):
            spool.close()
            self._closed.append(spool)

    def mark(self) -> None:
        """Remember that a STATE comes after what is here."""
        self._marked = len(self.todo)
        for spool in (*self._closed, *self._spools.values()):
            spool.mark()

    def cut_back(self) -> bool:
        """Drop all that came after the last mark, if rows did; return whether they did.

        An ACTIVATE_VERSION may stay: a stream sends it when all its rows have come.
        """
        spools = (*self._closed, *self._spools.values())
        new = [one for one in self.todo[self._marked :] if isinstance(one, Source)]
        if not new and not any(spool.has_more for spool in spools):
            return False
        del self.todo[self._marked :]
        for spool in spools:
            spool.cut_back()
        return True

    def close(self) -> None:
        """Finish all files.

        Raises:
            OSError: There is no space for them.
        """
        for stream in list(self._spools):
            self._close(stream)

    def next(self) -> Work:
        """Return what takes the messages after these, and knows the same streams."""
        work = Work(self._folder)
        work._streams = self._streams
        work._without_version = self._without_version
        return work

    def clear(self) -> None:
        """Remove the files of what is in the file now."""
        for one in self.todo:
            if isinstance(one, Source):
                for path in one.paths:
                    path.unlink()


def _has_version(rows: Rows) -> bool:
    try:
        return decode(rows.lines[0]).version is not None
    except msgspec.MsgspecError as error:
        message = f"A row of `{rows.stream}` cannot be read: {error}."
        raise DoorError(message) from None
