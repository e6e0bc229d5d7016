"""From lines of JSON to Arrow tables, with every value in the type of its column."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.json

from tap_backlog.rows import decode_row
from tap_backlog.singer.batches.arrow_types import arrow_schema
from tap_backlog.singer.batches.json_texts import JsonTexts

if TYPE_CHECKING:
    from tap_backlog.rows import Row

RESCUED = "_rescued_data"
"""The column that holds what does not fit into the others, as JSON by their names."""

_NULL = msgspec.Raw(b"null")
_encoder = msgspec.json.Encoder()
_logger = logging.getLogger(__name__)


class TableReader:
    """Reads the rows of one stream.

    Args:
        stream: Name of the stream, for warnings.
        schema: The schema of its SCHEMA message.
    """

    def __init__(self, stream: str, schema: dict[str, Any]) -> None:
        self.columns = arrow_schema(schema)
        self._stream = stream
        self._texts = JsonTexts(schema)
        self._unknown = "error"
        self._warned: set[str] = set()

    def prepared(self, rows: list[Row]) -> list[Row]:
        """Return the rows with JSON text where values have no one type.

        Args:
            rows: The rows, their fields raw or plain.
        """
        return self._texts.within(rows)

    def read(self, lines: bytearray) -> pa.Table:
        """Return the rows; only if a value does not fit, there is ``_rescued_data``.

        Args:
            lines: A line of JSON for each row.
        """
        try:
            return _read(lines, self.columns, self._unknown)
        except pa.ArrowInvalid:
            return self._read_by_column(lines)

    def _read_by_column(self, lines: bytearray) -> pa.Table:
        rows = [decode_row(bytes(line)) for line in lines.splitlines()]
        misfits: list[Row] = [{} for _ in rows]
        columns = [
            self._column(field, [row.get(field.name, _NULL) for row in rows], misfits)
            for field in self.columns
        ]
        table = pa.table(columns, schema=self.columns)
        if not any(misfits):
            return table
        texts = [_encoder.encode(one).decode() if one else None for one in misfits]
        return table.append_column(RESCUED, pa.array(texts, pa.string()))

    def _column(
        self, field: pa.Field, values: list[msgspec.Raw], misfits: list[Row]
    ) -> pa.ChunkedArray:
        for unknown in ("error", "ignore"):
            try:
                found = _read_values(values, field.type, unknown)
            except pa.ArrowInvalid:
                continue
            if unknown == "ignore":
                self._leave_unknown_out(field.name)
            return found
        return pa.chunked_array(
            [
                self._fitted(field, value, misfit)
                for value, misfit in zip(values, misfits, strict=True)
            ]
        )

    def _fitted(self, field: pa.Field, value: msgspec.Raw, misfit: Row) -> pa.Array:
        """Return one value; null if it does not fit, and then it is a misfit."""
        try:
            return _read_values([value], field.type, "ignore").chunk(0)
        except pa.ArrowInvalid:
            if pa.types.is_string(field.type):
                return pa.array([bytes(value).decode()], field.type)
            misfit[field.name] = value
            self._warn(
                field.name,
                "Backlog sent a value of another type than in the schema in `%s.%s`: "
                f"Parquet files have it in the column `{RESCUED}`.",
            )
            return pa.nulls(1, field.type)

    def _leave_unknown_out(self, column: str) -> None:
        self._unknown = "ignore"  # the fast way would fail each time
        self._warn(
            column,
            "Backlog sends fields inside `%s.%s` that this version leaves out of "
            "Parquet files.",
        )

    def _warn(self, column: str, sentence: str) -> None:
        if column not in self._warned:
            self._warned.add(column)
            _logger.warning(sentence, self._stream, column)


def _read(lines: bytes | bytearray, schema: pa.Schema, unknown: str) -> pa.Table:
    whole = pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1)
    options = pyarrow.json.ParseOptions(
        explicit_schema=schema, unexpected_field_behavior=unknown
    )
    return pyarrow.json.read_json(pa.BufferReader(pa.py_buffer(lines)), whole, options)


def _read_values(
    values: list[msgspec.Raw], kind: pa.DataType, unknown: str
) -> pa.ChunkedArray:
    lines = b"".join(b'{"value":%b}\n' % bytes(value) for value in values)
    return _read(lines, pa.schema([("value", kind)]), unknown).column(0)
