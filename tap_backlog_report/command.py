"""The command ``tap-backlog-report``: read, build, draw."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_backlog_duckdb.database import opened
from tap_backlog_report import about, models, progress, workbook
from tap_backlog_report.data import Data
from tap_backlog_report.errors import ReportError
from tap_backlog_report.page import Choice, page
from tap_backlog_report.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

NAME = "tap-backlog-report"

USAGE = f"""
  {NAME} --config config.json [options of tap-backlog]
  {NAME} --offline
  {NAME} --demo"""


def do(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit code.

    Args:
        arguments: The command line.

    Raises:
        ReportError: It cannot be done.
        DoorError: The rows cannot be loaded.
    """
    choices, options = _parser().parse_known_args(arguments)
    _check(choices, options)
    file = choices.file or Path("demo.duckdb" if choices.demo else "backlog.duckdb")
    now = _read(choices, file, options)
    began = time.monotonic()
    with opened(file) as connection:
        _draw(connection, choices, now)
    progress.say(f"Drawn in {time.monotonic() - began:.1f} s.")
    if choices.open:
        webbrowser.open(choices.output.resolve().as_uri())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        NAME,
        USAGE,
        "Read what is new in Backlog, and draw it: one HTML page, and a workbook.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--file", type=Path, help="the DuckDB file (default: backlog.duckdb)")
    add("--output", type=Path, default=Path("report.html"), help="default: report.html")
    add("--xlsx", action="store_true", help="write a workbook beside it, too")
    add("--projects", metavar="KEYS", help="show only these: WEB,OPS")
    add("--since", metavar="DAY", help="charts begin here at first: 2026-01-01")
    add("--lang", choices=LANGUAGES, help="default: the language of the space")
    add("--offline", action="store_true", help="draw what the file has, read nothing")
    add("--demo", action="store_true", help="draw a made-up space; no key is needed")
    add("--open", action="store_true", help="open the page in your browser")
    return parser


def _check(choices: argparse.Namespace, options: list[str]) -> None:
    if choices.since and not _is_day(choices.since):
        message = f"--since {choices.since} is not a day. Write it as 2026-01-01."
        raise ReportError(message)
    if (choices.offline or choices.demo) and options:
        message = f"{options[0]} has no effect here: nothing is read from your space."
        raise ReportError(message)
    if not (choices.offline or choices.demo or options):
        message = "Name your settings: --config config.json. Without a key, try --demo."
        raise ReportError(message)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None


def _read(
    choices: argparse.Namespace, file: Path, options: list[str]
) -> dt.datetime | None:
    """Bring the file up to date; return the moment that it is about, if it is known."""
    if choices.offline:
        if not file.exists():
            message = f"There is no {file} yet. Run this command without --offline first."
            raise ReportError(message)
        return None
    from tap_backlog_report import demo, sync  # noqa: PLC0415 - not needed offline

    if choices.demo:
        with tempfile.TemporaryDirectory() as folder:
            return demo.load(file, Path(folder))
    sync.sync(file, options)
    return dt.datetime.now(dt.timezone.utc)


def _draw(
    connection: DuckDBPyConnection, choices: argparse.Namespace, now: dt.datetime | None
) -> None:
    space = about.about(connection, now)
    about.keep(connection, space)
    with progress.counting("Building the tables of the report") as count:
        for _ in models.build(connection, space.today):
            count()
    models.add_views(connection)
    projects = _choose(connection, choices.projects)
    language = choices.lang or space.language
    progress.say("Drawing")
    data = Data(connection, space.today).columns()
    text = page(space, language, data, Choice(choices.since, projects))
    choices.output.parent.mkdir(parents=True, exist_ok=True)
    choices.output.write_text(text, encoding="utf-8")
    issues = progress.counted(len(data["issues"]["number"]), "issue")
    size = choices.output.stat().st_size / 1e6
    progress.say(f"{choices.output}: {issues}, {size:.1f} MB")
    if choices.xlsx:
        book = choices.output.with_suffix(".xlsx")
        workbook.write(connection, space, language, book)
        progress.say(f"{book}: {issues}, {book.stat().st_size / 1e6:.1f} MB")


def _choose(connection: DuckDBPyConnection, keys: str | None) -> list[str] | None:
    """Limit the views to some projects; return which."""
    if keys is None:
        return None
    wanted = [key.strip() for key in keys.split(",") if key.strip()]
    query = "SELECT project_key FROM marts.stg_backlog__projects"
    known: set[Any] = {key for (key,) in connection.execute(query).fetchall()}
    for key in wanted:
        if key not in known:
            there = ", ".join(sorted(known)) or "none"
            message = f"There is no project {key} in the file. There are: {there}."
            raise ReportError(message)
    connection.execute("SET VARIABLE projects = ?::VARCHAR[]", [wanted])
    return wanted
