"""Moments: as the settings and Backlog write them."""

from __future__ import annotations

import datetime as dt
import re


def moment(text: str) -> dt.datetime:
    """Parse a date or date-time; what names no offset is taken as UTC.

    Raises:
        ValueError: If the text is neither.
    """
    if not re.match(r"\d{4}-\d\d-\d\d([T ]|$)", text):
        raise ValueError(text)
    # Python 3.10 reads no "Z".
    parsed = dt.datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text))
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=dt.timezone.utc)
    try:
        return parsed.astimezone(dt.timezone.utc)
    except OverflowError:  # in the year 0 or 10000 of UTC
        raise ValueError(text) from None


def moment_if_any(text: object) -> dt.datetime | None:
    """Return the moment that a value tells, or None if it tells none.

    Args:
        text: The value; may be such as February 31 too.
    """
    try:
        return moment(text) if isinstance(text, str) else None
    except ValueError:
        return None


def earlier(when: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """Return a moment in UTC less a span, or the first moment that there is.

    Args:
        when: The moment.
        span: How much earlier.
    """
    first = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
    return when - span if when - first > span else first


def stamp(when: dt.datetime) -> str:
    """Return a moment in UTC as Backlog writes it."""
    # Not by strftime: stamps are compared as texts, and it may write year 999 as "999".
    return when.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
