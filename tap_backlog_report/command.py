"""The command ``tap-backlog-report``: read, build, draw."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from tap_backlog_duckdb.database import opened, room_beside
from tap_backlog_duckdb.files import replaced
from tap_backlog_duckdb.running import writes_messages
from tap_backlog_report import about, models, options, progress, workbook
from tap_backlog_report.data import Data
from tap_backlog_report.errors import ReportError
from tap_backlog_report.page import Choice, page

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

MEMORY = 1_000_000_000
"""Bytes for DuckDB; to build tables takes more than to load rows."""


def do(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit code.

    Args:
        arguments: The command line.

    Raises:
        ReportError: It cannot be done.
        DoorError: The rows cannot be loaded.
    """
    choices, of_tap = options.read(arguments)
    if not writes_messages(of_tap):
        from tap_backlog_report import sync  # noqa: PLC0415 - not needed offline

        return sync.ask(choices.file, of_tap)
    now = _read(choices, of_tap)
    began = time.monotonic()
    with opened(choices.file) as connection, room_beside(choices.file):
        connection.execute(f"SET memory_limit = '{MEMORY}B'")
        draw(connection, choices, now)
    progress.say(f"Drawn in {time.monotonic() - began:.1f} s.")
    if choices.open and not webbrowser.open(choices.output.resolve().as_uri()):
        progress.say(f"No browser was found. Open {choices.output} in one.")
    return 0


def _read(choices: argparse.Namespace, of_tap: list[str]) -> dt.datetime | None:
    """Bring the file up to date; return the moment that it is about, if it is known."""
    file: Path = choices.file
    if choices.offline:
        if not file.exists():
            message = f"There is no {file} yet. Run this command without --offline first."
            raise ReportError(message)
        return None
    from tap_backlog_report import demo, sync  # noqa: PLC0415 - not needed offline

    if choices.demo:
        with tempfile.TemporaryDirectory() as folder:
            return demo.load(file, Path(folder))
    sync.sync(file, of_tap)
    return dt.datetime.now(dt.timezone.utc)


def draw(
    connection: DuckDBPyConnection, choices: argparse.Namespace, now: dt.datetime | None
) -> None:
    """Build the tables, and write the page and the workbook.

    Args:
        connection: The file.
        choices: What the user chose.
        now: The moment that the file is about; none for that of the last loading.

    Raises:
        ReportError: A choice does not fit the file.
    """
    space = about.about(connection, now)
    if choices.since and choices.since > space.today.isoformat():
        message = f"--since {choices.since} is after {space.today}, the last day known."
        raise ReportError(message)
    about.keep(connection, space)
    with progress.counting("Building the tables of the report") as count:
        for _ in models.build(connection, space.today):
            count()
    models.add_views(connection)
    projects = _choose(connection, choices.projects)
    language = choices.lang or space.language
    progress.say("Drawing")
    data = Data(connection, space.today).columns()
    _write(choices.output, page(space, language, data, Choice(choices.since, projects)))
    issues = progress.counted(len(data["issues"]["number"]), "issue")
    size = choices.output.stat().st_size / 1e6
    progress.say(f"{choices.output}: {issues}, {size:.1f} MB")
    if choices.xlsx:
        workbook.write(connection, space, language, choices.book)
        size = choices.book.stat().st_size / 1e6
        progress.say(f"{choices.book}: {issues}, {size:.1f} MB")


def _write(path: Path, text: str) -> None:
    """Write a page; an error names it, and not what it is called on the way."""
    try:
        with replaced(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _choose(connection: DuckDBPyConnection, keys: list[str] | None) -> list[str] | None:
    """Limit the views to some projects; return which."""
    if keys is None:
        return None
    query = "SELECT project_key FROM marts.stg_backlog__projects"
    known = {
        str(key).upper(): str(key) for (key,) in connection.execute(query).fetchall()
    }
    for key in keys:
        if key.upper() not in known:
            there = ", ".join(sorted(known.values())) or "none"
            message = f"There is no project {key} in the file. There are: {there}."
            raise ReportError(message)
    wanted = [known[key.upper()] for key in keys]
    connection.execute("SET VARIABLE projects = ?::VARCHAR[]", [wanted])
    return wanted
