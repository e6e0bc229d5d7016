"""How long to wait when Backlog says that it was asked too often.

Facts: section 3 of the API's facts. ``X-RateLimit-Reset`` is in UTC epoch seconds
and no ``Retry-After`` exists.
"""

from __future__ import annotations

import math
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOW = 60.0
"""Seconds after which Backlog counts anew, so no wait is ever longer."""

_SHORTEST_WAIT = 1.0


def seconds_until_reset(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait after a 429, from 1 to 60.

    The server's own clock (``Date``) is the measure, since this machine's may be
    minutes off. Without a usable reset it is a whole window.

    Args:
        headers: Headers of the answer.
    """
    try:
        reset = float(headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return WINDOW
    # The header counts whole seconds, so the window may end up to one later.
    wait = reset - _server_time(headers) + 1
    return min(max(wait, _SHORTEST_WAIT), WINDOW) if math.isfinite(wait) else WINDOW


def _server_time(headers: Mapping[str, str]) -> float:
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return time.time()
