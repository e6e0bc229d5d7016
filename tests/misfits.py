"""Finds what in a RECORD does not fit its SCHEMA."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema
from jsonschema import validators

if TYPE_CHECKING:
    from tests.support import Output

Row = dict[str, Any]

_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    """Accept what loaders read: a date and a time with an offset."""
    if not isinstance(value, str):
        return True
    dt.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return re.fullmatch(r".{10}T.{8}(\.\d+)?(Z|[+-]\d\d:\d\d)", value) is not None


_types = jsonschema.Draft7Validator.TYPE_CHECKER.redefine_many(
    {
        "integer": lambda _, value: type(value) is int,
        "number": lambda _, value: type(value) in {int, float, Decimal},
    }
)
Validator: Any = validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft7Validator, type_checker=_types
)


def misfits(output: Output) -> list[str]:
    """Return what in a RECORD does not fit its SCHEMA."""
    found = []
    for stream, message in output.schemas.items():
        validator = Validator(message["schema"], format_checker=_formats)
        for row in output.by_stream[stream]:
            found += [
                f"{stream} {'.'.join(map(str, error.path))}: {error.message}"
                for error in validator.iter_errors(row)
            ]
            found += [
                f"{stream}: no {key}"
                for key in message["key_properties"]
                if row.get(key) is None
            ]
    return found
