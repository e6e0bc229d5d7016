"""Rows as they came over the wire.

A row's fields stay the bytes that Backlog sent (``msgspec.Raw``) until somebody has
to know them: numbers keep their digits, and most bytes are never looked at twice.
"""

from __future__ import annotations

import decimal
import json
from typing import Any, NoReturn, TypeAlias

import msgspec
from singer_sdk.singerlib.json import serialize_json

Row: TypeAlias = "dict[str, Any]"
"""A row by field; a value is plain where it has been read, else ``msgspec.Raw``."""

_rows_decoder = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_row_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_value_decoder = msgspec.json.Decoder(float_hook=decimal.Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class ShapeError(ValueError):
    """JSON, but of another shape than was expected."""


def decode_rows(body: bytes) -> list[Row]:
    """Return the rows of a list.

    Args:
        body: A JSON list of objects.

    Raises:
        ShapeError: Other JSON.
        ValueError: No JSON, or no UTF-8.
    """
    rows: list[Row] = _decode(body, _rows_decoder)
    return rows


def decode_row(body: bytes) -> Row:
    """Return one object; otherwise like :func:`decode_rows`."""
    row: Row = _decode(body, _row_decoder)
    return row


def read(row: Row, name: str, default: Any = None) -> Any:  # noqa: ANN401
    """Return the plain value of a field, decimal numbers as ``Decimal``.

    Args:
        row: A row.
        name: Name of the field.
        default: What a field that is missing counts as.
    """
    value = row.get(name, default)
    return decode_value(value) if isinstance(value, msgspec.Raw) else value


def plain(row: Row) -> Row:
    """Return a copy of the row with all of its values plain."""
    values: Row = decode_value(_encoder.encode(row))
    return values


def decode_value(text: bytes | msgspec.Raw) -> Any:  # noqa: ANN401
    """Return the value that a piece of valid JSON means, to the digit."""
    try:
        return _value_decoder.decode(text)
    except msgspec.DecodeError:
        return _decode_leniently(bytes(text))


def _decode(body: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:  # noqa: ANN401
    try:
        body = escape_line_breaks(body)
        content = decoder.decode(body)
        if b"\n" in body or b"\r" in body:
            # Between values only, as text holds them escaped; a message is one line.
            content = decoder.decode(body.translate(_NO_LINE_BREAKS))
    except msgspec.ValidationError as error:
        raise ShapeError(*error.args) from None
    except msgspec.DecodeError:
        content = _as_raw(_decode_leniently(body), decoder)
    except RecursionError:
        message = "nested too deep"
        raise ValueError(message) from None
    return content


def _as_raw(content: object, decoder: msgspec.json.Decoder[Any]) -> object:
    """Return content in the shape of what ``msgspec`` decodes."""
    match content:
        case dict() if decoder is _row_decoder:
            return {name: _raw(value) for name, value in content.items()}
        case list() if decoder is _rows_decoder:
            return [_as_raw(row, _row_decoder) for row in content]
        case _:
            message = f"unexpected {type(content).__name__}"
            raise ShapeError(message)


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(serialize_json(value).encode())


_LINE_BREAKS = {
    character: f"\\u{ord(character):04x}" for character in "\u2028\u2029\u0085"
}
"""What JSON allows in a text, and some readers take for the end of a line."""


def escape_line_breaks(json_text: bytes) -> bytes:
    """Return JSON in which no character but the line feed ends a line.

    Args:
        json_text: Valid JSON.

    Raises:
        UnicodeDecodeError: It is no UTF-8. What stays raw is not checked otherwise.
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


def _decode_leniently(text: bytes) -> Any:  # noqa: ANN401
    """Read what Python takes and ``msgspec`` does not: halves of surrogate pairs."""
    return json.loads(
        text.decode(),
        parse_float=decimal.Decimal,
        parse_constant=_refuse_constant,
    )


def _refuse_constant(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(constant)
