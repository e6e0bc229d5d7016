"""Messages by hand, a loader in this process, and the command as a user runs it."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb

from tap_backlog_duckdb import catalog
from tap_backlog_duckdb.database import opened, room_beside
from tap_backlog_duckdb.load import Loader
from tests.secrets_guard import assert_no_secret
from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

TYPES: dict[str, Row] = {
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "string": {"type": ["string", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "moment": {"type": ["string", "null"], "format": "date-time"},
    "day": {"type": ["string", "null"], "format": "date"},
    "object": {"type": ["object", "null"]},
    "anything": {},
    "list": {"type": ["array", "null"]},
    "any": {},
}


def schema(stream: str, keys: tuple[str, ...] = ("id",), **columns: str) -> Row:
    """A SCHEMA; each column is named after one of TYPES."""
    properties = {"id": TYPES["integer"], **{k: TYPES[v] for k, v in columns.items()}}
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"type": "object", "properties": properties},
        "key_properties": list(keys),
    }


def record(stream: str, version: int | None = None, **row: Any) -> Row:
    message: Row = {"type": "RECORD", "stream": stream, "record": row}
    return message if version is None else {**message, "version": version}


def state(value: Any) -> Row:
    return {"type": "STATE", "value": value}


def written(*messages: Row) -> bytes:
    """Messages as this tap writes them."""
    lines = (json.dumps(m, ensure_ascii=False, separators=(",", ":")) for m in messages)
    return "".join(f"{line}\n" for line in lines).encode()


def load(file: Path, *messages: Row, raw: bytes = b"") -> Loader:
    """Load messages in this process."""
    with (
        opened(file) as connection,
        room_beside(file) as folder,
        contextlib.closing(Loader(connection, file, folder / "rows")) as loader,
    ):
        loader.read((written(*messages) + raw).splitlines(keepends=True))
        loader.finish(is_stopped=False)
    return loader


def door(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``tap-backlog-duckdb`` as a user does."""
    result = subprocess.run(
        [sys.executable, "-m", "tap_backlog_duckdb", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd or ROOT,
        timeout=120,
        check=False,
    )
    out, err = result.stdout.decode(), result.stderr.decode()
    assert_no_secret(out + err)
    return subprocess.CompletedProcess(result.args, result.returncode, out, err)


def query(file: Path, statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def types(file: Path, table: str) -> dict[str, str]:
    """The columns of a table, with their types."""
    statement = f"SELECT column_name, column_type FROM (DESCRIBE main.{table})"
    return dict(query(file, statement))


def saved_state(file: Path) -> str | None:
    with opened(file, read_only=True) as connection:
        return catalog.state(connection)


def table(file: Path, name: str) -> list[Row]:
    """The rows of a table in plain values: nested ones decoded, times as Backlog's."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(f'SELECT * FROM main."{name}"')
        columns = [(column[0], str(column[1])) for column in found.description or ()]
        return [
            {
                column: _plain(value, kind)
                for (column, kind), value in zip(columns, row, strict=True)
            }
            for row in found.fetchall()
        ]


def _plain(value: Any, kind: str) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat() + "Z"
    return json.loads(value) if kind == "JSON" and value is not None else value
