"""What the command line says, and what is wrong with it."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tap_backlog_report.errors import ReportError
from tap_backlog_report.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "tap-backlog-report"

USAGE = f"""
  {NAME} --config config.json [options of tap-backlog]
  {NAME} --offline
  {NAME} --demo"""


def read(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return what the user chose, and the options that go to the tap.

    Args:
        arguments: The command line.

    Raises:
        ReportError: It cannot be done.
    """
    choices, options = _parser().parse_known_args(arguments)
    name = "demo.duckdb" if choices.demo else "backlog.duckdb"
    choices.file = choices.file or Path(name)
    choices.output = (
        choices.output.resolve() if choices.output.is_symlink() else choices.output
    )
    choices.book = choices.output.with_suffix(".xlsx") if choices.output.name else None
    _check_sources(choices, options)
    _check_limits(choices)
    _check_places(choices)
    return choices, options


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


def _check_sources(choices: argparse.Namespace, options: list[str]) -> None:
    if choices.offline and choices.demo:
        message = "Choose one of --offline and --demo."
        raise ReportError(message)
    if (choices.offline or choices.demo) and (useless := _without_config(options)):
        message = f"{useless[0]} has no effect here: nothing is read from your space."
        raise ReportError(message)
    if options[-1:] == ["--config"]:
        message = "--config needs the name of a file, or ENV."
        raise ReportError(message)
    if not (choices.offline or choices.demo or options):
        message = "Name your settings: --config config.json. Without a key, try --demo."
        raise ReportError(message)


def _without_config(options: list[str]) -> list[str]:
    """Return the options except the settings, which people leave in their command."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-c", "--config", action="append", nargs="?")
    return parser.parse_known_args(options)[1]


def _check_limits(choices: argparse.Namespace) -> None:
    if choices.since is not None and not _is_day(choices.since):
        message = f"--since {choices.since} is not a day. Write it as 2026-01-01."
        raise ReportError(message)
    if choices.projects is not None:
        choices.projects = [
            key for one in choices.projects.split(",") if (key := one.strip())
        ]
        if not choices.projects:
            message = "--projects names no project. Write keys with commas: WEB,OPS."
            raise ReportError(message)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None


def _check_places(choices: argparse.Namespace) -> None:
    """Fail now rather than after a long reading, and never write over what was read."""
    if not choices.file.name or choices.file.is_dir():
        message = f"--file {choices.file} is a folder. Name a file in it."
        raise ReportError(message)
    written = [choices.output, *([choices.book] if choices.xlsx else [])]
    for path in written:
        if not path or (path.exists() and not path.is_file()):
            message = f"--output {choices.output} is not a file. Name one: report.html."
            raise ReportError(message)
    places = [path.resolve() for path in (choices.file, *written)]
    if len(set(places)) < len(places):
        message = (
            f"--output {choices.output} would replace another file of this run. "
            "Name it report.html."
        )
        raise ReportError(message)
    choices.output.parent.mkdir(parents=True, exist_ok=True)
