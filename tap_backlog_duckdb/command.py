"""The command ``tap-backlog-duckdb``."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tap_backlog_duckdb import catalog, running
from tap_backlog_duckdb.asking import ask
from tap_backlog_duckdb.database import opened, room_beside
from tap_backlog_duckdb.errors import DoorError
from tap_backlog_duckdb.export import FORMATS, export
from tap_backlog_duckdb.load import Loader
from tap_backlog_duckdb.report import report
from tap_backlog_duckdb.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "tap-backlog-duckdb"

USAGE = f"""
  tap-backlog --config config.json | {NAME} FILE
  {NAME} --run FILE --config config.json [other options of tap-backlog]
  {NAME} FILE --export DIR [--format csv|parquet|xlsx]
  {NAME} FILE --sql SQL_FILE
  {NAME} FILE --state"""


def do(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit code.

    Args:
        arguments: The command line.

    Raises:
        DoorError: It cannot be done.
    """
    if arguments and arguments[0].partition("=")[0] == "--run":
        _, _, file = arguments[0].partition("=")
        rest = list(arguments[1:])
        if not file and (not rest or rest[0].startswith("-")):
            message = "--run needs the name of the DuckDB file."
            raise DoorError(message)
        path = Path(file or rest.pop(0))
        run = run_tap if running.writes_messages(rest) else run_without_messages
        return run(path, rest)
    parser = argparse.ArgumentParser(
        NAME,
        USAGE,
        "Load Singer messages into a DuckDB file, and export its tables.",
        allow_abbrev=False,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the DuckDB file")
    parser.add_argument(
        "--export", type=Path, metavar="DIR", help="write all tables there"
    )
    parser.add_argument("--format", choices=FORMATS, default="csv", help="default: csv")
    parser.add_argument("--timezone", help="of times in csv and xlsx: Asia/Tokyo")
    parser.add_argument(
        "--sql", type=Path, metavar="SQL_FILE", help="print what the SQL in a file finds"
    )
    parser.add_argument("--state", action="store_true", help="print the state")
    choices = parser.parse_args(arguments)
    if choices.state:
        return print_state(choices.file)
    if choices.sql:
        ask(choices.file, choices.sql)
        return 0
    if choices.export:
        export(choices.file, choices.export, choices.format, choices.timezone)
        return 0
    return load(choices.file)


def load(path: Path) -> int:
    """Load what stdin brings; return the exit code.

    Args:
        path: The DuckDB file.

    Raises:
        DoorError: It cannot be done.
    """
    signals = Signals()
    with _loader(path) as (loader, _), signals.listening():
        loader.read(signals.lines_before(sys.stdin.buffer))
        loader.finish(is_stopped=bool(signals.received))
    return signals.exit_code


@contextlib.contextmanager
def _loader(path: Path) -> Iterator[tuple[Loader, Path]]:
    """Open a file; what was loaded is printed at the end, whatever happens.

    Yields:
        What loads messages, and a folder that is removed at the end.
    """
    with (
        opened(path) as connection,
        room_beside(path) as folder,
        contextlib.closing(Loader(connection, path, folder / "rows")) as loader,
    ):
        try:
            yield loader, folder
        except (DoorError, OSError):
            try:
                loader.finish(is_stopped=True)
            finally:
                if loader.loaded:
                    report(connection, path, loader.loaded)
            raise
        report(connection, path, loader.loaded)


def run_tap(path: Path, options: Sequence[str]) -> int:
    """Run the tap with the state of the file, and load what it writes.

    Args:
        path: The DuckDB file.
        options: Options of the tap.

    Raises:
        DoorError: It cannot be done.
    """
    signals = Signals()
    with _loader(path) as (loader, folder), signals.listening():
        arguments = running.command(options, loader.last_state, folder)
        with running.tap(arguments) as child, signals.passed_to(child.pass_on):
            loader.read(child.messages)
            code = child.wait()
        loader.finish(is_stopped=bool(code))
    return signals.exit_code or code


def run_without_messages(path: Path, options: Sequence[str]) -> int:
    """Let the tap do something else with the state of the file, such as a plan.

    Args:
        path: The DuckDB file.
        options: Options of the tap.

    Raises:
        DoorError: It cannot be done.
    """
    with opened(path) as connection, room_beside(path) as folder:
        catalog.prepare(connection)
        return running.call(running.command(options, catalog.state(connection), folder))


def print_state(path: Path) -> int:
    """Print the state that the file holds.

    Args:
        path: The DuckDB file.

    Raises:
        DoorError: There is none.
    """
    with opened(path, read_only=True) as connection:
        if not catalog.is_prepared(connection) or not (
            found := catalog.state(connection)
        ):
            message = f"{path} holds no state yet."
            raise DoorError(message)
        print(found)  # noqa: T201 - what was asked for
    return 0
