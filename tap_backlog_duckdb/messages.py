"""The messages of a Singer tap: only the beginning of a RECORD is looked at."""

from __future__ import annotations

import functools
import json
import re
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from tap_backlog_duckdb.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGINNING = re.compile(
    rb'\s*\{\s*"type"\s*:\s*"RECORD"\s*,\s*"stream"\s*:\s*("(?:[^"\\]|\\.)*")\s*,'
)
"""How nearly every tap begins a RECORD, with spaces or without."""


class CutOffError(DoorError):
    """The messages end in the middle of one."""


class Message(msgspec.Struct):
    """A message.

    Args:
        type: RECORD, SCHEMA, STATE, BATCH or ACTIVATE_VERSION; others are skipped.
        stream: Name of the stream; none for a STATE.
        version: Version of the table; for rows, only :func:`decode` finds it.
        value: The state, exactly as it was sent.
        schema: JSON Schema of the rows.
        key_properties: Columns of the primary key.
        encoding: How the files of a BATCH are written.
        manifest: URIs of the files of a BATCH.
    """

    type: str
    stream: str | None = None
    version: int | None = None
    value: msgspec.Raw = msgspec.Raw(b"null")
    schema: dict[str, Any] | None = None
    key_properties: list[str] | None = None
    encoding: dict[str, Any] | None = None
    manifest: list[str] | None = None


class Row(NamedTuple):
    """A RECORD.

    Args:
        stream: Name of the stream.
        line: The whole message.
    """

    stream: str
    line: bytes


_decode = msgspec.json.Decoder(Message).decode


def read(lines: IO[bytes]) -> Iterator[Row | Message]:
    """Yield the messages.

    Args:
        lines: One message per line.

    Raises:
        CutOffError: The last line has no end.
        DoorError: A line is not a Singer message.
    """
    for number, line in enumerate(lines, 1):
        if found := _BEGINNING.match(line):
            yield Row(_name(found[1]), _with_end(line))
        elif line.strip():
            yield _other(line, number)


@functools.cache
def _name(written: bytes) -> str:
    name: str = json.loads(written)
    return name


def _with_end(line: bytes) -> bytes:
    if line.endswith(b"\n"):
        return line
    decode(line)
    return line + b"\n"


def _other(line: bytes, number: int) -> Row | Message:
    try:
        message = decode(line)
    except msgspec.MsgspecError:
        problem = f"Line {number:,} is not a Singer message."
        raise DoorError(problem) from None
    if message.type != "STATE" and message.stream is None and message.type in _KINDS:
        missing = f"Line {number:,} is a {message.type} without a stream."
        raise DoorError(missing)
    if message.type == "RECORD":
        return Row(str(message.stream), _with_end(line))
    return message


_KINDS = frozenset({"RECORD", "SCHEMA", "STATE", "BATCH", "ACTIVATE_VERSION"})


def decode(line: bytes) -> Message:
    """Return a message of which all is read.

    Args:
        line: The message.

    Raises:
        CutOffError: It is not whole.
        msgspec.MsgspecError: It is not a Singer message.
    """
    try:
        return _decode(line)
    except msgspec.MsgspecError:
        if line.endswith(b"\n"):
            raise
        message = "The messages end in the middle of a line: the run was cut off."
        raise CutOffError(message) from None
