"""The messages of a Singer tap: only the beginning of a RECORD is looked at."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tap_backlog_duckdb.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BEGINNING = re.compile(
    rb'\s*\{\s*"type"\s*:\s*"RECORD"\s*,\s*"stream"\s*:\s*("(?:[^"\\]|\\.)*")\s*,'
)
"""How nearly every tap begins a RECORD, with spaces or without."""

_ROWS_BYTES = 65_536
"""Rows of so many bytes are kept together at most."""


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
    value: msgspec.Raw = msgspec.Raw(b"")
    schema: dict[str, Any] | None = None
    key_properties: list[str] | None = None
    encoding: dict[str, Any] | None = None
    manifest: list[str] | None = None


class Rows(NamedTuple):
    """RECORDs of one stream that came one after the other.

    Args:
        stream: Name of the stream.
        lines: The whole messages, each with its end.
    """

    stream: str
    lines: list[bytes]


_decode = msgspec.json.Decoder(Message).decode


def read(lines: Iterable[bytes]) -> Iterator[Rows | Message]:
    """Yield the messages, rows of one stream together.

    Args:
        lines: One message per line.

    Raises:
        CutOffError: The last line has no end.
        DoorError: A line is not a Singer message.
    """
    rows, size, beginning = Rows("", []), 0, b""
    for number, line in enumerate(lines, 1):
        is_next = rows.lines and line.startswith(beginning) and line.endswith(b"\n")
        if is_next and size < _ROWS_BYTES:
            rows.lines.append(line)
            size += len(line)
            continue
        if rows.lines:
            yield rows
            rows = Rows("", [])
        if found := _BEGINNING.match(line):
            beginning = found[0]
            rows, size = Rows(_name(found[1]), [_with_end(line)]), len(line)
        elif line.strip():
            yield _other(line, number)
    if rows.lines:
        yield rows


@functools.cache
def _name(written: bytes) -> str:
    name: str = json.loads(written)
    return name


def _with_end(line: bytes) -> bytes:
    if line.endswith(b"\n"):
        return line
    decode(line)
    return line + b"\n"


def _other(line: bytes, number: int) -> Rows | Message:
    try:
        message = decode(line)
    except msgspec.MsgspecError:
        problem = f"Line {number:,} is not a Singer message."
        raise DoorError(problem) from None
    missing = _missing(message)
    if missing:
        problem = f"Line {number:,} is a {message.type} without a {missing}."
        raise DoorError(problem)
    if message.type == "RECORD":
        return Rows(str(message.stream), [_with_end(line)])
    return message


def _missing(message: Message) -> str:
    if message.type == "STATE":
        return "" if bytes(message.value) else "value"
    return "stream" if message.type in _OF_STREAMS and message.stream is None else ""


_OF_STREAMS = frozenset({"RECORD", "SCHEMA", "BATCH", "ACTIVATE_VERSION"})


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
    except RecursionError:
        message = "it is nested too deeply"
        raise msgspec.DecodeError(message) from None
    except msgspec.MsgspecError:
        if line.endswith(b"\n"):
            raise
        message = "The messages end in the middle of a line: the run was cut off."
        raise CutOffError(message) from None
