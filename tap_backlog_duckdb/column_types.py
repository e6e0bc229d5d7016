"""From JSON Schema to DuckDB's types, and which type holds the values of another."""

from __future__ import annotations

from typing import Any

INTEGER, NUMBER, TEXT, NESTED = "BIGINT", "DOUBLE", "VARCHAR", "JSON"
BOOLEAN, MOMENT, DAY, LARGE = "BOOLEAN", "TIMESTAMP", "DATE", "HUGEINT"

_SIMPLE = {"integer": INTEGER, "number": NUMBER, "boolean": BOOLEAN, "string": TEXT}
_FORMATS = {"date-time": MOMENT, "date": DAY}

_WIDER = {
    BOOLEAN: (TEXT,),
    INTEGER: (LARGE, NUMBER, TEXT),
    LARGE: (NUMBER, TEXT),
    NUMBER: (TEXT,),
    MOMENT: (TEXT,),
    DAY: (MOMENT, TEXT),
}


_DAY_AS_TEXT = r"\d{4}-\d\d-\d\d"
_MOMENT_AS_TEXT = rf"{_DAY_AS_TEXT}[T ]\d\d:\d\d(:\d\d(\.\d{{1,6}})?)?([Z+-].*)?"


def type_of(schema: object) -> str:
    """Return the type of a column.

    Moments are TIMESTAMP in UTC. What is nested, or has no one type, is JSON.

    Args:
        schema: JSON Schema of the column.
    """
    found = set(_types(schema))
    if len(found) == 1:
        return found.pop()
    if found == {INTEGER, NUMBER}:
        return NUMBER
    return TEXT if found and NESTED not in found and TEXT in found else NESTED


def has_one_type(schema: object) -> bool:
    """Return whether a value is of one type that is not nested.

    Args:
        schema: JSON Schema of the value.
    """
    found = set(_types(schema))
    return len(found) == 1 and NESTED not in found


def _types(schema: object) -> list[str]:
    if not isinstance(schema, dict):
        return [NESTED]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list):
        return [found for choice in choices for found in _types(choice)]
    given = schema.get("type", "any")
    names = given if isinstance(given, list) else [given]
    return [_type(one, schema) for one in names if one != "null"]


def _type(name: object, schema: dict[str, Any]) -> str:
    found = _SIMPLE.get(str(name), NESTED)
    return _FORMATS.get(str(schema.get("format")), TEXT) if found == TEXT else found


def at_least(wanted: str) -> tuple[str, ...]:
    """Return a type and those that hold more, the narrowest first; JSON holds all.

    Args:
        wanted: The type.
    """
    return (wanted, *_WIDER.get(wanted, ()), NESTED) if wanted != NESTED else (NESTED,)


def converted(column: str, have: str, want: str) -> str:
    """Return the expression that makes values of one type of those of another.

    Args:
        column: The column, as SQL writes it.
        have: Its type.
        want: The other type.
    """
    if have == want:
        return column
    if want == NESTED:
        return f"to_json({converted(column, have, TEXT) if have == MOMENT else column})"
    if have == MOMENT and want == TEXT:
        return f"replace(replace({column}::VARCHAR, ' ', 'T') || 'Z', '+00Z', 'Z')"
    if have == TEXT and want == MOMENT:
        return f"timezone('UTC', TRY_CAST({column} AS TIMESTAMPTZ))"
    return f"TRY_CAST({column} AS {want})"


def survives(column: str, have: str, want: str) -> str:
    """Return the condition under which a value is the same in another type.

    Args:
        column: The column, as SQL writes it.
        have: Its type.
        want: The other type.
    """
    if want in {have, NESTED} or (want == TEXT and have != NESTED):
        return "true"
    if have == NESTED:
        return f"{column} IS NULL"
    new = converted(column, have, want)
    if have == TEXT and want in {MOMENT, DAY}:
        form = _DAY_AS_TEXT if want == DAY else _MOMENT_AS_TEXT
        is_one = f"regexp_full_match({column}, '{form}') AND {new} IS NOT NULL"
        return f"({column} IS NULL OR {is_one})"
    return f"{converted(new, want, have)} IS NOT DISTINCT FROM {column}"
