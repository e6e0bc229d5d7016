"""Nested objects as columns, like the SDK's flattening, but much faster.

The SDK computes the name of every column again for every row. It also makes columns of
fields that are not in the schema, on which loaders fail, leaves out the columns of an
object that is null, and writes nested values with ASCII escapes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from singer_sdk.helpers._flattening import flatten_key
from singer_sdk.singerlib.json import serialize_json

from tap_backlog.rows import decode_value
from tap_backlog.surrogates import replace_halves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from singer_sdk.helpers._flattening import FlatteningOptions

    from tap_backlog.rows import Row

    Path: TypeAlias = tuple[str, ...]

_encoder = msgspec.json.Encoder(decimal_format="number")

_KEPT = 1000
"""How many objects are kept as columns."""

_NESTED = frozenset({dict, list, msgspec.Raw})
"""The types of values that are nested; a raw value may be."""

_BEGINS_NESTED = frozenset(b"[{")


def json_text(value: object) -> str:
    """Return JSON that people can read: characters as they are, not as ASCII escapes.

    Args:
        value: A value of a row, raw or plain.
    """
    if isinstance(value, msgspec.Raw):
        text = bytes(value)
        if b"\\u" not in text and b"\\/" not in text:
            return text.decode()
        value = decode_value(text)
    try:
        return _encoder.encode(value).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, which an expression in a stream map can make.
        whole = decode_value(replace_halves(serialize_json(value).encode()))
        return _encoder.encode(whole).decode()


@dataclass
class _Level:
    """What becomes of the fields of one object.

    Args:
        path: Where the object is.
        columns: The fields that are columns, and the names of these columns.
        below: All other fields, which should be objects.
        nulls: Every column of the object and of what is in it.
    """

    path: Path
    columns: dict[str, str] = field(default_factory=dict)
    below: dict[str, _Level] = field(default_factory=dict)
    nulls: dict[str, None] = field(default_factory=dict)


class Flattener:
    """Flattens the rows of one stream.

    Args:
        schema: The schema of the rows before flattening.
        columns: Names of the columns, from the flattened schema.
        options: The settings of flattening.
        log_unknown: Gets the names of columns that are left out, because they are in
            no schema.
        text_of: Writes a value that is still nested, a list or an object, raw or plain,
            as text.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        columns: Iterable[str],
        options: FlatteningOptions,
        log_unknown: Callable[[Iterable[str]], None],
        text_of: Callable[[object], str] = json_text,
    ) -> None:
        self._columns = frozenset(columns)
        self._options = options
        self.log_unknown = log_unknown
        self._text_of = text_of
        self._root = self._level(schema, ())
        self._unchanged = {n for n, column in self._root.columns.items() if n == column}
        # The same status or user is in many rows, as the same bytes.
        self._columns_in = lru_cache(_KEPT)(self._read_columns)

    def flatten(self, row: Row) -> Row:
        """Return the row by column; values that are still nested become text.

        Args:
            row: The row, whose root fields may be raw. Scalars among them stay so.

        Raises:
            ValueError: A raw value cannot be read.
        """
        if row.keys() <= self._unchanged and _NESTED.isdisjoint(map(type, row.values())):
            return dict(row)
        flat: Row = {}
        self._flatten(row, self._root, flat)
        return flat

    def _flatten(self, node: Mapping[str, Any], level: _Level, flat: Row) -> None:
        columns = level.columns
        for key, value in node.items():
            column = columns.get(key)
            if type(value) is msgspec.Raw:
                text = bytes(value)
                if column is None:
                    flat.update(self._columns_in(key, text))
                else:
                    is_nested = text[0] in _BEGINS_NESTED
                    flat[column] = self._text_of(value) if is_nested else value
            elif column is None:
                self._flatten_other(key, value, level, flat)
            else:
                is_nested = isinstance(value, (dict, list))
                flat[column] = self._text_of(value) if is_nested else value

    def _flatten_other(self, key: str, value: object, level: _Level, flat: Row) -> None:
        """Flatten a field that is not a column itself, as far as is known."""
        below = level.below.get(key)
        if below is None:
            path = (*level.path, key)
            column = self._name(path)
            if column in self._columns:
                level.columns[key] = column
                self._flatten({key: value}, level, flat)
                return
            below = level.below[key] = _Level(path)
        if value is None:
            flat.update(below.nulls)
        elif isinstance(value, dict) and len(level.path) < self._options.max_level:
            self._flatten(value, below, flat)
        else:
            self.log_unknown([self._name(below.path)])

    def _read_columns(self, key: str, text: bytes) -> Row:
        """Return the columns of a root field that is not a column itself."""
        columns: Row = {}
        self._flatten_other(key, decode_value(text), self._root, columns)
        return columns

    def _level(self, schema: Mapping[str, Any], path: Path) -> _Level:
        level = _Level(path)
        for key, inner in schema.get("properties", {}).items():
            at = (*path, key)
            column = self._name(at)
            if column in self._columns:
                level.columns[key] = column
                level.nulls[column] = None
            else:
                below = level.below[key] = self._level(inner, at)
                level.nulls.update(below.nulls)
        return level

    def _name(self, path: Path) -> str:
        return flatten_key(
            path[-1],
            list(path[:-1]),
            self._options.separator,
            max_key_length=self._options.max_key_length,
        )
