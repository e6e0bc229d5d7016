"""What a run may spend: requests and minutes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tap_backlog.api.client import BacklogClient
    from tap_backlog.settings.values import Settings


class BudgetSpent(BaseException):
    """The run has used up what it may spend, and ends between two pages."""


_SENT_PER_COUNT = 50
"""For so many requests of a run, one may count what is left."""

_ENOUGH_TO_COUNT = 2
"""Requests that may count what is left, however few the run has sent."""


def requests_to_count(sent: int) -> int:
    """Return how many requests may count what is left for the next runs.

    Args:
        sent: Requests of the whole run.
    """
    return max(sent // _SENT_PER_COUNT, _ENOUGH_TO_COUNT)


class Budget:
    """The settings ``max_requests`` and ``max_minutes``.

    Args:
        settings: The user's settings.
        client: Counts the requests.
        will_count: Whether a run that stops has to count what is left.
    """

    def __init__(
        self, settings: Settings, client: BacklogClient, *, will_count: bool
    ) -> None:
        self.requests = settings.max_requests
        """Most requests of a run; 0 for any number."""
        self.seconds = settings.max_seconds
        """Most seconds of a run; 0 for any time."""
        self.has_brought_something = False
        """Whether the run has read anything; if not, it goes on whatever it costs."""
        self._to_read = self.requests - will_count * requests_to_count(self.requests)
        self._client = client
        self._began = time.monotonic()

    @property
    def is_set(self) -> bool:
        """Whether there is any limit."""
        return bool(self.requests or self.seconds)

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be asked for."""
        return not self.allows(1)

    def allows(self, requests: int) -> bool:
        """Return whether there is room for some requests.

        Args:
            requests: How many.
        """
        sent = self._client.requests_sent
        has_room = not self.requests or sent + requests <= self._to_read
        return has_room and not self._is_out_of_time

    def most(self, rows: int, per_row: int) -> int:
        """Return how many rows there is room for, at least one.

        Args:
            rows: How many are wanted.
            per_row: Requests that each takes.
        """
        if not self.requests:
            return rows
        room = (self._to_read - self._client.requests_sent) // per_row
        return max(1, min(rows, room))

    @property
    def _is_out_of_time(self) -> bool:
        return bool(self.seconds) and time.monotonic() - self._began >= self.seconds

    @property
    def spent_setting(self) -> str:
        """The setting that was used up."""
        return "max_minutes" if self._is_out_of_time else "max_requests"
