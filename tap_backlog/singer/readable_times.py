"""Timestamps and days as spreadsheets read them (``readable_times``)."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.rows import read
from tap_backlog.streams.shapes import CALENDAR_DAYS
from tap_backlog.times import moment_if_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_backlog.rows import Row

_HALF_A_DAY = dt.timedelta(hours=12)


class ReadableTimes(NamedTuple):
    """The columns of one stream that hold timestamps or days.

    Args:
        writers: For each column, the function that writes its text.
    """

    writers: dict[str, Callable[[dt.datetime], str]]

    @classmethod
    def of(cls, schema: dict[str, Any]) -> ReadableTimes:
        """Return the columns of a flattened schema, and make them text columns in it.

        Args:
            schema: The schema, which is changed in place.
        """
        columns: dict[str, Any] = schema["properties"]
        writers: dict[str, Callable[[dt.datetime], str]] = {}
        for name, column in columns.items():
            if column.get("format") == "date-time":
                # Days are never inside objects, so flattening does not change their name.
                writers[name] = day_text if name in CALENDAR_DAYS else local_text
                columns[name] = {k: v for k, v in column.items() if k != "format"}
        return cls(writers)

    def after(self, flatten: Callable[[Row], Row]) -> Callable[[Row], Row]:
        """Return a function that flattens a row, and then writes its timestamps.

        Args:
            flatten: Flattens a row.
        """
        return lambda row: self.write(flatten(row))

    def write(self, row: Row) -> Row:
        """Write the timestamps of a flattened row, in place, and return it.

        A value that is not a timestamp stays unchanged.

        Args:
            row: The row by column.
        """
        for name, text_of in self.writers.items():
            if when := moment_if_any(read(row, name)):
                row[name] = text_of(when)
        return row


def local_text(when: dt.datetime) -> str:
    """Return a moment in this machine's time zone: ``2026-10-01 11:59:58``.

    Args:
        when: The moment, with a time zone.
    """
    # In the year 1 or 9999 there may be no such local time, so UTC is used.
    with contextlib.suppress(OverflowError, OSError, ValueError):
        when = when.astimezone()
    return when.replace(tzinfo=None).isoformat(" ", timespec="seconds")


def day_text(when: dt.datetime) -> str:
    """Return a day: ``2026-10-01``.

    Backlog writes a day as midnight in UTC or in the time zone of the space. So the
    nearest midnight is the day. The time zone of this machine does not matter
    (docs/api-facts.md, "Times and days").

    Args:
        when: The moment, in UTC.
    """
    with contextlib.suppress(OverflowError):  # on the last possible day
        when += _HALF_A_DAY
    return when.date().isoformat()
