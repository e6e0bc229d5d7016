"""Values that are still nested after flattening, as people write them.

See the setting ``readable_lists``.
"""

from __future__ import annotations

from typing import Any, TypeGuard

import msgspec

from tap_backlog.rows import decode_value
from tap_backlog.singer.flattening import json_text
from tap_backlog.singer.readable_times import day_text
from tap_backlog.streams.shapes import DATE_FIELD
from tap_backlog.times import moment_if_any


def readable_text(value: object) -> str:
    """Return a list or an object as text for people.

    Lists of things with a name become these names. Stars become the names of the users
    who gave them. Custom fields become ``name: value``; empty ones are left out. A Nulab
    account becomes its name. Everything else becomes JSON, because a name would lose too
    much.

    Args:
        value: A list or an object, raw or plain.
    """
    if isinstance(value, msgspec.Raw):
        value = decode_value(value)
    if isinstance(value, list):
        things = [one for one in value if one is not None]
        if not any(isinstance(one, (dict, list)) for one in things):
            return ", ".join(map(_text_of_scalar, things))
        named = [one for one in things if _has_name(one)]
        if named:
            return _text_of_things(named)
        if all(_presenter(one) for one in things):
            return ", ".join(map(_presenter, things))
    if _has_name(value) and "nulabId" in value:
        return str(value["name"])
    return json_text(value)


def _has_name(value: object) -> TypeGuard[dict[str, Any]]:
    name = value.get("name") if isinstance(value, dict) else None
    return isinstance(name, str) and name != ""


def _presenter(star: object) -> str:
    """Return who gave a star; "" if it is not a star."""
    presenter = star.get("presenter") if isinstance(star, dict) else None
    return str(presenter["name"]) if _has_name(presenter) else ""


def _text_of_scalar(value: object) -> str:
    return value if isinstance(value, str) else json_text(value)


def _text_of_things(things: list[dict[str, Any]]) -> str:
    if any("value" in one for one in things):
        return "; ".join(filter(None, map(_text_of_field, things)))
    return ", ".join(one["name"] for one in things)


def _text_of_field(field: dict[str, Any]) -> str:
    """Return ``name: value``, or nothing if the field is empty."""
    value = field.get("value")
    if field.get("fieldTypeId") == DATE_FIELD and (day := moment_if_any(value)):
        value = day_text(day)
    texts = [*_texts_of(value), *_texts_of(field.get("otherValue"))]
    return f"{field['name']}: {', '.join(texts)}" if texts else ""


def _texts_of(value: object) -> list[str]:
    """Return the content of a custom field, one text per chosen item."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [text for item in value for text in _texts_of(item)]
    if isinstance(value, str):
        return [value]
    return [str(value["name"]) if _has_name(value) else json_text(value)]
