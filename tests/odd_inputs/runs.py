"""Runs the command on unusual inputs, and returns what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support import Output, parse, run, select

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

Row = dict[str, Any]

MARK = {"replication_key": "updated", "replication_key_value": "2026-11-01T00:00:00Z"}
"""A bookmark after which nothing has changed."""


def error_of(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that says what is wrong."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if "| ERROR" in line]
    assert errors == result.stderr.splitlines()[-1:], result.stderr
    return errors[0]


def success_of(result: subprocess.CompletedProcess[str]) -> Output:
    """Return the messages of a run in which nothing went wrong."""
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert "| ERROR" not in result.stderr
    return parse(result.stdout)


def warnings_of(result: subprocess.CompletedProcess[str]) -> list[str]:
    success_of(result)
    return [
        line.split(" | ", 3)[3]
        for line in result.stderr.splitlines()
        if "| WARNING" in line
    ]


def write(folder: Path, name: str, content: object) -> str:
    file = folder / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def run_with(
    folder: Path,
    config: Row,
    *streams: str,
    state: object = None,
    catalog: object = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command on some streams, with a state if there is one."""
    given = catalog if catalog is not None else select(*streams)
    arguments = ["--catalog", write(folder, "catalog.json", given)]
    if state is not None:
        arguments += ["--state", write(folder, "state.json", state)]
    return run(folder, config, *arguments, env=env)
