"""What the log shows, and how: little, unless the user asks for more.

If the user sets no level, informative lines are hidden, except for the progress of a run.
The summary of a run is shown at every level.
"""

from __future__ import annotations

import logging
import os
import sys

from singer_sdk.logging import ConsoleFormatter

from tap_backlog.wording import either

LEVELS = ("debug", "info", "warning", "error")

PROGRESS = "tap-backlog.progress"
"""Logger of the progress of a run."""

SUMMARY = "tap-backlog.summary"
"""Logger of the summary of a run, which is shown at every level."""

_VARIABLES = ("TAP_BACKLOG_LOGLEVEL", "LOGLEVEL")
"""The variables from which the SDK reads a level, in this order."""


class _Usual(logging.Filter):
    """Hides informative lines, except for the progress of a run and its summary."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is shown."""
        return record.levelno > logging.INFO or record.name in {PROGRESS, SUMMARY}


class _Plain(logging.Formatter):
    """Writes what a person at a terminal needs: the message, and whether it is bad."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message; a warning or an error begins with its level."""
        message = super().format(record)
        is_bad = record.levelno > logging.INFO and record.name != SUMMARY
        return f"{record.levelname}: {message}" if is_bad else message


def drop_unknown_level() -> str:
    """Hide a level that does not exist from the SDK, which would raise a traceback.

    Returns:
        What is wrong, or "".
    """
    name = _variable()
    level = os.environ.get(name, "")
    if isinstance(logging.getLevelName(level.upper()), int) or not level:
        return ""
    for variable in _VARIABLES:
        os.environ.pop(variable, None)
    return f"{name} is {level!r}, which is not a level: write {either(LEVELS)}."


def set_up() -> None:
    """Show as much as the environment asks for, or else the default."""
    logging.getLogger(SUMMARY).setLevel(logging.INFO)
    # It warns that texts with commas for lists are deprecated; this tap still reads them.
    logging.getLogger("singer_sdk.configuration._dict_config").setLevel(logging.ERROR)
    root = logging.getLogger()
    # Meltano sets the level by a logging configuration.
    if _variable() or root.level < logging.INFO:
        return
    for handler in root.handlers:
        handler.addFilter(_Usual())
        if sys.stderr.isatty() and isinstance(handler.formatter, ConsoleFormatter):
            handler.setFormatter(_Plain())


def show(level: str) -> None:
    """Show everything at or above a level, including the SDK's own lines.

    Args:
        level: One of ``LEVELS``, in upper or lower case.
    """
    os.environ[_VARIABLES[0]] = level.upper()  # the SDK uses it for its metrics
    root = logging.getLogger()
    root.setLevel(level.upper())
    for handler in root.handlers:
        for usual in [f for f in handler.filters if isinstance(f, _Usual)]:
            handler.removeFilter(usual)
        if isinstance(handler.formatter, _Plain):
            handler.setFormatter(ConsoleFormatter())


def _variable() -> str:
    return next((name for name in _VARIABLES if os.environ.get(name)), "")
