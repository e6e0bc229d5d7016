"""From JSON Schema to Arrow's types, which are those of the columns of Parquet files."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

_NULL: tuple[object, ...] = ("null", ["null"])
_SIMPLE = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
}
_MOMENT = pa.timestamp("us", tz="UTC")


def arrow_schema(schema: dict[str, Any]) -> pa.Schema:
    """Return the columns of a stream.

    Args:
        schema: The schema of its SCHEMA message.
    """
    return pa.schema(_fields(schema["properties"]))


def is_json_text(schema: dict[str, Any]) -> bool:
    """Return whether values have no one type, so that JSON text must hold them.

    Args:
        schema: JSON Schema of the values.
    """
    one = only_choice(schema)
    if one is None:
        return True
    if one["type"] == "object":
        return not one.get("properties")
    if one["type"] == "array":
        return not isinstance(one.get("items"), dict)
    return one["type"] not in _SIMPLE


def only_choice(schema: dict[str, Any]) -> dict[str, Any] | None:
    """Return a schema of one type that is not null, or None if there are more.

    Args:
        schema: JSON Schema, with ``type``, ``anyOf`` or ``oneOf``.
    """
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        found = [one for one in choices if one.get("type") not in _NULL]
        return only_choice(found[0]) if len(found) == 1 else None
    given = schema.get("type")
    types = ({given} if isinstance(given, str) else set(given or ())) - {"null"}
    if types == {"integer", "number"}:
        types = {"number"}
    return {**schema, "type": types.pop()} if len(types) == 1 else None


def _fields(properties: dict[str, Any]) -> list[pa.Field]:
    return [pa.field(name, _type(one)) for name, one in properties.items()]


def _type(schema: dict[str, Any]) -> pa.DataType:
    one = only_choice(schema)
    if one is None or is_json_text(one):
        return pa.string()
    if one["type"] == "object":
        return pa.struct(_fields(one["properties"]))
    if one["type"] == "array":
        return pa.list_(_type(one["items"]))
    if one["type"] == "string" and one.get("format") == "date-time":
        return _MOMENT
    return _SIMPLE[one["type"]]
