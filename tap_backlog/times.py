"""Timestamps, as the settings and Backlog write them."""

from __future__ import annotations

import datetime as dt
import re


def moment(text: str) -> dt.datetime:
    """Parse a date or date-time; without an offset it is in UTC.

    Raises:
        ValueError: The text is neither.
    """
    if not re.match(r"\d{4}-\d\d-\d\d([T ]|$)", text):
        raise ValueError(text)
    # Python 3.10 does not parse "Z".
    parsed = dt.datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text))
    if parsed.tzinfo is None:
        return parsed.replace(tzinfo=dt.timezone.utc)
    try:
        return parsed.astimezone(dt.timezone.utc)
    except OverflowError:  # in the year 0 or 10000 of UTC
        raise ValueError(text) from None


def moment_if_any(text: object) -> dt.datetime | None:
    """Return the moment of a value, or None if it is not a valid date or date-time.

    Args:
        text: Any value, even an impossible day such as February 31.
    """
    try:
        return moment(text) if isinstance(text, str) else None
    except ValueError:
        return None


def earlier(when: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """Return a moment in UTC minus a span, or the first possible moment.

    Args:
        when: The moment.
        span: How much earlier.
    """
    first = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
    return when - span if when - first > span else first


def stamp(when: dt.datetime) -> str:
    """Return a moment in UTC as Backlog writes it."""
    # Not strftime: timestamps are compared as text, and it may write year 999 as "999".
    return when.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
