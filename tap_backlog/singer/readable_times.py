"""Moments and days as spreadsheets read them (``readable_times``)."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_backlog.streams.shapes import CALENDAR_DAYS
from tap_backlog.times import moment_if_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_backlog.rows import Row

_HALF_A_DAY = dt.timedelta(hours=12)


class ReadableTimes(NamedTuple):
    """The columns of one stream that hold moments or days.

    Args:
        writers: What writes the text of each column.
    """

    writers: dict[str, Callable[[dt.datetime], str]]

    @classmethod
    def of(cls, schema: dict[str, Any]) -> ReadableTimes:
        """Return the columns of a flattened schema, which calls them texts from now on.

        Args:
            schema: The schema, which is changed in place.
        """
        columns: dict[str, Any] = schema["properties"]
        writers: dict[str, Callable[[dt.datetime], str]] = {}
        for name, column in columns.items():
            if column.get("format") == "date-time":
                # No day stands inside an object, so flattening leaves its name alone.
                writers[name] = day_text if name in CALENDAR_DAYS else local_text
                columns[name] = {k: v for k, v in column.items() if k != "format"}
        return cls(writers)

    def after(self, flatten: Callable[[Row], Row]) -> Callable[[Row], Row]:
        """Return a flattening that writes the moments too.

        Args:
            flatten: Flattens a row.
        """
        return lambda row: self.write(flatten(row))

    def write(self, row: Row) -> Row:
        """Write the moments of a flattened row, in place, and return it.

        What is not a moment stays as it is.

        Args:
            row: The row by column.
        """
        for name, text_of in self.writers.items():
            if when := moment_if_any(row.get(name)):
                row[name] = text_of(when)
        return row


def local_text(when: dt.datetime) -> str:
    """Return a moment in this machine's time zone: ``2026-10-01 11:59:58``.

    Args:
        when: The moment, with a time zone.
    """
    # In the year 1 or 9999 there may be no such moment, so that UTC has to do.
    with contextlib.suppress(OverflowError, OSError, ValueError):
        when = when.astimezone()
    return when.replace(tzinfo=None).isoformat(" ", timespec="seconds")


def day_text(when: dt.datetime) -> str:
    """Return a day: ``2026-10-01``.

    Backlog writes a day as midnight in UTC or in the time zone of the space, so the
    nearest midnight is meant, whatever the time zone of this machine
    (docs/api-facts.md, "Times and days").

    Args:
        when: The moment, in UTC.
    """
    with contextlib.suppress(OverflowError):  # on the last day that there is
        when += _HALF_A_DAY
    return when.date().isoformat()
