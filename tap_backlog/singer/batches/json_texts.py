"""Puts JSON text in the place of values that have no one type, such as custom fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from tap_backlog.singer.batches.arrow_types import is_json_text, only_choice
from tap_backlog.singer.flattening import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_backlog.rows import Row

    Change: TypeAlias = Callable[[Any], Any]

_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])


class JsonTexts:
    """The columns of one stream that hold such values, at any depth.

    Args:
        schema: The schema of its SCHEMA message.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        self._changes = _changes_in(schema["properties"])

    def within(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows with JSON text in these places.

        Null stays null. A value of a type that the schema does not say stays too.

        Args:
            rows: The rows, their fields raw or plain.
        """
        if not self._changes:
            return list(rows)
        return [_changed(row, self._changes) for row in rows]


def _changes_in(properties: dict[str, Any]) -> dict[str, Change]:
    changes = {name: _change_of(one) for name, one in properties.items()}
    return {name: change for name, change in changes.items() if change}


def _change_of(schema: dict[str, Any]) -> Change | None:
    """Return what changes a value of this schema; None if it stays as it is."""
    if is_json_text(schema):
        return _text_of
    one = only_choice(schema) or {}
    if one["type"] == "object" and (inside := _changes_in(one["properties"])):
        return lambda value: _in_object(value, inside)
    if one["type"] == "array" and (change := _change_of(one["items"])):
        return lambda value: _in_list(value, change)
    return None


def _changed(row: Row, changes: dict[str, Change]) -> Row:
    changed = row.copy()
    for name, change in changes.items():
        if (value := row.get(name)) is not None:
            changed[name] = change(value)
    return changed


def _text_of(value: object) -> str | None:
    if not isinstance(value, msgspec.Raw):
        return None if value is None else json_text(value)
    text = bytes(value).decode()
    return None if text == "null" else text


def _in_object(value: object, changes: dict[str, Change]) -> object:
    if isinstance(value, msgspec.Raw):
        if not bytes(value).startswith(b"{"):
            return value
        value = _object_decoder.decode(value)
    return _changed(value, changes) if isinstance(value, dict) else value


def _in_list(value: object, change: Change) -> object:
    if isinstance(value, msgspec.Raw):
        if not bytes(value).startswith(b"["):
            return value
        value = _list_decoder.decode(value)
    return [change(one) for one in value] if isinstance(value, list) else value
