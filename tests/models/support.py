"""Load a space, and build the models on it as a user does."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import duckdb

from sample_space import Options, SampleServer, Space, make_space
from tests.support import ROOT, parse, run

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

CLOSED = 4

AS_OF = "2026-10-05"
"""Some days after everything that happens in the sample space."""


def make(issues: int = 150, activities: int = 3000) -> Space:
    options = Options(projects=3, users=12, teams=5, issues=issues, activities=activities)
    options.limits = dict.fromkeys(options.limits, 10**6)
    return make_space(options)


def messages(
    server: SampleServer, folder: Path, state: Row | None = None, **config: Any
) -> str:
    """Run the tap; with a state, it brings what changed since."""
    key = server.space.options.admin_key
    arguments = []
    if state is not None:
        (folder / "state.json").write_text(json.dumps(state))
        arguments = [f"--state={folder / 'state.json'}"]
    return run(folder, {"host": server.url, "api_key": key, **config}, *arguments).stdout


def edit(space: Space) -> None:
    """Let people work: close, reopen, reassign, add and delete issues."""
    ids = sorted(space.issues)
    closed = [one for one in ids if space.issues[one]["status"]["id"] == CLOSED]
    still_open = [one for one in ids if one not in closed]
    for place, issue_id in enumerate(still_open[:8]):
        space.wait(3600)
        space.change_status(issue_id, CLOSED if place % 2 else 3)
    for issue_id in closed[:4]:
        space.wait(3 * 3600)
        space.change_status(issue_id, 2)
        space.wait(60)
        space.assign(issue_id, space.users[1])
    space.wait(86_400)
    space.change_status(closed[0], CLOSED)
    space.assign(closed[5], None)
    space.add_issue()  # first, since ids of deleted issues do not come again
    space.delete_issue(still_open[-1])
    space.wait(60)


def add_schema(file: Path, schema: str, loaded: Path) -> None:
    """Copy the tables of a loaded file into a schema of another one."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"ATTACH '{loaded}' AS loaded (READ_ONLY)")
        connection.execute(f'CREATE SCHEMA "{schema}"')
        query = (
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = 'loaded' AND schema_name = 'main'"
        )
        for (name,) in connection.execute(query).fetchall():
            connection.execute(
                f'CREATE TABLE "{schema}".{name} AS FROM loaded.main.{name}'
            )


def last_state(output: str) -> Row:
    state: Row = parse(output).states[-1]
    return state


def dbt(folder: Path, *arguments: str, **choices: Any) -> str:
    """Run dbt; return what it prints."""
    choices = {"as_of": AS_OF, **choices}
    environment = {
        name: str(choices.pop(name)) for name in list(choices) if name.isupper()
    }
    command, *rest = arguments
    result = subprocess.run(
        [
            *(".venvs/dbt/bin/dbt", "--no-use-colors", command),
            *("--project-dir", "dbt", "--profiles-dir", "dbt"),
            *("--target-path", str(folder / "target"), "--log-path", str(folder)),
            *("--vars", json.dumps(choices), *rest),
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr
    return result.stdout
