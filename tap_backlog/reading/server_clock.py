"""Stamps beside the server's own clock: how far a bookmark may reach, and look back."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from tap_backlog.times import earlier, moment, stamp

MARGIN = dt.timedelta(minutes=1)
"""By which the clocks of one server may differ."""


def server_time(date: str | None) -> dt.datetime | None:
    """Return the moment of a ``Date`` header, or None if it tells none.

    Args:
        date: The header.
    """
    try:
        return parsedate_to_datetime(date or "").astimezone(dt.timezone.utc)
    except (OverflowError, TypeError, ValueError):
        return None


def hold(newest: str, date: str | None) -> str:
    """Return a stamp, but no later than the server's clock.

    A row from the future, after a clock that stepped back, would otherwise hide all
    that is changed until then.

    Args:
        newest: The stamp.
        date: The ``Date`` header that came with it.
    """
    now = server_time(date)
    return min(newest, stamp(now)) if now else newest


def stamp_before(mark: str, span: dt.timedelta) -> str:
    """Return the stamp that lies a time before another one.

    Args:
        mark: The stamp; "" stays as it is.
        span: The time.
    """
    return stamp(earlier(moment(mark), span)) if mark and span else mark
