"""Rows of Parquet files, and what rows of messages are when they have their types."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
from upath import UPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support import Output

Row = dict[str, Any]


def in_parquet(root: object, **sizes: int) -> Row:
    """Return settings that write Parquet files below a root."""
    encoding, storage = {"format": "parquet"}, {"root": str(root)}
    return {"batch_config": {"encoding": encoding, "storage": storage, **sizes}}


def read_rows(uri: str) -> list[Row]:
    """Return the rows of a file as pyarrow reads them."""
    with UPath(uri).open("rb") as file:
        rows: list[Row] = pyarrow.parquet.read_table(file).to_pylist()
    return rows


def rows_in_files(output: Output) -> dict[str, list[Row]]:
    """Return the rows by stream; JSON text is read where there is no one type."""
    found: dict[str, list[Row]] = {}
    for message in output.messages:
        if message["type"] == "BATCH":
            schema = output.schemas[message["stream"]]["schema"]
            for uri in message["manifest"]:
                rows = [walk(row, schema, from_file) for row in read_rows(uri)]
                found.setdefault(message["stream"], []).extend(rows)
    return found


def rows_in_messages(output: Output) -> dict[str, list[Row]]:
    """Return the rows by stream, with the types that the schemas say."""
    return {
        stream: [
            walk(row, output.schemas[stream]["schema"], from_message) for row in rows
        ]
        for stream, rows in output.by_stream.items()
    }


def walk(value: Any, schema: Row, leaf: Callable[[Any, str], Any]) -> Any:
    """Return a value with all that is in it; ``leaf`` gets values and their types."""
    names = schema.get("type", [])
    kinds = {names} if isinstance(names, str) else set(names)
    (kind, *more) = kinds - {"null"} or {"any"}
    if value is None:
        return None
    if kind == "object" and not more and schema.get("properties"):
        properties = schema["properties"].items()
        return {name: walk(value.get(name), one, leaf) for name, one in properties}
    if kind == "array" and not more and "items" in schema:
        return [walk(one, schema["items"], leaf) for one in value]
    if more or kind in {"object", "array", "any"}:
        return leaf(value, "json")
    return leaf(value, schema.get("format", kind))


def from_file(value: Any, kind: str) -> Any:
    return json.loads(value, parse_float=Decimal) if kind == "json" else value


def from_message(value: Any, kind: str) -> Any:
    if kind == "date-time":
        return dt.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return float(value) if kind == "number" else value
