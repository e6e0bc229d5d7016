"""Rows as they came over the wire.

A row's fields stay the bytes that Backlog sent (``msgspec.Raw``) until some code needs
them. So numbers keep their digits, and most bytes are never parsed twice.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from tap_backlog.errors import BacklogError
from tap_backlog.surrogates import replace_halves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Row: TypeAlias = "dict[str, Any]"
"""A row by field; a value is plain if it has been read, else ``msgspec.Raw``."""

_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_row_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_value_decoder = msgspec.json.Decoder(float_hook=decimal.Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class ShapeError(ValueError):
    """JSON of an unexpected shape."""


class RawRows:
    """The rows of an answer before they are decoded, for a first look at them.

    Args:
        body: The body, which should be a JSON list of objects.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body

    @cached_property
    def split(self) -> list[msgspec.Raw]:
        """The rows one by one.

        Raises:
            ShapeError: Other JSON.
            ValueError: Not JSON. UTF-8 is not checked here.
        """
        with _as_value_errors():
            return _list_decoder.decode(self._body)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.split)

    def first(self, name: str) -> Any:  # noqa: ANN401
        """Return the plain value of a field of the first row, or None."""
        return self._value(0, name)

    def last(self, name: str) -> Any:  # noqa: ANN401
        """Return the plain value of a field of the last row, or None."""
        return self._value(-1, name)

    def _value(self, place: int, name: str) -> Any:  # noqa: ANN401
        return read(decode_row(bytes(self.split[place])), name) if self.split else None


def decode_rows(body: bytes, raw_rows: RawRows | None = None) -> list[Row]:
    """Return the rows of a list.

    Args:
        body: A JSON list of objects.
        raw_rows: The same rows, if they have been split already.

    Raises:
        ShapeError: Other JSON.
        ValueError: Not JSON, or not valid UTF-8.
    """
    try:
        return _decode_rows(RawRows(body) if raw_rows is None else raw_rows, body)
    except msgspec.DecodeError:
        # The decoder fails on each half of a surrogate pair, so no other code checks.
        whole = replace_halves(body)
        return _decode_rows(RawRows(whole), whole)


def decode_row(body: bytes) -> Row:
    """Return one object; otherwise like :func:`decode_rows`."""
    try:
        return _decode_row(body)
    except msgspec.DecodeError:
        return _decode_row(replace_halves(body))


def _decode_rows(raw_rows: RawRows, body: bytes) -> list[Row]:
    rows = raw_rows.split
    clean = _on_one_line(body)
    if clean is not body:
        rows = RawRows(clean).split
    with _as_value_errors():
        return [_row_decoder.decode(row) for row in rows]


def _decode_row(body: bytes) -> Row:
    with _as_value_errors():
        return _row_decoder.decode(_on_one_line(body))


def read(row: Row, name: str, default: Any = None) -> Any:  # noqa: ANN401
    """Return the plain value of a field, decimal numbers as ``Decimal``.

    Args:
        row: A row.
        name: Name of the field.
        default: The value if the field is missing.
    """
    value = row.get(name, default)
    return decode_value(value) if isinstance(value, msgspec.Raw) else value


def read_nested(row: Row, name: str) -> dict[str, Any]:
    """Return the plain object in a field, or an empty dict if it does not hold one."""
    value = read(row, name)
    return value if isinstance(value, dict) else {}


def is_integer(value: object) -> bool:
    """Whether it is a whole number."""
    return type(value) is int


def is_text(value: object) -> bool:
    """Whether it is a text."""
    return isinstance(value, str)


def is_object(value: object) -> bool:
    """Whether it is an object."""
    return isinstance(value, dict)


def is_stamp(value: object) -> bool:
    """Whether it is a timestamp as Backlog writes it, such as 2026-01-31T09:00:00Z."""
    return isinstance(value, str) and _STAMP.match(value) is not None


_STAMP = re.compile(
    r"(?!\d{4}-(02-3|(0[469]|11)-31))"  # no month has such a day
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d",
    re.ASCII,
)


def fix_keys(
    rows: Iterable[Row],
    keys: Mapping[str, Callable[[object], bool]],
    what: str,
) -> None:
    """Make the keys of rows plain values.

    Args:
        rows: The rows.
        keys: The fields that every row must have, and what each must be.
        what: What the rows are, for messages.

    Raises:
        BacklogError: A row has no such field, or it holds another type.
    """
    for row in rows:
        for name, is_fit in keys.items():
            if is_fit is is_stamp:
                write_stamps(row, [name])
            value = row[name] = read(row, name)
            if not is_fit(value):
                problem = "without" if value is None else "with an unusable"
                message = (
                    f"Backlog sent a row of `{what}` {problem} `{name}`, so the rest "
                    "cannot be trusted. Try again; if it persists, please report it."
                )
                raise BacklogError(message)


def write_stamps(row: Row, names: Iterable[str]) -> None:
    """Convert milliseconds since 1970 to timestamps.

    Some servers write some timestamps in this way. All others stay as they came.

    Args:
        row: A row.
        names: Its fields that hold timestamps.
    """
    for name in names:
        value = row.get(name)
        if value is None or isinstance(value, str):
            continue
        if isinstance(value, msgspec.Raw):
            if memoryview(value)[0] not in _BEGINS_NUMBER:
                continue
            value = decode_value(value)
        if stamp := _stamp_of(value):
            row[name] = stamp


_BEGINS_NUMBER = frozenset(b"-0123456789")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def _stamp_of(milliseconds: object) -> str:
    """Return the timestamp of a number of milliseconds since 1970; "" if not valid."""
    if isinstance(milliseconds, bool) or not isinstance(
        milliseconds, (int, decimal.Decimal)
    ):
        return ""
    try:
        moment = _EPOCH + dt.timedelta(seconds=int(milliseconds // 1000))
    except (OverflowError, decimal.DecimalException):
        return ""
    # Not by strftime, which writes years before 1000 with fewer digits.
    return moment.replace(tzinfo=None).isoformat() + "Z"


def plain(row: Row) -> Row:
    """Return a copy of the row with all of its values plain."""
    values: Row = decode_value(_encoder.encode(row))
    return values


def decode_value(text: bytes | msgspec.Raw) -> Any:  # noqa: ANN401
    """Return the value of valid JSON; numbers keep all their digits."""
    return _value_decoder.decode(text)


@contextlib.contextmanager
def _as_value_errors() -> Iterator[None]:
    try:
        yield
    except msgspec.ValidationError as error:
        raise ShapeError(*error.args) from None
    except RecursionError:
        message = "nested too deep"
        raise ValueError(message) from None


def _on_one_line(body: bytes) -> bytes:
    """Return JSON without line breaks, because a message must be one line."""
    body = escape_line_breaks(body)
    if b"\n" in body or b"\r" in body:
        # These are only between values: inside a text they are escaped.
        return body.translate(_NO_LINE_BREAKS)
    return body


_LINE_BREAKS = {
    character: f"\\u{ord(character):04x}" for character in "\u2028\u2029\u0085"
}
"""Characters that JSON allows in a text, but some readers treat as the end of a line."""


def escape_line_breaks(json_text: bytes) -> bytes:
    """Return JSON in which no character except the line feed ends a line.

    Args:
        json_text: Valid JSON.

    Raises:
        UnicodeDecodeError: Not valid UTF-8. Values that stay raw are checked only here.
    """
    if json_text.isascii():
        return json_text
    text = json_text.decode()
    if not any(character in text for character in _LINE_BREAKS):
        return json_text
    for character, escaped in _LINE_BREAKS.items():
        text = text.replace(character, escaped)
    return text.encode()


_NO_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")
