"""Time in the sample space, as Backlog writes it: UTC, whole seconds."""

from __future__ import annotations

import datetime as dt

STAMP = "%Y-%m-%dT%H:%M:%SZ"

FIRST_DAY = dt.datetime(2025, 1, 6, tzinfo=dt.timezone.utc)
"""When the sample space was made."""

TODAY = dt.datetime(2026, 10, 1, 3, tzinfo=dt.timezone.utc)
"""The moment up to which people have worked in it."""


def longest_step(count: int, most: int) -> int:
    """Return the most seconds between two of ``count`` events, so that all have room."""
    whole = int((TODAY - FIRST_DAY).total_seconds())
    return max(2, min(most, whole // max(count, 1)))


def stamp(when: dt.datetime) -> str:
    """Return a moment as Backlog writes it."""
    return when.strftime(STAMP)


def day(when: dt.datetime) -> str:
    """Return a calendar day as Backlog writes it."""
    return when.strftime("%Y-%m-%dT00:00:00Z")


def parse(text: str) -> dt.datetime:
    """Return the moment that a timestamp of Backlog means."""
    return dt.datetime.strptime(text, STAMP).replace(tzinfo=dt.timezone.utc)
