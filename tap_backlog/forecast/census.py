"""Counting what there is with few requests, for a forecast."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from tap_backlog.api.refusals import RefusedError
from tap_backlog.rows import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_backlog.api.client import BacklogClient
    from tap_backlog.forecast.costs import Forecast
    from tap_backlog.reading.lists import Found, Probe
    from tap_backlog.request import Following, Params, Request
    from tap_backlog.rows import Row

T = TypeVar("T")

_MOST_SAMPLES = 3


class Measured(Protocol):
    """What a census knows of a stream."""

    name: ClassVar[str]
    path: ClassVar[str]

    def forecast(self, census: Census) -> Forecast:
        """Return what the stream will cost."""

    def ask(self, request: Request, following: Following | None = None) -> list[Row]:
        """Return a list of rows."""


class Census:
    """Asks a little, to know how much there is.

    Args:
        client: Sends the requests.
        most: Requests that the client may have sent in the end.
    """

    def __init__(self, client: BacklogClient, most: int) -> None:
        self.share = 0
        """Requests that the stream in turn may spend on samples."""
        self.refused: set[str] = set()
        """Paths that the key may not read."""
        self.is_guessing = False
        """Whether anything of the forecast that is being made is a guess."""
        self._client = client
        self._most = most
        self._forecasts: dict[str, Forecast] = {}
        self._seconds: list[float] = []

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return self._most - self._client.requests_sent

    @property
    def seconds_per_request(self) -> float:
        """What a request takes: the quickest, which waited for no limit."""
        return min(self._seconds, default=0.0)

    def forecast(self, stream: Measured) -> Forecast:
        """Return the forecast of a stream, which is made once."""
        if stream.name not in self._forecasts:
            outer, self.is_guessing = self.is_guessing, False
            made = stream.forecast(self)
            made = replace(made, is_guess=self.is_guessing and made.rows is not None)
            self._forecasts[stream.name] = made
            self.is_guessing = outer
        # What is made of a guess is one too.
        self.is_guessing |= self._forecasts[stream.name].is_guess
        return self._forecasts[stream.name]

    def probe_of(self, stream: Measured) -> Probe:
        """Return what asks for rows of a stream, within what may be spent."""
        return lambda request: self.rows(stream, request)

    def rows(self, stream: Measured, request: Request) -> list[Row] | None:
        """Return the rows of one answer, or None if it is refused, or one too many.

        Args:
            stream: The stream whose rows they are.
            request: What is asked for.
        """
        return self.spend(request.path, lambda: stream.ask(request))

    def found(self, found: Found | None) -> Found | None:
        """Take in how many rows of a list there are, whose end may not be known."""
        self.is_guessing |= found is None or found.is_guess
        return found

    def count(self, path: str, params: Params | None = None) -> int | None:
        """Return what a counting request says, or None as above."""
        answer = self.spend(path, lambda: self._client.get_object(path, params))
        return _whole_number(answer, "count")

    def role(self) -> int | None:
        """Return the role of the key's owner, or None where it is not told."""
        owner = self.spend("users/myself", lambda: self._client.owner)
        return _whole_number(owner, "roleType")

    def estimate(
        self,
        targets: Sequence[T],
        ask: Callable[[T], float | None],
        most: int = _MOST_SAMPLES,
    ) -> float | None:
        """Return a sum over all targets, from some that stand evenly among them.

        Args:
            targets: What the sum is about.
            ask: Returns a target's part, or None where it is not known.
            most: How many to ask about, within the share of the stream in turn.
        """
        asked = min(most, self.share, len(targets))
        parts = [
            part
            for number in range(asked)
            if (part := ask(targets[(2 * number + 1) * len(targets) // (2 * asked)]))
            is not None
        ]
        self.is_guessing |= len(parts) < len(targets)
        if not targets:
            return 0
        return statistics.fmean(parts) * len(targets) if parts else None

    def spend(self, path: str, ask: Callable[[], T]) -> T | None:
        """Return what a request brings, or None if it is refused, or one too many.

        Args:
            path: What is asked for, in case it is refused.
            ask: Sends the request.
        """
        if self.left <= 0:
            return None
        began = time.monotonic()
        try:
            return ask()
        except RefusedError:
            self.refused.add(path)
            return None
        finally:
            self._seconds.append(time.monotonic() - began)


def _whole_number(answer: Row | None, field: str) -> int | None:
    number = read(answer, field) if answer else None
    return number if isinstance(number, int) else None
