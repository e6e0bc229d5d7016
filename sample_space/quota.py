"""Requests per user, class and minute (docs/api-facts.md, "Rate limits")."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

WINDOW = 60.0

_SEARCHES = {"issues", "issues/count", "wikis", "wikis/count"}


def class_of(path: str) -> str:
    """Return the class of a GET request, from its path below ``/api/v2/``."""
    if path in _SEARCHES:
        return "search"
    return "icon" if path.endswith(("/icon", "/image")) else "read"


@dataclass
class Quota:
    """How many requests one user has left.

    A window begins with the first request, and ends a minute later.
    """

    limits: dict[str, int]
    _used: dict[str, int] = field(default_factory=dict)
    _closes: dict[str, float] = field(default_factory=dict)

    def take(self, kind: str) -> bool:
        """Count a request; return False if none is left."""
        now = time.time()
        if now >= self._closes.get(kind, 0):
            self._closes[kind] = now + WINDOW
            self._used[kind] = 0
        if self._used[kind] >= self.limits[kind]:
            return False
        self._used[kind] += 1
        return True

    def state(self, kind: str) -> dict[str, int]:
        """Return limit, remaining and reset of a class, as ``rateLimit`` has them."""
        now = time.time()
        is_open = now < self._closes.get(kind, 0)
        used = self._used.get(kind, 0) if is_open else 0
        return {
            "limit": self.limits[kind],
            "remaining": max(self.limits[kind] - used, 0),
            "reset": math.ceil(self._closes[kind] if is_open else now),
        }

    def headers(self, kind: str) -> dict[str, str]:
        """Return the headers of an answer to a request of a class."""
        state = self.state(kind)
        return {f"X-RateLimit-{name.capitalize()}": str(n) for name, n in state.items()}
