"""From rows to Singer messages on stdout."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter, enc_hook
from singer_sdk.singerlib.json import serialize_json
from singer_sdk.singerlib.messages import Message, RecordMessage

from tap_backlog.interrupts import Interrupts
from tap_backlog.rows import escape_line_breaks

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tap_backlog.rows import Row

_encoder = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number")


class MessageWriter(MsgSpecWriter):
    """Writes messages in whole, and rows many at a time.

    Rows may stay in the buffer until the next other message, or :meth:`flush`.
    """

    def __init__(self) -> None:
        """Nothing is written yet."""
        super().__init__()
        self.interrupts = Interrupts()

    def write_message(self, message: Message) -> None:
        """Write one message.

        Args:
            message: Any Singer message.

        Raises:
            Interrupted: A signal came meanwhile.
        """
        self._write(escape_line_breaks(_encode(message.to_dict())) + b"\n")
        if not isinstance(message, RecordMessage):
            self.flush()

    def write_rows(
        self,
        stream: str,
        rows: Iterable[Row],
        version: int | None,
        time_extracted: dt.datetime,
    ) -> None:
        """Write rows as RECORD messages, raw values as they are.

        Args:
            stream: Name of the stream.
            rows: The rows.
            version: Version of the table, for ACTIVATE_VERSION.
            time_extracted: When the rows were read.

        Raises:
            Interrupted: A signal came meanwhile.
        """
        tail: dict[str, Any] = {} if version is None else {"version": version}
        tail["time_extracted"] = time_extracted.isoformat()
        self._write(
            _encoder.encode_lines(
                [
                    {"type": "RECORD", "stream": stream, "record": row, **tail}
                    for row in rows
                ]
            )
        )

    def flush(self) -> None:
        """Hand everything to the loader."""
        with self.interrupts.held_off():
            sys.stdout.buffer.flush()

    def _write(self, lines: bytes) -> None:
        with self.interrupts.held_off():
            sys.stdout.buffer.write(lines)


def _encode(message: dict[str, Any]) -> bytes:
    try:
        return _encoder.encode(message)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can hold and UTF-8 cannot.
        return serialize_json(message).encode()
