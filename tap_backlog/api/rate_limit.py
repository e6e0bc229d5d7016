"""Pacing by the requests that Backlog says are left, and waiting if none are left.

Facts: docs/api-facts.md, "Rate limits". Limits are counted per user, class of requests
and minute. ``X-RateLimit-Reset`` is in UTC epoch seconds. There is no ``Retry-After``.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOW = 60.0
"""Seconds after which Backlog starts counting again. So no wait is longer, except for
the one second by which Backlog may be off."""

_SHORTEST_WAIT = 1.0
_SHORT = 0.25
"""If less than this share of the usable limit is left, requests are spread."""

_TOLD_FROM = 5.0
"""A pause of at least this many seconds is logged."""

_SEARCHES = frozenset({"issues", "issues/count", "wikis", "wikis/count"})

logger = logging.getLogger("tap-backlog.rate_limit")


def request_class(path: str) -> str:
    """Return the class under which Backlog counts a GET request.

    Args:
        path: Path below the root of the API.
    """
    return "search" if path in _SEARCHES else "read"


def seconds_until_reset(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait after a 429, from 1 to 60.

    If the headers have no usable reset time, it is a whole window.

    Args:
        headers: Headers of the answer.
    """
    left = _seconds_left(headers)
    return WINDOW if left is None else min(max(left + 1, _SHORTEST_WAIT), WINDOW)


@dataclass
class Quota:
    """What an answer says about its class: the limit per minute, and what is left."""

    limit: float
    remaining: float
    seconds_left: float


def read_quota(headers: Mapping[str, str]) -> Quota | None:
    """Return what the headers say, or None if that makes no sense.

    Args:
        headers: Headers of any answer.
    """
    limit = _number(headers.get("X-RateLimit-Limit"))
    remaining = _number(headers.get("X-RateLimit-Remaining"))
    left = _seconds_left(headers)
    if limit is None or remaining is None or left is None:
        return None
    if limit < 1:
        return None
    return Quota(limit, min(max(remaining, 0), limit), min(max(left, 0.0), WINDOW))


@dataclass
class Pacer:
    """Says how long to pause before a request, so that none is refused.

    While many requests are left, there is no pause. If few are left, requests are spread
    over the time until the reset. A share is kept for the user's other tools.

    Args:
        reserve: Share of each limit that is kept for other tools, 0 to 1.
        requests_per_minute: Most requests per minute, of all classes together; 0 for
            no such limit.
    """

    reserve: float = 0.0
    requests_per_minute: float = 0
    quotas: dict[str, Quota] = field(default_factory=dict)
    """What the last answer of each class said."""

    latest: str = ""
    """Class of the last answer."""

    waits: int = 0
    """Waits for a limit that were long enough to report."""

    seconds_waited: float = 0.0
    """Seconds that these waits took."""

    waiting_until: float = 0.0
    """When the last of these waits ends, by ``time.monotonic()``."""

    _due: dict[str, float] = field(default_factory=dict)
    _due_at_all: float = 0.0
    _paused_in_a_row: float = 0.0

    def pause(self, kind: str) -> None:
        """Wait until a request is due; longer pauses are logged.

        Args:
            kind: Class of the request.
        """
        due = max(self._due.get(kind, 0.0), self._due_at_all)
        wait = min(due - time.monotonic(), WINDOW + 1)
        if wait <= 0:
            self._paused_in_a_row = 0.0
        elif wait >= _TOLD_FROM:
            logger.info(
                "Pausing %.0f seconds: this minute's %s requests are used up, "
                "except for the share that is left to other tools.",
                wait,
                kind,
            )
            self.wait(wait)
        else:
            self._pause_briefly(wait)
        if self.requests_per_minute:
            self._due_at_all = time.monotonic() + WINDOW / self.requests_per_minute

    def _pause_briefly(self, seconds: float) -> None:
        """Pause; pauses in a row count as one wait, once they add up to enough."""
        before = self._paused_in_a_row
        self._paused_in_a_row += seconds
        if self._paused_in_a_row >= _SHORTEST_WAIT:
            is_first = before < _SHORTEST_WAIT
            self.waits += is_first
            self.seconds_waited += self._paused_in_a_row if is_first else seconds
        time.sleep(seconds)

    def wait(self, seconds: float) -> None:
        """Wait for a limit, so that the display can show for how long.

        Args:
            seconds: How long.
        """
        self.waits += 1
        self.seconds_waited += seconds
        self.waiting_until = time.monotonic() + seconds
        time.sleep(seconds)

    def note(self, kind: str, headers: Mapping[str, str]) -> None:
        """Remember how many requests an answer says are left.

        Args:
            kind: Class of the request.
            headers: Headers of its answer.
        """
        quota = read_quota(headers)
        if quota:
            self.quotas[kind] = quota
            self.latest = kind
        self._due[kind] = (
            0.0 if quota is None else time.monotonic() + self._seconds_to_next(quota)
        )

    def forget(self, kind: str) -> None:
        """Forget what is due, after a wait that was long enough."""
        self._due[kind] = 0.0

    def seconds_per_request(self, kind: str) -> float:
        """Return the seconds per request that the limits require, in the long run.

        It is 0 if nothing is known of a limit.

        Args:
            kind: Class of the requests.
        """
        by_setting = WINDOW / self.requests_per_minute if self.requests_per_minute else 0
        quota = self.quotas.get(kind)
        if quota is None:
            return by_setting
        return max(by_setting, WINDOW / (quota.limit - self._kept_back(quota)))

    def _kept_back(self, quota: Quota) -> float:
        # At least one request per minute is usable, even if all are kept for others.
        return min(math.floor(self.reserve * quota.limit), quota.limit - 1)

    def _seconds_to_next(self, quota: Quota) -> float:
        kept_back = self._kept_back(quota)
        usable = quota.limit - kept_back
        left = quota.remaining - kept_back
        if left <= 0:
            # The header has whole seconds, so the window may end up to a second later.
            return quota.seconds_left + 1
        if left >= _SHORT * usable:
            return 0.0
        return quota.seconds_left / (left + 1)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds_left(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until the reset, by the server's clock if its time is known.

    The clock of this machine may be minutes off.
    """
    reset = _number(headers.get("X-RateLimit-Reset"))
    return None if reset is None else reset - _server_time(headers)


def _server_time(headers: Mapping[str, str]) -> float:
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return time.time()
