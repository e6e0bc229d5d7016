"""Which streams exist, and which of them were read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tap_backlog.streams import STREAM_TYPES
from tests.support import Output, parse, select

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

Row = dict[str, Any]

NAMES = [str(vars(stream_type)["name"]) for stream_type in STREAM_TYPES]
DEFAULT = {str(vars(t)["name"]) for t in STREAM_TYPES if t.selected_by_default}


def as_id(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else ""


def selected_in(catalog: Row) -> set[str]:
    """Return what a catalog selects; each stream's own metadata must come first."""
    owns = {entry["stream"]: entry["metadata"][0] for entry in catalog["streams"]}
    assert sorted(owns) == sorted(NAMES)
    assert all(own["breadcrumb"] == [] for own in owns.values())
    return {name for name, own in owns.items() if own["metadata"]["selected"]}


def untimed(output: Output) -> list[Row]:
    """Return the messages without the time at which each was written."""
    return [
        {name: value for name, value in message.items() if name != "time_extracted"}
        for message in output.messages
    ]


def output_of(result: subprocess.CompletedProcess[str]) -> Output:
    assert result.returncode == 0, result.stderr
    return parse(result.stdout)


def write_catalog(folder: Path, catalog: Row) -> str:
    """Write a catalog; return the option that names it."""
    file = folder / "catalog.json"
    file.write_text(json.dumps(catalog))
    return f"--catalog={file}"


def catalog_of(*held: str, selected: str) -> Row:
    """Return a catalog that holds some streams, of which one is selected."""
    catalog = select(selected)
    catalog["streams"] = [one for one in catalog["streams"] if one["stream"] in held]
    return catalog


def error_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the text of the one line that says what went wrong."""
    assert result.returncode == 1
    assert result.stdout == ""
    (error,) = (line for line in result.stderr.splitlines() if "| ERROR" in line)
    return error.split(" | ")[-1].strip()
