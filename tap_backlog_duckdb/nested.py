"""Structs and lists of Parquet files as the JSON that they were made from."""

from __future__ import annotations

from typing import Any

from tap_backlog_duckdb import sql
from tap_backlog_duckdb.column_types import MOMENT, TEXT, converted, has_one_type


def json_from(value: str, have: str, schema: Any) -> str:  # noqa: ANN401
    """Return the expression that makes JSON of a value.

    A text becomes a JSON string if the SCHEMA says that it is a text. If the SCHEMA
    says no one type, the text is JSON already.

    Args:
        value: The value, as SQL writes it.
        have: Its type in the file.
        schema: JSON Schema of the value.
    """
    if have == "JSON":
        return value
    if have == TEXT:
        is_text = has_one_type(schema)
        return f"to_json({value})" if is_text else f"CAST({value} AS JSON)"
    return f"to_json({_plain(value, have, schema, 0)})"


def _plain(value: str, have: str, schema: Any, depth: int) -> str:  # noqa: ANN401
    """Return a value whose times are texts, and whose JSON texts are JSON."""
    inner = schema if isinstance(schema, dict) else {}
    if have.endswith("[]"):
        one = f"one{depth}"
        item = _plain(one, have[:-2], inner.get("items"), depth + 1)
        return f"list_transform({value}, lambda {one}: {item})"
    if have.startswith("STRUCT("):
        properties = inner.get("properties") or {}
        fields = (
            f"{sql.name(name)} := "
            + _plain(
                f"struct_extract({value}, {sql.text(name)})",
                kind,
                properties.get(name),
                depth,
            )
            for name, kind in fields_of(have).items()
        )
        packed = f"struct_pack({sql.listed(fields)})"
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE {packed} END"
    if have == TEXT and not has_one_type(schema):
        return f"CAST({value} AS JSON)"
    if have == "TIMESTAMP WITH TIME ZONE":
        return converted(f"timezone('UTC', {value})", MOMENT, TEXT)
    return converted(value, MOMENT, TEXT) if have.startswith(MOMENT) else value


def fields_of(struct: str) -> dict[str, str]:
    """Return the type of each field of a struct.

    Args:
        struct: ``STRUCT(a BIGINT, "b c" VARCHAR[])``.
    """
    found, start, depth, quoted = [], 0, 0, False
    inside = struct[len("STRUCT(") : -1]
    for place, sign in enumerate(f"{inside},"):
        quoted ^= sign == '"'
        if not quoted:
            depth += (sign == "(") - (sign == ")")
            if sign == "," and not depth:
                found.append(inside[start:place].strip())
                start = place + 1
    return dict(map(_name_and_type, found))


def _name_and_type(field: str) -> tuple[str, str]:
    if not field.startswith('"'):
        name, _, kind = field.partition(" ")
        return name, kind
    end = 1
    while field[end] != '"' or field[end + 1 : end + 2] == '"':
        end += 2 if field[end] == '"' else 1
    return field[1:end].replace('""', '"'), field[end + 2 :]
