"""Timestamps and the server's clock: limits of a bookmark, and how far to look back."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from tap_backlog.times import earlier, moment, stamp

MARGIN = dt.timedelta(minutes=1)
"""How much the clocks of one server may differ."""


def server_time(date: str | None) -> dt.datetime | None:
    """Return the moment of a ``Date`` header, or None if it holds no valid date.

    Args:
        date: The header.
    """
    try:
        return parsedate_to_datetime(date or "").astimezone(dt.timezone.utc)
    except (OverflowError, TypeError, ValueError):
        return None


def hold(newest: str, date: str | None) -> str:
    """Return a timestamp, but not later than the server's clock.

    If the clock was set back, a row may be from the future. As a bookmark, it would hide
    all changes until that time.

    Args:
        newest: The timestamp.
        date: The ``Date`` header that came with it.
    """
    now = server_time(date)
    return min(newest, stamp(now)) if now else newest


def stamp_before(mark: str, span: dt.timedelta) -> str:
    """Return the timestamp that is a time span before another one.

    Args:
        mark: The timestamp; "" stays as it is.
        span: The time span.
    """
    return stamp(earlier(moment(mark), span)) if mark and span else mark
