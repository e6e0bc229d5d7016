"""Rows as Parquet files with typed columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow._parquet import ParquetWriter  # `pyarrow.parquet` takes 10 MB more

from tap_backlog.singer.batches.arrow_tables import RESCUED, TableReader

if TYPE_CHECKING:
    from tap_backlog.rows import Row
    from tap_backlog.singer.batches.store import Store, StoredFile

_PIECE = 1024 * 1024
"""Bytes of JSON that are read at once."""

_GROUP = 4 * 1024 * 1024
"""Bytes of JSON in a row group: more need more memory, fewer are slower to read."""


class ParquetFiles:
    """One file of one stream, and a second one if there is a value that does not fit.

    Args:
        store: Where the files go.
        name: Their name, without prefix and extension.
        reader: Reads the rows of the stream.
        codec: How columns are compressed, such as ``zstd``.
    """

    def __init__(self, store: Store, name: str, reader: TableReader, codec: str) -> None:
        self._store = store
        self._name = name
        self._codec = codec
        self._reader = reader
        self._lines = bytearray()
        self._files: list[StoredFile] = []
        self._names: list[str] = []
        self._size_before = 0
        self._group: list[pa.Table] = []
        self._group_size = 0

    @property
    def uris(self) -> list[str]:
        """The URIs of the files."""
        return [file.uri for file in self._files]

    @property
    def size(self) -> int:
        """Bytes that are written."""
        return self._size_before + (self._sink.tell() if self._names else 0)

    def prepared(self, rows: list[Row]) -> list[Row]:
        """Return the rows with JSON text where values have no one type.

        Args:
            rows: The rows, their fields raw or plain.
        """
        return self._reader.prepared(rows)

    def write(self, lines: bytes) -> None:
        """Add rows.

        Args:
            lines: One line of JSON per row.
        """
        self._lines += lines
        if len(self._lines) >= _PIECE:
            self._read_piece()

    def close(self) -> None:
        """Finish the files."""
        self._read_piece()
        self._end()

    def delete(self) -> None:
        """Delete the files, if that is possible."""
        for file in self._files:
            file.delete()

    def _read_piece(self) -> None:
        lines, self._lines = self._lines, bytearray()
        if not lines:
            return
        table = self._reader.read(lines)
        has_misfits = RESCUED in table.column_names
        if not self._names or (has_misfits and RESCUED not in self._names):
            self._end()
            self._open(table.schema)
        elif RESCUED in self._names and not has_misfits:
            nothing = pa.nulls(len(table), pa.string())
            table = table.append_column(RESCUED, nothing)
        self._group.append(table)
        self._group_size += len(lines)
        if self._group_size >= _GROUP:
            self._write_group()

    def _write_group(self) -> None:
        if self._group:
            table = pa.concat_tables(self._group)
            self._writer.write_table(table, row_group_size=len(table))
        self._group, self._group_size = [], 0

    def _open(self, columns: pa.Schema) -> None:
        ending = f"-{len(self._files) + 1}" if self._files else ""
        stored = self._store.new_file(f"{self._name}{ending}.parquet")
        self._files.append(stored)
        self._sink = stored.open()
        self._names = columns.names
        self._writer = ParquetWriter(
            pa.PythonFile(self._sink),
            columns,
            compression=self._codec,
            writer_engine_version="V2",
        )

    def _end(self) -> None:
        if not self._names:
            return
        self._write_group()
        self._writer.close()
        self._size_before += self._sink.tell()
        self._files[-1].close()
