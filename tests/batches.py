"""Settings that write batches, and functions that read them as a loader does."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from singer_sdk.helpers._batch import StorageTarget

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support import Output

Row = dict[str, Any]


def in_batches(root: object, size: int | None = None, **encoding: str | None) -> Row:
    """Return settings that write files below a root."""
    return {
        "batch_config": {
            "encoding": {"format": "jsonl", "compression": "gzip", **encoding},
            "storage": {"root": str(root)},
            "batch_size": size,
        }
    }


def read(message: Row) -> list[Row]:
    """Return the rows that a BATCH message names, read as a loader of the SDK does."""
    rows = []
    for uri in message["manifest"]:
        head, tail = StorageTarget.split_url(uri)
        with StorageTarget.from_url(head).open(tail, "rb") as file:
            content = file.read()
        if message["encoding"].get("compression") == "gzip":
            content = gzip.decompress(content)
        rows += [json.loads(line) for line in content.splitlines()]
    return rows


def batches(output: Output) -> list[Row]:
    return [message for message in output.messages if message["type"] == "BATCH"]


def rows_of(output: Output) -> dict[str, list[Row]]:
    """Return the rows by stream, from messages and files, with all digits of numbers."""
    found: dict[str, list[Row]] = {}
    for message in output.messages:
        if message["type"] == "RECORD":
            found.setdefault(message["stream"], []).append(message["record"])
        elif message["type"] == "BATCH":
            found.setdefault(message["stream"], []).extend(read(message))
    return json.loads(json.dumps(found, default=float)) or {}


def files_of(root: Path) -> set[str]:
    return {file.as_uri() for file in root.rglob("*") if file.is_file()}


def named(output: Output) -> set[str]:
    return {uri for message in batches(output) for uri in message["manifest"]}
