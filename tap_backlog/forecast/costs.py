"""What a stream will cost: rows, and the requests that bring them.

The formulas are those of docs/requests.md; ``tests/test_requests.py`` holds both
together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from tap_backlog.api.rate_limit import request_class
from tap_backlog.reading.pagination import PAGE_SIZE, STEP

if TYPE_CHECKING:
    from tap_backlog.rows import Row


class Found(NamedTuple):
    """How many rows there are, and some of them."""

    rows: float
    sample: list[Row]


@dataclass(frozen=True)
class Reading:
    """Requests for one purpose. Streams that name the same one share it.

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


PROJECT_LIST = Reading("projects", "projects")
"""The list of projects, which is asked for once a run."""

SPACE = Reading("space", "space")
"""The space itself, which is asked for once a run."""


OWNER = Reading("users/myself", "users/myself")
"""The key's owner, who is asked for at most once a run: to confirm the key."""


@dataclass(frozen=True)
class Forecast:
    """What a stream will bring, and what has to be asked for.

    Args:
        rows: How many rows; None where no cheap request tells.
        readings: What has to be asked for.
        sample: Some of its rows, as Backlog gives them.
        for_members: What has to be asked for, where only streams that hang on this
            one are wanted; None for the same.
        is_guess: Whether there may be more or fewer rows.
    """

    rows: float | None
    readings: tuple[Reading, ...]
    sample: list[Row] = field(default_factory=list)
    for_members: tuple[Reading, ...] | None = None
    is_guess: bool = False

    def refused(self) -> Forecast:
        """Return the same where the key is refused, and confirmed then."""
        asked = [replace(one, is_guess=True) for one in self.readings]
        return replace(self, rows=0, is_guess=False, readings=(*asked, OWNER))

    @property
    def readings_for_members(self) -> tuple[Reading, ...]:
        """What streams that hang on this one need of it."""
        return self.readings if self.for_members is None else self.for_members


def pages_needed(rows: float) -> int:
    """Return the requests for a list by offset, whose pages overlap by one row."""
    return 1 + max(0, round(rows) - 1) // STEP


def id_pages_needed(rows: float) -> int:
    """Return the requests for a list by id, which ends with a page that is not full."""
    return 1 + round(rows) // PAGE_SIZE
