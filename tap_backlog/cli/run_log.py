"""What of the log is shown, and how: little, unless somebody asks for more.

Without a level of the user's choice, what is merely informative is held back, but for
how far a run is. The sum of a run is shown at every level.
"""

from __future__ import annotations

import logging
import os
import sys

from singer_sdk.logging import ConsoleFormatter

from tap_backlog.wording import either

LEVELS = ("debug", "info", "warning", "error")

PROGRESS = "tap-backlog.progress"
"""Logger of how far a run is."""

SUMMARY = "tap-backlog.summary"
"""Logger of what a run came to, which no level silences."""

_VARIABLES = ("TAP_BACKLOG_LOGLEVEL", "LOGLEVEL")
"""The variables that the SDK reads a level from, the first one first."""


class _Usual(logging.Filter):
    """Holds back what is merely informative, but for how far a run is."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is shown."""
        return record.levelno > logging.INFO or record.name in {PROGRESS, SUMMARY}


class _Plain(logging.Formatter):
    """Writes what a person at a terminal needs: the message, and how bad it is."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message; a warning or an error begins with the word."""
        message = super().format(record)
        is_bad = record.levelno > logging.INFO and record.name != SUMMARY
        return f"{record.levelname}: {message}" if is_bad else message


def drop_unknown_level() -> str:
    """Take a level that does not exist from the SDK, which would end in a traceback.

    Returns:
        What is wrong, or "".
    """
    name = _variable()
    level = os.environ.get(name, "")
    if isinstance(logging.getLevelName(level.upper()), int) or not level:
        return ""
    for variable in _VARIABLES:
        os.environ.pop(variable, None)
    return f"{name} is {level!r}, which is no level: write {either(LEVELS)}."


def set_up() -> None:
    """Show as much as the environment asks for, or else what is usual."""
    logging.getLogger(SUMMARY).setLevel(logging.INFO)
    # It warns of texts with commas for lists, which this tap goes on reading.
    logging.getLogger("singer_sdk.configuration._dict_config").setLevel(logging.ERROR)
    root = logging.getLogger()
    # Meltano asks by a configuration of the log.
    if _variable() or root.level < logging.INFO:
        return
    for handler in root.handlers:
        handler.addFilter(_Usual())
        if sys.stderr.isatty() and isinstance(handler.formatter, ConsoleFormatter):
            handler.setFormatter(_Plain())


def show(level: str) -> None:
    """Show everything from a level on, the SDK's own lines too.

    Args:
        level: One of ``LEVELS``, in any case.
    """
    os.environ[_VARIABLES[0]] = level.upper()  # the SDK sets its metrics by that
    root = logging.getLogger()
    root.setLevel(level.upper())
    for handler in root.handlers:
        for usual in [f for f in handler.filters if isinstance(f, _Usual)]:
            handler.removeFilter(usual)
        if isinstance(handler.formatter, _Plain):
            handler.setFormatter(ConsoleFormatter())


def _variable() -> str:
    return next((name for name in _VARIABLES if os.environ.get(name)), "")
