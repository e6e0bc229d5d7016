"""What a stream will cost: rows, and the requests that they need.

The formulas are the same as in docs/requests.md; ``tests/test_requests.py`` checks that.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tap_backlog.api.rate_limit import request_class

if TYPE_CHECKING:
    from tap_backlog.rows import Row


@dataclass(frozen=True)
class Cost:
    """Requests for one purpose. Streams that name the same one share them.

    Args:
        name: What is read, mostly the name of the stream that reads.
        path: Path below the root of the API, or a similar path.
        requests: How many; 0 for none.
        is_guess: Whether there may be more or fewer.
    """

    name: str
    path: str
    requests: int = 1
    is_guess: bool = False

    @property
    def kind(self) -> str:
        """The class under which Backlog counts the requests."""
        return request_class(self.path)


PROJECT_LIST = Cost("projects", "projects")
"""The list of projects, which is asked for once per run."""

SPACE = Cost("space", "space")
"""The space itself, which is asked for once per run."""


OWNER = Cost("users/myself", "users/myself")
"""The key's owner, who is asked for at most once per run: to confirm the key."""


@dataclass(frozen=True)
class Forecast:
    """How many rows a stream has, and which requests it needs.

    Args:
        rows: How many rows; None if no cheap request can count them.
        costs: The requests.
        sample: Some of its rows, as Backlog sends them.
        for_dependents: The requests if only streams that depend on this one are wanted;
            None for the same.
        is_guess: Whether there may be more or fewer rows.
    """

    rows: float | None
    costs: tuple[Cost, ...]
    sample: list[Row] = field(default_factory=list)
    for_dependents: tuple[Cost, ...] | None = None
    is_guess: bool = False

    def refused(self) -> Forecast:
        """Return the forecast for a refused stream, after which the key is confirmed."""
        asked = [replace(one, is_guess=True) for one in self.costs]
        return replace(self, rows=0, is_guess=False, costs=(*asked, OWNER))

    @property
    def costs_for_dependents(self) -> tuple[Cost, ...]:
        """What streams that depend on this one need from it."""
        return self.costs if self.for_dependents is None else self.for_dependents
