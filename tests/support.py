"""Runs the tap against a sample space, in this process or as a command."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_backlog.budget import BudgetSpent
from tap_backlog.errors import BacklogError
from tap_backlog.tap import TapBacklog
from tests.secrets_guard import assert_no_secret

if TYPE_CHECKING:
    from sample_space import Options

ROOT = Path(__file__).parent.parent

Row = dict[str, Any]


@dataclass
class Output:
    """What a tap wrote, as messages of each kind."""

    messages: list[Row]
    by_stream: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for message in self.messages:
            if message["type"] == "RECORD":
                self.by_stream[message["stream"]].append(message["record"])

    @property
    def schemas(self) -> dict[str, Row]:
        return {m["stream"]: m for m in self.messages if m["type"] == "SCHEMA"}

    @property
    def states(self) -> list[Row]:
        return [m["value"] for m in self.messages if m["type"] == "STATE"]

    def kinds(self) -> list[str]:
        return [f"{m['type']} {m.get('stream', '')}".strip() for m in self.messages]


def parse(stdout: str) -> Output:
    """Read Singer messages, with all digits of numbers; fails on anything else."""
    lines = stdout.split("\n")
    assert lines.pop() == ""
    return Output([json.loads(line, parse_float=Decimal) for line in lines])


def sync(
    config: Row,
    *streams: str,
    state: Row | None = None,
    catalog: Row | None = None,
) -> Output:
    """Run the tap in this process, for all streams or only for some."""
    output, error = _sync(config, *streams, state=state, catalog=catalog)
    if error:
        raise error
    return output


def sync_until_it_fails(config: Row, *streams: str, state: Row | None = None) -> Output:
    """Run the tap in this process; return what it wrote, even if it failed."""
    return _sync(config, *streams, state=state)[0]


def sync_within_budget(
    config: Row,
    *streams: str,
    state: Row | None = None,
    catalog: Row | None = None,
) -> Output:
    """Run the tap in this process; it may stop because its budget is spent."""
    output, error = _sync(config, *streams, state=state, catalog=catalog)
    if error and not isinstance(error, BudgetSpent):
        raise error
    return output


def _sync(
    config: Row,
    *streams: str,
    state: Row | None = None,
    catalog: Row | None = None,
) -> tuple[Output, BacklogError | BudgetSpent | None]:
    failure: BacklogError | BudgetSpent | None = None
    if streams:
        catalog = select(*streams)
    # A state goes through JSON, as it does between two runs.
    state = json.loads(json.dumps(state, default=str))
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    with contextlib.redirect_stdout(stdout):
        tap = TapBacklog(config=dict(config), catalog=catalog, state=state)
        try:
            tap.sync_all()
        except (BacklogError, BudgetSpent) as error:
            failure = error
    stdout.seek(0)
    written = stdout.read()
    assert_no_secret(written + str(failure))
    return parse(written), failure


@functools.cache
def _catalog() -> str:
    return json.dumps(TapBacklog(config={}, validate_config=False).catalog_dict)


def select(*streams: str) -> Row:
    """Return a catalog in which only these streams are selected."""
    catalog: Row = json.loads(_catalog())
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["stream"] in streams
    return catalog


def command(
    *arguments: str,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``tap-backlog`` as a user does."""
    result = subprocess.run(
        [sys.executable, "-m", "tap_backlog", *arguments],
        env={**os.environ, **(env or {})},
        cwd=cwd,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert_no_secret(result.stdout + result.stderr)
    return result


def run(
    tmp_path: Path,
    config: Row,
    *arguments: str,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``tap-backlog`` with a config file."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    return command("--config", str(file), *arguments, env=env)


def as_sent(rows: Any) -> Any:
    """Return rows of the sample space as JSON has them."""
    return json.loads(json.dumps(rows), parse_float=Decimal)


def without_limits(options: Options) -> Options:
    """Lift the rate limits of a space.

    Args:
        options: Those of the space; changed in place.
    """
    options.limits = dict.fromkeys(options.limits, 10**6)
    return options


def copy_project(folder: Path) -> Path:
    """Copy the files that a new clone would have, with the changes not committed yet."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, files.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder
