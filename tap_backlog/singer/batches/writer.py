"""Writes rows to files: a BATCH message names each file, and a STATE comes only then."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from singer_sdk.helpers._batch import SDKBatchMessage
from singer_sdk.singerlib.messages import SchemaMessage, StateMessage

from tap_backlog.errors import OutputError
from tap_backlog.singer.batches.config import PARQUET
from tap_backlog.singer.batches.json_lines import JsonLinesFiles
from tap_backlog.singer.batches.store import Store, reason
from tap_backlog.singer.messages import MessageWriter, json_line, json_lines, message_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from singer_sdk.singerlib.messages import Message

    from tap_backlog.rows import Row
    from tap_backlog.singer.batches.config import BatchOptions
    from tap_backlog.singer.messages import LinesOf

_LONGEST_NAME = 50
"""Most characters of a stream's name in a file name; they may be Japanese."""

_PLACE = "a batch file in `batch_config.storage.root`"


class BatchFiles(Protocol):
    """The file of one stream that is being written, whatever its format."""

    @property
    def uris(self) -> list[str]:
        """What the BATCH message names, once the file is closed."""

    @property
    def size(self) -> int:
        """Bytes that are written."""

    def prepared(self, rows: list[Row]) -> list[Row]:
        """Return rows as they are to be encoded."""

    def write(self, lines: bytes) -> None:
        """Add rows, one line of JSON per row."""

    def close(self) -> None:
        """Finish the file."""

    def delete(self) -> None:
        """Delete the file, if that is possible."""


@dataclass
class _Batch:
    """A batch that no message has named yet."""

    files: BatchFiles
    version: int | None
    rows: int = 0


class BatchWriter(MessageWriter):
    """Writes records to files, and messages that name the files.

    A STATE is held back while its records are in files that no message has named yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self._batches: dict[str, _Batch] = {}
        self._schemas: dict[str, dict[str, Any]] = {}
        self._held_state = b""
        self._run = uuid.uuid4()
        self._files_opened = 0
        self.interrupts.last_acts.append(self._discard)

    def open(self, tap_name: str, options: BatchOptions) -> None:
        """Check the store, before the first request.

        Args:
            tap_name: Comes first in file names, after the prefix.
            options: What the setting ``batch_config`` asks for.

        Raises:
            SettingsError: The store is unknown, or cannot be written to.
        """
        self._tap_name = tap_name
        self._options = options
        self._store = Store(options.storage)
        self._open_files = self._opener()

    def _opener(self) -> Callable[[str, str], BatchFiles]:
        """Return what opens a file in the format that is asked for."""
        compression = self._options.encoding.compression
        if self._options.encoding.format != PARQUET:
            return lambda _, name: JsonLinesFiles(
                self._store, name, is_packed=compression == "gzip"
            )
        # Arrow's own allocator needs 20 MB more, and is chosen when Arrow is imported.
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        from tap_backlog.singer.batches import arrow_tables, parquet  # noqa: PLC0415

        @functools.cache
        def reader(stream: str, _: frozenset[str]) -> arrow_tables.TableReader:
            return arrow_tables.TableReader(stream, self._schemas[stream])

        def opened(stream: str, name: str) -> BatchFiles:
            rows = reader(stream, frozenset(self._schemas[stream]["properties"]))
            return parquet.ParquetFiles(self._store, name, rows, compression or "zstd")

        return opened

    def write_message(self, message: Message) -> None:
        """Write a message after the files of all rows before it; hold back a STATE.

        Args:
            message: Any Singer message.

        Raises:
            Interrupted: A signal came meanwhile.
            OutputError: There is no space for it, or for the rows before it.
        """
        if isinstance(message, StateMessage) and self._batches:
            self._held_state = message_line(message)
            self._note_state()
            return
        if isinstance(message, SchemaMessage):
            self._add_schema(message.stream, message.schema)
        else:
            self.finish()
        super().write_message(message)

    def _add_schema(self, stream: str, schema: dict[str, Any]) -> None:
        """Add columns, if a stream map gives several streams one name."""
        known = self._schemas.get(stream, {}).get("properties", {})
        properties = {**known, **schema["properties"]}
        if stream in self._batches and properties.keys() != known.keys():
            self.finish()
        self._schemas[stream] = {**schema, "properties": properties}

    def write_rows(
        self,
        stream: str,
        rows: Sequence[Row],
        version: int | None,
        lines_of: LinesOf | None = None,
    ) -> None:
        """Write rows to the file of their stream, raw values as they are.

        Args:
            stream: Name of the stream.
            rows: The rows.
            version: Version of the table, for ACTIVATE_VERSION.
            lines_of: Writes them as lines.

        Raises:
            Interrupted: A signal came meanwhile.
            OutputError: There is no space for them.
        """
        rest = list(rows)
        while rest:
            batch = self._batches.get(stream)
            room = self._options.most_rows - (batch.rows if batch else 0)
            some, rest = rest[:room], rest[room:]
            self._put(stream, some, version, lines_of or json_lines)

    def finish(self) -> None:
        """Close the files, write a BATCH message for each, and then the newest STATE.

        Raises:
            BrokenPipeError: The loader has ended.
            Interrupted: A signal came meanwhile.
            OutputError: There is no space for it.
        """
        with self.interrupts.held_off(), self._all_or_nothing():
            with _worded():
                for batch in self._batches.values():
                    batch.files.close()
            for stream, batch in list(self._batches.items()):
                self._kept_back += self._naming(stream, batch)
                self.flush()
                del self._batches[stream]
            self._kept_back += self._held_state
            self._held_state = b""
            self.flush()

    def _put(
        self,
        stream: str,
        rows: list[Row],
        version: int | None,
        lines_of: LinesOf,
    ) -> None:
        with self.interrupts.held_off(), self._all_or_nothing():
            with _worded():
                batch = self._batches.get(stream) or self._new_batch(stream, version)
                batch.files.write(lines_of(batch.files.prepared(rows)))
                batch.rows += len(rows)
            self.rows_since_state += len(rows)
            is_full = batch.rows >= self._options.most_rows
            if is_full or batch.files.size >= self._options.most_bytes:
                self.finish()

    def _new_batch(self, stream: str, version: int | None) -> _Batch:
        self._files_opened += 1
        safe = re.sub(r"[^\w.-]", "_", stream)[:_LONGEST_NAME]
        name = f"{self._tap_name}--{safe}-{self._run}-{self._files_opened}"
        batch = _Batch(self._open_files(stream, name), version)
        self._batches[stream] = batch
        return batch

    def _naming(self, stream: str, batch: _Batch) -> bytes:
        encoding, uris = self._options.encoding, batch.files.uris
        message = SDKBatchMessage(stream, encoding, uris, batch.version)
        return json_line(message.to_dict())

    @contextlib.contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """On a failure, delete files that no message names, and drop their STATE."""
        try:
            yield
        except BaseException:
            self._discard()
            raise

    def _discard(self) -> None:
        self._is_broken = True  # a later STATE would count the lost rows as written
        self._held_state = b""
        while self._batches:
            self._batches.popitem()[1].files.delete()


@contextlib.contextmanager
def _worded() -> Iterator[None]:
    """Explain in one line why a file cannot be written."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - each store fails in its own way
        raise OutputError(_PLACE, reason(error)) from None
