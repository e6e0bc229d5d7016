"""From rows to Singer messages on stdout."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
import time
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter, enc_hook
from singer_sdk.singerlib.json import serialize_json
from singer_sdk.singerlib.messages import StateMessage

from tap_backlog.rows import decode_value, escape_line_breaks
from tap_backlog.singer.interrupts import Interrupts
from tap_backlog.singer.stdout import write_whole
from tap_backlog.surrogates import replace_halves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from singer_sdk.singerlib.messages import Message

    from tap_backlog.rows import Row

    LinesOf: TypeAlias = Callable[[list[dict[str, Any]]], bytes]

_encoder = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number")

_BYTES_AT_ONCE = 64 * 1024
"""The capacity of a pipe; fewer bytes are kept back for a moment."""


class MessageWriter(MsgSpecWriter):
    """Writes whole messages, and many rows at a time.

    Rows may be kept back until the next message of another type, or :meth:`flush`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.interrupts = Interrupts()
        self.rows_since_state = 0
        self.last_state_at = time.monotonic()
        self._kept_back = bytearray()
        self._is_broken = False

    def write_message(self, message: Message) -> None:
        """Write one message, after all rows.

        Args:
            message: Any Singer message.

        Raises:
            Interrupted: A signal came meanwhile.
        """
        self._kept_back += message_line(message)
        self.flush()
        if isinstance(message, StateMessage):
            self._note_state()

    def write_rows(
        self,
        stream: str,
        rows: Sequence[Row],
        version: int | None,
        lines_of: LinesOf | None = None,
    ) -> None:
        """Write rows as RECORD messages, raw values as they are.

        Args:
            stream: Name of the stream.
            rows: The rows.
            version: Version of the table, for ACTIVATE_VERSION.
            lines_of: :func:`json_lines`, the default, for rows as they came;
                :func:`mapped_lines` for all others.

        Raises:
            Interrupted: A signal came meanwhile.
        """
        tail = _tail(version)
        self.rows_since_state += len(rows)
        records = [_record(stream, row, tail) for row in rows]
        self._keep_back((lines_of or json_lines)(records))

    def flush(self) -> None:
        """Pass everything to the loader.

        Raises:
            BrokenPipeError: The loader has ended.
            Interrupted: A signal came meanwhile.
            OutputError: stdout does not accept more.
        """
        with self.interrupts.held_off():
            lines, self._kept_back = self._kept_back, bytearray()
            if self._is_broken:  # new output would be appended to half of a line
                return
            self._is_broken = True
            write_whole(sys.stdout.buffer, lines)
            self._is_broken = False

    def finish(self) -> None:
        """Pass everything to the loader, after a family of streams has been read.

        Raises:
            BrokenPipeError: The loader has ended.
            Interrupted: A signal came meanwhile.
            OutputError: There is no space for it.
        """
        self.flush()

    def _note_state(self) -> None:
        self.rows_since_state = 0
        self.last_state_at = time.monotonic()

    def _keep_back(self, lines: bytes) -> None:
        self._kept_back += lines
        if len(self._kept_back) >= _BYTES_AT_ONCE:
            self.flush()


def _tail(version: int | None) -> dict[str, Any]:
    tail: dict[str, Any] = {} if version is None else {"version": version}
    tail["time_extracted"] = dt.datetime.now(dt.timezone.utc).isoformat()
    return tail


def _record(stream: str, row: Row, tail: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RECORD", "stream": stream, "record": row, **tail}


def message_line(message: Message) -> bytes:
    """Return a message as a line of JSON.

    Args:
        message: Any Singer message; fields that are None are left out.
    """
    content = {f.name: getattr(message, f.name) for f in dataclasses.fields(message)}
    return json_line({k: v for k, v in content.items() if v is not None})


def json_lines(values: list[dict[str, Any]]) -> bytes:
    """Return objects as lines of JSON; they hold rows with raw fields.

    Args:
        values: The objects.
    """
    return _encoder.encode_lines(values)


def mapped_lines(values: list[dict[str, Any]]) -> bytes:
    """Return objects as lines of JSON; they hold texts that did not come as they are.

    Args:
        values: The objects.
    """
    try:
        return escape_line_breaks(_encoder.encode_lines(values))
    except UnicodeEncodeError:
        return b"".join(map(json_line, values))


def json_line(value: dict[str, Any]) -> bytes:
    """Return an object as a line of JSON.

    Args:
        value: The object.
    """
    try:
        line = _encoder.encode(value)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which an expression in a stream map can make.
        line = replace_halves(serialize_json(_without_raw(value)).encode())
    return escape_line_breaks(line) + b"\n"


def _without_raw(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, msgspec.Raw):
        return decode_value(value)
    if isinstance(value, dict):
        return {name: _without_raw(inner) for name, inner in value.items()}
    return value
