"""What a stream will cost: rows, and the requests that bring them.

The formulas are those of docs/requests.md; ``tests/test_requests.py`` holds both
together.
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
        name: What is read, mostly the stream that reads.
        path: Path below the root of the API, or one like it.
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
"""The list of projects, which is asked for once a run."""

SPACE = Cost("space", "space")
"""The space itself, which is asked for once a run."""


OWNER = Cost("users/myself", "users/myself")
"""The key's owner, who is asked for at most once a run: to confirm the key."""


@dataclass(frozen=True)
class Forecast:
    """What a stream will bring, and what has to be asked for.

    Args:
        rows: How many rows; None where no cheap request tells.
        costs: What has to be asked for.
        sample: Some of its rows, as Backlog gives them.
        for_dependents: What has to be asked for, where only streams that hang on this
            one are wanted; None for the same.
        is_guess: Whether there may be more or fewer rows.
    """

    rows: float | None
    costs: tuple[Cost, ...]
    sample: list[Row] = field(default_factory=list)
    for_dependents: tuple[Cost, ...] | None = None
    is_guess: bool = False

    def refused(self) -> Forecast:
        """Return the same where the key is refused, and confirmed then."""
        asked = [replace(one, is_guess=True) for one in self.costs]
        return replace(self, rows=0, is_guess=False, costs=(*asked, OWNER))

    @property
    def costs_for_dependents(self) -> tuple[Cost, ...]:
        """What streams that hang on this one need of it."""
        return self.costs if self.for_dependents is None else self.for_dependents
